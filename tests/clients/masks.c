/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which PSW and control-register bits let an interrupt through (C.3), and
 * timer interrupts that are only hints (B.5). */
#include "lc.h"

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;

enum inject_how { EMERGENCY, CALL, CLOCK, TIMER, SCCB, EVENT, INIT, DONE_PAGE, VIRTIO };

static const struct {
	const char *name;
	enum inject_how how;
	/* The CR0 bit, or 0 for a kind that asks only the PSW. */
	uint64_t cr0;
} external[] = {
	{"emergency signal", EMERGENCY, CR0_EMERGENCY},
	{"external call", CALL, CR0_EXTERNAL_CALL},
	{"clock comparator", CLOCK, CR0_CLOCK_COMPARATOR},
	{"CPU timer", TIMER, CR0_CPU_TIMER},
	{"service signal, SCCB part", SCCB, CR0_SERVICE},
	{"service signal, event part", EVENT, CR0_SERVICE},
	{"pfault init", INIT, 0},
	{"pfault done", DONE_PAGE, 0},
	{"virtio", VIRTIO, 0},
};

static void make_pending(enum inject_how how)
{
	switch (how) {
	case EMERGENCY:
		RESULT("inject", 0, inject(cpu, irq_emergency(0)));
		break;
	case CALL:
		RESULT("inject", 0, inject(cpu, irq_external_call(0)));
		break;
	case CLOCK:
		cpu->run->s.regs.ckc = 0;
		RESULT("inject", 0, inject(cpu, irq_clock_comparator()));
		break;
	case TIMER:
		cpu->run->s.regs.cputm = ~0ull;
		RESULT("inject", 0, inject(cpu, irq_cpu_timer()));
		break;
	case SCCB:
		RESULT("inject", 0, inject_float(vm, irq_service(0x1000)));
		break;
	case EVENT:
		RESULT("inject", 0, inject_float(vm, irq_service(1)));
		break;
	case INIT:
		RESULT("inject", 0, inject(cpu, irq_pfault_init(1)));
		break;
	case DONE_PAGE:
		RESULT("inject", 0, inject_float(vm, irq_pfault_done(1)));
		break;
	case VIRTIO:
		RESULT("inject", 0, inject_float(vm, irq_virtio(1, 1)));
		break;
	}
}

/* A CPU about to end at a DIAGNOSE at 0x10000 unless something is taken. */
static void ready(uint64_t psw, uint64_t cr0, uint64_t cr6, uint64_t cr14)
{
	vm_fresh(vm, 0);
	CODE(vm, 0x10000, DONE);
	set_psw(cpu, psw | PSW_64BIT, 0x10000);
	set_cr(cpu, 0, cr0);
	set_cr(cpu, 6, cr6);
	set_cr(cpu, 14, cr14);
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
}

static void not_taken(const char *what)
{
	expect_now(vm);
	EXITS(what, cpu, ICPT_INSTRUCTION);
	PSW_IS(what, cpu, cpu->run->psw_mask, 0x10004);
	STORAGE(what, vm);
}

static const uint64_t others = PSW_IO | PSW_EXTERNAL | PSW_MCHECK;

static void externals(void)
{
	struct kvm_s390_irq list[4];

	group("C.3 external kinds: PSW bit 7 and their CR0 bit, no other");
	for (size_t n = 0; n < sizeof(external) / sizeof(*external); n++) {
		uint64_t bit = external[n].cr0;
		bool local, timer = external[n].how == CLOCK || external[n].how == TIMER;

		context("%s, enabled", external[n].name);
		ready(PSW_EXTERNAL, bit, 0, 0);
		make_pending(external[n].how);
		TOOK("taken", cpu, EXTERNAL);
		NONE_PENDING("taken", cpu);

		context("%s, PSW bit off", external[n].name);
		ready(others & ~PSW_EXTERNAL, ~CR0_CLOCK_SIGN, ~0ull, ~0ull);
		make_pending(external[n].how);
		not_taken("not taken");
		local = external[n].how <= TIMER || external[n].how == INIT;
		/* Timers are thrown away and looked at anew: not enabled, not pending. */
		RESULT("still pending", timer ? 0 : 1,
		       local ? pending(cpu, list, 4) : floating(vm, list, 4));

		context("%s, CR0 bit off", external[n].name);
		ready(others, CR0_ALL & ~bit, 0, 0);
		make_pending(external[n].how);
		if (!bit) {
			TOOK("no CR0 bit is asked", cpu, EXTERNAL);
			continue;
		}
		not_taken("not taken");
		RESULT("still pending", timer ? 0 : 1,
		       local ? pending(cpu, list, 4) : floating(vm, list, 4));
		/* Enabled later, it comes. */
		set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
		set_cr(cpu, 0, bit);
		TOOK("taken later", cpu, EXTERNAL);
	}

	group("C.3 no CR0 bit at all: pfault and virtio alone are taken");
	for (size_t n = 0; n < sizeof(external) / sizeof(*external); n++) {
		context("%s", external[n].name);
		ready(PSW_EXTERNAL, 0, 0, 0);
		make_pending(external[n].how);
		if (external[n].cr0)
			not_taken("not taken");
		else
			TOOK("taken", cpu, EXTERNAL);
	}
}

