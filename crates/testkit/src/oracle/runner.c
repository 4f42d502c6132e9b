/*
 * Executes instructions in the problem state, single ones or programs of
 * them, and reports what they did. Usage: runner CASES RESULTS. Both files are
 * arrays of big-endian doublewords; their layouts are at `struct before` and
 * `struct after`.
 *
 * Every case is entered by returning from a signal handler with the wanted
 * registers, and left by the signal of the exception that it ends in: the
 * storage around it is zeros, and zeros are no instruction. A case that does
 * not end is left by a timer's signal. The program is freestanding, as a case
 * may leave anything in the access registers, which a C library keeps its
 * thread pointer in.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

struct before {
	u64 address, mask, gr[16], ar[16], fpr[16], fpc;
	u64 segments; /* how many follow: address, length, bytes, filled up to 8 */
};

struct after {
	u64 signal, code, fault, mask, address, gr[16], ar[16], fpr[16], fpc;
	u64 bytes; /* how many words of changed bytes follow */
};

struct context {
	u64 flags, link, stack[3];
	u64 mask, address, gr[16];
	u32 ar[16];
	u32 fpc, pad;
	u64 fpr[16];
};

#define ARENA 0x100000UL
#define ARENA_SIZE 0x200000UL
/* Condition code, program mask and addressing mode. */
#define MASK_BITS 0x00003f0180000000UL

static const u64 windows[][2] = {
	{ 0x100000, 0x103000 }, { 0x200000, 0x203000 }, { 0x2fe000, 0x300000 },
};
#define WINDOWS 3

static u64 shadow[ARENA_SIZE / 8];
static u64 stack[8192];
static const u64 *input;
static const struct before *current;
static u64 cases_left, started;
static int results;
static u64 buffer[65536];
static u64 buffered;
static u64 initial_mask;
static u64 late; /* cases left when the timer went off the last time */
static int busy; /* whether a case is being changed */

static long call(long number, long a, long b, long c, long d)
{
	register long r1 __asm__("1") = number;
	register long r2 __asm__("2") = a;
	register long r3 __asm__("3") = b;
	register long r4 __asm__("4") = c;
	register long r5 __asm__("5") = d;

	__asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4), "d"(r5)
			 : "memory", "cc");
	return r2;
}

static long map(u64 address, u64 length, long protection, long flags, long fd)
{
	u64 arguments[6] = { address, length, protection, flags, fd, 0 };

	return call(90, (long)arguments, 0, 0, 0);
}

static void leave(int status)
{
	for (;;)
		call(1, status, 0, 0, 0);
}

static void flush(void)
{
	const char *at = (const char *)buffer;
	u64 left = buffered * 8;

	while (left) {
		long done = call(4, results, (long)at, left, 0);
		if (done <= 0)
			leave(3);
		at += done;
		left -= done;
	}
	buffered = 0;
}

static void put(u64 word)
{
	if (buffered == sizeof(buffer) / 8)
		flush();
	buffer[buffered++] = word;
}

/* Copies bytes to storage and its shadow, or zeros. */
static void fill(u64 at, const u8 *from, u64 length)
{
	volatile u8 *to = (volatile u8 *)at, *copy = (volatile u8 *)shadow + (at - ARENA);

	if (at - ARENA >= ARENA_SIZE || ARENA_SIZE - (at - ARENA) < length)
		leave(4);
	for (; length && (at & 7 || length < 8); at++, length--) {
		*to++ = *copy++ = from ? *from++ : 0;
	}
	for (; length >= 8; length -= 8, to += 8, copy += 8) {
		u64 word = 0;

		if (from) {
			word = *(const u64 *)from;
			from += 8;
		}
		*(volatile u64 *)to = word;
		*(volatile u64 *)copy = word;
	}
	for (; length; length--)
		*to++ = *copy++ = from ? *from++ : 0;
}

/* Puts the segments of a case into storage, or zeros; returns what follows. */
static const u64 *segments(const struct before *b, int clear)
{
	const u64 *at = (const u64 *)(b + 1);
	u64 i;

	for (i = 0; i < b->segments; i++) {
		fill(at[0], clear ? 0 : (const u8 *)(at + 2), at[1]);
		at += 2 + (at[1] + 7) / 8;
	}
	return at;
}

