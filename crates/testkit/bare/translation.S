/*
 * Dynamic address translation, protection and moves between spaces
 * (SA22-7832 chapter 3, "Dynamic Address Translation" and "Protection";
 * chapter 5, "Access-Register Translation"; chapter 10).
 */
#include "bare.h"

/* The first space: tables of every level, each of 512 entries. */
#define REGION1		0x100000
#define REGION2		0x101000
#define REGION3		0x102000
#define SEGMENTS	0x103000
#define PAGES_0		0x104000	/* the first MiB, where it is */
#define PAGES_1		0x105000	/* the second: pages of many kinds */
/* The second space: the same first MiB. */
#define OTHER		0x108000
#define OTHER_PAGES	0x109000
/* Frames. */
#define FRAME		0x200000
#define FRAME_2		0x201000
#define OTHER_FRAME	0x202000

#define BY_REGION1	(REGION1 | 0xc)
#define BY_REGION2	(REGION2 | 0x8)
#define BY_REGION3	(REGION3 | 0x4)
#define BY_SEGMENT	SEGMENTS
#define PRIVATE		0x100

/* CR0 bits. */
#define CR0_LOW_ADDRESS	0x10000000
#define CR0_SECONDARY	0x04000000
#define CR0_EDAT	0x00800000

#define PUT(at, value) SET_GR(1, at); SET_GR(2, value); stg %r2,0(%r1)
#define FILL(at, value) SET_GR(1, at); SET_GR(2, value); brasl %r14,fill

/* Access to an address in %r2 under a PSW with translation. */
#define LOAD(asce, address) \
	SET_GR(2, address); RUN_CR(1, asce, PLAIN | PSW_DAT, load)
#define STORE(asce, address) \
	SET_GR(2, address); RUN_CR(1, asce, PLAIN | PSW_DAT, store)

program:
	FILL(REGION1, 0x2c)
	FILL(REGION2, 0x28)
	FILL(REGION3, 0x24)
	FILL(SEGMENTS, 0x20)
	FILL(PAGES_1, 0x400)
	FILL(OTHER, 0x20)
	FILL(OTHER_PAGES, 0x400)
	PUT(REGION1, REGION2 | 0xc)
	PUT(REGION2, REGION3 | 0x8)
	PUT(REGION3, SEGMENTS | 0x4)
	PUT(SEGMENTS, PAGES_0)
	PUT(SEGMENTS + 8, PAGES_1)
	PUT(SEGMENTS + 24, PAGES_1 | 0x4)	# of another type
	PUT(SEGMENTS + 32, PAGES_1 | 0x10)	# common
	PUT(SEGMENTS + 40, PAGES_1 | 0x200)	# protected
	PUT(SEGMENTS + 48, 0x7fff000000)	# a table that is not there
	PUT(PAGES_1, FRAME)
	PUT(PAGES_1 + 16, FRAME | 0x200)	# protected
	PUT(PAGES_1 + 24, FRAME | 0x800)	# bit 52
	PUT(PAGES_1 + 32, 0x7fff000000)		# a frame that is not there
	PUT(OTHER, PAGES_0)
	PUT(OTHER + 8, OTHER_PAGES)
	PUT(OTHER_PAGES, OTHER_FRAME)
	SET_GR(1, PAGES_0)
	lghi	%r2,0
	lghi	%r3,256
