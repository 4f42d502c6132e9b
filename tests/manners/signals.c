/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Signals that arrive while a guest runs, and faults that are the client's. */
#include "manners.h"

#include <setjmp.h>
#include <sys/syscall.h>
#include <time.h>

static struct guest guest;
static volatile sig_atomic_t taken, injected;
static sigjmp_buf jump;

static void nothing(int signal)
{
	(void)signal;
	taken++;
}

static void set(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	CHECK(sigaction(signal, &action, NULL) == 0);
}

/* Sends a signal to the main thread, again and again until it was taken. */
static pthread_t main_thread;
static volatile int send_signal;

static void *sender(void *unused)
{
	(void)unused;
	while (send_signal) {
		usleep(2000);
		pthread_kill(main_thread, send_signal);
	}
	return NULL;
}

static pthread_t start(int signal)
{
	pthread_t thread;

	taken = 0;
	send_signal = signal;
	pthread_create(&thread, NULL, sender, NULL);
	return thread;
}

static void stop(pthread_t thread)
{
	send_signal = 0;
	pthread_join(thread, NULL);
}

static void loop_and_wait_end(int flags)
{
	pthread_t thread;

	set(SIGUSR1, nothing, flags);
	guest_code(&guest, LOOP);
	thread = start(SIGUSR1);
	for (int n = 0; n < 5; n++) {
		taken = 0;
		FAILS(EINTR, ioctl(guest.cpu, KVM_RUN, 0));
		CHECK(guest.run->exit_reason == KVM_EXIT_INTR);
		CHECK(taken > 0);
		CHECK(guest.run->psw_addr == CODE);
	}
	guest.run->psw_mask = PSW_WAIT_EXTERNAL;
	for (int n = 0; n < 5; n++) {
		taken = 0;
		FAILS(EINTR, ioctl(guest.cpu, KVM_RUN, 0));
		CHECK(guest.run->exit_reason == KVM_EXIT_INTR);
		CHECK(taken > 0);
	}
	stop(thread);
}

/* A handler that calls KVM on the CPU that it interrupted. */
static void injects(int signal)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};

	(void)signal;
	if (ioctl(guest.cpu, KVM_S390_IRQ, &irq) == 0)
		injected++;
	if (ioctl(guest.cpu, KVM_GET_MP_STATE, &irq) >= 0)
		taken++;
}

static void handler_injects(void)
{
	pthread_t thread;

	set(SIGUSR1, injects, 0);
	put_psw(&guest, 0x1a0, PSW_64BIT, 0x2000);
	memcpy(guest.storage + 0x2000, "\x83\x00\x05\x01", 4);
	guest_code(&guest, LOOP);
	injected = 0;
	thread = start(SIGUSR1);
	for (int n = 0; n < 5; n++) {
		int result;

		guest_code(&guest, LOOP);
		do
			result = ioctl(guest.cpu, KVM_RUN, 0);
		while (result == -1 && errno == EINTR);
		CHECK(result == 0 && guest.run->psw_addr == 0x2004);
	}
	stop(thread);
	CHECK(injected > 0 && taken > 0);
	/* What was injected last is taken. */
	guest_code(&guest, LOOP);
	set(SIGUSR1, nothing, 0);
	ioctl(guest.cpu, KVM_S390_INITIAL_RESET, 0);
}

static void leaves(int signal)
{
	(void)signal;
	guest.run->immediate_exit = 1;
}

static void immediate_exit_from_handler(void)
{
	pthread_t thread;

	set(SIGUSR1, leaves, SA_RESTART);
	guest_code(&guest, LOOP);
	thread = start(SIGUSR1);
	FAILS(EINTR, ioctl(guest.cpu, KVM_RUN, 0));
	stop(thread);
	guest.run->immediate_exit = 1;
	FAILS(EINTR, ioctl(guest.cpu, KVM_RUN, 0));
	guest.run->immediate_exit = 0;
	guest_code(&guest, DONE);
	CHECK(guest_done(&guest));
}

static void jumps(int signal)
{
	(void)signal;
	siglongjmp(jump, 1);
}

/* A handler that never returns to KVM_RUN. */
static void handler_jumps(void)
{
	set(SIGALRM, jumps, 0);
	guest_code(&guest, LOOP);
	for (int n = 0; n < 3; n++) {
		if (sigsetjmp(jump, 1) == 0) {
			struct itimerspec soon = {.it_value.tv_nsec = 5000000};
			struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
						 .sigev_signo = SIGALRM};
			timer_t timer;

			timer_create(CLOCK_MONOTONIC, &event, &timer);
			timer_settime(timer, 0, &soon, NULL);
			ioctl(guest.cpu, KVM_RUN, 0);
			CHECK(!"the handler came back");
		}
	}
	guest_code(&guest, DONE);
	CHECK(guest_done(&guest));
}

/* KVM_SET_SIGNAL_MASK: a signal that only the run lets in. */
static void mask_of_a_run(void)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} mask = {.head.len = 8};
	sigset_t set_usr1, before;
	pthread_t thread;

	set(SIGUSR1, nothing, 0);
	sigemptyset(&set_usr1);
	sigaddset(&set_usr1, SIGUSR1);
	CHECK(pthread_sigmask(SIG_BLOCK, &set_usr1, &before) == 0);
	CHECK(ioctl(guest.cpu, KVM_SET_SIGNAL_MASK, &mask) == 0);
	guest_code(&guest, LOOP);
	thread = start(SIGUSR1);
	FAILS(EINTR, ioctl(guest.cpu, KVM_RUN, 0));
	CHECK(taken == 0);
	stop(thread);
	CHECK(ioctl(guest.cpu, KVM_SET_SIGNAL_MASK, NULL) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	CHECK(taken == 1);
}

