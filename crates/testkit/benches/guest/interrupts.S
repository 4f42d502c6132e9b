/*
 * What interruptions cost a guest: from what makes one pending to the handler
 * and back. CPU 0 measures; CPU 1 answers each emergency signal with another.
 */
#include "bare.h"
#include "figures.h"
/* Interruptions that CPU 0 has handled. */
	.set	HANDLED, 0xc10
	.set	NOW, 0xc18
/* Microseconds, in units of the clock. */
#define US(n) ((n) << 12)
#define OPEN (PLAIN | PSW_EXTERNAL)
	.set	EMERGENCY_SIGNAL, 3
	.set	EXTERNAL_CALL, 2

/* Times `body`, `rounds` times. It keeps r8 to r15. */
.macro timed name, rounds, body:req
	lgfi	%r10,\rounds
	stck	T0
7701:	\body
	brctg	%r10,7701b
	stck	T1
	figure_of_clock \rounds, "\name"
.endm

/* Adds up how long after the comparator's time `body` ends, which waits for
 * its interruption; r2 has what was HANDLED before. It keeps r6 and r8 to
 * r15. */
.macro late name, rounds, body:req
	lgfi	%r10,\rounds
	lghi	%r6,0
7701:	stck	NOW
	lg	%r2,NOW
	algfi	%r2,US(60)
	stg	%r2,NOW
	/* Before it can come. */
	lg	%r2,HANDLED
	sckc	NOW
	\body
	stck	T1
	ag	%r6,T1
	sg	%r6,NOW
	brctg	%r10,7701b
	figure	%r6, \rounds, "\name"
.endm

/* Where an interruption leads to. */
.macro handler name
	larl	%r1,\name
	stg	%r1,0x1b8
.endm
/* What CPU 1 does after it has answered. */
.macro answer_then psw
	larl	%r1,\psw
	larl	%r2,after_answer
	mvc	0(16,%r2),0(%r1)
	stnsm	NOW,0xfe
	ping
	stosm	NOW,1
.endm

/* Signals, and spins until the answer has been handled. */
.macro ping
	lg	%r2,HANDLED
	sigp	%r0,%r9,EMERGENCY_SIGNAL
	stosm	NOW,1
8:	cg	%r2,HANDLED
	je	8b
.endm

/* Spins until the interruption that is to come has been handled. */
.macro spin
	lg	%r2,HANDLED
8:	cg	%r2,HANDLED
	je	8b
.endm

/* Waits for it: the handler comes back to where r7 says. */
.macro wait
	larl	%r7,8f
	lpswe	0(%r12)
8:
.endm

program:
	lgfi	%r11,FIGURES
	larl	%r12,waiting
	lghi	%r8,0
	lghi	%r9,1
	mvghi	HANDLED,0
	larl	%r1,enabled
	lctlg	%c0,%c0,0(%r1)
	larl	%r1,never
	sckc	0(%r1)
	larl	%r1,plenty
	spt	0(%r1)
	handler counts
	/* CPU 1 begins by a restart, and says when it is ready. */
	larl	%r1,other
	stg	%r1,0x1a8
	lghi	%r3,1
1:	sigp	%r0,%r3,6
	brc	2,1b
	stosm	NOW,1
	spin

	timed "emergency signal to itself", 1000000, "sigp %r0,%r8,EMERGENCY_SIGNAL"
	timed "external call to itself", 1000000, "sigp %r0,%r8,EXTERNAL_CALL"
	timed "emergency ping-pong, both spin", 100000, "ping"
	answer_then waiting
	timed "the same, the other waits", 5000, "ping"
	stnsm	NOW,0xfe
	handler wakes
	timed "the same, both wait", 3000, "sigp %r0,%r9,EMERGENCY_SIGNAL; wait"
	handler counts
	answer_then ended
	handler resets_comparator
	timed "comparator at now, spins", 5000, "lg %r2,HANDLED; stck NOW; sckc NOW; 8: cg %r2,HANDLED; je 8b"
	stnsm	NOW,0xfe
	handler resets_comparator_and_wakes
	timed "comparator at now, waits", 5000, "stck NOW; sckc NOW; wait"
	stosm	NOW,1
	handler resets_comparator
	late "comparator in 60 us, spins", 3000, "8: cg %r2,HANDLED; je 8b"
	stnsm	NOW,0xfe
	handler resets_comparator_and_wakes
	late "comparator in 60 us, waits", 3000, "wait"
	stosm	NOW,1
	handler resets_timer
	larl	%r5,soon
	timed "CPU timer of 1 us, spins", 5000, "lg %r2,HANDLED; spt 0(%r5); 8: cg %r2,HANDLED; je 8b"
	larl	%r1,end
	lpswe	0(%r1)
end_:	DONE

/* Handlers of CPU 0. */
	.balign	64
counts:	agsi	HANDLED,1
	lpswe	0x130
wakes:	br	%r7
resets_comparator:
	larl	%r1,never
	sckc	0(%r1)
	agsi	HANDLED,1
	lpswe	0x130
resets_comparator_and_wakes:
	larl	%r1,never
	sckc	0(%r1)
	br	%r7
resets_timer:
	larl	%r1,plenty
	spt	0(%r1)
	agsi	HANDLED,1
	lpswe	0x130

/* CPU 1: gets a low core of its own, answers that it is there. */
	.balign	64
other:	larl	%r1,prefix
	larl	%r2,prefix_address
	stg	%r1,0(%r2)
	spx	4(%r2)
	larl	%r1,never
	sckc	0(%r1)
	larl	%r1,plenty
	spt	0(%r1)
	larl	%r1,enabled
	lctlg	%c0,%c0,0(%r1)
	larl	%r1,answers_new
	mvc	0x1b0(16),0(%r1)
	lghi	%r8,0
	j	answers
	.balign	64
	/* What it does then is read first: CPU 0 may change it once it is answered. */
answers:
	larl	%r1,after_answer
	larl	%r2,taken
	mvc	0(16,%r2),0(%r1)
	sigp	%r0,%r8,EMERGENCY_SIGNAL
	lpswe	0(%r2)
	.balign	64
spins:	j	spins

	.section .data
	/* Not beside code: `taken` is stored into each time. */
	.balign	4096
after_answer:
spinning:
	.quad	OPEN, spins
waiting:
	.quad	OPEN | PSW_WAIT, spins
ended:	.quad	PLAIN | PSW_WAIT, 0
taken:	.quad	0, 0
end:	.quad	PLAIN, end_
answers_new:
	.quad	PLAIN, answers
	/* Emergency signal, external call, clock comparator, CPU timer. */
enabled:
	.quad	0x6c00
never:	.quad	-1
plenty:	.quad	0x7fffffffffffffff
soon:	.quad	US(1)
prefix_address:
	.quad	0
	.pushsection .bss
	.balign	8192
prefix:	.space	8192
	.popsection
