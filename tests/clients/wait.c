/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Wait state (F.3): what ends it, what does not, disabled waits, timers. */
#define _GNU_SOURCE
#include "lc.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;
static struct runner runner;

/* Long enough for a thread to fall asleep; nothing is judged by it. */
static void pause_a_little(void)
{
	usleep(5000);
}

static void ready(void)
{
	vm_fresh(vm, 0);
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
	set_cr(cpu, 0, CR0_ALL);
	set_cr(cpu, 6, 0xff000000);
	set_cr(cpu, 14, ~0ull);
}

/* A CPU that waits on a thread of its own. The guest itself loads the wait
 * PSW, after telling so in storage. */
static void waiting(uint64_t mask)
{
	put(vm, 0x30000, 8, 0);
	put_psw(vm, 0x300, mask | PSW_WAIT | PSW_64BIT, 0x11000);
	CODE(vm, 0x11000, DONE);
	CODE(vm, 0x10000, LGHI(1, 3), SLLG(1, 1, 16), LGHI(2, 1), STG(2, 1, 0), LPSWE(0, 0x300));
	set_psw(cpu, PSW_64BIT, 0x10000);
	runner_start(&runner, cpu);
	CHECK("the guest runs", guest_reaches(vm, 0x30000, 8, 1));
	pause_a_little();
}

/* The wait ended by an interruption of this class, whose old PSW is the wait. */
static void woken(enum class class, uint64_t mask)
{
	check_exit(__FILE__, __LINE__, "woken", cpu, runner_join(&runner), ICPT_WAIT);
	PSW_IS("in the handler", cpu, PSW_DISABLED_WAIT, HANDLER(class));
	EQUAL("old PSW mask", mask | PSW_WAIT | PSW_64BIT, get(vm, OLD_PSW(class), 8));
	EQUAL("old PSW address", 0x11000, get(vm, OLD_PSW(class) + 8, 8));
	NONE_PENDING("taken", cpu);
}

static void wakes(void)
{
	const uint64_t all = PSW_IO | PSW_EXTERNAL | PSW_MCHECK;
	const struct {
		const char *name;
		struct kvm_s390_irq one;
		uint64_t mask;
		enum class class;
		bool floating;
	} cases[] = {
		{"emergency signal", irq_emergency(0), PSW_EXTERNAL, EXTERNAL, false},
		{"external call", irq_external_call(0), PSW_EXTERNAL, EXTERNAL, false},
		{"pfault init", irq_pfault_init(1), PSW_EXTERNAL, EXTERNAL, false},
		{"program", irq_program(1), PSW_EXTERNAL, PROGRAM, false},
		{"restart", irq_restart(), PSW_MCHECK, RESTART, false},
		{"exigent", irq_machine_check(0, MCIC_SYSTEM_DAMAGE), PSW_MCHECK, MACHINE_CHECK, false},
		{"repressible", irq_machine_check(1, MCIC_WARNING), PSW_MCHECK, MACHINE_CHECK, false},
		{"service", irq_service(0x1000), PSW_EXTERNAL, EXTERNAL, true},
		{"pfault done", irq_pfault_done(1), PSW_EXTERNAL, EXTERNAL, true},
		{"virtio", irq_virtio(1, 2), PSW_EXTERNAL, EXTERNAL, true},
		{"floating machine check", irq_machine_check(~0ull, 1), PSW_MCHECK, MACHINE_CHECK, true},
		{"I/O", irq_io(1, 2, 3, 0x18000000), PSW_IO, IO, true},
	};

	group("F.3 every kind ends an enabled wait");
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++)
		for (int only = 0; only < 2; only++) {
			uint64_t mask = only ? cases[n].mask : all;

			context("%s%s", cases[n].name, only ? ", only its own PSW bit" : "");
			ready();
			waiting(mask);
			CHECK("still waiting", !runner.done);
			RESULT("inject", 0,
			       cases[n].floating ? inject_float(vm, cases[n].one)
						 : inject(cpu, cases[n].one));
			woken(cases[n].class, mask);
		}

	group("F.3 what was pending before prevents the sleep");
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		context("%s", cases[n].name);
		ready();
		RESULT("inject", 0,
		       cases[n].floating ? inject_float(vm, cases[n].one)
					 : inject(cpu, cases[n].one));
		set_psw(cpu, cases[n].mask | PSW_WAIT | PSW_64BIT, 0x11000);
		TOOK("taken", cpu, cases[n].class);
	}

	group("F.3 a stop ends it with its exit");
	ready();
	waiting(PSW_EXTERNAL);
	RESULT("inject", 0, inject(cpu, irq_stop(0)));
	check_exit(__FILE__, __LINE__, "stop", cpu, runner_join(&runner), ICPT_STOP);
	PSW_IS("still the wait PSW", cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));

	group("F.3 a signal ends it with EINTR, and the next KVM_RUN waits on");
	ready();
	waiting(PSW_EXTERNAL);
	runner_kick(&runner);
	RESULT("KVM_RUN", -EINTR, runner_join(&runner));
	EQUAL("exit_reason", KVM_EXIT_INTR, cpu->run->exit_reason);
	PSW_IS("still the wait PSW", cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	runner_start(&runner, cpu);
	pause_a_little();
	CHECK("still waiting", !runner.done);
	RESULT("inject", 0, inject(cpu, irq_emergency(0)));
	woken(EXTERNAL, PSW_EXTERNAL);
}

