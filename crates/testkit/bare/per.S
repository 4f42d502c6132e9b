/* Program-event recording (SA22-7832 chapter 4, "Program-Event Recording"). */
#include "bare.h"

#define BRANCH		0x80000000
#define FETCH		0x40000000
#define STORE		0x20000000
#define REAL		0x08000000
#define LIMITED		0x00800000	/* branch-address control */
#define SPACES		0x00200000	/* storage-alteration-space control */
#define ALL		(BRANCH | FETCH | STORE)

/* PER codes. */
#define BRANCHED	0x80
#define FETCHED		0x40
#define STORED		0x20
#define STORED_REAL	0x28

#define DATA		0x100000
#define ON		(PLAIN | PSW_PER)
#define LAST		0xffffffffffffffff
/* A space whose virtual addresses are real, and one that is watched. */
#define SPACE		0x20
#define WATCHED		0xa0

/* The controls of the next RUN. */
#define WATCH(events, start, end) \
	SET_CR(9, events); SET_CR(10, start); SET_CR(11, end)
/* A PER event alone. */
#define CHECK_PER(events, length, address, old) \
	CHECK_PROGRAM(PGM_PER, length); CHECK_BYTE(events, 0x96); \
	CHECK_QUAD(address, 0x98); CHECK_OLD_ADDRESS(old)
#define CHECK_EVENTS(events, address) \
	CHECK_BYTE(events, 0x96); CHECK_QUAD(address, 0x98)
#define CHECK_ATMID(value) CHECK_BYTE(value, 0x97)
#define CHECK_NOTHING CHECK_SVC(0, 2)

program:
	SET_GR(2, DATA)
	SET_GR(1, 0x1122334455667788)
	larl	%r10,straight

	/* Successful branching. */
	WATCH(BRANCH, 0, 0)
	RUN(ON, taken)
	QEMU_FAILS("The old PSW designates the target (chapter 4, Identification of Cause); QEMU stores the next address.")
	CHECK_PER(BRANCHED, 4, taken, target)
	CHECK_ATMID(0xe0)
	QEMU_FAILS("The old PSW designates the target; QEMU stores the next address.")
	CHECK_OLD(ON, target)
	WATCH(ALL, 0, LAST)
	RUN(PLAIN, taken)
	CHECK_NOTHING
	WATCH(BRANCH, 0, LAST)
	RUN(ON, not_taken)
	CHECK_NOTHING
	WATCH(BRANCH | LIMITED, target, target)
	RUN(ON, taken)
	QEMU_FAILS("The old PSW designates the target (chapter 4, Identification of Cause); QEMU stores the next address.")
	CHECK_PER(BRANCHED, 4, taken, target)
	WATCH(BRANCH | LIMITED, taken, target - 1)
	RUN(ON, taken)
	CHECK_NOTHING
	WATCH(BRANCH | LIMITED, target + 1, target)
	RUN(ON, taken)
	QEMU_FAILS("The old PSW designates the target (chapter 4, Identification of Cause); QEMU stores the next address.")
	CHECK_PER(BRANCHED, 4, taken, target)
	WATCH(BRANCH | LIMITED, target + 1, target - 1)
	RUN(ON, taken)
	CHECK_NOTHING

	/* Instruction fetching: the first byte counts. */
	WATCH(FETCH, straight, straight)
	RUN(ON, straight)
	CHECK_PER(FETCHED, 2, straight, straight_2)
	WATCH(FETCH, straight + 1, straight_2)
	RUN(ON, straight)
	CHECK_PER(FETCHED, 2, straight_2, straight_4)
	WATCH(FETCH, straight + 1, straight + 1)
	RUN(ON, straight)
	CHECK_NOTHING
	WATCH(FETCH, straight_4, straight - 1)
	RUN(ON, straight)
	CHECK_PER(FETCHED, 4, straight_4, straight_8)

	/* EXECUTE: its own address, whichever was fetched. */
	QEMU_SKIPS(alteration, "The fetch of the target of EXECUTE is an event; QEMU misses it, and executes the target as the first instruction of the handler.")
	WATCH(FETCH, executed, executed)
	RUN(ON, execute)
	CHECK_PER(FETCHED, 4, execute, execute_end)
	WATCH(FETCH, execute, execute)
	RUN(ON, execute)
	CHECK_PER(FETCHED, 4, execute, execute_end)
	WATCH(FETCH, executed + 1, executed + 1)
	RUN(ON, execute)
	CHECK_NOTHING

	/* Storage alteration: every byte counts. */
