/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every byte of storage that a delivery writes and does not write (C.4 to
 * C.6, C.10, C.11). Each case runs with a pattern and its complement, so that
 * no byte is written unseen, and with two prefixes. */
#define _GNU_SOURCE
#include "lc.h"

#include <sys/mman.h>

#include "code.h"

#define INTERRUPTED 0x0000000000012340ull
#define BREAKING_EVENT 0x00000000fedcba90ull

static struct vm *vm;
static struct cpu *cpu;
static uint32_t prefix;

static const uint32_t prefixes[] = {0, 0x6000};

/* Pattern in storage, new PSWs at the prefix, everything enabled. */
static void ready(int pattern)
{
	vm_fresh(vm, pattern);
	lowcore_new_psws(vm, prefix);
	set_prefix(cpu, prefix);
	set_psw(cpu, PSW_ENABLED, INTERRUPTED);
	set_cr(cpu, 0, CR0_ALL);
	set_cr(cpu, 6, 0xff000000);
	set_cr(cpu, 14, ~0ull);
	cpu->run->s.regs.gbea = BREAKING_EVENT;
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
	expect_now(vm);
}

static void field(unsigned offset, unsigned length, uint64_t value)
{
	expect(vm, prefix + offset, length, value);
}

static void taken(enum class class, uint64_t old_mask, uint64_t old_address)
{
	expect_psw(vm, prefix + OLD_PSW(class), old_mask, old_address);
	TOOK("taken", cpu, class);
	STORAGE("every byte", vm);
	NONE_PENDING("nothing left", cpu);
}

#define EVERY(pattern)                                                                   \
	for (unsigned p_ = 0; p_ < 2 && (prefix = prefixes[p_], true); p_++)             \
		for (int pattern = 0; pattern < 2; pattern++)

static void external(void)
{
	group("C.5 emergency signal");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject(cpu, irq_emergency(201)));
		field(0x86, 2, 0x1201);
		field(0x84, 2, 201);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 emergency signal: lowest source first, one a delivery");
	ready(0);
	RESULT("inject", 0, inject(cpu, irq_emergency(201)));
	RESULT("inject", 0, inject(cpu, irq_emergency(0)));
	TOOK("first", cpu, EXTERNAL);
	EQUAL("source", 0, get(vm, prefix + 0x84, 2));
	PENDING("the other", cpu, irq_emergency(201));
	set_psw(cpu, PSW_ENABLED, INTERRUPTED);
	TOOK("second", cpu, EXTERNAL);
	EQUAL("source", 201, get(vm, prefix + 0x84, 2));
	NONE_PENDING("both", cpu);

	group("C.5 external call");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject(cpu, irq_external_call(201)));
		field(0x86, 2, 0x1202);
		field(0x84, 2, 201);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 clock comparator");
	EVERY (pattern) {
		ready(pattern);
		cpu->run->s.regs.ckc = 0;
		field(0x86, 2, 0x1004);
		field(0x84, 2, 0);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 CPU timer");
	EVERY (pattern) {
		ready(pattern);
		cpu->run->s.regs.cputm = ~0ull;
		field(0x86, 2, 0x1005);
		field(0x84, 2, 0);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 service signal, SCCB part");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_service(0xfedcba98)));
		field(0x86, 2, 0x2401);
		field(0x84, 2, 0);
		field(0x80, 4, 0xfedcba98);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
		NONE_FLOATING("nothing left", vm);
	}

	group("C.5 service signal: the event part first, then the SCCB part");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_service(0xfedcba98 | 2)));
		field(0x86, 2, 0x2401);
		field(0x84, 2, 0);
		field(0x80, 4, 2);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
		FLOATING("the SCCB part", vm, irq_service(0xfedcba98));
		set_psw(cpu, PSW_ENABLED, INTERRUPTED);
		field(0x80, 4, 0xfedcba98);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.12 an event alone brings a second service signal with parameter 0");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_service(1)));
		field(0x86, 2, 0x2401);
		field(0x84, 2, 0);
		field(0x80, 4, 1);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
		set_psw(cpu, PSW_ENABLED, INTERRUPTED);
		field(0x80, 4, 0);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
		NONE_FLOATING("nothing left", vm);
	}

	group("C.5 pfault init");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject(cpu, irq_pfault_init(0x8877665544332211)));
		field(0x86, 2, 0x2603);
		field(0x84, 2, 0x0600);
		field(0x11b8, 8, 0x8877665544332211);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 pfault done");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_pfault_done(0x8877665544332211)));
		field(0x86, 2, 0x2603);
		field(0x84, 2, 0x0680);
		field(0x11b8, 8, 0x8877665544332211);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.5 virtio");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_virtio(0x12345678, 0x8877665544332211)));
		field(0x86, 2, 0x2603);
		field(0x84, 2, 0x0d00);
		field(0x80, 4, 0x12345678);
		field(0x11b8, 8, 0x8877665544332211);
		taken(EXTERNAL, PSW_ENABLED, INTERRUPTED);
	}

	group("C.11 I/O");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject_float(vm, irq_io(0x1234, 0x5678, 0x9abcdef0, 0x18003344)));
		field(0xb8, 2, 0x1234);
		field(0xba, 2, 0x5678);
		field(0xbc, 4, 0x9abcdef0);
		field(0xc0, 4, 0x18003344);
		taken(IO, PSW_ENABLED, INTERRUPTED);
		NONE_FLOATING("nothing left", vm);
	}
}

