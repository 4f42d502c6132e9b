/*
 * EXECUTE and long, interruptible instructions (SA22-7832 chapter 7; chapter
 * 5, "Interruptible Instructions").
 */
#include "bare.h"
PAGES(source, 32)
PAGES(target, 32)
program:
	/* EXECUTE ORs; register 0 inserts nothing; the target stays. */
	SET_GR(1, 0x0f)
	SET_GR(2, mvi_target)
	ex	%r1,0(%r2)
	CHECK_BYTE(0x0f, 0x900)
	CHECK_AT(0x9200090007070707, mvi_target)
	SET_GR(0, 0xff)
	ex	%r0,0(%r2)
	CHECK_BYTE(0, 0x900)
	/* Bits 0-55 of the register do not matter, one bits stay one. */
	SET_GR(1, 0xffffffffffffff01)
	SET_GR(2, mvi_2)
	ex	%r1,0(%r2)
	CHECK_BYTE(3, 0x900)
	/* A branch as the target: relative to the target, taken from there. */
	exrl	%r0,brc_target
	j	not_taken
	.balign	256
brc_target:
	j	1f
not_taken:
	lghi	%r3,1
	j	2f
1:	lghi	%r3,2
2:	CHECK_GR(3, 2)
	/* BRANCH AND SAVE links behind EXECUTE. */
	exrl	%r0,bas_target
3:	lghi	%r4,1
	j	4f
bas_target:
	bras	%r5,4f
4:	CHECK_GR(5, 3b)
	/* A relative-long operand counts from the target. */
	exrl	%r0,larl_target
	CHECK_GR(6, brc_target)
	j	5f
larl_target:
	larl	%r6,brc_target
5:
	/* The condition code of the target. */
	SET_GR(7, 1)
	SET_GR(8, 2)
	exrl	%r0,compare_target
	CHECK_CC(1)

	/* EXECUTE of a move whose length is in the register. */
	SET_GR(1, 7)
	SET_GR(2, 0x0102030405060708)
	stg	%r2,0x900
	exrl	%r1,move_target
	CHECK_QUAD(0x0102030405060708, 0x910)
	CHECK_BYTE(0, 0x918)

	/* MOVE LONG over many pages, and padding. */
	SET_GR(2, source)
	lghi	%r3,0x5a
	sthy	%r3,0(%r2)
	lay	%r4,0x1fffe(%r2)
	mvhhi	0(%r4),0x1234
	SET_GR(2, target)
	SET_GR(3, 0x20000)
	SET_GR(4, source)
	SET_GR(5, 0x20000)
	mvcl	%r2,%r4
	CHECK_CC(0)
	CHECK_GR(2, target + 0x20000)
	CHECK_GR(3, 0)
	CHECK_GR(4, source + 0x20000)
	CHECK_GR(5, 0)
	SET_GR(2, target)
	CHECK_HALF(0x5a, 0(%r2))
	lay	%r2,0x1fffe(%r2)
	CHECK_HALF(0x1234, 0(%r2))
	SET_GR(2, target)
	SET_GR(3, 0x10000)
	SET_GR(4, source)
	SET_GR(5, 0xee000002)
	mvcl	%r2,%r4
	CHECK_CC(2)
	CHECK_GR(3, 0)
	CHECK_GR(5, 0xee000000)
	SET_GR(2, target)
	CHECK_WORD(0x005aeeee, 0(%r2))
	lay	%r2,0xfffe(%r2)
	CHECK_WORD(0xeeee0000, 0(%r2))
	/* The operands overlap destructively: nothing moves. */
	SET_GR(2, target + 1)
	SET_GR(3, 8)
	SET_GR(4, target)
	SET_GR(5, 8)
	mvcl	%r2,%r4
	CHECK_CC(3)
	CHECK_GR(2, target + 1)
	CHECK_GR(3, 8)

	/* An access exception in the middle: the registers say how far it has
	 * come, and the PSW designates the instruction's end (suppression of the
	 * unit of operation) or itself (nullification); addressing suppresses. */
	SET_GR(2, 0xfff000)
	SET_GR(3, 0x2000)
	SET_GR(4, source)
	SET_GR(5, 0x2000)
	RUN(PLAIN, move_long)
	CHECK_PROGRAM(PGM_ADDRESSING, 2)
	CHECK_OLD_ADDRESS(move_long + 2)
	/* What is done is in the registers: both went the same way. */
	lgr	%r6,%r2
	SET_GR(7, 0xfff000)
	sgr	%r6,%r7
	lgr	%r8,%r4
	SET_GR(7, source)
	sgr	%r8,%r7
	sgr	%r6,%r8
	CHECK_GR(6, 0)
	lgr	%r6,%r3
	agr	%r6,%r8
	CHECK_GR(6, 0x2000)

	/* A timer interrupts: whether before, in or after the move, it goes on
	 * where it was, and the result is the same. */
	SET_GR(9, 0)
	SET_GR(2, target)
	SET_GR(3, 0x1f000)
	SET_GR(4, source)
	SET_GR(5, 0x1f000)
6:	la	%r9,1(%r9)
	stck	0x900
	sckc	0x900
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL, move_and_end)
	larl	%r1,never
	sckc	0(%r1)
	lg	%r1,F_KIND
	cghi	%r1,KIND_EXTERNAL
	jne	7f
	/* At the move, or at the SVC behind it. */
	lg	%r1,F_OLD+8
	larl	%r6,move_and_end
	sgr	%r1,%r6
	nill	%r1,0xfffd
	CHECK_GR(1, 0)
	ltgr	%r3,%r3
	jz	7f
	chi	%r9,100
	jl	6b
	RUN(PLAIN, move_and_end)
7:	CHECK_GR(3, 0)
	CHECK_GR(2, target + 0x1f000)
	CHECK_GR(4, source + 0x1f000)
	DONE

	.balign	8
mvi_target:
	mvi	0x900,0
	.balign	8
mvi_2:	mvi	0x900,2
	.balign	2
compare_target:
	cgr	%r7,%r8
move_target:
	mvc	0x910(1),0x900
move_long:
	mvcl	%r2,%r4
	svc	0
move_and_end:
	mvcl	%r2,%r4
	svc	6
	.balign	8
never:	.quad	-1