static void no_wakes(void)
{
	group("F.3 what is not deliverable does not end it");
	ready();
	set_cr(cpu, 0, CR0_EMERGENCY);
	set_cr(cpu, 6, 0);
	set_cr(cpu, 14, 1);
	expect_now(vm);
	waiting(PSW_EXTERNAL);
	expect_now(vm);
	RESULT("external call, CR0 bit off", 0, inject(cpu, irq_external_call(0)));
	RESULT("machine check, PSW bit off", 0,
	       inject(cpu, irq_machine_check(1, MCIC_SYSTEM_DAMAGE)));
	RESULT("clock comparator not reached", 0, inject(cpu, irq_clock_comparator()));
	RESULT("CPU timer not negative", 0, inject(cpu, irq_cpu_timer()));
	RESULT("service, CR0 bit off", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("I/O, PSW bit off", 0, inject_float(vm, irq_io(1, 2, 3, 0)));
	pause_a_little();
	CHECK("still waiting", !runner.done);
	STORAGE("nothing delivered", vm);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	check_exit(__FILE__, __LINE__, "woken", cpu, runner_join(&runner), ICPT_WAIT);
	PSW_IS("in the handler", cpu, PSW_DISABLED_WAIT, HANDLER(RESTART));
	EQUAL("old PSW", 0x11000, get(vm, OLD_PSW(RESTART) + 8, 8));
	PENDING("the others, without the timers", cpu, irq_external_call(0),
		irq_machine_check(1, MCIC_SYSTEM_DAMAGE));
	FLOATING("the others", vm, irq_io(1, 2, 3, 0), irq_service(0x1000));

	group("F.3 a disabled wait: exit 0x1c");
	static const uint64_t bits[] = {PSW_IO, PSW_EXTERNAL, PSW_MCHECK};

	ready();
	RESULT("masked", 0, inject(cpu, irq_emergency(0)));
	set_psw(cpu, PSW_DISABLED_WAIT, 0x12345);
	EXITS("disabled", cpu, ICPT_WAIT);
	PSW_IS("unchanged; an odd address is no matter in a wait", cpu, PSW_DISABLED_WAIT, 0x12345);
	EQUAL("operating", KVM_MP_STATE_OPERATING, mp_state(cpu));
	PENDING("kept", cpu, irq_emergency(0));
	EXITS("again", cpu, ICPT_WAIT);

	group("F.3 any one of the three PSW bits makes it an enabled wait");
	for (size_t n = 0; n < 3; n++) {
		ready();
		set_psw(cpu, bits[n] | PSW_WAIT | PSW_64BIT, 0x11000);
		runner_start(&runner, cpu);
		pause_a_little();
		CHECK("waiting", !runner.done);
		RESULT("restart", 0, inject(cpu, irq_restart()));
		woken(RESTART, bits[n]);
	}

	group("B.1 a refused injection wakes nobody");
	ready();
	waiting(PSW_EXTERNAL);
	RESULT("unknown source", -EINVAL, inject(cpu, irq_emergency(7)));
	RESULT("set prefix", -EBUSY, inject(cpu, irq_prefix(0x2000)));
	RESULT("unknown type", -EINVAL, inject(cpu, irq(~0ull)));
	pause_a_little();
	CHECK("still waiting", !runner.done);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	woken(RESTART, PSW_EXTERNAL);
}

/* TOD units: one microsecond is 4096. */
enum { MILLISECOND = 4096000 };

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void timers(void)
{
	uint64_t start, first;

	group("F.3 the clock comparator ends a wait when it is reached, not before");
	ready();
	set_cr(cpu, 0, CR0_CLOCK_COMPARATOR);
	first = guest_tod(vm) + 30 * MILLISECOND;
	cpu->run->s.regs.ckc = first;
	set_psw(cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	TOOK("comparator", cpu, EXTERNAL);
	EQUAL("code", 0x1004, get(vm, 0x86, 2));
	CHECK("not before", guest_tod(vm) > first);

	group("F.3 the CPU timer ends a wait when it goes negative, not before");
	ready();
	set_cr(cpu, 0, CR0_CPU_TIMER);
	cpu->run->s.regs.cputm = 30 * MILLISECOND;
	set_psw(cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	start = milliseconds();
	TOOK("timer", cpu, EXTERNAL);
	EQUAL("code", 0x1005, get(vm, 0x86, 2));
	CHECK("not before", milliseconds() - start >= 29);
	CHECK("negative", cpu->run->s.regs.cputm >> 63);

	group("F.3 the earlier of the two, when both are enabled");
	for (int which = 0; which < 2; which++) {
		ready();
		cpu->run->s.regs.ckc = guest_tod(vm) + (which ? 10 : 3600000ull) * MILLISECOND;
		cpu->run->s.regs.cputm = (which ? 3600000ull : 10) * MILLISECOND;
		set_psw(cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
		TOOK("timer", cpu, EXTERNAL);
		EQUAL("code", which ? 0x1004 : 0x1005, get(vm, 0x86, 2));
	}

	group("F.3 a timer that is disabled never ends a wait");
	ready();
	set_cr(cpu, 0, CR0_EMERGENCY);
	cpu->run->s.regs.ckc = 0;
	cpu->run->s.regs.cputm = ~0ull;
	waiting(PSW_EXTERNAL);
	CHECK("CR0 bits off", !runner.done);
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	woken(EXTERNAL, PSW_EXTERNAL);
	ready();
	cpu->run->s.regs.ckc = 0;
	cpu->run->s.regs.cputm = ~0ull;
	waiting(PSW_IO);
	CHECK("PSW bit off", !runner.done);
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 2, 3, 0)));
	woken(IO, PSW_IO);

	group("F.3 the guest sets its comparator itself, then waits");
	ready();
	set_cr(cpu, 0, CR0_CLOCK_COMPARATOR);
	put(vm, 0x310, 8, guest_tod(vm) + 10 * MILLISECOND);
	put_psw(vm, 0x300, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	CODE(vm, 0x10000, SCKC(0, 0x310), LPSWE(0, 0x300));
	set_psw(cpu, PSW_64BIT, 0x10000);
	TOOK("comparator", cpu, EXTERNAL);
	EQUAL("code", 0x1004, get(vm, 0x86, 2));

	group("A.10 the TOD clock set ahead makes the comparator due");
	uint64_t ahead;
	struct kvm_device_attr attribute = {
		.group = KVM_S390_VM_TOD, .attr = KVM_S390_VM_TOD_LOW, .addr = (uintptr_t)&ahead,
	};

	ready();
	set_cr(cpu, 0, CR0_CLOCK_COMPARATOR);
	cpu->run->s.regs.ckc = guest_tod(vm) + 3600000ull * MILLISECOND;
	ahead = guest_tod(vm) + 7200000ull * MILLISECOND;
	RESULT("set TOD", 0, kvm(vm->fd, KVM_SET_DEVICE_ATTR, &attribute));
	CHECK("it goes on from there",
	      guest_tod(vm) >= ahead && guest_tod(vm) < ahead + 600000ull * MILLISECOND);
	set_psw(cpu, PSW_EXTERNAL | PSW_WAIT | PSW_64BIT, 0x11000);
	TOOK("comparator", cpu, EXTERNAL);
	EQUAL("code", 0x1004, get(vm, 0x86, 2));
}

static void floating_target(void)
{
	group("C.12 a floating interrupt finds an idle CPU that has it enabled");
	struct vm *pair = vm_new(2, 0, 1);
	struct runner second;

	vm_fresh(pair, 0);
	for (unsigned n = 0; n < 2; n++) {
		struct cpu *each = &pair->cpu[n];

		/* Each has its own low core. */
		set_prefix(each, 0x4000 * n);
		lowcore_new_psws(pair, 0x4000 * n);
		set_cr(each, 6, n ? 0x80000000 : 0);
		set_psw(each, PSW_IO | PSW_WAIT | PSW_64BIT, 0x11000);
	}
	runner_start(&second, &pair->cpu[1]);
	RESULT("I/O", 0, inject_float(pair, irq_io(1, 2, 3, 0)));
	check_exit(__FILE__, __LINE__, "taken", &pair->cpu[1], runner_join(&second), ICPT_WAIT);
	EQUAL("by the one that runs", 1, get(pair, 0x40b8, 2));
	vm_free(pair);
}

int main(void)
{
	begin("wait", 240);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	wakes();
	no_wakes();
	timers();
	floating_target();
	vm_free(vm);
	return finish();
}
