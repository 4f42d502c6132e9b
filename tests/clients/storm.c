/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Injection of every kind into a spinning and into a waiting CPU, each kind
 * from a thread of its own, a million times in all; each is answered by the
 * guest before the next, and none is lost. LC_STORM sets another number.
 * On a host with fewer free CPUs than two a spinning guest and its injector
 * take turns by the scheduler's clock; so that part ends after some seconds,
 * and the waiting CPU takes what is left of the million.
 *
 * Under a real kernel a restart, a program interrupt or a machine check
 * reaches a CPU that spins only at its next exit for whatever reason.
 */
#define _GNU_SOURCE
#include "lc.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "code.h"

/* What the guest counts lies in a page that no prefix moves; its general
 * register 1 points there. Counters are indexed by class or by source. */
enum { PAGE = 0x30000, COUNTERS = 0x600, PREFIX_SEEN = 0x648, SOURCES = 0x680, DUE = 0x700,
       FAR = 0x710, RESUME = 0x800 };
enum { MAIN = 0x10000, SPINNING = 0x10100, OTHER_PREFIX = 0x6000 };
/* Handlers: which of them is used depends on the kind that is injected. */
enum { COUNT_ONLY = 0x20000, BY_SOURCE = 0x21000, ARM_CLOCK = 0x22000, ARM_TIMER = 0x23000,
       DISARM_CLOCK = 0x24000, DISARM_TIMER = 0x25000 };
enum { CPUS = 5, PATIENCE = 30 };
/* Seconds for each kind into a spinning CPU, and injections at least. */
enum { SECONDS = 1, AT_LEAST = 20 };

static struct vm *vm;
static struct cpu *cpu;
static atomic_uint stops, starts;
static atomic_bool quit;
static atomic_ulong injections;
static pthread_t cpu_thread;

#define COUNT(class)                                                                \
	LG(2, 1, COUNTERS + 8 * (class)), AGHI(2, 1), STG(2, 1, COUNTERS + 8 * (class))
/* Not by the old PSW: a restart or a program interrupt cannot be masked, so the
 * next one may come between the count and the return, and would replace it. */
#define BACK LPSWE(1, RESUME)

static void route(enum class class, uint64_t handler)
{
	/* Each class has its own copy: handlers lie 0x100 apart. */
	lowcore_new_psw(vm, 0, class, PSW_64BIT, handler + 0x100u * class);
	lowcore_new_psw(vm, OTHER_PREFIX, class, PSW_64BIT, handler + 0x100u * class);
}

static void guest(bool waiting)
{
	vm_fresh(vm, 0);
	memset(at(vm, PAGE), 0, 0x1000);
	put(vm, PAGE + DUE, 8, 0);
	put(vm, PAGE + DUE + 8, 8, ~0ull);
	put(vm, PAGE + FAR, 8, ~0ull);
	put(vm, PAGE + FAR + 8, 8, ~0ull >> 1);
	put_psw(vm, PAGE + RESUME, PSW_ENABLED | (waiting ? PSW_WAIT : 0), SPINNING);
	CODE(vm, MAIN, STPX(1, PREFIX_SEEN), LPSWE(1, RESUME));
	CODE(vm, SPINNING, SPIN);
	for (enum class class = RESTART; class <= IO; class++) {
		CODE(vm, COUNT_ONLY + 0x100u * class, COUNT(class), BACK);
		route(class, COUNT_ONLY);
	}
	CODE(vm, BY_SOURCE + 0x100u * EXTERNAL, LLGH(4, 0, 0x84), SLLG(4, 4, 3), LA(4, 4, 1, SOURCES),
	     LG(2, 4, 0), AGHI(2, 1), STG(2, 4, 0), BACK);
	CODE(vm, ARM_CLOCK + 0x100u * RESTART, SCKC(1, DUE), COUNT(RESTART), BACK);
	CODE(vm, ARM_TIMER + 0x100u * RESTART, SPT(1, DUE + 8), COUNT(RESTART), BACK);
	CODE(vm, DISARM_CLOCK + 0x100u * EXTERNAL, SCKC(1, FAR), COUNT(EXTERNAL), BACK);
	CODE(vm, DISARM_TIMER + 0x100u * EXTERNAL, SPT(1, FAR + 8), COUNT(EXTERNAL),
	     BACK);

	cpu->run->s.regs.gprs[1] = PAGE;
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
	set_cr(cpu, 0, CR0_ALL);
	set_cr(cpu, 6, 0xff000000);
	set_cr(cpu, 14, ~0ull);
	set_psw(cpu, PSW_ENABLED, MAIN);
}

/* The CPU's thread: runs on, and after a stop waits to be started again. */
static void *run_cpu(void *unused)
{
	(void)unused;
	while (!quit) {
		long result = kvm_value(cpu->fd, KVM_RUN, 0);

		if (result == -EINTR)
			continue;
		if (result || cpu->run->exit_reason != KVM_EXIT_S390_SIEIC ||
		    cpu->run->s390_sieic.icptcode != ICPT_STOP) {
			check_exit(__FILE__, __LINE__, "the CPU runs on", cpu, result, ICPT_STOP);
			return NULL;
		}
		unsigned number = ++stops;

		while (starts < number && !quit)
			sched_yield();
		set_psw(cpu, PSW_ENABLED, MAIN);
	}
	return NULL;
}

