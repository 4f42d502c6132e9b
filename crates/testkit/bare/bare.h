/*
 * Frame of the bare-metal programs that check themselves; README.md says how
 * to write one. A program includes this file, begins with `BEGIN` and ends
 * with `DONE`.
 *
 * Storage, all of it within reach of base 0, so that the frame needs no
 * register:
 *   0x000-0x1ff  the architecture's
 *   0x400-0x7ff  the frame's for interruptions
 *   0x800-0xbff  the frame's for checks
 *   0x3000       the report
 *   0x20000      the program
 */
#pragma once

/* PSW masks. */
#define PLAIN		0x0000000180000000	/* 64-bit mode, nothing enabled */
#define MODE31		0x0000000080000000
#define MODE24		0x0000000000000000
#define MODE64		0x0000000180000000
#define PSW_PER		0x4000000000000000
#define PSW_DAT		0x0400000000000000
#define PSW_IO		0x0200000000000000
#define PSW_EXTERNAL	0x0100000000000000
#define PSW_MCHECK	0x0004000000000000
#define PSW_WAIT	0x0002000000000000
#define PSW_PROBLEM	0x0001000000000000
#define PSW_PRIMARY	0x0000000000000000
#define PSW_AR		0x0000400000000000
#define PSW_SECONDARY	0x0000800000000000
#define PSW_HOME	0x0000c00000000000
#define PSW_KEY(k)	((k) << 52)
#define PSW_CC(cc)	((cc) << 44)
#define PSW_PM(pm)	((pm) << 40)

/* Program-interruption codes. */
#define PGM_OPERATION		0x01
#define PGM_PRIVILEGED		0x02
#define PGM_EXECUTE		0x03
#define PGM_PROTECTION		0x04
#define PGM_ADDRESSING		0x05
#define PGM_SPECIFICATION	0x06
#define PGM_DATA		0x07
#define PGM_FIXED_OVERFLOW	0x08
#define PGM_FIXED_DIVIDE	0x09
#define PGM_SEGMENT		0x10
#define PGM_PAGE		0x11
#define PGM_TRANSLATION_SPEC	0x12
#define PGM_SPECIAL_OPERATION	0x13
#define PGM_OPERAND		0x15
#define PGM_ALEN		0x29
#define PGM_ALE_SEQUENCE	0x2a
#define PGM_ASTE_VALIDITY	0x2b
#define PGM_ASTE_SEQUENCE	0x2c
#define PGM_EXTENDED_AUTHORITY	0x2d
#define PGM_ASCE_TYPE		0x38
#define PGM_REGION_FIRST	0x39
#define PGM_REGION_SECOND	0x3a
#define PGM_REGION_THIRD	0x3b
#define PGM_MONITOR		0x40
#define PGM_PER			0x80

/* Kinds of interruption. */
#define KIND_NONE	0
#define KIND_PROGRAM	1
#define KIND_SVC	2
#define KIND_EXTERNAL	3
#define KIND_IO		4
#define KIND_MCHECK	5
#define KIND_RESTART	6

/* The frame's storage. */
#define F_KIND		0x400	/* 8 bytes: kind of the last interruption */
#define F_OLD		0x408	/* 16: its old PSW */
#define F_RESUME	0x418	/* 16: where it leads to */
#define F_LOST		0x428	/* 16: where an unexpected one leads to */
#define F_GO		0x438	/* 16: the next PSW */
#define F_R1		0x448	/* 8 */
#define F_R2		0x450	/* 8 */
#define F_CR		0x480	/* 128: control registers at the interruption */
#define F_PLAIN_CR	0x500	/* 128: the frame's own */
#define F_SAVED		0x800	/* 128: general registers during a check */

#define REPORT		0x3000	/* 8: all ones once the program has begun */
#define REPORT_ON_QEMU	0x3008	/* 8: not zero under QEMU; the host's */
#define REPORT_CHECKS	0x3010	/* 8: checks made */
#define REPORT_FAILURES	0x3018	/* 8: how many of them failed */
#define REPORT_LINE	0x3020	/* 8: line of the last check */
#define REPORT_ENTRIES	0x3028	/* 40 entries: line, actual, expected */
#define REPORT_ROOM	40

