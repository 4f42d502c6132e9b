/* System calls, page faults and signals of one process. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

static uint64_t getpid_call(void)
{
	uint64_t same = 0;
	long first = syscall(SYS_getpid);

	for (int n = 0; n < 20000; n++)
		same += syscall(SYS_getpid) == first;
	return same;
}

static uint64_t transfer(const char *path, ssize_t (*call)(int, void *, size_t), int flags)
{
	static char buffer[512];
	uint64_t bytes = 0;
	int file = open(path, flags);

	if (file < 0)
		fail(path);
	for (int n = 0; n < 10000; n++) {
		ssize_t count = call(file, buffer, sizeof(buffer));

		if (count < 0)
			fail(path);
		bytes += (uint64_t)count;
	}
	close(file);
	return bytes;
}

static ssize_t write_to(int file, void *buffer, size_t size)
{
	return write(file, buffer, size);
}

static uint64_t read_zero(void)
{
	return transfer("/dev/zero", read, O_RDONLY);
}

static uint64_t write_zero(void)
{
	return transfer("/dev/zero", write_to, O_WRONLY);
}

static uint8_t *map(size_t length)
{
	void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

/* Every page of a new mapping is touched. */
static uint64_t touch(void)
{
	const size_t count = 256;
	uint64_t sum = 0;

	for (int n = 0; n < 16; n++) {
		uint8_t *at = map(count * PAGE);

		/* A page at a time: no large pages. */
		madvise(at, count * PAGE, MADV_NOHUGEPAGE);
		for (size_t i = 0; i < count; i++)
			at[i * PAGE + (size_t)n] = (uint8_t)i;
		for (size_t i = 0; i < count; i++)
			sum = add(sum, at[i * PAGE + (size_t)n]);
		if (munmap(at, count * PAGE))
			fail("munmap");
	}
	return sum;
}

/* Mappings of one page that come and go. */
static uint64_t remap(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < 2000; n++) {
		uint8_t *at = map(PAGE);

		at[n] = (uint8_t)n;
		sum = add(sum, at[n]);
		if (munmap(at, PAGE))
			fail("munmap");
	}
	return sum;
}

static volatile sig_atomic_t caught;

static void count_signal(int number)
{
	(void)number;
	caught++;
}

static void on_signal(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	if (sigaction(number, &action, NULL))
		fail("sigaction");
}

static void simple(int number, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	count_signal(number);
}

static uint64_t kill_self(void)
{
	on_signal(SIGUSR1, simple);
	caught = 0;
	for (int n = 0; n < 4000; n++)
		if (kill(getpid(), SIGUSR1))
			fail("kill");
	return (uint64_t)caught;
}

static void permit(int number, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1);

	(void)number;
	(void)context;
	caught++;
	if (mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE))
		_exit(1);
}

/* Faults that the program handles itself. */
static uint64_t protect(void)
{
	const size_t count = 64;
	uint8_t *at = map(count * PAGE);
	uint64_t sum = 0;

	on_signal(SIGSEGV, permit);
	caught = 0;
	for (int n = 0; n < 16; n++) {
		if (mprotect(at, count * PAGE, PROT_READ))
			fail("mprotect");
		for (size_t i = 0; i < count; i++)
			*(volatile uint8_t *)(at + i * PAGE) += (uint8_t)i;
	}
	signal(SIGSEGV, SIG_DFL);
	for (size_t i = 0; i < count; i++)
		sum = add(sum, at[i * PAGE]);
	munmap(at, count * PAGE);
	return add(sum, (uint64_t)caught);
}

static const struct program list[] = {
	{ "system-calls", "getpid", getpid_call, 1, NULL },
	{ "system-calls", "read", read_zero, 1, NULL },
	{ "system-calls", "write", write_zero, 1, NULL },
	{ "page-faults", "touch", touch, 1, NULL },
	{ "page-faults", "remap", remap, 1, NULL },
	{ "signals", "kill", kill_self, 1, NULL },
	{ "signals", "protect", protect, 1, NULL },
};

const struct programs system_programs = { list, COUNT(list) };