static void start_cpu(void)
{
	stops = starts = 0;
	quit = false;
	cpu->run->immediate_exit = 0;
	if (pthread_create(&cpu_thread, NULL, run_cpu, NULL))
		die("thread");
}

static void end_cpu(void)
{
	quit = true;
	/* A stop ends any run, whatever the CPU does. */
	inject(cpu, irq_stop(0));
	pthread_join(cpu_thread, NULL);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Whether a batch goes on: `count` turns, or as many as the time allows. */
static bool more(unsigned turn, unsigned long count, double deadline)
{
	if (turn > count)
		return false;
	return turn <= AT_LEAST || turn % 16 || now() < deadline;
}

/* Waits until `*value` is `expected`; a lost interrupt is told once. */
static bool answered(const char *what, uint64_t (*value)(unsigned), unsigned index,
		     uint64_t expected)
{
	double start = 0;

	for (unsigned spins = 0;; spins++) {
		uint64_t seen = value(index);

		if (seen == expected)
			return true;
		if (spins < 2000)
			continue;
		if (start == 0)
			start = now();
		if (now() - start > PATIENCE)
			return EQUAL(what, expected, seen);
		sched_yield();
	}
}

static uint64_t counter(unsigned class)
{
	return __builtin_bswap64(
		__atomic_load_n((uint64_t *)at(vm, PAGE + COUNTERS + 8 * class), __ATOMIC_ACQUIRE));
}

static uint64_t source_counter(unsigned source)
{
	return __builtin_bswap64(
		__atomic_load_n((uint64_t *)at(vm, PAGE + SOURCES + 8 * source), __ATOMIC_ACQUIRE));
}

static uint64_t stop_counter(unsigned unused)
{
	(void)unused;
	return stops;
}

static uint64_t prefix_seen(unsigned unused)
{
	(void)unused;
	return __builtin_bswap32(
		__atomic_load_n((uint32_t *)at(vm, PAGE + PREFIX_SEEN), __ATOMIC_ACQUIRE));
}

/* Kinds that one counter of a class answers. */
static const struct kind {
	const char *name;
	enum class class;
	bool floating;
	/* Handlers of the timers: who arms, and who takes. */
	uint64_t arm, disarm;
} kinds[] = {
	{"program", PROGRAM, false, 0, 0},
	{"restart", RESTART, false, 0, 0},
	{"emergency signal", EXTERNAL, false, 0, 0},
	{"external call", EXTERNAL, false, 0, 0},
	{"clock comparator", EXTERNAL, false, ARM_CLOCK, DISARM_CLOCK},
	{"CPU timer", EXTERNAL, false, ARM_TIMER, DISARM_TIMER},
	{"exigent machine check", MACHINE_CHECK, false, 0, 0},
	{"repressible machine check", MACHINE_CHECK, false, 0, 0},
	{"pfault init", EXTERNAL, false, 0, 0},
	{"service signal", EXTERNAL, true, 0, 0},
	{"virtio", EXTERNAL, true, 0, 0},
	{"pfault done", EXTERNAL, true, 0, 0},
	{"floating machine check", MACHINE_CHECK, true, 0, 0},
	{"I/O", IO, true, 0, 0},
	{"stop, set prefix", RESTART, false, 0, 0},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds), STOP_AND_PREFIX = KINDS - 1 };

static struct kvm_s390_irq one(unsigned kind, unsigned turn)
{
	switch (kind) {
	case 0:
		return irq_program_ilc(1, 0);
	case 1:
		return irq_restart();
	case 2:
		return irq_emergency((uint16_t)(turn % CPUS));
	case 3:
		return irq_external_call((uint16_t)(turn % CPUS));
	case 4:
		return irq_clock_comparator();
	case 5:
		return irq_cpu_timer();
	case 6:
		return irq_machine_check(0, MCIC_INSTRUCTION_DAMAGE);
	case 7:
		return irq_machine_check(CR14_WARNING, MCIC_WARNING);
	case 8:
		return irq_pfault_init(turn);
	case 9:
		return irq_service(0x1000);
	case 10:
		return irq_virtio(turn, turn);
	case 11:
		return irq_pfault_done(turn);
	case 12:
		return irq_machine_check(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT);
	default:
		return irq_io((uint16_t)turn, 1, turn, (turn % 8) << 27);
	}
}

struct batch {
	unsigned kind;
	unsigned long count;
	double deadline;
};

static bool inject_one(const struct kind *kind, struct kvm_s390_irq interrupt)
{
	long result = kind->floating ? inject_float(vm, interrupt) : inject(cpu, interrupt);

	injections++;
	return result == 0 || RESULT("inject", 0, result);
}