/* Puts the storage of the case back to zeros. */
static void clean(const struct before *b)
{
	u64 i;
	int w;

	segments(b, 1);
	for (w = 0; w < WINDOWS; w++)
		for (i = windows[w][0]; i < windows[w][1]; i += 8)
			if (*(u64 *)i)
				*(volatile u64 *)i = 0;
}

static void report(const struct before *b, int signal, const int *info,
		   const struct context *c, u32 fpc)
{
	u64 changed = 0, i;
	int w, k;

	put(signal);
	put(info[2]);
	put(*(const u64 *)(info + 4));
	put(c->mask);
	put(c->address);
	for (k = 0; k < 16; k++)
		put(c->gr[k]);
	for (k = 0; k < 16; k++)
		put(c->ar[k]);
	for (k = 0; k < 16; k++)
		put(c->fpr[k]);
	put(fpc);
	for (w = 0; w < WINDOWS; w++)
		for (i = windows[w][0]; i < windows[w][1]; i += 8)
			if (*(u64 *)i != shadow[(i - ARENA) / 8])
				for (k = 0; k < 8; k++)
					changed += ((u8 *)i)[k] != ((u8 *)shadow)[i - ARENA + k];
	put(changed);
	for (w = 0; w < WINDOWS && changed; w++)
		for (i = windows[w][0]; i < windows[w][1]; i++)
			if (*(u8 *)i != ((u8 *)shadow)[i - ARENA])
				put(i << 8 | *(u8 *)i);
	clean(b);
}

static void handler(int signal, const int *info, struct context *c)
{
	const struct before *b = current;
	u32 fpc;
	int k;

	/* Of the context the emulator fills and uses the other registers only. */
	__asm__ volatile("efpc %0" : "=d"(fpc));
	if (signal == 26) {
		/* The first time, it may have begun just now. */
		if (!started || busy || late != cases_left) {
			late = cases_left;
			return;
		}
	}
	busy = 1;
	if (started) {
		report(b, signal, info, c, fpc);
		cases_left--;
	} else {
		started = 1;
		initial_mask = c->mask;
	}
	if (!cases_left) {
		flush();
		leave(0);
	}
	b = (const struct before *)input;
	input = segments(b, 0);
	current = b;
	c->mask = (initial_mask & ~MASK_BITS) | (b->mask & MASK_BITS);
	c->address = b->address;
	for (k = 0; k < 16; k++) {
		c->gr[k] = b->gr[k];
		c->ar[k] = b->ar[k];
		c->fpr[k] = b->fpr[k];
	}
	c->fpc = b->fpc;
	__asm__ volatile("sfpc %0" : : "d"((u32)b->fpc));
	busy = 0;
}

__asm__(".globl restorer\nrestorer:\n\tsvc 173\n"
	".globl _start\n_start:\n\tlgr %r2,%r15\n\taghi %r15,-160\n\tbrasl %r14,start\n");
extern char restorer[];

void start(const u64 *arguments)
{
	static const int signals[] = { 4, 5, 7, 8, 11, 26 };
	/* Every half second of the processor's: the machine may be busy. */
	static const u64 interval[4] = { 0, 500000, 0, 500000 };
	struct { u64 base; int flags, pad; u64 size; } alternative = {
		(u64)stack, 0, 0, sizeof(stack)
	};
	unsigned k;
	long file, address;

	if (arguments[0] != 3)
		leave(2);
	if (map(ARENA, ARENA_SIZE, 7, 0x32, -1) != ARENA)
		leave(2);
	file = call(5, arguments[2], 0, 0, 0);
	results = call(5, arguments[3], 01101, 0600, 0);
	if (file < 0 || results < 0)
		leave(2);
	address = call(19, file, 0, 2, 0);
	address = map(0, address, 1, 2, file);
	if (address < 0 && address > -4096)
		leave(2);
	input = (const u64 *)address;
	cases_left = *input++;
	if (call(186, (long)&alternative, 0, 0, 0))
		leave(2);
	for (k = 0; k < sizeof(signals) / sizeof(signals[0]); k++) {
		/* Information, alternative stack, no masking, restorer. */
		u64 action[4] = { (u64)handler, 0x4 | 0x08000000 | 0x40000000 | 0x04000000,
				  (u64)restorer, 0 };

		if (call(174, signals[k], (long)action, 0, 8))
			leave(2);
	}
	if (call(104, 1, (long)interval, 0, 0))
		leave(2);
	__asm__ volatile(".short 0");
	leave(5);
}
