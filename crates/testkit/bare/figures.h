/*
 * For programs that measure: figures, 24 bytes each from FIGURES on, are clock
 * units, executions and the address of a name. r11 has where the next one
 * belongs.
 */
#define FIGURES 0x3800
/* Where the clock is stored. */
	.set	T0, 0xc00
	.set	T1, 0xc08

/* Puts down a figure. It uses r1, where the units may be. */
.macro figure units, executions, name
	stg	\units,0(%r11)
	lgfi	%r1,\executions
	stg	%r1,8(%r11)
	larl	%r1,7702f
	stg	%r1,16(%r11)
	la	%r11,24(%r11)
	.pushsection .rodata
	.balign	2
7702:	.asciz	"\name"
	.popsection
.endm

/* Puts down the time between T0 and T1. It uses r1. */
.macro figure_of_clock executions, name
	lg	%r1,T1
	sg	%r1,T0
	figure	%r1, \executions, "\name"
.endm
