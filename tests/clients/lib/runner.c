/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Running CPUs, here or on a thread, with a guard that ends a run which hangs. */
#define _GNU_SOURCE
#include "lc.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "code.h"

static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;
static struct guarded {
	struct cpu *cpu;
	pthread_t thread;
	time_t deadline;
	bool fired;
} guarded[2 * MAX_CPUS];

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void nothing(int signal)
{
	(void)signal;
}

static void *guard(void *unused)
{
	(void)unused;
	for (;;) {
		usleep(200000);
		pthread_mutex_lock(&guard_lock);
		for (size_t n = 0; n < sizeof(guarded) / sizeof(*guarded); n++) {
			struct guarded *entry = &guarded[n];

			if (entry->cpu && seconds() > entry->deadline) {
				entry->fired = true;
				entry->cpu->run->immediate_exit = 1;
				pthread_kill(entry->thread, SIGUSR2);
			}
		}
		pthread_mutex_unlock(&guard_lock);
	}
	return NULL;
}

static void guard_start(void)
{
	struct sigaction action = {.sa_handler = nothing};
	pthread_t thread;

	sigaction(SIGUSR2, &action, NULL);
	pthread_create(&thread, NULL, guard, NULL);
	pthread_detach(thread);
}

long run(struct cpu *cpu)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct guarded *entry = guarded;
	bool fired;
	long result;

	pthread_once(&once, guard_start);
	pthread_mutex_lock(&guard_lock);
	while (entry->cpu)
		entry++;
	*entry = (struct guarded){cpu, pthread_self(), seconds() + HANG_SECONDS, false};
	pthread_mutex_unlock(&guard_lock);

	result = kvm_value(cpu->fd, KVM_RUN, 0);

	pthread_mutex_lock(&guard_lock);
	fired = entry->fired;
	entry->cpu = NULL;
	pthread_mutex_unlock(&guard_lock);
	if (fired) {
		cpu->run->immediate_exit = 0;
		CHECK("KVM_RUN returned by itself in time", !fired);
	}
	return result;
}

long run_on(struct cpu *cpu)
{
	long result;

	do
		result = run(cpu);
	while (result == -EINTR);
	return result;
}

void make_operating(struct cpu *cpu)
{
	CODE(cpu->vm, 0x10000, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("a CPU becomes operating by running", cpu, ICPT_INSTRUCTION);
	EQUAL("GET_MP_STATE after a run", KVM_MP_STATE_OPERATING, mp_state(cpu));
}

static void *runner(void *argument)
{
	struct runner *runner = argument;

	runner->result = run(runner->cpu);
	atomic_store(&runner->done, true);
	return NULL;
}

void runner_start(struct runner *r, struct cpu *cpu)
{
	r->cpu = cpu;
	r->result = 0;
	atomic_store(&r->done, false);
	if (pthread_create(&r->thread, NULL, runner, r))
		die("thread");
}

void runner_kick(struct runner *r)
{
	r->cpu->run->immediate_exit = 1;
	pthread_kill(r->thread, SIGUSR2);
}

long runner_join(struct runner *r)
{
	pthread_join(r->thread, NULL);
	r->cpu->run->immediate_exit = 0;
	return r->result;
}

bool guest_reaches(struct vm *vm, uint64_t address, unsigned length, uint64_t value)
{
	time_t deadline = seconds() + HANG_SECONDS;

	while (get(vm, address, length) < value) {
		if (seconds() > deadline)
			return false;
		sched_yield();
	}
	return true;
}
