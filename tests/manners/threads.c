/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads with guests of their own, and threads that share descriptors. */
#include "manners.h"

#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 300 };

static void *own_guest(void *unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS / 10; round++) {
		struct guest guest = guest_new();

		CHECK(guest_done(&guest));
		guest_free(&guest);
	}
	return NULL;
}

static struct guest shared;
static atomic_bool over;

static void *runs(void *unused)
{
	(void)unused;
	while (!atomic_load(&over)) {
		int result;

		guest_code(&shared, LOOP);
		result = ioctl(shared.cpu, KVM_RUN, 0);
		if (result != 0 || shared.run->psw_addr != 0x2004) {
			CHECK(!"a restart ends the loop");
			return NULL;
		}
	}
	return NULL;
}

/* KVM_RUN in one thread, other ioctls of the same descriptors here. */
static void others_meanwhile(void)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};
	pthread_t thread;

	shared = guest_new();
	put_psw(&shared, 0x1a0, PSW_64BIT, 0x2000);
	memcpy(shared.storage + 0x2000, "\x83\x00\x05\x01", 4);
	pthread_create(&thread, NULL, runs, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		int fd = dup(shared.cpu);

		CHECK(ioctl(shared.vm, KVM_CHECK_EXTENSION, KVM_CAP_S390_INJECT_IRQ) == 1);
		CHECK(ioctl(fd, KVM_S390_IRQ, &irq) == 0);
		CHECK(close(fd) == 0);
	}
	atomic_store(&over, 1);
	CHECK(ioctl(shared.cpu, KVM_S390_IRQ, &irq) == 0);
	/* The thread may have taken that one before it looked. */
	usleep(100000);
	CHECK(ioctl(shared.cpu, KVM_S390_IRQ, &irq) == 0);
	pthread_join(thread, NULL);
}

static int number;

/* Calls on a number that others close and open again. */
static void *calls(void *unused)
{
	(void)unused;
	while (!atomic_load(&over)) {
		int version = ioctl(number, KVM_GET_API_VERSION, 0), error = errno;

		if (version != KVM_API_VERSION &&
		    (version != -1 || (error != EBADF && error != ENOTTY))) {
			printf("an ioctl of a number in use by others: %d, %s\n", version,
			       strerror(error));
			failures++;
			return NULL;
		}
	}
	return NULL;
}

static void *replaces(void *argument)
{
	int system = kvm_open(), null = open("/dev/null", O_RDWR);

	(void)argument;
	for (int round = 0; round < ROUNDS * 10; round++) {
		dup2(system, number);
		dup2(null, number);
		dup2(system, number);
		if (round % 4 == 0)
			close(number);
	}
	return NULL;
}

static void one_number(void)
{
	pthread_t caller[2], replacer[2];

	atomic_store(&over, 0);
	number = 300;
	for (int n = 0; n < 2; n++) {
		pthread_create(&caller[n], NULL, calls, NULL);
		pthread_create(&replacer[n], NULL, replaces, NULL);
	}
	for (int n = 0; n < 2; n++)
		pthread_join(replacer[n], NULL);
	atomic_store(&over, 1);
	for (int n = 0; n < 2; n++)
		pthread_join(caller[n], NULL);
	CHECK(dup2(kvm_open(), number) == number);
	CHECK(ioctl(number, KVM_GET_API_VERSION, 0) == KVM_API_VERSION);
	close(number);
}

int main(void)
{
	pthread_t thread[THREADS];

	for (int n = 0; n < THREADS; n++)
		pthread_create(&thread[n], NULL, own_guest, NULL);
	for (int n = 0; n < THREADS; n++)
		pthread_join(thread[n], NULL);
	others_meanwhile();
	one_number();
	return finish();
}