static void others(void)
{
	group("C.10 restart");
	EVERY (pattern) {
		ready(pattern);
		RESULT("inject", 0, inject(cpu, irq_restart()));
		taken(RESTART, PSW_ENABLED, INTERRUPTED);
	}

	group("C.4 the wait bit of the interrupted PSW is saved");
	EVERY (pattern) {
		ready(pattern);
		set_psw(cpu, PSW_ENABLED | PSW_WAIT | PSW_PROBLEM, INTERRUPTED);
		RESULT("inject", 0, inject(cpu, irq_restart()));
		taken(RESTART, PSW_ENABLED | PSW_WAIT | PSW_PROBLEM, INTERRUPTED);
	}

	group("C.10 set prefix: bits 13 to 30 alone, nothing written");
	static const struct {
		uint32_t given, taken;
	} values[] = {
		{0x6000, 0x6000}, {0x7fff, 0x6000}, {0x80006000, 0x6000}, {0x9fff, 0x8000},
		{0x80000000, 0}, {0x1fff, 0},
	};

	for (size_t n = 0; n < sizeof(values) / sizeof(*values); n++)
		EVERY (pattern) {
			context("address %#x", values[n].given);
			ready(pattern);
			lowcore_new_psws(vm, values[n].taken);
			set_psw(cpu, PSW_DISABLED_WAIT, INTERRUPTED);
			expect_now(vm);
			RESULT("inject", 0, inject(cpu, irq_prefix(values[n].given)));
			EXITS("taken", cpu, ICPT_WAIT);
			PSW_IS("the PSW stays", cpu, PSW_DISABLED_WAIT, INTERRUPTED);
			EQUAL("prefix in the run page", values[n].taken, cpu->run->s.regs.prefix);
			STORAGE("nothing written", vm);
			NONE_PENDING("taken", cpu);
		}

	group("C.10 a dirty prefix in the same run is applied first, then overridden");
	prefix = 0;
	ready(0);
	lowcore_new_psws(vm, 0x8000);
	RESULT("inject", 0, inject(cpu, irq_prefix(0x6000)));
	RESULT("inject", 0, inject(cpu, irq_restart()));
	set_prefix(cpu, 0x8000);
	TOOK("restart", cpu, RESTART);
	EQUAL("interrupted", INTERRUPTED, get(vm, 0x8000 + OLD_PSW(RESTART) + 8, 8));
	EQUAL("prefix", 0x6000, cpu->run->s.regs.prefix);
}

/* What else a program interruption writes, by its code (C.6). */
enum { TEID = 1, ACCESS_ID = 2, OPERAND_ID = 4, MONITOR = 8, DXC = 16, NULLIFYING = 32 };

static unsigned extras(uint16_t code)
{
	switch (code & ~0x80) {
	case 0x20: case 0x21: case 0x22: case 0x23: case 0x24: case 0x25: case 0x26: case 0x27:
	case 0x2e:
		return TEID | NULLIFYING;
	case 0x1c:
		return TEID;
	case 0x29: case 0x2a: case 0x2b: case 0x2c: case 0x2d: case 0x2f:
		return ACCESS_ID | NULLIFYING;
	case 0x10: case 0x11: case 0x38: case 0x39: case 0x3a: case 0x3b:
		return TEID | ACCESS_ID | OPERAND_ID | NULLIFYING;
	case 0x40:
		return MONITOR;
	case 0x07: case 0x1b:
		return DXC;
	case 0x04:
		return TEID | ACCESS_ID;
	case 0x16: case 0x30: case 0x31: case 0x32: case 0x33: case 0x34: case 0x119:
		return NULLIFYING;
	default:
		return 0;
	}
}

