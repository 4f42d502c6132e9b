/*
 * Times the functions of integer.c, whose code is put at the end.
 *
 * Figures, 24 bytes each from 0x3800 on: clock units, executions, name. What
 * each function gives, 8 bytes each from 0x3600 on.
 */
#include "bare.h"
#define RESULTS 0x3600
#define FIGURES 0x3800
#define T0 0xc00
#define T1 0xc08
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
	lg	%r1,T1
	sg	%r1,T0
	stg	%r1,0(%r11)
	lgfi	%r1,(\times) / LESS
	stg	%r1,8(%r11)
	larl	%r1,7702f
	stg	%r1,16(%r11)
	la	%r11,24(%r11)
	.pushsection .rodata
	.balign	2
7702:	.asciz	"\function"
	.popsection
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