0:	stg	%r2,0(%r1)
	la	%r1,8(%r1)
	aghi	%r2,0x1000
	brctg	%r3,0b
	PUT(FRAME, 0x1111)
	PUT(FRAME + 8, 0x2222)
	PUT(FRAME_2, 0x3333)
	PUT(OTHER_FRAME, 0x4444)

	/* Every kind of address-space-control element. */
	LOAD(BY_REGION1, 0x100008)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	LOAD(BY_REGION2, 0x100008)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	LOAD(BY_REGION3, 0x100008)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	LOAD(BY_SEGMENT, 0x100008)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	LOAD(0x20, FRAME_2)	# real space
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x3333)

	/* Invalid entries of every level: nullified, with the address shown. */
	LOAD(BY_REGION1, 0x101123)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_OLD(PLAIN | PSW_DAT, load)
	CHECK_TEID(0x101800)
	STORE(BY_REGION1, 0x101123)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_OLD(PLAIN | PSW_DAT, store)
	CHECK_TEID(0x101400)
	LOAD(BY_REGION1, 0x212345)
	CHECK_PROGRAM(PGM_SEGMENT, 6)
	CHECK_TEID(0x212800)
	LOAD(BY_REGION1, 0x80000000)
	CHECK_PROGRAM(PGM_REGION_THIRD, 6)
	CHECK_TEID(0x80000800)
	LOAD(BY_REGION1, 0x40000000000)
	CHECK_PROGRAM(PGM_REGION_SECOND, 6)
	CHECK_TEID(0x40000000800)
	LOAD(BY_REGION1, 0x20000000000000)
	CHECK_PROGRAM(PGM_REGION_FIRST, 6)
	CHECK_TEID(0x20000000000800)
	/* Behind the end of a table. */
	LOAD(BY_REGION1, 0x4000000000000000)
	CHECK_PROGRAM(PGM_REGION_FIRST, 6)
	LOAD(BY_REGION1, 0x8000000000000)
	CHECK_PROGRAM(PGM_REGION_SECOND, 6)
	LOAD(BY_REGION1, 0x10000000000)
	CHECK_PROGRAM(PGM_REGION_THIRD, 6)
	LOAD(BY_REGION1, 0x20000000)
	CHECK_PROGRAM(PGM_SEGMENT, 6)
	/* Addresses that the first table is too small for. */
	LOAD(BY_REGION2, 0x20000000000000)
	CHECK_PROGRAM(PGM_ASCE_TYPE, 6)
	CHECK_TEID(0x20000000000800)
	LOAD(BY_REGION3, 0x40000000000)
	CHECK_PROGRAM(PGM_ASCE_TYPE, 6)
	LOAD(BY_SEGMENT, 0x80000000)
	CHECK_PROGRAM(PGM_ASCE_TYPE, 6)
	CHECK_OLD(PLAIN | PSW_DAT, load)
	/* Entries that are wrong, and tables and frames that are not there. */
	LOAD(BY_REGION1, 0x300000)
	CHECK_PROGRAM(PGM_TRANSLATION_SPEC, 6)
	CHECK_OLD(PLAIN | PSW_DAT, after_load)
	LOAD(BY_REGION1, 0x103000)
	CHECK_PROGRAM(PGM_TRANSLATION_SPEC, 6)
	LOAD(BY_REGION1, 0x600000)
	CHECK_PROGRAM(PGM_ADDRESSING, 6)
	LOAD(BY_REGION1, 0x104000)
	CHECK_PROGRAM(PGM_ADDRESSING, 6)
	LOAD(BY_REGION1, 0x400008)	# a common segment, not for private spaces
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	QEMU_SKIPS(common_done, "A private space has no common segments (chapter 3, Translation-Specification Exception); QEMU lets them pass.")
	LOAD(BY_REGION1 | PRIVATE, 0x400008)
	CHECK_PROGRAM(PGM_TRANSLATION_SPEC, 6)
common_done:

	/* An instruction in a page that is not there. */
	RUN_CR(1, BY_SEGMENT, PLAIN | PSW_DAT, 0x101000)
	CHECK_PROGRAM(PGM_PAGE, 2)
	CHECK_OLD_ADDRESS(0x101000)

	/* DAT protection of pages and segments: suppressed. */
	LOAD(BY_REGION1, 0x102008)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x2222)
	STORE(BY_REGION1, 0x102008)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_OLD(PLAIN | PSW_DAT, after_store)
	CHECK_TEID(0x102404)
	STORE(BY_REGION1, 0x500008)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_TEID(0x500404)

	/* Low-address protection, and private spaces. */
	SET_CR(0, CR0_LOW_ADDRESS)
	STORE(BY_REGION1, 0x1100)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_TEID(0x1480)
	SET_CR(0, CR0_LOW_ADDRESS)
	STORE(BY_REGION1 | PRIVATE, 0x1100)
	CHECK_SVC(0, 2)

	/* The secondary and the home space. */
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100000)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT | PSW_SECONDARY, load)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x4444)
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x101000)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT | PSW_SECONDARY, load)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_TEID(0x101802)
	SET_GR(2, 0x100000)
	RUN_CR(13, OTHER, PLAIN | PSW_DAT | PSW_HOME, load)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x4444)
	SET_GR(2, 0x101000)
	RUN_CR(13, OTHER, PLAIN | PSW_DAT | PSW_HOME, store)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_TEID(0x101403)

	/* A page goes away and comes back elsewhere. */
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100000)
	SET_GR(4, PAGES_1)
	SET_GR(5, FRAME_2)
	RUN(PLAIN | PSW_DAT, remap)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x1111)
	CHECK_GR(6, 0x3333)
	PUT(PAGES_1, FRAME)
	ptlb
	QEMU_SKIPS(invalidated, "INVALIDATE PAGE TABLE ENTRY and INVALIDATE DAT TABLE ENTRY clear the TLB before they complete (chapter 10); QEMU does so some instructions later.")
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100000)
	SET_GR(4, PAGES_1)
	RUN(PLAIN | PSW_DAT, invalidate)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_OLD_ADDRESS(after_ipte)
	CHECK_GR(3, 0x1111)
	CHECK_TEID(0x100800)
	CHECK_QUAD(FRAME | 0x400, 0(%r4))
	PUT(PAGES_1, FRAME)
	ptlb
	SET_CR(1, BY_REGION3)
	SET_GR(2, 0x100000)
	SET_GR(4, SEGMENTS)
	SET_GR(5, 0x100000)
	SET_GR(6, 0)
	RUN(PLAIN | PSW_DAT, invalidate_segment)
	CHECK_PROGRAM(PGM_SEGMENT, 6)
	CHECK_GR(3, 0x1111)
	CHECK_OLD_ADDRESS(after_idte)
