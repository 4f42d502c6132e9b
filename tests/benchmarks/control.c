/* Branches that are hard to foresee, and calls. */
#include "bench.h"

/* A machine with eight instructions, and a program of random ones for it. */
static uint64_t dispatch(void)
{
	static uint8_t code[4096];
	uint64_t state = 5, a = 1, b = 2, sum = 0;

	for (size_t i = 0; i < sizeof(code); i++)
		code[i] = (uint8_t)next_random(&state);
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(code); i++) {
			switch (code[i] % 8) {
			case 0: a += b; break;
			case 1: b ^= a; break;
			case 2: a = a << 3 | a >> 61; break;
			case 3: b -= code[i]; break;
			case 4: if (a & 1) i++; break;
			case 5: sum = add(sum, a); break;
			case 6: a *= 5; break;
			default: b = b >> 1 ^ a; break;
			}
		}
	}
	return add(sum, a ^ b);
}

static uint64_t search(void)
{
	static uint32_t words[1 << 14];
	uint64_t state = 6, sum = 0;
	uint32_t word = 0;

	for (size_t i = 0; i < COUNT(words); i++)
		words[i] = word += 1 + next_random(&state) % 1000;
	for (int n = 0; n < 50000; n++) {
		uint32_t wanted = next_random(&state) % word;
		size_t low = 0, high = COUNT(words);

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (words[middle] < wanted)
				low = middle + 1;
			else
				high = middle;
		}
		sum = add(sum, low);
	}
	return sum;
}

static uint64_t one(uint64_t x) { return x * 3 + 1; }
static uint64_t two(uint64_t x) { return x ^ x >> 5; }
static uint64_t three(uint64_t x) { return x + (x << 7); }
static uint64_t four(uint64_t x) { return x - 0x1234567; }

static uint64_t pointers(void)
{
	static uint64_t (*volatile functions[])(uint64_t) = { one, two, three, four };
	uint64_t state = 7, x = 1;

	for (int n = 0; n < 400000; n++)
		x = functions[next_random(&state) % 4](x);
	return x;
}

static __attribute__((noinline)) uint32_t fibonacci_of(uint32_t n)
{
	return n < 2 ? n : fibonacci_of(n - 1) + fibonacci_of(n - 2);
}

static uint64_t fibonacci(void)
{
	return fibonacci_of(30);
}

static __attribute__((noinline)) uint32_t ackermann_of(uint32_t m, uint32_t n)
{
	if (m == 0)
		return n + 1;
	return ackermann_of(m - 1, n == 0 ? 1 : ackermann_of(m, n - 1));
}

static uint64_t ackermann(void)
{
	return ackermann_of(3, 8);
}

static __attribute__((noinline)) uint32_t place(uint32_t columns, uint32_t left, uint32_t right)
{
	uint32_t free = ~(columns | left | right) & 0xff, count = 0;

	if (columns == 0xff)
		return 1;
	while (free) {
		uint32_t bit = free & -free;

		free ^= bit;
		count += place(columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return count;
}

static uint64_t queens(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < 200; n++)
		sum = add(sum, place(0, 0, 0));
	return sum;
}

static const struct program list[] = {
	{ "branches", "dispatch", dispatch, 1, NULL },
	{ "branches", "search", search, 1, NULL },
	{ "branches", "pointers", pointers, 1, NULL },
	{ "recursion", "fibonacci", fibonacci, 1, NULL },
	{ "recursion", "ackermann", ackermann, 1, NULL },
	{ "recursion", "queens", queens, 1, NULL },
};

const struct programs control_programs = { list, COUNT(list) };
