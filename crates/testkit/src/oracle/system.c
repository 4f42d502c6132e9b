/*
 * Executes single instructions in any state on a bare machine, and reports
 * what they did. Cases and results lie in storage, which is a file of the
 * host. Every case is entered by LOAD PSW EXTENDED and left by a program or
 * supervisor-call interruption: storage around it is zeros, which are no
 * instruction. The machine ends in a disabled wait when all cases are done.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

/* Same names and order as in system.rs. */
struct before {
	u64 mask, address, gr[16], cr[16], prefix, clock_comparator, todpr;
	u32 ar[16];
	u64 fpr[16], fpc;
	u64 next_prefix; /* that the instruction may set */
	u64 bytes;	 /* how many words (address << 8 | byte) follow */
	u64 keys;	 /* and then, how many words (page | key) */
};

struct after {
	u64 code; /* program-interruption code, or 0x10000 + supervisor-call number */
	u64 length;
	u64 mask, address, gr[16], cr[16], prefix, clock_comparator, todpr;
	u32 ar[16];
	u64 fpr[16], fpc;
	u64 data; /* data-exception code */
	u64 bytes; /* that follow; then a key for each page of the case */
};

/* Registers on the way in and out: below 512 KiB, so that base 0 reaches. */
struct scratch {
	u64 gr[16];	  /* 0x8000 */
	u64 cr[16];	  /* 0x8080 */
	u32 ar[16];	  /* 0x8100 */
	u64 out_gr[16];	  /* 0x8140 */
	u64 out_cr[16];	  /* 0x81c0 */
	u32 out_ar[16];	  /* 0x8240 */
	u64 own_cr[16];	  /* 0x8280 */
	u64 kind;	  /* 0x8300: 0 program, 1 supervisor call */
	u64 clock[2];	  /* 0x8308 */
	u64 comparator;	  /* 0x8318 */
	u32 prefix, zero; /* 0x8320, 0x8324 */
	u64 fpr[16];	  /* 0x8328 */
	u64 out_fpr[16];  /* 0x83a8 */
	u32 fpc, out_fpc; /* 0x8428, 0x842c */
};

#define SCRATCH ((volatile struct scratch *)0x8000)
#define CASES 0x2a0000UL
#define RESULTS 0x240000UL
#define SUPERVISOR 0x0000000180000000UL

static const u64 windows[][2] = {
	{ 0, 0x3000 }, { 0x100000, 0x103000 }, { 0x200000, 0x203000 }, { 0x2fe000, 0x300000 },
};
#define WINDOWS 4
static u8 shadow[0xb000];

extern char entry[], program_handler[], svc_handler[], out[];

/* An instruction for all floating-point registers. */
#define FLOATING(what, at)                                                      \
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                        \
	"	" what "	%f\\n," at "*\\n(%r1)\n"                                     \
	".endr\n"

__asm__(
	/* Loads everything of a case. r2 is the comparator's address, r3 the
	 * TOD programmable register, r4 the prefix's address. */
	".globl enter\nenter:\n"
	"	sckc	0(%r2)\n"
	"	lgr	%r0,%r3\n"
	"	.short	0x0107\n"
	"	spx	0(%r4)\n"
	"	lay	%r1,0x8000(%r0)\n"
	"	lfpc	0x428(%r1)\n"
	FLOATING("ld", "0x328+8")
	"	lctlg	%c0,%c15,0x8080(%r0)\n"
	"	lamy	%a0,%a15,0x8100(%r0)\n"
	"	lmg	%r0,%r15,0x8000(%r0)\n"
	"	lpswe	0xff0(%r0)\n"
	".globl program_handler\nprogram_handler:\n"
	"	stmg	%r0,%r15,0x8140(%r0)\n"
	"	lghi	%r1,0\n"
	"	j	out\n"
	".globl svc_handler\nsvc_handler:\n"
	"	stmg	%r0,%r15,0x8140(%r0)\n"
	"	lghi	%r1,1\n"
	".globl out\nout:\n"
	"	stg	%r1,0x8300(%r0)\n"
	"	stctg	%c0,%c15,0x81c0(%r0)\n"
	"	stamy	%a0,%a15,0x8240(%r0)\n"
	"	lctlg	%c0,%c15,0x8280(%r0)\n"
	"	lay	%r1,0x8000(%r0)\n"
	"	stfpc	0x42c(%r1)\n"
	FLOATING("std", "0x3a8+8")
	"	stckc	0x318(%r1)\n"
	"	stpx	0x320(%r1)\n"
	"	stcke	0x308(%r1)\n"
	"	spx	0x324(%r1)\n"
	"	larl	%r15,stack_end-160\n"
	"	brasl	%r14,left\n"
	".globl _start\n_start:\n"
	"	stctg	%c0,%c15,0x8280(%r0)\n"
	/* The AFP-register control, for the way in and out. */
	"	lay	%r1,0x8000(%r0)\n"
	"	oi	0x285(%r1),0x04\n"
	"	lctlg	%c0,%c0,0x8280(%r0)\n"
	"	larl	%r15,stack_end-160\n"
	"	brasl	%r14,first\n"
	".bss\n.align 8\nstack: .space 8192\nstack_end:\n.previous\n");

extern void enter(const u64 *comparator, u64 todpr, const u32 *prefix) __attribute__((noreturn));

static const struct before *current;
static struct after *result;
static u64 cases_left;

