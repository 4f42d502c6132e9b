/*
 * Runs programs and prints, of each, its group, its name, its sum and the
 * nanoseconds of every repetition. Around them are lines with the clock, by
 * which someone outside can tell whether this machine's seconds are seconds.
 *
 *     bench [repetitions [group or program...]]
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPETITIONS 3

static const struct programs *const groups[] = {
	&integer_programs, &control_programs, &memory_programs,
	&float_programs,   &system_programs,  &process_programs,
};

uint64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time))
		fail("clock_gettime");
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void fail(const char *what)
{
	printf("bench-failed %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

void pin(int n)
{
	static cpu_set_t allowed;
	cpu_set_t one;
	int cpu;

	if (CPU_COUNT(&allowed) == 0 && sched_getaffinity(0, sizeof(allowed), &allowed))
		fail("sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && n-- == 0)
			break;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
}

static int is_wanted(const struct program *program, char **wanted)
{
	if (!*wanted)
		return 1;
	for (; *wanted; wanted++)
		if (strcmp(*wanted, program->group) == 0 || strcmp(*wanted, program->name) == 0)
			return 1;
	return 0;
}

static void measure(const struct program *program, int repetitions)
{
	uint64_t first = 0;

	printf("bench %s %s", program->group, program->name);
	for (int n = 0; n < repetitions; n++) {
		uint64_t begin = now();
		uint64_t sum = program->run();
		uint64_t time = now() - begin;

		if (program->measured)
			time = *program->measured;
		if (n == 0) {
			first = sum;
			printf(" %016" PRIx64, sum);
		} else if (sum != first) {
			printf(" then-%016" PRIx64, sum);
		}
		printf(" %" PRIu64, time);
	}
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int repetitions = argc > 1 ? atoi(argv[1]) : REPETITIONS;
	char **wanted = argv + (argc > 1 ? 2 : 1);
	cpu_set_t cpus;

	/* What a child that executes this program is to do. */
	if (argc == 2 && strcmp(argv[1], "nothing") == 0)
		return 7;
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		fail("sched_getaffinity");
	pin(0);
	printf("bench-begins %" PRIu64 "\n", now());
	fflush(stdout);
	for (size_t group = 0; group < COUNT(groups); group++) {
		for (size_t n = 0; n < groups[group]->count; n++) {
			const struct program *program = &groups[group]->first[n];

			if (is_wanted(program, wanted) && program->cpus <= CPU_COUNT(&cpus))
				measure(program, repetitions);
		}
	}
	printf("bench-ends %" PRIu64 "\n", now());
	fflush(stdout);
	return 0;
}
