/* Floating point. What is added and multiplied stays that: no fused operations. */
#include "bench.h"

#include <string.h>

/* Numbers with 113 bits, which not every machine has as its long double. */
#ifdef __x86_64__
typedef __float128 extended;
#else
typedef long double extended;
#endif

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static uint64_t bodies(void)
{
	double x[5], v[5], m[5];

	for (int i = 0; i < 5; i++) {
		x[i] = i * 1.25 - 2;
		v[i] = i % 2 ? 0.01 * i : -0.02 * i;
		m[i] = 1.0 / (i + 1);
	}
	for (int step = 0; step < 30000; step++) {
		for (int i = 0; i < 5; i++)
			for (int j = i + 1; j < 5; j++) {
				double d = x[i] - x[j];
				double force = d / ((d * d + 0.5) * (d * d + 0.25));

				v[i] -= force * m[j] * 1e-3;
				v[j] += force * m[i] * 1e-3;
			}
		for (int i = 0; i < 5; i++)
			x[i] += v[i] * 1e-3;
	}
	return add(bits_of(x[0]), bits_of(x[4]));
}

static uint64_t mandelbrot(void)
{
	uint64_t sum = 0;

	for (int row = 0; row < 96; row++)
		for (int column = 0; column < 128; column++) {
			double cr = column / 48.0 - 2, ci = row / 40.0 - 1.2, r = 0, i = 0;
			int n = 0;

			while (n < 60 && r * r + i * i < 4) {
				double t = r * r - i * i + cr;

				i = 2 * r * i + ci;
				r = t;
				n++;
			}
			sum = add(sum, (uint64_t)n);
		}
	return sum;
}

#define SIDE 48

static uint64_t matrix(void)
{
	static double a[SIDE][SIDE], b[SIDE][SIDE];
	uint64_t state = 10, sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = (next_random(&state) & 0xffff) / 1024.0;
			b[i][j] = (next_random(&state) & 0xffff) / 4096.0;
		}
	for (int round = 0; round < 10; round++)
		for (int i = 0; i < SIDE; i++)
			for (int j = 0; j < SIDE; j++) {
				double total = round;

				for (int k = 0; k < SIDE; k++)
					total += a[i][k] * b[k][j];
				sum = add(sum, bits_of(total));
			}
	return sum;
}

/* Short numbers, and conversions between formats. */
static uint64_t conversions(void)
{
	uint64_t state = 11, sum = 0;
	float total = 0;

	for (int n = 0; n < 300000; n++) {
		float f = (float)(int32_t)next_random(&state) / 3;
		double d = (double)f * 1.5;

		total = total / 2 + f;
		sum += (uint64_t)(int64_t)d + (uint64_t)(int32_t)(total / 8);
	}
	return add(sum, bits_of(total));
}

static uint64_t quadruple(void)
{
	extended sum = 0, term = 1, x = 1;

	for (int n = 1; n < 30000; n++) {
		term = term * x / n;
		if (term < (extended)1e-30) {
			sum += term;
			term = 1;
			x = sum / n;
		}
		sum += term;
	}
	return (uint64_t)(int64_t)(sum * 1000000000000);
}

static const struct program list[] = {
	{ "double", "bodies", bodies, 1, NULL },
	{ "double", "mandelbrot", mandelbrot, 1, NULL },
	{ "double", "matrix", matrix, 1, NULL },
	{ "double", "conversions", conversions, 1, NULL },
	{ "long-double", "quadruple", quadruple, 1, NULL },
};

const struct programs float_programs = { list, COUNT(list) };