static void *volatile fault_address;
static volatile int fault_code;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	fault_address = info->si_addr;
	fault_code = signal;
	siglongjmp(jump, 1);
}

static void own_faults(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO}, seen;
	volatile int *nowhere = (volatile int *)0x1230;
	sigset_t all, before, now;
	struct kvm_regs regs;

	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
	CHECK(sigaction(SIGSEGV, NULL, &seen) == 0);
	CHECK(seen.sa_sigaction == on_fault && seen.sa_flags & SA_SIGINFO);
	for (int n = 0; n < 3; n++) {
		fault_code = 0;
		if (sigsetjmp(jump, 1) == 0)
			*nowhere = 1;
		CHECK(fault_code == SIGSEGV && fault_address == (void *)0x1230);
		/* A fault of KVM's is not the client's. */
		fault_code = 0;
		FAILS(EFAULT, ioctl(guest.cpu, KVM_GET_REGS, 0x1230));
		CHECK(fault_code == 0);
	}

	/* With every signal blocked, bad pointers are errors all the same. */
	sigfillset(&all);
	CHECK(sigprocmask(SIG_SETMASK, &all, &before) == 0);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	CHECK(sigismember(&now, SIGSEGV) == 1 && sigismember(&now, SIGUSR1) == 1);
	FAILS(EFAULT, ioctl(guest.cpu, KVM_GET_REGS, 0x1230));
	FAILS(EFAULT, ioctl(guest.cpu, KVM_SET_REGS, 0x1230));
	CHECK(ioctl(guest.cpu, KVM_GET_REGS, &regs) == 0);
	CHECK(guest_done(&guest));
	CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	CHECK(sigismember(&now, SIGSEGV) == 0 && sigismember(&now, SIGUSR1) == 0);
}

/* What functions of the C library say of handlers, old ones too. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void other_functions(void)
{
	struct sigaction seen;
	sigset_t now;

	CHECK(signal(SIGUSR2, nothing) == SIG_DFL);
	CHECK(sigaction(SIGUSR2, NULL, &seen) == 0);
	CHECK(seen.sa_handler == nothing && seen.sa_flags & SA_RESTART);
	CHECK(sigismember(&seen.sa_mask, SIGUSR2) == 1);
	taken = 0;
	raise(SIGUSR2);
	raise(SIGUSR2);
	CHECK(taken == 2);
	CHECK(siginterrupt(SIGUSR2, 1) == 0);
	CHECK(sigaction(SIGUSR2, NULL, &seen) == 0 && !(seen.sa_flags & SA_RESTART));
	CHECK(siginterrupt(SIGUSR2, 0) == 0);
	CHECK(signal(SIGUSR2, SIG_IGN) == nothing);
	raise(SIGUSR2);
	CHECK(taken == 2);
	CHECK(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
	CHECK(signal(SIGKILL, nothing) == SIG_ERR && errno == EINVAL);
	CHECK(signal(0, nothing) == SIG_ERR && errno == EINVAL);
	FAILS(EINVAL, sigaction(SIGSTOP, &(struct sigaction){.sa_handler = nothing}, NULL));
	FAILS(EINVAL, sigaction(65, NULL, &seen));

	/* One signal only. */
	set(SIGUSR2, nothing, (int)SA_RESETHAND);
	raise(SIGUSR2);
	CHECK(taken == 3);
	CHECK(sigaction(SIGUSR2, NULL, &seen) == 0 && seen.sa_handler == SIG_DFL);

	CHECK(sigset(SIGUSR2, nothing) == SIG_DFL);
	CHECK(sigset(SIGUSR2, SIG_HOLD) == nothing);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGUSR2) == 1);
	raise(SIGUSR2);
	CHECK(taken == 3);
	CHECK(sigset(SIGUSR2, nothing) == SIG_HOLD);
	CHECK(taken == 4);
	CHECK(sigignore(SIGUSR2) == 0);
	CHECK(sigaction(SIGUSR2, NULL, &seen) == 0 && seen.sa_handler == SIG_IGN);
	CHECK(sigprocmask(77, &now, NULL) == -1 && errno == EINVAL);
	CHECK(pthread_sigmask(77, &now, NULL) == EINVAL);
}

/* A default action is taken at once, and ends the run with the process. */
static void default_action(void)
{
	int pid = fork(), status = 0;

	if (pid == 0) {
		struct guest own = guest_new();

		guest_code(&own, LOOP);
		alarm(1);
		set(SIGALRM, SIG_DFL, 0);
		ioctl(own.cpu, KVM_RUN, 0);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

int main(void)
{
	/* A hang ends here. */
	main_thread = pthread_self();
	other_functions();
	guest = guest_new();
	loop_and_wait_end(0);
	loop_and_wait_end(SA_RESTART);
	handler_injects();
	immediate_exit_from_handler();
	handler_jumps();
	mask_of_a_run();
	guest_code(&guest, DONE);
	own_faults();
	default_action();
	return finish();
}