/* What interruptions and the entry themselves put into a prefix area. */
static int is_ours(const struct before *b, u64 at)
{
	u64 areas[3] = { 0, b->prefix, b->next_prefix };
	int i;

	for (i = 0; i < 3; i++) {
		u64 offset = at - areas[i];

		if ((offset >= 0x80 && offset < 0x200 && (offset & ~3UL) != 0xc8) ||
		    (offset >= 0xff0 && offset < 0x1000))
			return 1;
	}
	return 0;
}

static void set_key(u64 page, u64 key)
{
	__asm__ volatile("sske %0,%1" : : "d"(key), "d"(page) : "memory");
}

static u64 get_key(u64 page)
{
	u64 key = 0;

	__asm__ volatile("iske %0,%1" : "+d"(key) : "d"(page) : "memory");
	return key;
}

static void zero_windows(void)
{
	u64 at;
	int w;

	for (w = 0; w < WINDOWS; w++)
		for (at = windows[w][0]; at < windows[w][1]; at += 8)
			*(volatile u64 *)at = 0;
}

static void done(void)
{
	static const u64 wait[2] = { 0x0002000180000000UL, 0xfff };

	__asm__ volatile("lpswe %0" : : "Q"(wait));
	for (;;)
		;
}

static void run(void)
{
	const struct before *b = current;
	const u64 *bytes = (const u64 *)(b + 1);
	u64 areas[3] = { 0, b->prefix, b->next_prefix };
	static u64 comparator;
	static u32 prefix;
	u64 i, at, n = 0;
	int w;

	if (!cases_left)
		done();
	zero_windows();
	for (i = 0; i < b->bytes; i++)
		*(volatile u8 *)(bytes[i] >> 8) = bytes[i];
	for (i = 0; i < 3; i++) {
		volatile u64 *area = (volatile u64 *)areas[i];

		area[0x1c0 / 8] = SUPERVISOR;
		area[0x1c8 / 8] = (u64)svc_handler;
		area[0x1d0 / 8] = SUPERVISOR;
		area[0x1d8 / 8] = (u64)program_handler;
		area[0xff0 / 8] = b->mask;
		area[0xff8 / 8] = b->address;
	}
	for (w = 0; w < WINDOWS; w++)
		for (at = windows[w][0]; at < windows[w][1]; at++)
			shadow[n++] = *(volatile u8 *)at;
	for (i = 0; i < 16; i++) {
		SCRATCH->gr[i] = b->gr[i];
		SCRATCH->cr[i] = b->cr[i];
		SCRATCH->ar[i] = b->ar[i];
		SCRATCH->fpr[i] = b->fpr[i];
	}
	SCRATCH->zero = 0;
	SCRATCH->fpc = b->fpc;
	comparator = b->clock_comparator;
	prefix = b->prefix;
	/* Last, so that nothing but the instruction is recorded. */
	for (i = 0; i < b->keys; i++)
		set_key(bytes[b->bytes + i] & ~0xfffUL, bytes[b->bytes + i] & 0xff);
	enter(&comparator, b->todpr, &prefix);
}

void left(void)
{
	const struct before *b = current;
	u64 prefix = SCRATCH->prefix;
	volatile u8 *area = (volatile u8 *)prefix;
	int svc = SCRATCH->kind;
	u64 *bytes = (u64 *)(result + 1);
	const u64 *pages = (const u64 *)(b + 1) + b->bytes;
	u64 keys[16];
	u64 at, n = 0;
	int i, w;

	/* First, before storage is looked at. */
	for (i = 0; i < b->keys && i < 16; i++) {
		keys[i] = get_key(pages[i] & ~0xfffUL);
		set_key(pages[i] & ~0xfffUL, 0);
	}
	if (svc) {
		result->code = 0x10000 + *(volatile unsigned short *)(area + 0x8a);
		result->length = area[0x89];
		result->mask = *(volatile u64 *)(area + 0x140);
		result->address = *(volatile u64 *)(area + 0x148);
	} else {
		result->code = *(volatile unsigned short *)(area + 0x8e);
		result->length = area[0x8d];
		result->mask = *(volatile u64 *)(area + 0x150);
		result->address = *(volatile u64 *)(area + 0x158);
	}
	for (i = 0; i < 16; i++) {
		result->gr[i] = SCRATCH->out_gr[i];
		result->cr[i] = SCRATCH->out_cr[i];
		result->ar[i] = SCRATCH->out_ar[i];
		result->fpr[i] = SCRATCH->out_fpr[i];
	}
	result->prefix = prefix;
	result->fpc = SCRATCH->out_fpc;
	result->data = *(volatile u32 *)(area + 0x90);
	result->clock_comparator = SCRATCH->comparator;
	result->todpr = SCRATCH->clock[1] & 0xffff;
	result->bytes = 0;
	for (w = 0; w < WINDOWS; w++)
		for (at = windows[w][0]; at < windows[w][1]; at++, n++) {
			u8 byte = *(volatile u8 *)at;

			if (byte != shadow[n] && !is_ours(b, at))
				bytes[result->bytes++] = at << 8 | byte;
		}
	for (i = 0; i < b->keys && i < 16; i++)
		bytes[result->bytes + i] = keys[i];
	result = (struct after *)(bytes + result->bytes + b->keys);
	current = (const struct before *)((const u64 *)(b + 1) + b->bytes + b->keys);
	cases_left--;
	/* The number of results, so that a machine that stops early shows. */
	++*(volatile u64 *)RESULTS;
	run();
}

void first(void)
{
	cases_left = *(const u64 *)CASES;
	current = (const struct before *)(CASES + 8);
	*(volatile u64 *)RESULTS = 0;
	result = (struct after *)(RESULTS + 8);
	run();
}
