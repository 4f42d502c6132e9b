/*
 * Times one kind of call in a loop, in the process whose /dev/kvm is served:
 *   wrapped inject N   N times KVM_S390_IRQ on a stopped vcpu
 *   wrapped syscall N  N times an empty system call
 * Prints the nanoseconds of all N calls.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: wrapped inject|syscall N\n");
		return 2;
	}
	long count = atol(argv[2]);
	long long start;

	if (strcmp(argv[1], "syscall") == 0) {
		start = now_ns();
		for (long i = 0; i < count; i++)
			syscall(SYS_getppid);
	} else {
		struct kvm_s390_irq irq = { .type = KVM_S390_RESTART };
		int system = open("/dev/kvm", O_RDWR);
		int vm = ioctl(system, KVM_CREATE_VM, 0);
		int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
		if (vcpu < 0 || ioctl(vcpu, KVM_S390_IRQ, &irq) != 0) {
			perror("wrapped: KVM_S390_IRQ");
			return 1;
		}
		start = now_ns();
		for (long i = 0; i < count; i++)
			if (ioctl(vcpu, KVM_S390_IRQ, &irq) != 0)
				return 1;
	}
	printf("%lld\n", now_ns() - start);
	return 0;
}
