/*
 * Counts the restart interruptions that the host asks for, while it spins or,
 * with WAITING, waits. It counts one by itself when it is ready.
 */
#include "bare.h"
#define RESTARTS 0x3ff8
#ifdef WAITING
#define IDLE PSW_WAIT
#else
#define IDLE 0
#endif
program:
	larl	%r1,restart_new
	mvc	0x1a0(16),0(%r1)
	larl	%r1,idle
	mvc	0x120(16),0(%r1)
counts:
	lg	%r1,RESTARTS
	aghi	%r1,1
	stg	%r1,RESTARTS
	lpswe	0x120
	.balign	64
spin:	j	spin
	.balign	16
restart_new:
	.quad	PLAIN, counts
	/* A wait that something can end, or it would end the program. */
idle:	.quad	PLAIN | PSW_MCHECK | IDLE, spin
