/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Children: they have their parent's descriptors, but not its guests. */
#include "manners.h"

#include <sched.h>
#include <sys/syscall.h>

extern char **environ;

/* In the child: nothing works that came from the parent, everything else. */
static void as_child(struct guest *guest)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};
	struct guest own;
	int copy;

	FAILS(EIO, ioctl(guest->system, KVM_GET_API_VERSION, 0));
	FAILS(EIO, ioctl(guest->vm, KVM_CREATE_VCPU, 1));
	FAILS(EIO, ioctl(guest->cpu, KVM_RUN, 0));
	FAILS(EIO, ioctl(guest->cpu, KVM_S390_IRQ, &irq));
	copy = dup(guest->cpu);
	FAILS(EIO, ioctl(copy, KVM_RUN, 0));
	close(copy);
	close(guest->vm);
	CHECK(!is_open(guest->vm));
	FAILS(EBADF, ioctl(guest->vm, KVM_CREATE_VCPU, 1));

	own = guest_new();
	CHECK(own.system > guest->system);
	CHECK(guest_done(&own));
	guest_free(&own);
	/* An inherited number that is closed is free for a new guest. */
	close(guest->cpu);
	close(guest->system);
	own = guest_new();
	CHECK(guest_done(&own));
}

static void *looper(void *argument)
{
	struct guest *guest = argument;

	ioctl(guest->cpu, KVM_RUN, 0);
	return NULL;
}

static void nothing(int signal)
{
	(void)signal;
}

int main(void)
{
	struct guest guest = guest_new(), busy = guest_new();
	struct sigaction action = {.sa_handler = nothing};
	pthread_t thread;
	int pid, fd;

	/* Another thread is in KVM_RUN all the while. */
	sigaction(SIGUSR1, &action, NULL);
	guest_code(&busy, LOOP);
	pthread_create(&thread, NULL, looper, &busy);
	CHECK(guest_done(&guest));

	pid = fork();
	if (pid == 0) {
		as_child(&guest);
		child_ends();
	}
	child_joins(pid);
	CHECK(guest_done(&guest));

	/* Without the C library's handlers. */
	pid = _Fork();
	if (pid == 0) {
		FAILS(EIO, ioctl(guest.cpu, KVM_RUN, 0));
		FAILS(EIO, ioctl(guest.system, KVM_GET_API_VERSION, 0));
		child_ends();
	}
	child_joins(pid);

	/* A grandchild. */
	pid = fork();
	if (pid == 0) {
		struct guest own = guest_new();

		pid = fork();
		if (pid == 0) {
			FAILS(EIO, ioctl(own.cpu, KVM_RUN, 0));
			FAILS(EIO, ioctl(guest.cpu, KVM_RUN, 0));
			child_ends();
		}
		child_joins(pid);
		CHECK(guest_done(&own));
		child_ends();
	}
	child_joins(pid);

	/* A child that shares its parent's memory closes its own descriptors
	 * only. */
	fd = dup(guest.system);
	pid = vfork();
	if (pid == 0) {
		close(guest.cpu);
		close(guest.vm);
		dup2(0, fd);
		close_range(3, ~0u, 0);
		_exit(is_open(guest.cpu));
	}
	child_joins(pid);
	CHECK(guest_done(&guest));
	CHECK(ioctl(fd, KVM_GET_API_VERSION, 0) == KVM_API_VERSION);

	/* What the C library starts by itself. */
	CHECK(system("exit 3") == 3 << 8);
	CHECK(guest_done(&guest));

	busy.run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	return finish();
}
