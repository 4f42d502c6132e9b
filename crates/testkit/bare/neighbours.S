/*
 * Code that goes on in another page: what is executed there is what the page
 * is now, wherever translation says that it is (SA22-7832 chapter 3,
 * "Translation Lookaside Buffer"; chapter 5, "Conceptual Sequence").
 */
#include "bare.h"
#define ROUNDS 3000
/* The virtual page that calls. The one behind it moves. */
#define HERE 0xf0000
#define BEHIND 0xf1000
#define ACROSS HERE + 0xffe
PAGES(tables, 1)
PAGES(spaces, 2)
program:
	/* The first mebibyte, one to one, in two spaces. */
	larl	%r2,tables
	lghi	%r3,0
	lghi	%r4,256
1:	stg	%r3,0(%r2)
	stg	%r3,0x800(%r2)
	la	%r2,8(%r2)
	aghi	%r3,4096
	brct	%r4,1b
	larl	%r2,tables
	larl	%r3,spaces
	larl	%r4,spaces+0x1000
	stg	%r2,0(%r3)
	la	%r2,0x800(%r2)
	stg	%r2,0(%r4)
	lghi	%r1,511
	lghi	%r5,0x20
1:	la	%r3,8(%r3)
	la	%r4,8(%r4)
	stg	%r5,0(%r3)
	stg	%r5,0(%r4)
	brct	%r1,1b
	/* %r6, %r7: the two pages that take turns; %r8: the page that calls. */
	larl	%r6,first_behind
	larl	%r7,second_behind
	larl	%r8,calling
	larl	%r9,tables
	stg	%r8,8*(HERE >> 12)(%r9)
	stg	%r8,0x800+8*(HERE >> 12)(%r9)
	stg	%r6,8*(BEHIND >> 12)(%r9)
	stg	%r7,0x800+8*(BEHIND >> 12)(%r9)
	larl	%r2,spaces
	stg	%r2,0xd10
	aghi	%r2,0x1000
	stg	%r2,0xd18
	lctlg	%c1,%c1,0xd10

	/* Called, and reached straight on by an instruction in both pages, in
	 * one space and in the other. */
	lghi	%r10,0
	RUN(PLAIN | PSW_DAT, change_spaces)
	CHECK_SVC(0, 2)
	CHECK_GR(10, 0)
	/* The page moves. */
	lctlg	%c1,%c1,0xd10
	lghi	%r10,0
	RUN(PLAIN | PSW_DAT, move)
	CHECK_SVC(0, 2)
	CHECK_GR(10, 0)
	/* The page changes. */
	lctlg	%c1,%c1,0xd10
	lghi	%r10,0
	RUN(PLAIN | PSW_DAT, change)
	CHECK_SVC(0, 2)
	CHECK_GR(10, 0)
	/* The page goes: no instruction of it is executed. */
	lctlg	%c1,%c1,0xd10
	lghi	%r2,77
	RUN(PLAIN | PSW_DAT, lose)
	CHECK_KIND(KIND_PROGRAM)
	CHECK_HALF(PGM_PAGE, 0x8e)
	CHECK_GR(2, 77)
	CHECK_OLD_ADDRESS(BEHIND + 0x100)
	DONE

/* Compares %r2 with the number that %r3 should have given. */
.macro compare
	cgr	%r2,%r3
	je	7704f
	la	%r10,1(%r10)
7704:
.endm

change_spaces:
	lghi	%r1,ROUNDS
1:	lctlg	%c1,%c1,0xd10
	lghi	%r3,1
	lgfi	%r4,HERE
	basr	%r14,%r4
	compare
	lgfi	%r4,ACROSS
	basr	%r14,%r4
	compare
	lctlg	%c1,%c1,0xd18
	lghi	%r3,2
	lgfi	%r4,HERE
	basr	%r14,%r4
	compare
	lgfi	%r4,ACROSS
	basr	%r14,%r4
	compare
	brct	%r1,1b
	svc	0

move:	lghi	%r1,ROUNDS
	larl	%r9,tables
	lgfi	%r5,BEHIND
1:	lghi	%r3,2
	tmll	%r1,1
	lgr	%r2,%r7
	jo	2f
	lghi	%r3,1
	lgr	%r2,%r6
2:	ipte	%r9,%r5
	stg	%r2,8*(BEHIND >> 12)(%r9)
	lgfi	%r4,HERE
	basr	%r14,%r4
	compare
	lgfi	%r4,ACROSS
	basr	%r14,%r4
	compare
	brct	%r1,1b
	ipte	%r9,%r5
	stg	%r6,8*(BEHIND >> 12)(%r9)
	svc	0

change:	lghi	%r1,ROUNDS
1:	lgr	%r3,%r1
	sth	%r1,0x102(%r6)
	sth	%r1,0(%r6)
	lgfi	%r4,HERE
	basr	%r14,%r4
	compare
	lgfi	%r4,ACROSS
	basr	%r14,%r4
	compare
	brct	%r1,1b
	svc	0

lose:	larl	%r9,tables
	lgfi	%r5,BEHIND
	lghi	%r1,ROUNDS
	lgfi	%r4,HERE
1:	basr	%r14,%r4
	brct	%r1,1b
	ipte	%r9,%r5
	lghi	%r2,77
	basr	%r14,%r4
	svc	0

	.balign	4096
calling:
	/* The register of the call is another one. */
	brasl	%r13,calling+0x1100
	br	%r14
	.org	calling + 0xffe
	.short	0xa729			# lghi %r2, and then
first_behind:
	.short	1
	br	%r14
	.org	first_behind + 0x100
	lghi	%r2,1
	br	%r13
	.balign	4096
second_behind:
	.short	2
	br	%r14
	.org	second_behind + 0x100
	lghi	%r2,2
	br	%r13
	.balign	4096