/*
 * Goes on at `target` with the PSW mask `mask`. The next interruption leads
 * behind this, in the 64-bit mode with everything disabled, with the general
 * and access registers of the interruption and the control registers of the
 * start. What shall simply come back ends in an SVC.
 */
#define RUN(mask, target) \
	stg %r1,F_R1; larl %r1,7702f; stg %r1,F_RESUME+8; \
	larl %r1,7701f; mvc F_GO(16),0(%r1); mvghi F_KIND,0; \
	lg %r1,F_R1; lpswe F_GO; .balign 8; \
	7701: .quad mask, target; 7702:

/* Like RUN, with control register `n` set to `value` until the interruption. */
#define RUN_CR(n, value, mask, target) SET_CR(n, value); RUN(mask, target)
#define SET_CR(n, value) \
	stg %r1,F_R1; larl %r1,7701f; lctlg %c##n,%c##n,0(%r1); lg %r1,F_R1; \
	j 7702f; .balign 8; 7701: .quad value; 7702:

/* Sets a general register to 64 bits or an address. */
#define SET_GR(n, value) \
	bras %r##n,7702f; .quad value; 7702: lg %r##n,0(%r##n)

/*
 * Checks: that what `load` puts into %r2 is `value`. They change no register
 * but the condition code, and may stand only where the frame's storage can be
 * reached: without translation, with key 0.
 */
#define CHECK_(value, ...) \
	stmg %r0,%r15,F_SAVED; __VA_ARGS__; bras %r1,7702f; .quad value; \
	7702: lg %r3,0(%r1); lghi %r4,__LINE__; brasl %r14,check_; \
	lmg %r0,%r15,F_SAVED

/* A general register. */
#define CHECK_GR(n, value) CHECK_(value, lg %r2,F_SAVED+8*(n))
/* The condition code. */
#define CHECK_CC(value) CHECK_(value, ipm %r2; srl %r2,28; llgfr %r2,%r2)
/* Storage: an operand with base and displacement, also from %r2 on. */
#define CHECK_QUAD(value, ...) CHECK_(value, lg %r2,__VA_ARGS__)
#define CHECK_WORD(value, ...) CHECK_(value, llgf %r2,__VA_ARGS__)
#define CHECK_HALF(value, ...) CHECK_(value, llgh %r2,__VA_ARGS__)
#define CHECK_BYTE(value, ...) CHECK_(value, llgc %r2,__VA_ARGS__)
/* Eight bytes at a label of the program. */
#define CHECK_AT(value, label) CHECK_(value, larl %r1,label; lg %r2,0(%r1))
/* The interruption that ended the last RUN, with what the low core says of it.
 * Instruction lengths are in bytes. */
#define WITH_KIND_(word) \
	llgf %r2,word; lg %r3,F_KIND; sllg %r3,%r3,32; ogr %r2,%r3
#define CHECK_PROGRAM(code, length) \
	CHECK_(KIND_PROGRAM << 32 | (length) << 16 | (code), WITH_KIND_(0x8c))
#define CHECK_SVC(number, length) \
	CHECK_(KIND_SVC << 32 | (length) << 16 | (number), WITH_KIND_(0x88))
#define CHECK_EXTERNAL(code) \
	CHECK_(KIND_EXTERNAL << 32 | (code), WITH_KIND_(0x84); nilh %r2,0)
#define CHECK_KIND(kind) CHECK_(kind, lg %r2,F_KIND)
/* The old PSW, its two halves. */
#define CHECK_OLD(mask, address) \
	CHECK_(mask, lg %r2,F_OLD); CHECK_(address, lg %r2,F_OLD+8)
#define CHECK_OLD_ADDRESS(address) CHECK_(address, lg %r2,F_OLD+8)
/* The translation-exception identification. */
#define CHECK_TEID(value) CHECK_QUAD(value, 0xa8)
/* Control register `n` as of the interruption. */
#define CHECK_CR(n, value) CHECK_QUAD(value, F_CR+8*(n))

/* QEMU fails in the next line, or leaves out what is before `label`: the rule
 * of the manual that it does not follow, and what it does instead. */