invalidated:
	PUT(PAGES_1, FRAME)
	ptlb
	PUT(SEGMENTS + 8, PAGES_1)

	/* Tables of another space chosen by LOAD CONTROL, there and back. */
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100000)
	RUN(PLAIN | PSW_DAT, switch_spaces)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x1111)
	CHECK_GR(4, 0x4444)
	CHECK_GR(5, 0x1111)

	/* Real addresses, with translation on. */
	SET_CR(1, BY_REGION1)
	SET_GR(2, 0x100abc)
	RUN(PLAIN | PSW_DAT, real_address)
	CHECK_GR(3, FRAME + 0xabc)
	CHECK_GR(4, 0)
	CHECK_GR(5, 0x2222)
	SET_CR(1, BY_REGION1)
	SET_GR(2, 0x80000000)
	RUN(PLAIN | PSW_DAT, real_address)
	CHECK_WORD(0x8000003b, F_SAVED+8*3+4)
	CHECK_GR(4, 3)

	/* Moves between the spaces. */
	SET_CR(0, CR0_SECONDARY)
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100010)
	SET_GR(3, 0x100000)
	SET_GR(4, 8)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT, to_primary)
	CHECK_SVC(0, 2)
	CHECK_GR(6, 0)
	SET_GR(1, FRAME)
	CHECK_QUAD(0x4444, 0x10(%r1))
	SET_CR(0, CR0_SECONDARY)
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x100020)
	SET_GR(3, 0x100000)
	SET_GR(4, 300)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT, to_secondary)
	CHECK_GR(6, 3)
	SET_GR(1, OTHER_FRAME)
	CHECK_QUAD(0x1111, 0x20(%r1))
	SET_CR(0, CR0_SECONDARY)
	SET_CR(1, BY_SEGMENT)
	SET_GR(2, 0x101000)
	SET_GR(3, 0x100000)
	SET_GR(4, 8)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT, to_secondary)
	CHECK_PROGRAM(PGM_PAGE, 6)
	CHECK_TEID(0x101402)
	/* The first operand in the secondary, the second in the primary space. */
	SET_CR(0, CR0_SECONDARY)
	SET_CR(1, BY_SEGMENT)
	llilf	%r0,0x00810001
	SET_GR(2, 0x100030)
	SET_GR(3, 0x100008)
	SET_GR(4, 8)
	RUN_CR(7, OTHER, PLAIN | PSW_DAT, with_specifications)
	CHECK_SVC(0, 2)
	CHECK_GR(6, 0)
	SET_GR(1, OTHER_FRAME)
	CHECK_QUAD(0x2222, 0x30(%r1))

	/* Access registers: primary, secondary, and a list. */
	QEMU_SKIPS(end, "There is an access-register mode (chapter 5); QEMU ends when a program enters it.")
	PUT(0x10a010, 0x0010a08000000000)	# the dispatchable unit's list at 10a080
	PUT(0x10a090, 0x0042000000000000)	# entry 1
	PUT(0x10a098, 0x0010a10012345678)
	PUT(0x10a0a0, 0x0242000000000000)	# entry 2: fetch only
	PUT(0x10a0a8, 0x0010a10012345678)
	PUT(0x10a0b0, 0x8042000000000000)	# entry 3: invalid
	PUT(0x10a0c0, 0x0142000700000000)	# entry 4: private
	PUT(0x10a0c8, 0x0010a10012345678)
	PUT(0x10a0d0, 0x0042000000000000)	# entry 5: of another sequence
	PUT(0x10a0d8, 0x0010a10012345679)
	PUT(0x10a108, OTHER)			# the second-table entry at 10a100
	PUT(0x10a110, 0x12345678)
