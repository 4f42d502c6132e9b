/*
 * Times the functions of float.c, whose code the benchmark puts at the end.
 *
 * The result of each function is checked by nobody here: instructions are
 * tested elsewhere.
 */
#include "bare.h"
#include "figures.h"

/* Times a function that is told to do something so many times. It begins
 * without flags, as a program does. */
.macro timed name, function, times
	lghi	%r0,0
	sfpc	%r0
	lgfi	%r2,\times
	stck	T0
	brasl	%r14,\function
	stck	T1
	figure_of_clock \times, "\name"
.endm

/* As in other programs, no page has both code and what is stored into. */
	.data
	.balign	4096
	.text

program:
	/* All 16 registers: the AFP-register control. */
	stctg	%c0,%c0,T0
	oi	T0+5,0x04
	lctlg	%c0,%c0,T0
	lgfi	%r11,FIGURES
	larl	%r15,stack
	aghi	%r15,4*4096-160
	timed "n_body", n_body, 200000
	timed "matrix_product", matrix_product, 200
	timed "whole_numbers", whole_numbers, 5000
	timed "extended_sum", extended_sum, 1000
	DONE
PAGES(stack, 4)