static void io(void)
{
	group("C.3 I/O: PSW bit 6 and the CR6 bit of its ISC");
	for (uint32_t isc = 0; isc < 8; isc++) {
		uint64_t bit = 0x80000000u >> isc;
		struct kvm_s390_irq one = irq_io(1, 2, 3, isc << 27);

		context("ISC %u", isc);
		ready(PSW_IO, 0, bit, 0);
		RESULT("inject", 0, inject_float(vm, one));
		TOOK("taken", cpu, IO);
		NONE_FLOATING("taken", vm);

		ready(others, CR0_ALL, ~bit, ~0ull);
		RESULT("inject", 0, inject_float(vm, one));
		not_taken("CR6 bit off");

		ready(others & ~PSW_IO, CR0_ALL, ~0ull, ~0ull);
		RESULT("inject", 0, inject_float(vm, one));
		not_taken("PSW bit off");
		set_psw(cpu, PSW_IO | PSW_64BIT, 0x10000);
		TOOK("taken later", cpu, IO);
	}
}

static void machine_checks(void)
{
	static const struct {
		uint64_t cr14, injected;
		bool taken;
	} cases[] = {
		{CR14_WARNING, CR14_WARNING, true},
		{CR14_DEGRADATION, CR14_WARNING, false},
		{~CR14_WARNING, CR14_WARNING, false},
		{0, ~0ull, false},
		{~0ull, 0, false},
		/* The code does not choose the bit; any common bit will do. */
		{1, 1, true},
		{1ull << 63, 1ull << 63, true},
		{CR14_CHANNEL_REPORT, CR14_CHANNEL_REPORT, true},
		{CR14_EXTERNAL_DAMAGE | CR14_RECOVERY, CR14_RECOVERY | CR14_WARNING, true},
	};

	group("C.3 exigent: PSW bit 13 alone");
	ready(PSW_MCHECK, 0, 0, 0);
	RESULT("inject", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
	TOOK("taken", cpu, MACHINE_CHECK);
	ready(others & ~PSW_MCHECK, CR0_ALL, ~0ull, ~0ull);
	RESULT("inject", 0, inject(cpu, irq_machine_check(~0ull, MCIC_SYSTEM_DAMAGE)));
	not_taken("PSW bit off");
	PENDING("PSW bit off", cpu, irq_machine_check(~0ull, MCIC_SYSTEM_DAMAGE));

	group("C.3 repressible, local: CR14 AND the injected cr14");
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		struct kvm_s390_irq one = irq_machine_check(cases[n].injected, MCIC_WARNING);

		context("CR14 %#llx, cr14 %#llx", (unsigned long long)cases[n].cr14,
			(unsigned long long)cases[n].injected);
		ready(PSW_MCHECK, 0, 0, cases[n].cr14);
		RESULT("inject", 0, inject(cpu, one));
		if (cases[n].taken) {
			TOOK("taken", cpu, MACHINE_CHECK);
			NONE_PENDING("taken", cpu);
		} else {
			not_taken("not taken");
			PENDING("not taken", cpu, one);
		}
		ready(others & ~PSW_MCHECK, CR0_ALL, ~0ull, ~0ull);
		RESULT("inject", 0, inject(cpu, one));
		not_taken("PSW bit off");
	}

	group("C.3 repressible, floating: of its cr14 only channel report counts");
	for (unsigned bit = 0; bit < 64; bit++) {
		context("bit %u", bit);
		ready(PSW_MCHECK, 0, 0, 1ull << bit);
		RESULT("inject", 0, inject_float(vm, irq_machine_check(1ull << bit, 1)));
		if (1ull << bit == CR14_CHANNEL_REPORT)
			TOOK("taken", cpu, MACHINE_CHECK);
		else
			not_taken("not taken");
	}

	group("C.3 repressible: one side's cr14 enables the other's");
	ready(PSW_MCHECK, 0, 0, CR14_CHANNEL_REPORT);
	RESULT("local, cr14 0", 0, inject(cpu, irq_machine_check(0, MCIC_WARNING)));
	not_taken("local alone");
	RESULT("floating", 0,
	       inject_float(vm, irq_machine_check(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT)));
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
	TOOK("both", cpu, MACHINE_CHECK);
	EQUAL("both codes", MCIC_WARNING | MCIC_CHANNEL_REPORT, get(vm, 0xe8, 8));
	NONE_PENDING("both", cpu);
	NONE_FLOATING("both", vm);
	ready(PSW_MCHECK, 0, 0, CR14_WARNING);
	RESULT("floating", 0, inject_float(vm, irq_machine_check(0, MCIC_CHANNEL_REPORT)));
	not_taken("floating alone");
	RESULT("local", 0, inject(cpu, irq_machine_check(CR14_WARNING, MCIC_WARNING)));
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
	TOOK("both", cpu, MACHINE_CHECK);
	EQUAL("both codes", MCIC_WARNING | MCIC_CHANNEL_REPORT, get(vm, 0xe8, 8));
}

