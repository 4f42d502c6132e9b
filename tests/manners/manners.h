/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the programs here share: a guest of one CPU and 1 MiB, and checks that
 * name their line. The programs know the kernel's headers and nothing of what
 * serves /dev/kvm. Compile them with a folder first on the include path that
 * holds only asm/kvm.h, a link to the s390 one.
 */
#ifndef MANNERS_H
#define MANNERS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kvm.h>

#ifndef __KVM_S390
#error "asm/kvm.h is not the s390 one"
#endif

#define PSW_64BIT 0x0000000180000000ull
#define PSW_WAIT_EXTERNAL 0x0102000180000000ull
#define CODE 0x1000

static int failures;

#define CHECK(condition)                                                              \
	do {                                                                          \
		errno = 0;                                                            \
		if (!(condition)) {                                                   \
			printf("%s:%d: not so: %s (%s)\n", __FILE__, __LINE__,        \
			       #condition, strerror(errno));                          \
			fflush(stdout);                                               \
			failures++;                                                   \
		}                                                                     \
	} while (0)

/* The call fails with this error. */
#define FAILS(error, call) CHECK((call) == -1 && errno == (error))

struct guest {
	int system, vm, cpu;
	struct kvm_run *run;
	uint8_t *storage;
};

static inline int kvm_open(void)
{
	return open("/dev/kvm", O_RDWR | O_CLOEXEC);
}

/* Instructions for `guest_code()`, in hexadecimal. */
#define DONE "83000501" /* DIAGNOSE 0x501, which is the client's */
#define LOOP "a7f40000" /* branches to itself */

static inline void guest_code(struct guest *guest, const char *hex)
{
	for (unsigned n = 0; hex[2 * n]; n++) {
		char digits[3] = {hex[2 * n], hex[2 * n + 1], 0};

		guest->storage[CODE + n] = (uint8_t)strtoul(digits, NULL, 16);
	}
	guest->run->psw_mask = PSW_64BIT;
	guest->run->psw_addr = CODE;
}

static inline struct guest guest_new(void)
{
	struct guest guest;
	struct kvm_userspace_memory_region region = {.memory_size = 1 << 20};

	guest.system = kvm_open();
	guest.vm = ioctl(guest.system, KVM_CREATE_VM, 0);
	guest.cpu = ioctl(guest.vm, KVM_CREATE_VCPU, 0);
	guest.storage = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	guest.run = mmap(NULL, (size_t)ioctl(guest.system, KVM_GET_VCPU_MMAP_SIZE, 0),
			 PROT_READ | PROT_WRITE, MAP_SHARED, guest.cpu, 0);
	region.userspace_addr = (uintptr_t)guest.storage;
	if (guest.run == MAP_FAILED || ioctl(guest.vm, KVM_SET_USER_MEMORY_REGION, &region)) {
		perror("a guest could not be made");
		exit(2);
	}
	guest_code(&guest, DONE);
	return guest;
}

/* Runs the code that is there; whether it came to DONE. */
static inline int guest_done(struct guest *guest)
{
	guest->run->psw_mask = PSW_64BIT;
	guest->run->psw_addr = CODE;
	return ioctl(guest->cpu, KVM_RUN, 0) == 0 &&
	       guest->run->exit_reason == KVM_EXIT_S390_SIEIC &&
	       guest->run->s390_sieic.icptcode == 4 && guest->run->s390_sieic.ipa == 0x8300 &&
	       guest->run->s390_sieic.ipb == 0x05010000 && guest->run->psw_addr == CODE + 4;
}

static inline void put_psw(struct guest *guest, unsigned at, uint64_t mask, uint64_t address)
{
	for (unsigned n = 0; n < 8; n++) {
		guest->storage[at + n] = (uint8_t)(mask >> (56 - 8 * n));
		guest->storage[at + 8 + n] = (uint8_t)(address >> (56 - 8 * n));
	}
}

static inline void guest_free(struct guest *guest)
{
	munmap(guest->run, 4096);
	munmap(guest->storage, 1 << 20);
	close(guest->cpu);
	close(guest->vm);
	close(guest->system);
}

/* Whether the number is an open descriptor of anything. */
static inline int is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* The end of a child, with the number of its failures. */
static inline void child_ends(void)
{
	fflush(stdout);
	_exit(failures > 100 ? 100 : failures);
}

/* Adds a child's failures. */
static inline void child_joins(int pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status));
	CHECK(WEXITSTATUS(status) == 0);
}

static inline int finish(void)
{
	printf("%s\n", failures ? "FAILED" : "ok");
	return failures != 0;
}

#endif