static struct kvm_s390_irq program_with(uint16_t code, uint8_t flags)
{
	struct kvm_s390_irq value = irq_program(code);

	value.u.pgm.trans_exc_code = 0x1112131415161718;
	value.u.pgm.mon_code = 0x2122232425262728;
	value.u.pgm.per_address = 0x3132333435363738;
	value.u.pgm.data_exc_code = 0x41424344;
	value.u.pgm.mon_class_nr = 0x5152;
	value.u.pgm.per_code = 0x61;
	value.u.pgm.per_atmid = 0x62;
	value.u.pgm.exc_access_id = 0x63;
	value.u.pgm.per_access_id = 0x64;
	value.u.pgm.op_access_id = 0x65;
	value.u.pgm.flags = flags;
	return value;
}

static void expect_program(uint16_t code, uint8_t length)
{
	unsigned more = extras(code);

	field(0x8c, 2, length);
	field(0x8e, 2, code);
	field(0x110, 8, BREAKING_EVENT);
	if (more & TEID)
		field(0xa8, 8, 0x1112131415161718);
	if (more & ACCESS_ID)
		field(0xa0, 1, 0x63);
	if (more & OPERAND_ID)
		field(0xa2, 1, 0x65);
	if (more & MONITOR) {
		field(0x94, 2, 0x5152);
		field(0xb0, 8, 0x2122232425262728);
	}
	if (more & DXC)
		field(0x90, 4, 0x41424344);
	if (code & 0x80) {
		field(0x96, 1, 0x61);
		field(0x97, 1, 0x62);
		field(0x98, 8, 0x3132333435363738);
		field(0xa1, 1, 0x64);
	}
}

enum { ILC_VALID = 1, NO_REWIND = 8 };

static void one_program(int pattern, uint16_t code)
{
	context("code %#x", code);
	ready(pattern);
	/* Length 4: nullifying codes go back by it. */
	RESULT("inject", 0, inject(cpu, program_with(code, ILC_VALID | 4)));
	expect_program(code, 4);
	taken(PROGRAM, PSW_ENABLED, extras(code) & NULLIFYING ? INTERRUPTED - 4 : INTERRUPTED);
}

static void program(void)
{
	static const uint16_t more[] = {0x119, 0x199, 0x100, 0x110, 0x1234, 0x7f7f, 0xffff, 0x8010};

	group("C.6 program codes 0 to 0xff, with and without PER, every byte");
	for (uint16_t code = 0; code < 0x100; code++) {
		prefix = prefixes[code & 1];
		one_program(0, code);
		one_program(1, code);
	}
	group("C.6 program codes above 0xff");
	for (size_t n = 0; n < sizeof(more) / sizeof(*more); n++)
		EVERY (pattern)
			one_program(pattern, more[n]);

	group("C.6 the instruction length in each code's rewind, and NO_REWIND");
	static const struct {
		uint64_t mask, address, length, back;
	} cases[] = {
		{PSW_64BIT, 0x1000, 0, 0x1000},
		{PSW_64BIT, 0x1000, 2, 0xffe},
		{PSW_64BIT, 0x1000, 4, 0xffc},
		{PSW_64BIT, 0x1000, 6, 0xffa},
		{PSW_64BIT, 2, 4, 0xfffffffffffffffe},
		{PSW_64BIT, 0x100000000, 2, 0xfffffffe},
		{PSW_31BIT, 0x1000, 6, 0xffa},
		{PSW_31BIT, 0, 2, 0x7ffffffe},
		{PSW_31BIT, 4, 6, 0x7ffffffe},
		{PSW_24BIT, 0x1000, 4, 0xffc},
		{PSW_24BIT, 0, 4, 0xfffffc},
		{PSW_24BIT, 2, 6, 0xfffffc},
	};

	prefix = 0;
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		uint8_t flags = (uint8_t)(ILC_VALID | cases[n].length);

		context("mask %#llx, address %#llx, length %llu", (unsigned long long)cases[n].mask,
			(unsigned long long)cases[n].address, (unsigned long long)cases[n].length);
		ready(0);
		set_psw(cpu, cases[n].mask, cases[n].address);
		RESULT("nullifying", 0, inject(cpu, program_with(0x11, flags)));
		expect_program(0x11, (uint8_t)cases[n].length);
		taken(PROGRAM, cases[n].mask, cases[n].back);

		ready(0);
		set_psw(cpu, cases[n].mask, cases[n].address);
		RESULT("no rewind", 0, inject(cpu, program_with(0x11, flags | NO_REWIND)));
		expect_program(0x11, (uint8_t)cases[n].length);
		taken(PROGRAM, cases[n].mask, cases[n].address);

		ready(0);
		set_psw(cpu, cases[n].mask, cases[n].address);
		RESULT("suppressing", 0, inject(cpu, program_with(0x06, flags)));
		expect_program(0x06, (uint8_t)cases[n].length);
		taken(PROGRAM, cases[n].mask, cases[n].address);
	}

	group("C.6 after an intercepted instruction: back to it, or past it");
	for (int nullify = 0; nullify < 2; nullify++) {
		ready(0);
		CODE(vm, 0x10000, DONE);
		set_psw(cpu, PSW_64BIT, 0x10000);
		EXITS("DIAGNOSE", cpu, ICPT_INSTRUCTION);
		expect_now(vm);
		RESULT("inject", 0, inject(cpu, program_with(nullify ? 0x11 : 0x15, 0)));
		expect_program(nullify ? 0x11 : 0x15, 4);
		taken(PROGRAM, PSW_64BIT, nullify ? 0x10000 : 0x10004);
	}
}

