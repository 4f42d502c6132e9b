/*
 * A program that changes its own instructions sees the changes: at once under
 * the same address, after serialization under another (SA22-7832 chapter 5,
 * "Conceptual Sequence" and "Interlocks for Virtual-Storage References").
 */
#include "bare.h"
#define ROUNDS 6000
/* %r10 counts the wrong results of a loop, whose counter is %r1. */
#define COUNT_WRONG cgr %r1,%r2; je 7703f; la %r10,1(%r10); 7703:
PAGES(overlay, 4)
program:
	/* The next instruction. */
	SET_GR(10, 0)
	lghi	%r1,ROUNDS
1:	larl	%r3,2f
	sth	%r1,2(%r3)
2:	lghi	%r2,0
	COUNT_WRONG
	brct	%r1,1b
	QEMU_FAILS("A store into instructions that follow is seen by them (chapter 5, Conceptual Sequence); QEMU executes its block to the end.")
	CHECK_GR(10, 0)
	lghi	%r10,0

	/* One that is executed a few instructions later, straight on. */
	lghi	%r1,ROUNDS
1:	larl	%r3,2f
	sth	%r1,2(%r3)
	lghi	%r2,0
	lgr	%r4,%r2
	lgr	%r5,%r4
	nopr
2:	lghi	%r2,0
	COUNT_WRONG
	brct	%r1,1b
	QEMU_FAILS("A store into instructions that follow is seen by them (chapter 5, Conceptual Sequence); QEMU executes its block to the end.")
	CHECK_GR(10, 0)
	lghi	%r10,0

	/* The operation code, by a byte store: lghi and mghi take turns. */
	lghi	%r1,ROUNDS
	lghi	%r6,0
1:	larl	%r3,2f
	lghi	%r4,0x29
	tmll	%r1,1
	jz	3f
	lghi	%r4,0x2d
3:	stc	%r4,1(%r3)
	lghi	%r2,2
2:	lghi	%r2,3
	agr	%r6,%r2
	brct	%r1,1b
	QEMU_FAILS("A store into instructions that follow is seen by them (chapter 5, Conceptual Sequence); QEMU executes its block to the end.")
	CHECK_GR(6, ROUNDS / 2 * 3 + ROUNDS / 2 * 6)

	/* Another page, through a branch. */
	lghi	%r1,ROUNDS
1:	larl	%r3,far
	sth	%r1,2(%r3)
	brasl	%r14,far
	COUNT_WRONG
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0

	/* The target of EXECUTE and of EXECUTE RELATIVE LONG. */
	lghi	%r1,ROUNDS
1:	larl	%r3,far
	sth	%r1,2(%r3)
	ex	%r0,0(%r3)
	COUNT_WRONG
	lghi	%r2,0
	aghi	%r1,1
	sth	%r1,2(%r3)
	exrl	%r0,far
	COUNT_WRONG
	aghi	%r1,-1
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0

	/* An instruction across the end of a page: its part in the second page,
	 * then its part in the first. llilf %r2,... */
	lghi	%r1,ROUNDS
1:	larl	%r3,across_2
	sth	%r1,4(%r3)
	brasl	%r14,across_2
	COUNT_WRONG
	larl	%r3,across_4
	sth	%r1,4(%r3)
	brasl	%r14,across_4
	COUNT_WRONG
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0
	lghi	%r1,ROUNDS
	lghi	%r6,0
1:	larl	%r3,across_2
	lghi	%r4,0x2f
	tmll	%r1,1
	jz	3f
	lghi	%r4,0x4f
3:	stc	%r4,1(%r3)
	lghi	%r2,0
	lghi	%r4,0
	brasl	%r14,across_2
	llghr	%r2,%r2
	llghr	%r4,%r4
	sgr	%r2,%r4
	agr	%r6,%r2
	brct	%r1,1b
	CHECK_GR(6, 0)

	/* Kinds of stores: MVC, XC, STMG, CS, CSG, MVCL, and ASI on the immediate
	 * itself. */
	lghi	%r1,ROUNDS
1:	larl	%r3,far
	sth	%r1,0x900
	mvc	2(2,%r3),0x900
	brasl	%r14,far
	COUNT_WRONG
	xc	2(2,%r3),2(%r3)
	brasl	%r14,far
	agr	%r10,%r2
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0
	lghi	%r1,ROUNDS
1:	larl	%r3,far
	l	%r4,0(%r3)
	lr	%r5,%r4
	nilh	%r5,0xffff
	nill	%r5,0
	or	%r5,%r1
	cs	%r4,%r5,0(%r3)
	brasl	%r14,far
	COUNT_WRONG
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0
	larl	%r3,far
	mvhhi	2(%r3),0
	lghi	%r1,0
1:	larl	%r3,far
	asi	0(%r3),1
	la	%r1,1(%r1)
	brasl	%r14,far
	COUNT_WRONG
	chi	%r1,ROUNDS
	jl	1b
	CHECK_GR(10, 0)
	lghi	%r10,0

	/* Overlays: functions that are moved to one place in turn, by MVC and by
	 * MVCL, one of them across pages. */
	lghi	%r1,ROUNDS
	lghi	%r6,0
