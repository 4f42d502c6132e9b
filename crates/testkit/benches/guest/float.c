/*
 * Floating point as programs do it. The same source runs in a guest, called
 * by float.S, and on the host, by its own `main` (with HOST defined).
 */

/* Five bodies that attract each other, in doubles. */
enum { BODIES = 5 };
static struct body {
	double position[3], velocity[3], mass;
} bodies[BODIES] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, 39.5 },
	{ { 4.8, -1.2, -0.1 }, { 0.6, 2.8, -0.02 }, 0.0377 },
	{ { 8.3, 4.1, -0.4 }, { -1.0, 1.8, 0.008 }, 0.0113 },
	{ { 12.9, -15.1, -0.2 }, { 1.1, 0.9, -0.01 }, 0.0017 },
	{ { 15.4, -25.9, 0.2 }, { 1.0, 0.6, -0.03 }, 0.0020 },
};

double n_body(long steps)
{
	const double step = 0.01;
	while (steps-- > 0) {
		for (int i = 0; i < BODIES; i++) {
			struct body *a = &bodies[i];
			for (int j = i + 1; j < BODIES; j++) {
				struct body *b = &bodies[j];
				double apart[3], square = 0;
				for (int k = 0; k < 3; k++) {
					apart[k] = a->position[k] - b->position[k];
					square += apart[k] * apart[k];
				}
				double pull = step / (square * __builtin_sqrt(square));
				for (int k = 0; k < 3; k++) {
					a->velocity[k] -= apart[k] * b->mass * pull;
					b->velocity[k] += apart[k] * a->mass * pull;
				}
			}
		}
		for (int i = 0; i < BODIES; i++)
			for (int k = 0; k < 3; k++)
				bodies[i].position[k] += step * bodies[i].velocity[k];
	}
	return bodies[0].position[0];
}

/* A product of square matrices of doubles. */
enum { SIZE = 48 };
static double left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

double matrix_product(long rounds)
{
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++) {
			left[i][j] = 1.0 / (i + j + 1);
			right[i][j] = i - 0.7 * j;
		}
	while (rounds-- > 0)
		for (int i = 0; i < SIZE; i++)
			for (int j = 0; j < SIZE; j++) {
				double sum = 0;
				for (int k = 0; k < SIZE; k++)
					sum += left[i][k] * right[k][j];
				product[i][j] = sum;
			}
	return product[3][4];
}

/* A sum of squares of whole numbers: nothing is ever inexact. */
enum { WHOLE = 1000 };
static double whole[WHOLE];

double whole_numbers(long rounds)
{
	double sum = 0;
	for (int i = 0; i < WHOLE; i++)
		whole[i] = i;
	while (rounds-- > 0) {
		sum = 0;
		for (int i = 0; i < WHOLE; i++)
			sum += whole[i] * whole[i];
		/* The host's compiler must not see that rounds are alike. */
		whole[1] = sum > 0 ? 2 : 1;
	}
	return sum;
}

/* Sums in the extended format, which hosts have in their compiler's library. */
#ifdef HOST
typedef __float128 extended;
#else
typedef long double extended;
#endif
enum { TERMS = 1000 };
static extended terms[TERMS];

double extended_sum(long rounds)
{
	extended sum = 0;
	for (int i = 0; i < TERMS; i++)
		terms[i] = (extended)1 / (i + 1);
	while (rounds-- > 0)
		for (int i = 0; i < TERMS; i++)
			sum += terms[i];
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
		double (*function)(long);
	} kernels[] = {
		{ "n_body", n_body }, { "matrix_product", matrix_product }, { "whole_numbers", whole_numbers }, { "extended_sum", extended_sum },
	};
	for (int i = 0; argc == 3 && i < 4; i++) {
		if (__builtin_strcmp(argv[1], kernels[i].name) != 0)
			continue;
		struct timespec begin, end;
		clock_gettime(CLOCK_MONOTONIC, &begin);
		double result = kernels[i].function(atol(argv[2]));
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%lld %.17g\n",
		       (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec, result);
		return 0;
	}
	return 1;
}
#endif