alteration:
	WATCH(STORE, DATA + 4, DATA + 4)
	RUN(ON, store)
	CHECK_PER(STORED, 4, store, store_end)
	CHECK_BYTE(0, 0xa1)
	WATCH(STORE, DATA + 7, DATA + 100)
	RUN(ON, store)
	CHECK_PER(STORED, 4, store, store_end)
	WATCH(STORE, 0, DATA + 3)
	RUN(ON, store)
	CHECK_NOTHING
	WATCH(STORE, DATA + 8, LAST)
	RUN(ON, store)
	CHECK_NOTHING
	WATCH(STORE, DATA + 8, DATA + 3)
	RUN(ON, store)
	CHECK_NOTHING
	WATCH(STORE, DATA + 8, DATA + 4)
	RUN(ON, store)
	CHECK_PER(STORED, 4, store, store_end)
	/* Also what was there before; not what is fetched. */
	WATCH(STORE, 0, LAST)
	RUN(ON, store)
	CHECK_PER(STORED, 4, store, store_end)
	WATCH(STORE, 0, LAST)
	RUN(ON, fetch)
	CHECK_NOTHING
	WATCH(STORE, DATA, DATA + 15)
	RUN(ON, move)
	CHECK_PER(STORED, 6, move, move_end)

	/* In spaces that say so. */
	WATCH(STORE | SPACES, 0, LAST)
	SET_CR(1, WATCHED)
	RUN(ON | PSW_DAT, store)
	CHECK_PER(STORED, 4, store, store_end)
	CHECK_ATMID(0xf0)
	WATCH(STORE | SPACES, 0, LAST)
	SET_CR(1, SPACE)
	SET_CR(7, WATCHED)
	RUN(ON | PSW_DAT, store)
	QEMU_FAILS("Control register 9 bit 42 limits events to spaces with their bit 56 (chapter 4, Storage Alteration); QEMU ignores it.")
	CHECK_NOTHING
	WATCH(STORE, 0, LAST)
	SET_CR(1, SPACE)
	RUN(ON | PSW_DAT, store)
	CHECK_PER(STORED, 4, store, store_end)
	WATCH(STORE | SPACES, 0, LAST)
	SET_CR(1, SPACE)
	SET_CR(7, WATCHED)
	RUN(ON | PSW_DAT | PSW_SECONDARY, store)
	CHECK_PER(STORED, 4, store, store_end)
	QEMU_FAILS("Bits 6-7 of the ATMID name the space (chapter 4, ATMID); QEMU stores zeros.")
	CHECK_ATMID(0xfa)
	WATCH(STORE | SPACES, 0, LAST)
	SET_CR(13, WATCHED)
	RUN(ON | PSW_DAT | PSW_HOME, store)
	CHECK_PER(STORED, 4, store, store_end)
	QEMU_FAILS("Bits 6-7 of the ATMID name the space (chapter 4, ATMID); QEMU stores zeros.")
	CHECK_ATMID(0xff)
	QEMU_SKIPS(no_spaces, "The access-register mode (chapter 5); QEMU ends itself.")
	lghi	%r3,1
	sar	%a2,%r3
	WATCH(STORE | SPACES, 0, LAST)
	SET_CR(1, SPACE)
	SET_CR(7, WATCHED)
	RUN(ON | PSW_DAT | PSW_AR, store)
	CHECK_PER(STORED, 4, store, store_end)
	CHECK_ATMID(0xf5)
	CHECK_BYTE(2, 0xa1)
	lghi	%r3,0
	sar	%a2,%r3
