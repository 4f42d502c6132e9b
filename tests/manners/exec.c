/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that executes itself with descriptors of KVM left open. With an
 * argument it is the second one, and the argument the first descriptor.
 */
#include "manners.h"

int main(int count, char **arguments)
{
	struct guest guest;
	char number[16];

	if (count > 1) {
		int system = atoi(arguments[1]);
		struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};

		/* Kept open: nothing of KVM any more. */
		CHECK(is_open(system) && is_open(system + 1) && is_open(system + 2));
		FAILS(ENOTTY, ioctl(system, KVM_GET_API_VERSION, 0));
		FAILS(ENOTTY, ioctl(system + 1, KVM_CREATE_VCPU, 1));
		FAILS(ENOTTY, ioctl(system + 2, KVM_RUN, 0));
		FAILS(ENOTTY, ioctl(system + 2, KVM_S390_IRQ, &irq));
		/* Closed at exec. */
		FAILS(EBADF, ioctl(system + 10, KVM_GET_API_VERSION, 0));
		guest = guest_new();
		CHECK(guest_done(&guest));
		return finish();
	}
	guest = guest_new();
	fcntl(guest.system, F_SETFD, 0);
	fcntl(guest.vm, F_SETFD, 0);
	fcntl(guest.cpu, F_SETFD, 0);
	fcntl(guest.system, F_DUPFD_CLOEXEC, guest.system + 10);
	CHECK(guest.vm == guest.system + 1);
	dup2(guest.cpu, guest.system + 2);
	fflush(stdout);
	snprintf(number, sizeof(number), "%d", guest.system);
	execl("/proc/self/exe", arguments[0], number, (char *)NULL);
	perror("exec");
	return 2;
}