1:	larl	%r3,overlay
	lay	%r3,0xffa(%r3)
	larl	%r4,one
	tmll	%r1,1
	jz	3f
	larl	%r4,two
3:	mvc	0(16,%r3),0(%r4)
	basr	%r14,%r3
	agr	%r6,%r2
	brct	%r1,1b
	CHECK_GR(6, ROUNDS / 2 + ROUNDS)
	lghi	%r1,ROUNDS / 4
	lghi	%r6,0
1:	larl	%r2,overlay
	lghi	%r3,0x1100
	larl	%r4,one
	tmll	%r1,1
	jz	3f
	larl	%r4,two
3:	lghi	%r5,16
	mvcl	%r2,%r4
	larl	%r3,overlay
	basr	%r14,%r3
	agr	%r6,%r2
	brct	%r1,1b
	CHECK_GR(6, ROUNDS / 8 + ROUNDS / 4)

	/* A loop whose own branch becomes a no-operation: it ends. */
	lghi	%r1,0
1:	la	%r1,1(%r1)
	chi	%r1,1000
	jne	2f
	larl	%r3,3f
	mvi	1(%r3),0x04
2:	nopr
3:	j	1b
	QEMU_FAILS("A store into instructions that follow is seen by them (chapter 5, Conceptual Sequence); QEMU executes its block to the end.")
	CHECK_GR(1, 1000)

	/* Another virtual address of the same storage: megabyte 1 is megabyte 0. */
	larl	%r3,pages
	lghi	%r4,0
1:	stg	%r4,0(%r3)
	la	%r3,8(%r3)
	aghi	%r4,0x1000
	cgfi	%r4,0x100000
	jl	1b
	larl	%r3,segments
	larl	%r4,pages
	stg	%r4,0(%r3)
	stg	%r4,8(%r3)
	lghi	%r4,0x20
	lghi	%r5,510
1:	stg	%r4,16(%r3)
	la	%r3,8(%r3)
	brct	%r5,1b
	larl	%r3,segments
	stg	%r3,0x900
	lctlg	%c1,%c1,0x900
	larl	%r3,far
	agfi	%r3,0x100000
	larl	%r7,far
	lghi	%r1,ROUNDS
	RUN(PLAIN | PSW_DAT, alias)
	CHECK_SVC(9, 2)
	CHECK_GR(10, 0)
	lghi	%r10,0
	/* The same from another address of the instructions. */
	larl	%r3,segments
	stg	%r3,0x900
	lctlg	%c1,%c1,0x900
	larl	%r7,far
	agfi	%r7,0x100000
	larl	%r3,far
	lghi	%r1,ROUNDS
	RUN(PLAIN | PSW_DAT, alias)
	CHECK_SVC(9, 2)
	CHECK_GR(10, 0)
	lghi	%r10,0
	/* Stored with translation, executed without, and the other way round. */
	lghi	%r1,100
1:	larl	%r3,segments
	stg	%r3,0x900
	lctlg	%c1,%c1,0x900
	larl	%r3,far
	agfi	%r3,0x100000
	RUN(PLAIN | PSW_DAT, store_alias)
	brasl	%r14,far
	COUNT_WRONG
	larl	%r3,far
	aghi	%r1,5
	sth	%r1,2(%r3)
	larl	%r3,segments
	stg	%r3,0x900
	lctlg	%c1,%c1,0x900
	RUN(PLAIN | PSW_DAT, call_alias)
	COUNT_WRONG
	aghi	%r1,-5
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0
	/* Prefixing: real 0x1000 is absolute 0x301000. */
	SET_GR(3, 0x301000)
	larl	%r4,one
	mvc	0(16,%r3),0(%r4)
	lghi	%r1,500
	lghi	%r7,0x1000
1:	sth	%r1,2(%r3)
	larl	%r4,prefix
	spx	0(%r4)
	basr	%r14,%r7
	larl	%r4,zero
	spx	0(%r4)
	COUNT_WRONG
	brct	%r1,1b
	CHECK_GR(10, 0)
	lghi	%r10,0
	DONE

alias:	sth	%r1,2(%r3)
	bcr	15,%r0
	basr	%r14,%r7
	COUNT_WRONG
	brct	%r1,alias
	svc	9
store_alias:
	sth	%r1,2(%r3)
	svc	9
call_alias:
	larl	%r7,far
	agfi	%r7,0x100000
	basr	%r14,%r7
	svc	9

	.balign	16
one:	lghi	%r2,1
	br	%r14
	.balign	16
two:	lghi	%r2,2
	br	%r14
	.balign	4
prefix:	.long	0x300000
zero:	.long	0

	.balign	4096
far:	lghi	%r2,0
	br	%r14
	.space	4096 - 6 - 2
across_2:
	llilf	%r2,0
	br	%r14
	.space	4096 - 6 - 4
across_4:
	llilf	%r2,0
	br	%r14
	.balign	4096
segments:
	.space	4096
pages:	.space	2048
