/*
 * What instructions cost: each is executed in a loop between two readings of
 * the clock. Loops without a word about it run with translation on, in a
 * space of one segment.
 */
#include "bare.h"
#include "figures.h"

/* Times `body`, of `each` executions, `rounds` times. The body keeps r10 to
 * r15. */
.macro timed name, rounds, each, body:req
	lgfi	%r10,\rounds
	.balign	64
	stck	T0
7701:	\body
	brctg	%r10,7701b
	stck	T1
	figure_of_clock \rounds*\each, "\name"
.endm

program:
	/* Page and segment tables: the first mebibyte, one to one. */
	larl	%r2,page_table
	lghi	%r3,0
	lghi	%r4,256
1:	stg	%r3,0(%r2)
	la	%r2,8(%r2)
	aghi	%r3,4096
	brct	%r4,1b
	larl	%r2,page_table
	larl	%r3,segment_table
	stg	%r2,0(%r3)
	lghi	%r4,511
	lghi	%r5,0x20
2:	la	%r3,8(%r3)
	stg	%r5,0(%r3)
	brct	%r4,2b
	larl	%r2,segment_table
	stg	%r2,T0
	lctlg	%c1,%c1,T0
	lctlg	%c7,%c7,T0
	lctlg	%c13,%c13,T0
	larl	%r3,other_space
	mvc	0(256,%r3),0(%r2)
	/* A supervisor call comes back at once, a program check behind. */
	larl	%r1,svc_new
	mvc	0x1c0(16),0(%r1)
	larl	%r1,program_new
	mvc	0x1d0(16),0(%r1)
	lgfi	%r11,FIGURES
	larl	%r12,data
	larl	%r13,other_space
	stg	%r13,8(%r12)
	larl	%r13,segment_table
	stg	%r13,0(%r12)
	larl	%r1,translated
	lpswe	0(%r1)

	.balign	64
begin:
	timed "integer loop", 30000000, 9, "agr %r2,%r3; xgr %r4,%r2; sllg %r5,%r4,3; ogr %r5,%r2; aghi %r3,7; ngr %r6,%r5; slgr %r7,%r6; lgr %r8,%r7"
	timed "memory loop", 30000000, 8, "lg %r2,0x100(%r12); agr %r2,%r3; stg %r2,0x108(%r12); l %r4,0x110(%r12); ar %r4,%r2; st %r4,0x114(%r12); llgc %r5,0x120(%r12)"
	timed "branch loop", 30000000, 6, "tmll %r10,1; je 1f; aghi %r2,1; 1: cgijne %r2,-1,2f; aghi %r3,1; 2: clgrjh %r3,%r2,3f; 3:"
	timed "call and return", 20000000, 3, "brasl %r14,leaf"
	timed "LMG, STMG of 8 registers", 10000000, 2, "stmg %r2,%r9,0x140(%r12); lmg %r2,%r9,0x140(%r12)"
	timed "MVC of 16 bytes", 2000000, 1, "mvc 0x200(16,%r12),0x240(%r12)"
	timed "MVC of 256 bytes", 1000000, 1, "mvc 0x200(256,%r12),0x400(%r12)"
	timed "XC of 256 bytes", 1000000, 1, "xc 0x200(256,%r12),0x200(%r12)"
	timed "CLC of 16 bytes", 2000000, 1, "clc 0x200(16,%r12),0x240(%r12)"
	timed "SRST of 200 bytes", 300000, 1, "lghi %r0,255; la %r2,0x2c8(%r12); la %r3,0x200(%r12); srst %r2,%r3"
	timed "MVCL of 2048 bytes", 100000, 1, "lgr %r2,%r12; aghi %r2,0x800; lghi %r3,2048; lgr %r4,%r12; lghi %r5,2048; mvcl %r2,%r4"
	timed "CS", 2000000, 1, "l %r2,0x100(%r12); cs %r2,%r3,0x100(%r12)"
	timed "SVC and LPSWE", 500000, 1, "svc 1"
	timed "program check and LPSWE", 500000, 1, "lghi %r9,0; dr %r4,%r9"
	timed "LCTLG of CR1, another space", 500000, 2, "lctlg %c1,%c1,8(%r12); lctlg %c1,%c1,0(%r12)"
	timed "LCTLG of CR0, no change", 500000, 1, "stctg %c0,%c0,0x10(%r12); lctlg %c0,%c0,0x10(%r12)"
	timed "PTLB", 300000, 1, "ptlb; lg %r2,0x100(%r12)"
	timed "IPTE", 300000, 1, "larl %r2,page_table; lgfi %r3,0xff000; ipte %r2,%r3"
	timed "SSKE", 300000, 1, "lgfi %r2,0x80000; lghi %r3,0x10; sske %r3,%r2"
	timed "SSM, on and off", 500000, 2, "stosm 0x30(%r12),1; stnsm 0x30(%r12),0xfe"
	timed "STCK", 500000, 1, "stck 0x30(%r12)"
	timed "SPKA", 500000, 2, "spka 0x10; spka 0"
	timed "EX of MVC", 1000000, 1, "lghi %r2,15; larl %r3,target; ex %r2,0(%r3)"
	timed "EXRL of MVC", 1000000, 1, "lghi %r2,15; exrl %r2,target"
	larl	%r1,end
	lpswe	0(%r1)
target:	mvc	0x200(1,%r12),0x240(%r12)
	.balign	64
leaf:	br	%r14
svc_handler_:
	lpswe	0x140
program_handler_:
	lpswe	0x150
finish:	DONE
	.balign	16
translated:
	.quad	PLAIN | PSW_DAT, begin
end:	.quad	PLAIN, finish
svc_new:
	.quad	PLAIN, svc_handler_
program_new:
	.quad	PLAIN, program_handler_
PAGES(page_table, 1)
PAGES(segment_table, 1)
PAGES(other_space, 1)
PAGES(data, 4)
