/*
 * Times the functions of integer.c, whose code is put at the end.
 *
 * What each function gives, 8 bytes each from RESULTS on.
 */
#include "bare.h"
#include "figures.h"
#define RESULTS 0x3600
/* A test has no time for as many. */
#ifndef LESS
#define LESS 1
#endif

/* Times a function that is told to do something so many times. */
.macro timed function, times
	lgfi	%r2,(\times) / LESS
	stck	T0
	brasl	%r14,\function
	stck	T1
	stg	%r2,0(%r12)
	la	%r12,8(%r12)
	figure_of_clock (\times)/LESS, "\function"
.endm

program:
	/* Compilers keep integers in floating-point registers as well. */
	stctg	%c0,%c0,T0
	oi	T0+5,0x04
	lctlg	%c0,%c0,T0
	lgfi	%r11,FIGURES
	lgfi	%r12,RESULTS
	larl	%r15,stack
	aghi	%r15,4*4096-160
	timed arithmetic, 40000000
	timed collatz, 200000
	timed checksum, 30000
	timed sieve, 3000
	timed recursion, 6000
	timed calls, 20000000
	timed copy, 100000
	timed matrix, 8000
	timed list, 30000
	DONE
PAGES(stack, 4)