static void unmasked(void)
{
	group("C.3 program, restart and set prefix ask no mask");
	ready(0, 0, 0, 0);
	RESULT("inject", 0, inject(cpu, irq_program_ilc(1, 0)));
	TOOK("program", cpu, PROGRAM);
	ready(0, 0, 0, 0);
	RESULT("inject", 0, inject(cpu, irq_restart()));
	TOOK("restart", cpu, RESTART);
	ready(0, 0, 0, 0);
	RESULT("inject", 0, inject(cpu, irq_prefix(0x8000)));
	EXITS("set prefix", cpu, ICPT_INSTRUCTION);
	EQUAL("prefix", 0x8000, cpu->run->s.regs.prefix);
}

/* Runs with the comparator and timer given; tells whether the guest saw the
 * interrupt. */
static bool timer_taken(uint64_t cr0, uint64_t comparator, uint64_t timer)
{
	ready(PSW_EXTERNAL, cr0, 0, 0);
	cpu->run->s.regs.ckc = comparator;
	cpu->run->s.regs.cputm = timer;
	RESULT("KVM_RUN", 0, run(cpu));
	EQUAL("exit", KVM_EXIT_S390_SIEIC, cpu->run->exit_reason);
	return cpu->run->s390_sieic.icptcode == ICPT_WAIT;
}

static void conditions(void)
{
	uint64_t ckc = CR0_CLOCK_COMPARATOR, sign = CR0_CLOCK_SIGN, future = ~0ull >> 1;
	uint64_t now = guest_tod(vm);

	group("C.3 clock comparator: less than the TOD clock, unsigned or signed");
	/* The TOD clock of this century has its leftmost bit on: negative. */
	CHECK("TOD clock", now >> 63);
	CHECK("0", timer_taken(ckc, 0, future));
	CHECK("now", timer_taken(ckc, now, future));
	CHECK("in an hour", !timer_taken(ckc, now + (3600ull * 1000000 << 12), future));
	CHECK("~0", !timer_taken(ckc, ~0ull, future));
	CHECK("largest positive", timer_taken(ckc, ~0ull >> 1, future));
	CHECK("signed, 0", !timer_taken(ckc | sign, 0, future));
	CHECK("signed, now", timer_taken(ckc | sign, now, future));
	CHECK("signed, ~0", !timer_taken(ckc | sign, ~0ull, future));
	CHECK("signed, largest positive", !timer_taken(ckc | sign, ~0ull >> 1, future));
	CHECK("signed, most negative", timer_taken(ckc | sign, 1ull << 63, future));

	group("C.3 CPU timer: its leftmost bit");
	CHECK("largest", !timer_taken(CR0_CPU_TIMER, ~0ull, future));
	/* It runs down: the most negative value would be positive at once. */
	CHECK("far below 0", timer_taken(CR0_CPU_TIMER, ~0ull, 3ull << 62));
	CHECK("-1", timer_taken(CR0_CPU_TIMER, ~0ull, ~0ull));

	group("B.5 injected timer interrupts are hints: dropped when the condition does not hold");
	ready(PSW_EXTERNAL, CR0_ALL, 0, 0);
	RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
	RESULT("CPU timer", 0, inject(cpu, irq_cpu_timer()));
	PENDING("until the next run", cpu, irq_cpu_timer(), irq_clock_comparator());
	not_taken("neither is due");
	NONE_PENDING("thrown away", cpu);

	group("B.5 and not doubled when it does");
	ready(PSW_EXTERNAL, CR0_ALL, 0, 0);
	cpu->run->s.regs.ckc = 0;
	RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
	TOOK("clock comparator", cpu, EXTERNAL);
	EQUAL("code", 0x1004, get(vm, 0x86, 2));
	NONE_PENDING("once", cpu);
	cpu->run->s.regs.ckc = ~0ull;
	set_arch0(cpu);
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	not_taken("not again");
}

int main(void)
{
	begin("masks", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	externals();
	io();
	machine_checks();
	unmasked();
	conditions();
	vm_free(vm);
	return finish();
}