#define WITH_TOKEN(token, label) \
	SET_CR(1, BY_SEGMENT); SET_CR(2, 0x10a000); SET_GR(3, token); sar %a2,%r3; \
	SET_GR(2, 0x100000); RUN(PLAIN | PSW_DAT | PSW_AR, label)
	WITH_TOKEN(0, load)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x1111)
	WITH_TOKEN(0x00420001, load)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x4444)
	WITH_TOKEN(0x00420002, load)
	CHECK_SVC(0, 2)
	WITH_TOKEN(0x00420002, store)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_TEID(0x10040d)
	CHECK_BYTE(2, 0xa0)
	WITH_TOKEN(0x00420003, load)
	CHECK_PROGRAM(PGM_ALEN, 6)
	CHECK_OLD(PLAIN | PSW_DAT | PSW_AR, load)
	CHECK_BYTE(2, 0xa0)
	WITH_TOKEN(0x00420008, load)
	CHECK_PROGRAM(PGM_ALEN, 6)
	WITH_TOKEN(0x00430001, load)
	CHECK_PROGRAM(PGM_ALE_SEQUENCE, 6)
	WITH_TOKEN(0x00420004, load)
	CHECK_PROGRAM(PGM_EXTENDED_AUTHORITY, 6)
	WITH_TOKEN(0x00420005, load)
	CHECK_PROGRAM(PGM_ASTE_SEQUENCE, 6)
	WITH_TOKEN(0x80000000, load)
	CHECK_PROGRAM(0x28, 6)
	CHECK_OLD(PLAIN | PSW_DAT | PSW_AR, after_load)
	SET_CR(7, OTHER)
	WITH_TOKEN(1, load)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x4444)

	/* Frames of 1 MiB. */
	PUT(OTHER + 16, 0x200400)
	SET_CR(0, CR0_EDAT)
	LOAD(OTHER, 0x201000)
	CHECK_SVC(0, 2)
	CHECK_GR(3, 0x3333)
	PUT(OTHER + 16, 0x200600)
	ptlb
	SET_CR(0, CR0_EDAT)
	STORE(OTHER, 0x201000)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	CHECK_TEID(0x201404)
	/* Protection of a whole region. */
	PUT(REGION3, SEGMENTS | 0x204)
	ptlb
	SET_CR(0, CR0_EDAT)
	STORE(BY_REGION3, 0x100008)
	CHECK_PROGRAM(PGM_PROTECTION, 6)
	STORE(BY_REGION3, 0x100008)
	CHECK_SVC(0, 2)
end:
	DONE

fill:	lghi	%r3,512
0:	stg	%r2,0(%r1)
	la	%r1,8(%r1)
	brctg	%r3,0b
	br	%r14

load:	lg	%r3,0(%r2)
after_load:
	svc	0
store:	stg	%r2,0(%r2)
after_store:
	svc	0
invalidate:
	lg	%r3,0(%r2)
	ipte	%r4,%r2
after_ipte:
	lg	%r6,0(%r2)
	svc	0
remap:	lg	%r3,0(%r2)
	sturg	%r5,%r4
	ptlb
	lg	%r6,0(%r2)
	svc	0
invalidate_segment:
	lg	%r3,0(%r2)
	idte	%r4,%r6,%r5
after_idte:
	lg	%r7,0(%r2)
	svc	0
switch_spaces:
	lg	%r3,0(%r2)
	larl	%r1,other_space
	lctlg	%c1,%c1,0(%r1)
	lg	%r4,0(%r2)
	larl	%r1,first_space
	lctlg	%c1,%c1,0(%r1)
	lg	%r5,0(%r2)
	svc	0
	.balign	8
other_space:
	.quad	OTHER
first_space:
	.quad	BY_SEGMENT
real_address:
	lghi	%r3,0
	lrag	%r3,0(%r2)
	ipm	%r4
	srl	%r4,28
	llgfr	%r4,%r4
	SET_GR(1, FRAME + 8)
	lurag	%r5,%r1
	svc	0
to_primary:
	lghi	%r5,0
	mvcp	0(%r4,%r2),0(%r3),%r5
	j	code
to_secondary:
	lghi	%r5,0
	mvcs	0(%r4,%r2),0(%r3),%r5
	j	code
with_specifications:
	mvcos	0(%r2),0(%r3),%r4
code:	ipm	%r6
	srl	%r6,28
	llgfr	%r6,%r6
	svc	0
