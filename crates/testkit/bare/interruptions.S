/*
 * Interruptions: old PSWs, codes and instruction-length codes, validity of
 * PSWs, protection, prefixing, timers (SA22-7832 chapters 3, 4, 6, 10).
 */
#include "bare.h"

/* Loads PSWs, the first one at r8, until the clock is a millisecond further. */
.macro loads_psws_until_a_comparator
	stck	0x900
	lg	%r1,0x900
	algfi	%r1,0x400000
	stg	%r1,0x900
	sckc	0x900
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL, load_extended)
	CHECK_EXTERNAL(0x1004)
	CHECK_OLD(PLAIN | PSW_EXTERNAL, load_extended)
.endm

program:
	/* SUPERVISOR CALL: code, length, old PSW, also as the target of EXECUTE. */
	RUN(PLAIN | PSW_CC(3) | PSW_PM(5), svc_255)
	CHECK_SVC(255, 2)
	CHECK_OLD(PLAIN | PSW_CC(3) | PSW_PM(5), svc_255 + 2)
	SET_GR(5, 0x12)
	SET_GR(9, svc_1)
	SET_GR(10, operation_2)
	SET_GR(11, operation_by_ex)
	SET_GR(12, psw_bit_0)
	RUN(PLAIN, svc_by_ex)
	CHECK_SVC(0x13, 4)
	CHECK_OLD_ADDRESS(svc_by_ex + 4)
	RUN(PLAIN, svc_by_exrl)
	CHECK_SVC(0x13, 6)
	CHECK_OLD_ADDRESS(svc_by_exrl + 6)
	RUN(MODE31 | PSW_PROBLEM, svc_255)
	CHECK_SVC(255, 2)
	CHECK_OLD(MODE31 | PSW_PROBLEM, svc_255 + 2)

	/* Lengths of instructions that end in program interruptions. */
	RUN(PLAIN, operation_2)
	CHECK_PROGRAM(PGM_OPERATION, 2)
	CHECK_OLD(PLAIN, operation_2 + 2)
	RUN(PLAIN, operation_4)
	CHECK_PROGRAM(PGM_OPERATION, 4)
	CHECK_OLD_ADDRESS(operation_4 + 4)
	RUN(PLAIN, operation_6)
	CHECK_PROGRAM(PGM_OPERATION, 6)
	CHECK_OLD_ADDRESS(operation_6 + 6)
	RUN(PLAIN | PSW_PROBLEM, privileged)
	CHECK_PROGRAM(PGM_PRIVILEGED, 4)
	CHECK_OLD(PLAIN | PSW_PROBLEM, privileged + 4)
	SET_GR(3, 1)
	RUN(PLAIN, specification)
	CHECK_PROGRAM(PGM_SPECIFICATION, 6)
	CHECK_OLD_ADDRESS(specification + 6)
	SET_GR(2, 0x7ffffffff000)
	RUN(PLAIN, addressing)
	CHECK_PROGRAM(PGM_ADDRESSING, 6)
	CHECK_OLD_ADDRESS(addressing + 6)
	SET_GR(4, 0)
	SET_GR(5, 0)
	RUN(PLAIN | PSW_CC(2), divide)
	CHECK_PROGRAM(PGM_FIXED_DIVIDE, 2)
	CHECK_OLD(PLAIN | PSW_CC(2), divide + 2)
	/* A fixed-point overflow completes: result and condition code 3. */
	SET_GR(6, 0x7fffffff)
	RUN(PLAIN | PSW_PM(8), overflow)
	QEMU_FAILS("A fixed-point overflow interrupts (chapter 6); QEMU never does.")
	CHECK_PROGRAM(PGM_FIXED_OVERFLOW, 2)
	QEMU_FAILS("A fixed-point overflow interrupts (chapter 6); QEMU never does.")
	CHECK_OLD(PLAIN | PSW_PM(8) | PSW_CC(3), overflow + 2)
	CHECK_GR(6, 0xfffffffe)
	/* The target of EXECUTE counts with the length of EXECUTE. */
	RUN(PLAIN, operation_by_ex)
	CHECK_PROGRAM(PGM_OPERATION, 4)
	CHECK_OLD_ADDRESS(operation_by_ex + 4)
	RUN(PLAIN, execute_by_ex)
	CHECK_PROGRAM(PGM_EXECUTE, 4)
	CHECK_OLD_ADDRESS(execute_by_ex + 4)
	RUN(PLAIN, execute_by_exrl)
	CHECK_PROGRAM(PGM_EXECUTE, 6)
	CHECK_OLD_ADDRESS(execute_by_exrl + 6)
	SET_GR(7, operation_2 + 1)
	RUN(PLAIN, odd_ex)
	QEMU_FAILS("The target of EXECUTE must be on a halfword boundary (chapter 7); QEMU executes it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)

	/* LOAD PSW EXTENDED: bits that must be zero are found early, after the
	 * PSW is loaded: the old PSW is the invalid one (chapter 6, "Early
	 * Exception Recognition"), and the length that of the instruction. */
	SET_GR(8, psw_bit_0)
	RUN(PLAIN, load_extended)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_OLD(PLAIN | 0x8000000000000000, 0x1234)
	SET_GR(8, psw_bit_33)
	RUN(PLAIN, load_extended)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_OLD(0x00000001c0000000, 0x1234)
	SET_GR(8, psw_mode)
	RUN(PLAIN, load_extended)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_OLD(0x0000000100000000, 0x1234)
	SET_GR(8, psw_31)
	RUN(PLAIN, load_extended)
	QEMU_FAILS("Bits 64-96 must be zero in the 31-bit mode (chapter 4, PSW); QEMU does not look.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("Bits 64-96 must be zero in the 31-bit mode (chapter 4, PSW); QEMU does not look.")
	CHECK_OLD(MODE31, 0x80001234)
	SET_GR(8, psw_24)
	RUN(PLAIN, load_extended)
	QEMU_FAILS("Bits 64-103 must be zero in the 24-bit mode (chapter 4, PSW); QEMU does not look.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("Bits 64-103 must be zero in the 24-bit mode (chapter 4, PSW); QEMU does not look.")
	CHECK_OLD(MODE24, 0x1001234)
	/* An odd address is found when the instruction is fetched. */
	SET_GR(8, psw_odd)
	RUN(PLAIN, load_extended)
	CHECK_KIND(KIND_PROGRAM)
	QEMU_FAILS("An instruction address must be even (chapter 6, Specification Exception); QEMU fetches from an odd one.")
	CHECK_HALF(PGM_SPECIFICATION, 0x8e)
	/* LOAD PSW: bit 12 must be one, else a specification exception. */
	SET_GR(8, short_zero)
	RUN(PLAIN, load_short)
	QEMU_FAILS("LOAD PSW wants bit 12 to be one (chapter 10); QEMU copies it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	SET_GR(8, short_good)
	RUN(PLAIN, load_short)
	CHECK_SVC(255, 2)
	QEMU_FAILS("LOAD PSW takes bit 32 as the addressing mode (chapter 10); QEMU 7.2 loses it.")
	CHECK_OLD(MODE31 | PSW_CC(1), svc_255 + 2)
	/* Not on a doubleword boundary: nothing is loaded. */
	SET_GR(8, psw_bit_0 + 4)
	RUN(PLAIN | PSW_CC(1), load_extended)
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	CHECK_OLD(PLAIN | PSW_CC(1), load_extended + 4)

	/* SET SYSTEM MASK makes an invalid PSW: found early as well, with the
	 * length of the instruction. */
	RUN(PLAIN, set_system_mask)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_PROGRAM(PGM_SPECIFICATION, 4)
	QEMU_FAILS("An invalid PSW is a specification exception before its first instruction (chapter 6, Early Exception Recognition); QEMU fetches with it.")
	CHECK_OLD(PLAIN | 0x8000000000000000, set_system_mask + 4)

	/* Low-address protection: 0-511 and 4096-4607, logical addresses. */
	RUN_CR(0, 0x10000000, PLAIN, store_0)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_OLD(PLAIN, store_0 + 6)
	RUN_CR(0, 0x10000000, PLAIN, store_511)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	RUN_CR(0, 0x10000000, PLAIN, store_4096)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	RUN_CR(0, 0x10000000, PLAIN, store_512)
	CHECK_SVC(0, 2)
	RUN_CR(0, 0x10000000, PLAIN, store_4608)
	CHECK_SVC(0, 2)
	RUN_CR(0, 0x10000000, PLAIN | PSW_PROBLEM, store_0)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	/* The interruption itself stores there all the same: it has. */

	/* Key-controlled protection. */
	SET_GR(2, 0x200000)
	SET_GR(1, 0x40)
	sske	%r1,%r2
	RUN(PLAIN | PSW_KEY(3), store_r2)
	QEMU_FAILS("Key-controlled protection applies to every access (chapter 3); QEMU does not look at the keys of pages that it remembers.")
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	QEMU_FAILS("Key-controlled protection applies to every access (chapter 3); QEMU does not look at the keys of pages that it remembers.")
	CHECK_OLD(PLAIN | PSW_KEY(3), store_r2 + 6)
	QEMU_FAILS("Key-controlled protection applies to every access (chapter 3); QEMU does not look at the keys of pages that it remembers.")
	CHECK_QUAD(0, 0(%r2))
	RUN(PLAIN | PSW_KEY(4), store_r2)
	CHECK_SVC(0, 2)
	RUN(PLAIN | PSW_KEY(3), fetch_r2)
	CHECK_SVC(0, 2)
	SET_GR(1, 0x48)
	sske	%r1,%r2
	RUN(PLAIN | PSW_KEY(3), fetch_r2)
	QEMU_FAILS("Key-controlled protection applies to every access (chapter 3); QEMU does not look at the keys of pages that it remembers.")
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	RUN(PLAIN | PSW_KEY(4), fetch_r2)
	CHECK_SVC(0, 2)
	SET_GR(1, 0)
	sske	%r1,%r2

	/* Prefixing: real 0-8191 and the prefix area change places. */
	larl	%r1,prefix
	spx	0(%r1)
	lghi	%r3,0x77
	stg	%r3,0xf00
	larl	%r1,zero
	spx	0(%r1)
	SET_GR(2, 0x300f00)
	CHECK_QUAD(0x77, 0(%r2))
	lghi	%r3,0x78
	stg	%r3,0xf00
	larl	%r1,prefix
	spx	0(%r1)
	SET_GR(2, 0x300f00)
	lg	%r4,0(%r2)
	larl	%r1,zero
	spx	0(%r1)
	CHECK_GR(4, 0x78)
	/* Interruptions go to the prefix area. */
	SET_GR(2, 0x300000)
	SET_GR(3, 0)
	lghi	%r4,32
1:	mvc	0(256,%r2),0(%r3)
	la	%r2,256(%r2)
	la	%r3,256(%r3)
	brct	%r4,1b
	larl	%r1,in_prefix
	SET_GR(2, 0x3001c0)
	mvc	0(16,%r2),0(%r1)
	larl	%r1,prefix
	spx	0(%r1)
	svc	0x21
in_prefix_new:
	larl	%r1,zero
	spx	0(%r1)
	SET_GR(2, 0x300088)
	CHECK_WORD(0x00020021, 0(%r2))
	SET_GR(2, 0x300148)
	CHECK_QUAD(in_prefix_new, 0(%r2))

	/* Clock comparator: pending as long as it is before the clock. */
	stck	0x900
	sckc	0x900
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1004)
	CHECK_OLD(PLAIN | PSW_EXTERNAL, spin)
	QEMU_SKIPS(comparator_done, "The clock-comparator condition stays pending (chapter 4); in QEMU it interrupts once.")
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1004)
	larl	%r1,past
	sckc	0(%r1)
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1004)
comparator_done:
	/* Not with its subclass mask zero. */
	RUN_CR(0, 0, PLAIN | PSW_EXTERNAL, svc_255)
	CHECK_SVC(255, 2)
	/* A wait ends. */
	stck	0x900
	sckc	0x900
	RUN_CR(0, 0x800, PLAIN | PSW_EXTERNAL | PSW_WAIT, spin)
	CHECK_EXTERNAL(0x1004)
	CHECK_OLD(PLAIN | PSW_EXTERNAL | PSW_WAIT, spin)
	larl	%r1,never
	sckc	0(%r1)
	/* CPU timer: pending while it is negative. */
	QEMU_SKIPS(timer_done, "A negative CPU timer interrupts (chapter 4); in QEMU one that SPT sets does not.")
	larl	%r1,negative
	spt	0(%r1)
	RUN_CR(0, 0x400, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1005)
	RUN_CR(0, 0x400, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1005)
	/* The clock comparator comes first. */
	larl	%r1,past
	sckc	0(%r1)
	RUN_CR(0, 0xc00, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1004)
	larl	%r1,never
	sckc	0(%r1)
	larl	%r1,positive
	spt	0(%r1)
timer_done:
	/* The interval until it becomes negative. */
	larl	%r1,soon
	spt	0(%r1)
	RUN_CR(0, 0x400, PLAIN | PSW_EXTERNAL, spin)
	CHECK_EXTERNAL(0x1005)
	larl	%r1,positive
	spt	0(%r1)
	/* One that comes while nothing is done but to load PSWs. */
	larl	%r8,psw_again
	loads_psws_until_a_comparator
	/* Or to enable interruptions and to disable them, each time by a PSW. */
	larl	%r8,psw_disabled
	larl	%r9,psw_again
	loads_psws_until_a_comparator
	larl	%r1,never
	sckc	0(%r1)
	DONE

load_again:
	lpswe	0(%r9)

svc_255:
	svc	255
svc_by_ex:
	ex	%r5,0(%r9)
svc_by_exrl:
	exrl	%r5,svc_1
operation_2:
	.short	0
	.balign	8
operation_4:
	.long	0xb2000000
operation_6:
	.long	0xe3000000
	.short	0
privileged:
	stap	0x900
specification:
	.long	0xe3302000	/* mlg %r3,0(%r2) */
	.short	0x0086
addressing:
	lg	%r1,0(%r2)
divide:
	dr	%r4,%r5
overflow:
	ar	%r6,%r6
	svc	0
operation_by_ex:
	ex	%r0,0(%r10)
execute_by_ex:
	ex	%r0,0(%r11)
execute_by_exrl:
	exrl	%r0,operation_by_ex
odd_ex:
	ex	%r0,0(%r7)
load_extended:
	lpswe	0(%r8)
load_short:
	lpsw	0(%r8)
set_system_mask:
	ssm	0(%r12)
store_0:
	stg	%r0,0
	svc	0
store_511:
	stcy	%r0,511
	svc	0
store_4096:
	stcy	%r0,4096
	svc	0
store_512:
	stcy	%r0,512
	svc	0
store_4608:
	stcy	%r0,4608
	svc	0
store_r2:
	stg	%r2,0(%r2)
	svc	0
fetch_r2:
	lg	%r3,0(%r2)
	svc	0
spin:
	j	spin
svc_1:
	svc	1
	.balign	16
psw_bit_0:
	.quad	PLAIN | 0x8000000000000000, 0x1234
psw_bit_33:
	.quad	0x00000001c0000000, 0x1234
psw_mode:
	.quad	0x0000000100000000, 0x1234
psw_again:
	.quad	PLAIN | PSW_EXTERNAL, load_extended
psw_disabled:
	.quad	PLAIN, load_again
psw_31:
	.quad	MODE31, 0x80001234
psw_24:
	.quad	MODE24, 0x1001234
psw_odd:
	.quad	PLAIN, svc_255 + 1
short_zero:
	.long	0, 0x80001234
short_good:
	.long	0x00081000, 0x80000000 + svc_255
in_prefix:
	.quad	PLAIN, in_prefix_new
past:	.quad	1
never:	.quad	-1
negative:
	.quad	-0x1000
positive:
	.quad	0x7fffffffffffffff
soon:	.quad	0x100000
prefix:	.long	0x300000
zero:	.long	0
