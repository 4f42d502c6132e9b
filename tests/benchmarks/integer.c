/* Whole numbers: sums over data, sorting, tables, products, divisions. */
#include "bench.h"

#include <string.h>

static uint8_t data[1 << 16];

static void fill(void)
{
	uint64_t state = 1;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)next_random(&state);
}

static uint64_t crc32(void)
{
	uint32_t table[256];
	uint32_t crc = 0xffffffff;

	fill();
	for (uint32_t n = 0; n < 256; n++) {
		uint32_t c = n;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
		table[n] = c;
	}
	for (int round = 0; round < 32; round++)
		for (size_t i = 0; i < sizeof(data); i++)
			crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

/* The fractional parts of the cube roots of the first primes. */
static void make_constants(uint32_t constants[64])
{
	int count = 0;

	for (uint32_t n = 2; count < 64; n++) {
		int is_prime = 1;
		unsigned __int128 low = 0, high = (unsigned __int128)8 << 32;

		for (uint32_t d = 2; d * d <= n; d++)
			is_prime &= n % d != 0;
		if (!is_prime)
			continue;
		/* The greatest root with root * root * root <= n << 96. */
		while (high - low > 1) {
			unsigned __int128 middle = (low + high) / 2;

			if (middle * middle * middle <= (unsigned __int128)n << 96)
				low = middle;
			else
				high = middle;
		}
		constants[count++] = (uint32_t)low;
	}
}

static uint32_t rotate(uint32_t word, int by)
{
	return word >> by | word << (32 - by);
}

static void sha256_block(uint32_t state[8], const uint8_t *block, const uint32_t *constants)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t one = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			       ((e & v[5]) ^ (~e & v[6])) + constants[i] + w[i];
		uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			       ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += one;
		v[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static uint64_t sha256(void)
{
	uint32_t constants[64];
	uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	fill();
	make_constants(constants);
	for (int round = 0; round < 8; round++)
		for (size_t i = 0; i < sizeof(data); i += 64)
			sha256_block(state, data + i, constants);
	return (uint64_t)state[0] << 32 | state[7];
}

static uint64_t sieve(void)
{
	static uint8_t composite[1000000];
	uint64_t sum = 0;

	memset(composite, 0, sizeof(composite));
	for (uint32_t n = 2; n < sizeof(composite); n++) {
		if (composite[n])
			continue;
		sum += n;
		for (uint64_t m = (uint64_t)n * n; m < sizeof(composite); m += n)
			composite[m] = 1;
	}
	return sum;
}

static void quicksort(uint32_t *words, int64_t count)
{
	while (count > 1) {
		uint32_t pivot = words[count / 2];
		int64_t i = 0, j = count - 1;

		while (i <= j) {
			while (words[i] < pivot)
				i++;
			while (words[j] > pivot)
				j--;
			if (i <= j) {
				uint32_t word = words[i];

				words[i++] = words[j];
				words[j--] = word;
			}
		}
		quicksort(words, j + 1);
		words += i;
		count -= i;
	}
}

static uint64_t sort(void)
{
	static uint32_t words[80000];
	uint64_t state = 2, sum = 0;

	for (size_t i = 0; i < COUNT(words); i++)
		words[i] = next_random(&state);
	quicksort(words, COUNT(words));
	for (size_t i = 0; i < COUNT(words); i++)
		sum = add(sum, words[i]);
	return sum;
}

#define SIDE 128

static uint64_t matrix(void)
{
	static int32_t a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
	uint64_t state = 3, sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = (int32_t)(next_random(&state) & 0xfff) - 2048;
			b[i][j] = (int32_t)(next_random(&state) & 0xfff) - 2048;
		}
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			int32_t total = 0;

			for (int k = 0; k < SIDE; k++)
				total += a[i][k] * b[k][j] >> 4;
			c[i][j] = total;
		}
	for (int i = 0; i < SIDE; i++)
		sum = add(sum, (uint64_t)c[i][(i * 7) % SIDE]);
	return sum;
}

/* Powers of 7, in words of 32 bits, by multiplying them with one another. */
static uint64_t bignum(void)
{
	static uint32_t a[1024], product[2048];
	size_t length = 1;
	uint64_t sum = 0;

	memset(a, 0, sizeof(a));
	a[0] = 7;
	while (2 * length <= COUNT(a)) {
		memset(product, 0, 2 * length * sizeof(product[0]));
		for (size_t i = 0; i < length; i++) {
			uint64_t carry = 0;

			for (size_t j = 0; j < length; j++) {
				carry += (uint64_t)a[i] * a[j] + product[i + j];
				product[i + j] = (uint32_t)carry;
				carry >>= 32;
			}
			product[i + length] = (uint32_t)carry;
		}
		length *= 2;
		memcpy(a, product, length * sizeof(a[0]));
		while (length > 1 && a[length - 1] == 0)
			length--;
	}
	/* Again, as often as it takes to be measured. */
	memset(product, 0, sizeof(product));
	for (int round = 0; round < 8; round++)
		for (size_t i = 0; i < length; i++) {
			uint64_t carry = 0;

			for (size_t j = 0; j < length; j++) {
				carry += (uint64_t)a[i] * a[j] + product[i + j];
				product[i + j] = (uint32_t)carry;
				carry >>= 32;
			}
		}
	for (size_t i = 0; i < 2 * length; i++)
		sum = add(sum, product[i]);
	return sum;
}

static uint64_t divide(void)
{
	uint64_t state = 4, sum = 0;

	for (int n = 0; n < 10000; n++) {
		uint64_t a = (uint64_t)next_random(&state) << 20 | 1;
		uint64_t b = next_random(&state) | 1;

		while (b) {
			uint64_t rest = a % b;

			a = b;
			b = rest;
		}
		sum = add(sum, a);
	}
	return sum;
}

static uint64_t bits(void)
{
	uint64_t x = 0x123456789abcdef, sum = 0;

	for (int n = 0; n < 1000000; n++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		sum += (x & 0xff) + (x >> 40 & 0xf0f0);
		sum = sum << 9 | sum >> 55;
	}
	return sum;
}

static const struct program list[] = {
	{ "integer", "crc32", crc32, 1, NULL },   { "integer", "sha256", sha256, 1, NULL },
	{ "integer", "sieve", sieve, 1, NULL },   { "integer", "sort", sort, 1, NULL },
	{ "integer", "matrix", matrix, 1, NULL }, { "integer", "bignum", bignum, 1, NULL },
	{ "integer", "divide", divide, 1, NULL }, { "integer", "bits", bits, 1, NULL },
};

const struct programs integer_programs = { list, COUNT(list) };