static void new_psw(void)
{
	group("C.4 the new PSW is loaded as it is; an invalid one is found by the CPU");
	prefix = 0;
	ready(0);
	/* Its early specification exception has a valid new PSW to go to. */
	lowcore_new_psw(vm, 0, RESTART, PSW_64BIT | 0x8000000000000000ull, 0x30000);
	expect_now(vm);
	RESULT("inject", 0, inject(cpu, irq_restart()));
	TOOK("specification", cpu, PROGRAM);
	EQUAL("code", 6, get(vm, 0x8e, 2));
	EQUAL("restart old", INTERRUPTED, get(vm, OLD_PSW(RESTART) + 8, 8));
	EQUAL("program old mask", PSW_64BIT | 0x8000000000000000ull,
	      get(vm, OLD_PSW(PROGRAM), 8));
	EQUAL("program old address", 0x30000, get(vm, OLD_PSW(PROGRAM) + 8, 8));
}

static void unreachable(void)
{
	static const struct {
		const char *name;
		int how;
	} kinds[] = {{"restart", 0}, {"program", 1}, {"emergency", 2}, {"exigent", 3},
		     {"service", 4}, {"I/O", 5}};

	group("C.4 a low core that cannot be reached: EFAULT, and the interrupt is lost");
	for (size_t n = 0; n < sizeof(kinds) / sizeof(*kinds); n++) {
		context("%s", kinds[n].name);
		prefix = 0;
		ready(0);
		/* Storage ends below it. */
		set_prefix(cpu, 0x40000000);
		CODE(vm, 0x10000, DONE);
		expect_now(vm);
		switch (kinds[n].how) {
		case 0:
			RESULT("inject", 0, inject(cpu, irq_restart()));
			break;
		case 1:
			RESULT("inject", 0, inject(cpu, irq_program(1)));
			break;
		case 2:
			RESULT("inject", 0, inject(cpu, irq_emergency(0)));
			break;
		case 3:
			RESULT("inject", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
			break;
		case 4:
			RESULT("inject", 0, inject_float(vm, irq_service(0x1000)));
			break;
		default:
			RESULT("inject", 0, inject_float(vm, irq_io(1, 2, 3, 0)));
		}
		RESULT("KVM_RUN", -EFAULT, run(cpu));
		NONE_PENDING("lost", cpu);
		NONE_FLOATING("lost", vm);
		STORAGE("nothing written", vm);
	}

	group("C.4 a failed delivery ends the pass: what is below stays pending");
	ready(0);
	set_prefix(cpu, 0x40000000);
	RESULT("inject", 0, inject(cpu, irq_program(1)));
	RESULT("inject", 0, inject(cpu, irq_restart()));
	RESULT("KVM_RUN", -EFAULT, run(cpu));
	PENDING("restart", cpu, irq_restart());
	RESULT("KVM_RUN", -EFAULT, run(cpu));
	NONE_PENDING("both", cpu);

	group("C.4 half of the low core gone: EFAULT, lost, no crash");
	ready(0);
	RESULT("inject", 0, inject(cpu, irq_pfault_init(5)));
	mprotect(vm->storage + 0x1000, 0x1000, PROT_NONE);
	RESULT("KVM_RUN", -EFAULT, run(cpu));
	NONE_PENDING("lost", cpu);
	mprotect(vm->storage + 0x1000, 0x1000, PROT_READ | PROT_WRITE);
}

int main(void)
{
	begin("lowcore", 240);
	vm = vm_new(2, 0, 201);
	cpu = &vm->cpu[0];
	external();
	others();
	program();
	new_psw();
	unreachable();
	vm_free(vm);
	return finish();
}
