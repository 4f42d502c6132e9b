/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The order of delivery (C.2). */
#include "lc.h"

/* Everything that a PSW can disable, highest priority first, as the guest
 * sees it: class, then interruption code and subcode, or the I/O subchannel. */
static const struct kind {
	const char *name;
	enum class class;
	uint16_t code, subcode;
	uint32_t parameter;
	bool has_parameter;
} kinds[] = {
	{"exigent machine check", MACHINE_CHECK, 0, 0, 0, false},
	{"emergency signal from 0", EXTERNAL, 0x1201, 0, 0, false},
	{"emergency signal from 1", EXTERNAL, 0x1201, 1, 0, false},
	{"external call", EXTERNAL, 0x1202, 1, 0, false},
	{"clock comparator", EXTERNAL, 0x1004, 0, 0, false},
	{"CPU timer", EXTERNAL, 0x1005, 0, 0, false},
	{"service signal, event part", EXTERNAL, 0x2401, 0, 0x3, true},
	{"service signal, SCCB part", EXTERNAL, 0x2401, 0, 0x12345678, true},
	{"pfault init", EXTERNAL, 0x2603, 0x0600, 0, false},
	{"pfault done", EXTERNAL, 0x2603, 0x0680, 0, false},
	{"virtio", EXTERNAL, 0x2603, 0x0d00, 0xd00, true},
	{"I/O of ISC 0", IO, 0x100, 0, 0, false},
	{"I/O of ISC 1", IO, 0x101, 0, 0, false},
	{"I/O of ISC 2", IO, 0x102, 0, 0, false},
	{"I/O of ISC 3", IO, 0x103, 0, 0, false},
	{"I/O of ISC 4", IO, 0x104, 0, 0, false},
	{"I/O of ISC 5", IO, 0x105, 0, 0, false},
	{"I/O of ISC 6", IO, 0x106, 0, 0, false},
	{"I/O of ISC 7", IO, 0x107, 0, 0, false},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds), CLOCK = 4, TIMER = 5, EVENT = 6, SCCB = 7,
       IO_0 = 11 };

static void make_pending(struct cpu *cpu, unsigned kind)
{
	struct vm *vm = cpu->vm;

	switch (kind) {
	case 0:
		RESULT("exigent", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
		break;
	case 1:
	case 2:
		RESULT("emergency", 0, inject(cpu, irq_emergency((uint16_t)(kind - 1))));
		break;
	case 3:
		RESULT("external call", 0, inject(cpu, irq_external_call(1)));
		break;
	case CLOCK:
		cpu->run->s.regs.ckc = 0;
		break;
	case TIMER:
		cpu->run->s.regs.cputm = ~0ull;
		break;
	case EVENT:
		/* Event bits alone would bring an SCCB part with parameter 0. */
		break;
	case SCCB:
		RESULT("service", 0, inject_float(vm, irq_service(0x12345678)));
		break;
	case 8:
		RESULT("pfault init", 0, inject(cpu, irq_pfault_init(1)));
		break;
	case 9:
		RESULT("pfault done", 0, inject_float(vm, irq_pfault_done(2)));
		break;
	case 10:
		RESULT("virtio", 0, inject_float(vm, irq_virtio(0xd00, 3)));
		break;
	default:
		RESULT("I/O", 0, inject_float(vm, irq_io(1, (uint16_t)(0x100 + kind - IO_0), 0,
							 (kind - IO_0) << 27)));
	}
}

static void ready(struct cpu *cpu)
{
	vm_fresh(cpu->vm, 0);
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
	set_cr(cpu, 0, CR0_ALL);
	set_cr(cpu, 6, 0xff000000);
	set_cr(cpu, 14, ~0ull);
}

/* Runs with everything enabled, and names what came. */
static unsigned take(struct cpu *cpu)
{
	struct vm *vm = cpu->vm;

	put(vm, 0x80, 8, 0);
	put(vm, 0xb8, 8, 0);
	set_psw(cpu, PSW_ENABLED, 0x10000);
	EXITS("taken", cpu, ICPT_WAIT);
	for (unsigned n = 0; n < KINDS; n++) {
		if (cpu->run->psw_addr != HANDLER(kinds[n].class))
			continue;
		if (kinds[n].class == IO && get(vm, 0xba, 2) != kinds[n].code)
			continue;
		if (kinds[n].class == EXTERNAL &&
		    (get(vm, 0x86, 2) != kinds[n].code || get(vm, 0x84, 2) != kinds[n].subcode ||
		     (kinds[n].has_parameter && get(vm, 0x80, 4) != kinds[n].parameter)))
			continue;
		return n;
	}
	return KINDS;
}

/* What would keep a timer pending. */
static void quiet(struct cpu *cpu, unsigned kind)
{
	if (kind == CLOCK)
		cpu->run->s.regs.ckc = ~0ull;
	if (kind == TIMER)
		cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
}

static void sequence(void)
{
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];

	group("C.2 all kinds at once, one delivery a run, highest first");
	ready(cpu);
	for (unsigned n = KINDS; n-- > 0;)
		make_pending(cpu, n);
	/* The event part beside the SCCB part that is already pending. */
	RESULT("service event", 0, inject_float(vm, irq_service(3)));
	for (unsigned n = 0; n < KINDS; n++) {
		unsigned seen;

		context("%s", kinds[n].name);
		seen = take(cpu);
		EQUAL("kind", n, seen);
		quiet(cpu, seen);
	}
	NONE_PENDING("nothing left at the CPU", cpu);
	NONE_FLOATING("nothing left floating", vm);

	group("C.2 each pair, the lower one injected first");
	for (unsigned high = 0; high < KINDS; high++)
		for (unsigned low = high + 1; low < KINDS; low++) {
			unsigned seen;

			if (high == EVENT || low == EVENT)
				continue;
			context("%s before %s", kinds[high].name, kinds[low].name);
			ready(cpu);
			make_pending(cpu, low);
			make_pending(cpu, high);
			seen = take(cpu);
			EQUAL("first", high, seen);
			quiet(cpu, seen);
			seen = take(cpu);
			EQUAL("second", low, seen);
		}
	vm_free(vm);
}