#define QEMU_FAILS(rule) DEVIATION_(__LINE__ + 1, rule)
#define QEMU_SKIPS(label, rule) \
	stg %r1,F_R1; ltg %r1,REPORT_ON_QEMU; lg %r1,F_R1; jgnz label; \
	DEVIATION_(__LINE__ + 0x10000, rule)
#define DEVIATION_(line, rule) \
	.pushsection .deviations,"a"; .quad line; .asciz rule; .balign 8; .popsection

/* A page of zeros, or several. */
#define PAGES(label, count) \
	.pushsection .bss; .balign 4096; label: .space 4096 * (count); .popsection

/* The end of a program. */
#define DONE larl %r1,done_; lpswe 0(%r1)

#ifdef __ASSEMBLER__
	.machine zEC12
	.machinemode zarch

	.macro handler_ kind, old, name
\name:
	mvghi	F_KIND,\kind
	mvc	F_OLD(16),\old
	stctg	%c0,%c15,F_CR
	lctlg	%c0,%c15,F_PLAIN_CR
	mvc	F_GO(16),F_RESUME
	mvc	F_RESUME(16),F_LOST
	lpswe	F_GO
	.endm

	.macro new_psw_ at, target
	llihf	%r1,PLAIN >> 32
	oilf	%r1,PLAIN & 0xffffffff
	stg	%r1,\at
	larl	%r1,\target
	stg	%r1,\at+8
	.endm

	.section .head,"ax"
	.quad	deviations_start, deviations_end
	handler_ KIND_PROGRAM, 0x150, program_handler
	handler_ KIND_SVC, 0x140, svc_handler
	handler_ KIND_EXTERNAL, 0x130, external_handler
	handler_ KIND_IO, 0x170, io_handler
	handler_ KIND_MCHECK, 0x160, mcheck_handler
	handler_ KIND_RESTART, 0x120, restart_handler
	/* Compares %r2 with %r3 for line %r4. */
check_:
	stg	%r4,REPORT_LINE
	lg	%r5,REPORT_CHECKS
	aghi	%r5,1
	stg	%r5,REPORT_CHECKS
	cgr	%r2,%r3
	ber	%r14
	lg	%r1,REPORT_FAILURES
	la	%r5,1(%r1)
	stg	%r5,REPORT_FAILURES
	cghi	%r1,REPORT_ROOM
	bnlr	%r14
	mghi	%r1,24
	lay	%r5,REPORT_ENTRIES(%r1)
	stg	%r4,0(%r5)
	stg	%r2,8(%r5)
	stg	%r3,16(%r5)
	br	%r14
	/* An interruption outside of RUN: its kind and what the low core says of
	 * it, and the address, for the last line that was checked. */
lost_:
	lg	%r1,F_KIND
	llgf	%r2,0x8c
	cghi	%r1,KIND_PROGRAM
	je	1f
	llgf	%r2,0x88
	cghi	%r1,KIND_SVC
	je	1f
	llgf	%r2,0x84
1:	sllg	%r1,%r1,32
	ogr	%r2,%r1
	lg	%r3,F_OLD+8
	lg	%r4,REPORT_LINE
	lcgr	%r4,%r4
	brasl	%r14,check_
	larl	%r1,lost_wait_
	lpswe	0(%r1)
	.balign	8
plain_cr_:
	.quad	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc2000000, 0
lost_wait_:
	.quad	PSW_WAIT | PLAIN, 0xbad
done_:
	.quad	PSW_WAIT | PLAIN, 0
	.globl	start
start:
	larl	%r1,plain_cr_
	mvc	F_PLAIN_CR(128),0(%r1)
	lctlg	%c0,%c15,F_PLAIN_CR
	new_psw_ 0x1a0, restart_handler
	new_psw_ 0x1b0, external_handler
	new_psw_ 0x1c0, svc_handler
	new_psw_ 0x1d0, program_handler
	new_psw_ 0x1e0, mcheck_handler
	new_psw_ 0x1f0, io_handler
	new_psw_ F_LOST, lost_
	mvc	F_RESUME(16),F_LOST
	lghi	%r1,0
	stg	%r1,REPORT_CHECKS
	stg	%r1,REPORT_FAILURES
	stg	%r1,REPORT_LINE
	lghi	%r1,-1
	stg	%r1,REPORT
	jg	program
	.text
#endif
