/* Several processes: fork, exec, pipes, switches, CPUs that wake one another. */
#define _GNU_SOURCE
#include "bench.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t start(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

static uint64_t status_of(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		fail("waitpid");
	return (uint64_t)status;
}

static uint64_t fork_and_wait(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < 60; n++) {
		pid_t child = start();

		if (child == 0)
			_exit(n);
		sum = add(sum, status_of(child));
	}
	return sum;
}

static uint64_t fork_and_execute(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < 30; n++) {
		pid_t child = start();

		if (child == 0) {
			execl("/proc/self/exe", "bench", "nothing", NULL);
			_exit(1);
		}
		sum = add(sum, status_of(child));
	}
	return sum;
}

static void open_pipe(int ends[2])
{
	if (pipe(ends))
		fail("pipe");
}

static void close_pipe(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* A byte goes to and fro; the partner is on CPU `cpu`. */
static uint64_t ping_pong(int cpu)
{
	int there[2], back[2];
	uint64_t sum = 0;
	uint8_t byte = 1;
	pid_t child;

	open_pipe(there);
	open_pipe(back);
	child = start();
	if (child == 0) {
		pin(cpu);
		close(there[1]);
		while (read(there[0], &byte, 1) == 1) {
			byte = (uint8_t)(byte * 5 + 1);
			if (write(back[1], &byte, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	for (int n = 0; n < 1000; n++) {
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			fail("ping-pong");
		sum = add(sum, byte);
	}
	close_pipe(there);
	close_pipe(back);
	return add(sum, status_of(child));
}

static uint64_t pipe_here(void)
{
	return ping_pong(0);
}

static uint64_t pipe_across(void)
{
	return ping_pong(1);
}

static uint64_t pipe_stream(void)
{
	static uint8_t buffer[4096];
	int ends[2];
	uint64_t bytes = 0;
	ssize_t count;
	pid_t child;

	open_pipe(ends);
	child = start();
	if (child == 0) {
		close(ends[0]);
		for (int n = 0; n < 1024; n++)
			if (write(ends[1], buffer, sizeof(buffer)) != sizeof(buffer))
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	while ((count = read(ends[0], buffer, sizeof(buffer))) > 0)
		bytes += (uint64_t)count;
	close(ends[0]);
	return add(bytes, status_of(child));
}

static void futex(uint32_t *word, int operation, uint32_t value)
{
	syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void wait_for(uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) < value)
		futex(word, FUTEX_WAIT, seen);
}

static void raise_to(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	futex(word, FUTEX_WAKE, 1);
}

/* Two processes on one CPU that take turns by futexes in shared storage. */
static uint64_t turns(void)
{
	const uint32_t rounds = 1000;
	uint32_t *words =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t sum;
	pid_t child;

	if (words == MAP_FAILED)
		fail("mmap");
	child = start();
	if (child == 0) {
		for (uint32_t n = 1; n <= rounds; n++) {
			wait_for(&words[0], n);
			raise_to(&words[64], n);
		}
		_exit(0);
	}
	for (uint32_t n = 1; n <= rounds; n++) {
		raise_to(&words[0], n);
		wait_for(&words[64], n);
	}
	sum = add(words[64], status_of(child));
	munmap(words, 4096);
	return sum;
}

static uint64_t lateness;

/* How much later than asked for sleeps end, in all. */
static uint64_t sleeps(void)
{
	const struct timespec time = { .tv_nsec = 200000 };
	const uint64_t count = 200;
	uint64_t begin, all;

	/* Nothing is to be late on purpose. */
	prctl(PR_SET_TIMERSLACK, 1);
	begin = now();
	for (uint64_t n = 0; n < count; n++)
		if (nanosleep(&time, NULL))
			fail("nanosleep");
	all = now() - begin;
	if (all < count * (uint64_t)time.tv_nsec)
		return 0;
	lateness = all - count * (uint64_t)time.tv_nsec;
	return count;
}

static const struct program list[] = {
	{ "fork", "wait", fork_and_wait, 1, NULL },
	{ "fork", "exec", fork_and_execute, 1, NULL },
	{ "pipes", "ping-pong", pipe_here, 1, NULL },
	{ "pipes", "stream", pipe_stream, 1, NULL },
	{ "switches", "futex", turns, 1, NULL },
	{ "across-cpus", "ping-pong", pipe_across, 2, NULL },
	{ "timer", "lateness", sleeps, 1, &lateness },
};

const struct programs process_programs = { list, COUNT(list) };