no_spaces:
	/* The control is ignored without translation. */
	WATCH(STORE | SPACES, 0, LAST)
	RUN(ON, store)
	CHECK_PER(STORED, 4, store, store_end)

	/* Stores using real addresses, wherever they go. */
	WATCH(STORE | REAL, 0, 0)
	RUN(ON, real)
	QEMU_FAILS("Bits 2 and 4 of the PER code together (chapter 4, Store Using Real Address); QEMU sets bit 4 alone.")
	CHECK_PER(STORED_REAL, 4, real, real_end)
	WATCH(STORE, 0, LAST)
	RUN(ON, real)
	QEMU_FAILS("Storage alteration does not apply to real addresses (chapter 4); QEMU records it.")
	CHECK_NOTHING
	WATCH(REAL, 0, LAST)
	RUN(ON, real)
	CHECK_NOTHING

	/* Together with other interruptions: what was suppressed was fetched. */
	SET_GR(2, 0x7000000000000000)
	WATCH(ALL, 0, LAST)
	RUN(ON, store)
	CHECK_PROGRAM(PGM_PER | PGM_ADDRESSING, 4)
	CHECK_EVENTS(FETCHED, store)
	CHECK_OLD_ADDRESS(store_end)
	lghi	%r2,0x100
	WATCH(ALL, 0, LAST)
	SET_CR(0, 0x10000000)
	RUN(ON, store)
	CHECK_PROGRAM(PGM_PER | PGM_PROTECTION, 4)
	CHECK_EVENTS(FETCHED, store)
	WATCH(ALL, 0, LAST)
	RUN(ON | PSW_PROBLEM, real)
	CHECK_PROGRAM(PGM_PER | PGM_PRIVILEGED, 4)
	CHECK_EVENTS(FETCHED, real)
	/* What is not fetched is no event. */
	WATCH(ALL, 0, LAST)
	RUN(ON, store + 1)
	CHECK_KIND(KIND_PROGRAM)
	QEMU_FAILS("An odd address is not fetched from (chapter 4, Indication of PER Events Concurrently); QEMU has the event and not the exception.")
	CHECK_HALF(PGM_SPECIFICATION, 0x8e)
	/* What is completed has all its events. */
	SET_GR(2, DATA)
	SET_GR(4, 0x7fffffff)
	st	%r4,0(%r2)
	lghi	%r4,1
	WATCH(FETCH | STORE, 0, LAST)
	RUN(ON | PSW_PM(8), overflow)
	QEMU_FAILS("PER and the exception of a completed instruction are one interruption (chapter 4); QEMU leaves the exception out.")
	CHECK_PROGRAM(PGM_PER | PGM_FIXED_OVERFLOW, 6)
	QEMU_FAILS("The alteration of a completed instruction is an event; QEMU misses it.")
	CHECK_EVENTS(FETCHED | STORED, overflow)
	CHECK_OLD_ADDRESS(overflow_end)
	CHECK_WORD(0x80000000, 0(%r2))

	/* SUPERVISOR CALL comes first, then its event in the new PSW. */
	larl	%r3,call_target
	stg	%r3,0x1c8
	WATCH(FETCH, call, call)
	RUN(ON, call)
	QEMU_FAILS("The old PSW is the one that the supervisor-call interruption loaded (chapter 4); QEMU stores an address behind it.")
	CHECK_PER(FETCHED, 2, call, call_target)
	CHECK_ATMID(0xe0)
	CHECK_WORD(2 << 16 | 7, 0x88)
	CHECK_QUAD(call_end, 0x148)
	larl	%r3,svc_handler
	stg	%r3,0x1c8

	/* A new PSW counts from its first instruction on. */
	larl	%r5,psw_off
	WATCH(FETCH, 0, LAST)
	RUN(ON, load)
	QEMU_FAILS("LOAD PSW EXTENDED that disables PER has its own event (chapter 4, Operation); QEMU misses it.")
	CHECK_PER(FETCHED, 4, load, straight)
	QEMU_FAILS("As above.")
	CHECK_OLD(PLAIN, straight)
	CHECK_ATMID(0xe0)
	larl	%r5,psw_31
	WATCH(FETCH, 0, LAST)
	RUN(PLAIN, load)
	CHECK_PER(FETCHED, 2, straight, straight_2)
	CHECK_ATMID(0x60)
	/* So do control registers. */
	larl	%r5,fetching
	WATCH(0, 0, LAST)
	RUN(ON, load_control)
	CHECK_PER(FETCHED, 2, load_control_end, load_control_end + 2)
	larl	%r5,nothing
	WATCH(FETCH, 0, LAST)
	RUN(ON, load_control)
	CHECK_PER(FETCHED, 6, load_control, load_control_end)
	CHECK_CR(9, 0)

	/* An interruptible instruction: the event is that of its unit. */
	SET_GR(6, DATA)
	SET_GR(7, 0x3000)
	SET_GR(8, DATA + 0x10000)
	SET_GR(9, 0x3000)
	WATCH(STORE, DATA + 0x1800, DATA + 0x1800)
	RUN(ON, long)
	CHECK_PROGRAM(PGM_PER, 2)
	CHECK_EVENTS(STORED, long)
	DONE

	.balign	8
taken:	j	target
	svc	1
target:	svc	0
not_taken:
	brc	0,target
	basr	%r3,0
	bcr	0,%r3
	svc	0
straight:
	lr	%r3,%r3
straight_2:
	lr	%r3,%r3
straight_4:
	la	%r3,0
straight_8:
	svc	0
execute:
	ex	0,executed - straight(%r10)
execute_end:
	svc	0
executed:
	lr	%r3,%r3
	svc	1
store:	st	%r1,4(%r2)
store_end:
	svc	0
fetch:	l	%r3,4(%r2)
	tm	4(%r2),1
	clc	0(8,%r2),0(%r2)
	svc	0
move:	mvc	0(16,%r2),16(%r2)
move_end:
	svc	0
real:	sturg	%r1,%r2
real_end:
	svc	0
overflow:
	laa	%r3,%r4,0(%r2)
overflow_end:
	svc	0
call:	svc	7
call_end:
	svc	1
call_target:
	svc	2
load:	lpswe	0(%r5)
load_control:
	lctlg	%c9,%c9,0(%r5)
load_control_end:
	lr	%r3,%r3
	svc	0
long:	mvcl	%r6,%r8
	svc	0
	.balign	8
psw_off:
	.quad	PLAIN, straight
psw_31:	.quad	MODE31 | PSW_PER, straight
fetching:
	.quad	FETCH
nothing:
	.quad	0