static void one_pass(void)
{
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];

	group("C.2 program and restart in one pass: the guest resumes in the restart handler");
	vm_fresh(vm, 0);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("program", 0, inject(cpu, irq_program_ilc(1, 4)));
	set_psw(cpu, PSW_64BIT, 0x10000);
	expect_now(vm);
	TOOK("restart last", cpu, RESTART);
	expect(vm, 0x8c, 2, 4);
	expect(vm, 0x8e, 2, 1);
	expect(vm, 0x110, 8, 1);
	expect_psw(vm, OLD_PSW(PROGRAM), PSW_64BIT, 0x10000);
	expect_psw(vm, OLD_PSW(RESTART), PSW_DISABLED_WAIT, HANDLER(PROGRAM));
	STORAGE("both", vm);
	NONE_PENDING("both", cpu);

	group("C.2 exigent, program, repressible: each nests in the one before");
	vm_fresh(vm, 0);
	RESULT("exigent", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
	RESULT("program", 0, inject(cpu, irq_program_ilc(1, 4)));
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
	TOOK("program last", cpu, PROGRAM);
	EQUAL("machine-check old", 0x10000, get(vm, OLD_PSW(MACHINE_CHECK) + 8, 8));
	EQUAL("program old", HANDLER(MACHINE_CHECK), get(vm, OLD_PSW(PROGRAM) + 8, 8));
	for (int enabled = 0; enabled < 2; enabled++) {
		context("program new PSW %s machine checks", enabled ? "enables" : "disables");
		vm_fresh(vm, 0);
		RESULT("repressible", 0,
		       inject(cpu, irq_machine_check(CR14_WARNING, MCIC_WARNING)));
		RESULT("program", 0, inject(cpu, irq_program_ilc(1, 4)));
		if (enabled)
			lowcore_new_psw(vm, 0, PROGRAM, PSW_DISABLED_WAIT | PSW_MCHECK,
					HANDLER(PROGRAM));
		set_cr(cpu, 14, CR14_WARNING);
		set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
		if (enabled) {
			TOOK("machine check last", cpu, MACHINE_CHECK);
			EQUAL("machine-check old", HANDLER(PROGRAM),
			      get(vm, OLD_PSW(MACHINE_CHECK) + 8, 8));
			NONE_PENDING("both taken", cpu);
		} else {
			TOOK("program alone", cpu, PROGRAM);
			PENDING("the machine check", cpu,
				irq_machine_check(CR14_WARNING, MCIC_WARNING));
		}
		EQUAL("program old", 0x10000, get(vm, OLD_PSW(PROGRAM) + 8, 8));
	}

	group("C.2 repressible before emergency before I/O before restart");
	vm_fresh(vm, 0);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 2, 3, 0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	RESULT("repressible", 0, inject(cpu, irq_machine_check(CR14_WARNING, MCIC_WARNING)));
	lowcore_new_psw(vm, 0, MACHINE_CHECK, PSW_ENABLED, HANDLER(MACHINE_CHECK));
	lowcore_new_psw(vm, 0, EXTERNAL, PSW_ENABLED, HANDLER(EXTERNAL));
	lowcore_new_psw(vm, 0, IO, PSW_ENABLED, HANDLER(IO));
	set_cr(cpu, 0, CR0_EMERGENCY);
	set_cr(cpu, 6, 0xff000000);
	set_cr(cpu, 14, CR14_WARNING);
	set_psw(cpu, PSW_ENABLED, 0x10000);
	TOOK("restart last", cpu, RESTART);
	EQUAL("machine-check old", 0x10000, get(vm, OLD_PSW(MACHINE_CHECK) + 8, 8));
	EQUAL("external old", HANDLER(MACHINE_CHECK), get(vm, OLD_PSW(EXTERNAL) + 8, 8));
	EQUAL("I/O old", HANDLER(EXTERNAL), get(vm, OLD_PSW(IO) + 8, 8));
	EQUAL("restart old", HANDLER(IO), get(vm, OLD_PSW(RESTART) + 8, 8));

	group("C.2 a class that its new PSW leaves enabled nests, old PSW overwritten");
	vm_fresh(vm, 0);
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	lowcore_new_psw(vm, 0, EXTERNAL, PSW_EXTERNAL | PSW_DISABLED_WAIT, HANDLER(EXTERNAL));
	set_cr(cpu, 0, CR0_EMERGENCY);
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	/* Ends in an enabled wait: a program interrupt brings it out. */
	RESULT("program", 0, inject(cpu, irq_program_ilc(1, 2)));
	lowcore_new_psw(vm, 0, PROGRAM, PSW_EXTERNAL | PSW_64BIT, HANDLER(PROGRAM));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	TOOK("restart last", cpu, RESTART);
	EQUAL("the last source", 1, get(vm, 0x84, 2));
	EQUAL("external old", HANDLER(EXTERNAL), get(vm, OLD_PSW(EXTERNAL) + 8, 8));
	EQUAL("restart old", HANDLER(EXTERNAL), get(vm, OLD_PSW(RESTART) + 8, 8));
	NONE_PENDING("all", cpu);

	group("C.2 set prefix is last: the rest of the pass uses the old prefix area");
	for (int pattern = 0; pattern < 2; pattern++) {
		context("pattern %d", pattern);
		vm_fresh(vm, pattern);
		lowcore_new_psws(vm, 0x6000);
		RESULT("set prefix", 0, inject(cpu, irq_prefix(0x6000)));
		RESULT("restart", 0, inject(cpu, irq_restart()));
		RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
		set_cr(cpu, 0, CR0_EMERGENCY);
		set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
		expect_now(vm);
		TOOK("restart", cpu, RESTART);
		EQUAL("prefix in the run page", 0x6000, cpu->run->s.regs.prefix);
		expect(vm, 0x86, 2, 0x1201);
		expect(vm, 0x84, 2, 1);
		expect_psw(vm, OLD_PSW(EXTERNAL), PSW_EXTERNAL | PSW_64BIT, 0x10000);
		expect_psw(vm, OLD_PSW(RESTART), PSW_DISABLED_WAIT, HANDLER(EXTERNAL));
		STORAGE("only the old prefix area", vm);
		/* And the next one uses the new one. */
		RESULT("restart", 0, inject(cpu, irq_restart()));
		set_psw(cpu, PSW_64BIT, 0x10002);
		TOOK("restart", cpu, RESTART);
		expect_psw(vm, 0x6000 + OLD_PSW(RESTART), PSW_64BIT, 0x10002);
		STORAGE("the new prefix area", vm);
	}
	vm_free(vm);
}

int main(void)
{
	begin("priority", 120);
	sequence();
	one_pass();
	return finish();
}
