/*
 * Integer programs. The same source runs in a guest, called by integer.S, and
 * on the host, by its own `main` (with HOST defined). Each gives a number that
 * is the same on both.
 */
typedef unsigned long word;

word arithmetic(long rounds)
{
	word a = 0x123456789abcdef, b = 7, c = 0;
	while (rounds-- > 0) {
		a ^= a << 13;
		a ^= a >> 7;
		a ^= a << 17;
		b = b * 6364136223846793005 + a;
		c += (b >> 32) & (a | 0xff);
	}
	return c;
}

word collatz(long rounds)
{
	word steps = 0;
	for (word n = 1; n <= (word)rounds; n++)
		for (word at = n; at != 1; steps++)
			at = at & 1 ? 3 * at + 1 : at >> 1;
	return steps;
}

static unsigned char bytes[8192];

word checksum(long rounds)
{
	unsigned int crc = 0xffff;
	for (int i = 0; i < 8192; i++)
		bytes[i] = i * 37 + (i >> 5);
	while (rounds-- > 0)
		for (int i = 0; i < 256; i++) {
			crc ^= bytes[i];
			for (int bit = 0; bit < 8; bit++)
				crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
		}
	return crc;
}

word sieve(long rounds)
{
	word primes = 0;
	while (rounds-- > 0) {
		for (int i = 0; i < 8192; i++)
			bytes[i] = 1;
		for (int i = 2; i < 8192; i++) {
			if (!bytes[i])
				continue;
			primes++;
			for (int k = 2 * i; k < 8192; k += i)
				bytes[k] = 0;
		}
	}
	return primes;
}

static __attribute__((noinline, noclone)) word fibonacci(word n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

word recursion(long rounds)
{
	word sum = 0;
	while (rounds-- > 0) {
		sum += fibonacci(18);
		__asm__ volatile("" : "+r"(sum));
	}
	return sum;
}

static __attribute__((noinline)) word twice(word x) { return 2 * x; }
static __attribute__((noinline)) word next(word x) { return x + 1; }
static __attribute__((noinline)) word mixed(word x) { return x ^ x >> 3; }
static __attribute__((noinline)) word half(word x) { return x >> 1; }

word calls(long rounds)
{
	word (*volatile functions[])(word) = { twice, next, mixed, half };
	word x = 1;
	for (long i = 0; i < rounds; i++)
		x = functions[i & 3](x);
	return x;
}

static word words[2][512];

word copy(long rounds)
{
	for (int i = 0; i < 512; i++)
		words[0][i] = i * 0x9e3779b97f4a7c15;
	while (rounds-- > 0) {
		for (int i = 0; i < 512; i++)
			words[1][i] = words[0][i] + 1;
		for (int i = 0; i < 512; i++)
			words[0][511 - i] = words[1][i];
	}
	return words[0][3];
}

enum { SIZE = 24 };
static short left[SIZE][SIZE], right[SIZE][SIZE];
static int product[SIZE][SIZE];

word matrix(long rounds)
{
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++) {
			left[i][j] = i - j;
			right[i][j] = i * j + 1;
		}
	while (rounds-- > 0)
		for (int i = 0; i < SIZE; i++)
			for (int j = 0; j < SIZE; j++) {
				int sum = 0;
				for (int k = 0; k < SIZE; k++)
					sum += left[i][k] * right[k][j];
				product[i][j] = sum;
				left[i][j] += sum >> 9;
			}
	word sum = 0;
	for (int i = 0; i < SIZE; i++)
		sum = sum * 31 + (unsigned int)product[i][i];
	return sum;
}

static struct node {
	struct node *next;
	word value;
} nodes[2048];

word list(long rounds)
{
	word sum = 0;
	for (int i = 0; i < 2048; i++) {
		nodes[i].next = &nodes[(i * 5 + 1) % 2048];
		nodes[i].value = i;
	}
	struct node *at = nodes;
	for (long i = 0; i < rounds * 2048; i++) {
		sum += at->value ^ i;
		at = at->next;
	}
	return sum;
}

#ifdef HOST
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Arguments: name of the function and how often. Prints nanoseconds and the
 * result. */
int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		word (*function)(long);
	} programs[] = {
		{ "arithmetic", arithmetic }, { "collatz", collatz },	{ "checksum", checksum },
		{ "sieve", sieve },	      { "recursion", recursion }, { "calls", calls },
		{ "copy", copy },	      { "matrix", matrix },	{ "list", list },
	};
	for (unsigned i = 0; argc == 3 && i < sizeof programs / sizeof *programs; i++) {
		if (__builtin_strcmp(argv[1], programs[i].name) != 0)
			continue;
		struct timespec begin, end;
		clock_gettime(CLOCK_MONOTONIC, &begin);
		word result = programs[i].function(atol(argv[2]));
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%lld %lu\n",
		       (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec, result);
		return 0;
	}
	return 1;
}
#endif