/* Stop, then set prefix while stopped; the guest stores the prefix. */
static void stop_and_prefix(const struct batch *batch)
{
	const struct kind *kind = &kinds[STOP_AND_PREFIX];
	unsigned before = stops, turn;

	for (turn = 1; more(turn, (batch->count + 1) / 2, batch->deadline); turn++) {
		uint32_t prefix = turn % 2 ? OTHER_PREFIX : 0;

		if (!inject_one(kind, irq_stop(0)) ||
		    !answered("stops", stop_counter, 0, before + turn) ||
		    !inject_one(kind, irq_prefix(prefix)))
			return;
		starts++;
		if (!answered("prefix", prefix_seen, 0, prefix))
			return;
	}
	EQUAL("stops in all", before + turn - 1, stops);
}

static void *batch(void *argument)
{
	struct batch *batch = argument;
	const struct kind *kind = &kinds[batch->kind];
	uint64_t start = counter(kind->class), armed = counter(RESTART);
	unsigned turn;

	if (batch->kind == STOP_AND_PREFIX) {
		stop_and_prefix(batch);
		return NULL;
	}
	if (kind->arm) {
		route(RESTART, kind->arm);
		route(EXTERNAL, kind->disarm);
	}
	for (turn = 1; more(turn, batch->count, batch->deadline); turn++) {
		/* A timer is only hinted at: first it is armed. */
		if (kind->arm && !inject_one(kind, irq_restart()))
			return NULL;
		if (!inject_one(kind, one(batch->kind, turn)) ||
		    (kind->arm && !answered("armed", counter, RESTART, armed + turn)) ||
		    !answered("answered", counter, kind->class, start + turn))
			return NULL;
	}
	if (kind->arm) {
		route(RESTART, COUNT_ONLY);
		route(EXTERNAL, COUNT_ONLY);
	}
	EQUAL("answers in all", start + turn - 1, counter(kind->class));
	return NULL;
}

static void rate(unsigned long before, double start)
{
	printf("     %lu injections, %.0f a second\n", injections - before,
	       (double)(injections - before) / (now() - start));
}

static void state(const char *name, bool waiting, unsigned long count)
{
	unsigned long before = injections;
	double start = now();

	group(name);
	guest(waiting);
	start_cpu();
	for (unsigned n = 0; n < KINDS; n++) {
		/* The last one makes up for what the divisions left. */
		unsigned long share = (count - (injections - before)) / (KINDS - n);
		struct batch each = {
			.kind = n,
			.count = kinds[n].arm ? (share + 1) / 2 : share,
			.deadline = waiting ? now() + 3600 : now() + SECONDS,
		};
		pthread_t thread;

		context("%s", kinds[n].name);
		if (pthread_create(&thread, NULL, batch, &each))
			die("thread");
		pthread_join(thread, NULL);
	}
	end_cpu();
	NONE_PENDING("nothing left at the CPU", cpu);
	NONE_FLOATING("nothing left floating", vm);
	rate(before, start);
}

static unsigned long each_source, turns[CPUS];
static double source_deadline;

static void *source(void *argument)
{
	unsigned number = (unsigned)(uintptr_t)argument;

	for (unsigned turn = 1; more(turn, each_source, source_deadline); turn++) {
		turns[number] = turn;
		if (!inject_one(&kinds[2], irq_emergency((uint16_t)number)) ||
		    !answered("answered", source_counter, number, turn))
			return NULL;
	}
	return NULL;
}

/* All at the same time, each with its own source and its own counter. */
static void together(const char *name, bool waiting, unsigned long count)
{
	pthread_t threads[CPUS];
	unsigned long before = injections;
	double start = now();

	group(name);
	guest(waiting);
	route(EXTERNAL, BY_SOURCE);
	each_source = count / CPUS;
	source_deadline = now() + (waiting ? 3600 : 3 * SECONDS);
	start_cpu();
	for (unsigned n = 0; n < CPUS; n++)
		if (pthread_create(&threads[n], NULL, source, (void *)(uintptr_t)n))
			die("thread");
	for (unsigned n = 0; n < CPUS; n++)
		pthread_join(threads[n], NULL);
	end_cpu();
	for (unsigned n = 0; n < CPUS; n++) {
		context("source %u", n);
		EQUAL("answers in all", turns[n], source_counter(n));
	}
	NONE_PENDING("nothing left at the CPU", cpu);
	rate(before, start);
}

int main(void)
{
	const char *number = getenv("LC_STORM");
	unsigned long count = number ? strtoul(number, NULL, 0) : 1000000;

	begin("storm", 1200);
	vm = vm_new(CPUS, 0, 1, 2, 3, 4);
	cpu = &vm->cpu[0];
	state("every kind into a spinning CPU, each from its thread", false, count / 2);
	together("five threads at once into a spinning CPU", false, count / 20);
	together("five threads at once into a waiting CPU", true, count / 20);
	state("every kind into a waiting CPU, each from its thread", true, count - injections);
	group("all of them");
	/* A turn of some kinds is two injections, so there may be one more. */
	EQUAL("injections, at most one more", 1, injections >= count && injections <= count + 1);
	vm_free(vm);
	return finish();
}
