/*
 * Programs whose time is compared between machines. Each does a fixed amount
 * of work and returns a sum that depends on all of it, the same on every
 * machine.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct program {
	const char *group;
	const char *name;
	uint64_t (*run)(void);
	/* CPUs without which it says nothing. */
	int cpus;
	/*
	 * Where the time is not that of the whole: nanoseconds that the last run
	 * has measured.
	 */
	const uint64_t *measured;
};

struct programs {
	const struct program *first;
	size_t count;
};

extern const struct programs integer_programs;
extern const struct programs control_programs;
extern const struct programs memory_programs;
extern const struct programs float_programs;
extern const struct programs system_programs;
extern const struct programs process_programs;

/* Nanoseconds of the monotonic clock. */
uint64_t now(void);

/* Ends the program with the name of what failed and its errno. */
void fail(const char *what);

/* Keeps this process on the CPU that is number n of those it may use. */
void pin(int n);

/* The next number of a sequence that is the same everywhere. */
static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/* A sum with one more word in it. */
static inline uint64_t add(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
	return sum ^ sum >> 29;
}

#endif
