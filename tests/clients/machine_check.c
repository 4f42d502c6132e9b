/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Delivery of machine checks (C.7): every byte, from which side, validity bits. */
#include "lc.h"

#define INTERRUPTED 0x0000000000012340ull

static struct vm *vm;
static struct cpu *cpu;
static uint32_t prefix;

/* Registers with a value of their own each; MCESAD as given. */
static void ready(int pattern, uint64_t mcesad)
{
	vm_fresh(vm, pattern);
	lowcore_new_psws(vm, prefix);
	put(vm, prefix + 0x11b0, 8, mcesad);
	fill_registers(cpu, prefix);
	set_cr(cpu, 14, ~0ull);
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, INTERRUPTED);
	expect_now(vm);
}

static struct kvm_s390_irq damaged(uint64_t cr14, uint64_t mcic)
{
	struct kvm_s390_irq value = irq_machine_check(cr14, mcic);

	value.u.mchk.failing_storage_address = 0xf1f2f3f4f5f6f7f8;
	value.u.mchk.ext_damage_code = 0xe1e2e3e4;
	for (unsigned n = 0; n < 16; n++)
		value.u.mchk.fixed_logout[n] = (uint8_t)(0xc0 + n);
	return value;
}

static void field(unsigned offset, unsigned length, uint64_t value)
{
	expect(vm, prefix + offset, length, value);
}

/* Takes the machine check and compares every byte. `local` tells whether the
 * damage code, address and logout have a local source. */
static void taken(uint64_t mcic, bool local)
{
	struct kvm_sync_regs *regs = &cpu->run->s.regs;
	uint64_t stored;

	TOOK("taken", cpu, MACHINE_CHECK);
	field(0xa3, 1, 1);
	expect_psw(vm, prefix + OLD_PSW(MACHINE_CHECK), PSW_MCHECK | PSW_64BIT, INTERRUPTED);
	field(0xe8, 8, mcic);
	for (unsigned n = 0; n < 16; n++) {
		field(0x1200 + 8 * n, 8, FPR(n));
		field(0x1280 + 8 * n, 8, GPR(n));
		field(0x1340 + 4 * n, 4, AR(n));
		field(0x1380 + 8 * n, 8, n == 14 ? ~0ull : CR(n));
	}
	field(0x131c, 4, FPC);
	field(0x1324, 4, TODPR);
	stored = get(vm, prefix + 0x1328, 8);
	CHECK("the CPU timer of that moment",
	      stored <= CPU_TIMER && stored >= regs->cputm);
	expect_any(vm, prefix + 0x1328, 8);
	field(0x1330, 8, CLOCK_COMPARATOR >> 8);
	field(0xf4, 4, local ? 0xe1e2e3e4 : 0);
	field(0xf8, 8, local ? 0xf1f2f3f4f5f6f7f8 : 0);
	for (unsigned n = 0; n < 16; n++)
		field(0x1300 + n, 1, local ? 0xc0 + n : 0);
	STORAGE("every byte", vm);
	NONE_PENDING("taken", cpu);
}

#define EVERY(pattern)                                                           \
	for (prefix = 0; prefix <= 0x6000; prefix += 0x6000)                     \
		for (int pattern = 0; pattern < 2; pattern++)

static void local(void)
{
	group("C.7 an exigent machine check, every byte");
	EVERY (pattern) {
		ready(pattern, 0);
		RESULT("inject", 0, inject(cpu, damaged(0, MCIC_SYSTEM_DAMAGE | 0x123456)));
		taken(MCIC_SYSTEM_DAMAGE | 0x123456, true);
	}

	group("C.7 a repressible machine check, every byte");
	EVERY (pattern) {
		ready(pattern, 0);
		RESULT("inject", 0, inject(cpu, damaged(CR14_WARNING, MCIC_WARNING)));
		taken(MCIC_WARNING, true);
	}

	group("C.7 both classes at once: one delivery of the merged payload");
	prefix = 0;
	ready(0, 0);
	RESULT("repressible", 0, inject(cpu, damaged(CR14_WARNING, MCIC_WARNING)));
	RESULT("exigent", 0, inject(cpu, damaged(0, MCIC_INSTRUCTION_DAMAGE)));
	taken(MCIC_WARNING | MCIC_INSTRUCTION_DAMAGE, true);
	/* Nothing comes a second time, and the slot is zero again. */
	ready(0, 0);
	RESULT("warning", 0, inject(cpu, damaged(CR14_WARNING, MCIC_WARNING)));
	PENDING("fresh slot", cpu, damaged(CR14_WARNING, MCIC_WARNING));

	group("C.7 validity bits other than VR and GS are stored as injected");
	ready(0, 0);
	RESULT("inject", 0,
	       inject(cpu, damaged(0, ~(MCIC_VECTORS | MCIC_GUARDED_STORAGE))));
	taken(~(MCIC_VECTORS | MCIC_GUARDED_STORAGE), true);
}

static void floating_side(void)
{
	group("C.7 a floating machine check alone: damage code, address and logout are 0");
	EVERY (pattern) {
		ready(pattern, 0);
		RESULT("inject", 0,
		       inject_float(vm, damaged(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT | 0x77)));
		taken(MCIC_CHANNEL_REPORT | 0x77, false);
		NONE_FLOATING("taken", vm);
	}

	group("C.7 floating conditions ride along with any local machine check");
	EVERY (pattern) {
		ready(pattern, 0);
		/* Its own cr14 bit is off in CR14. */
		set_cr(cpu, 14, CR(14));
		RESULT("floating", 0,
		       inject_float(vm, irq_machine_check(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT)));
		RESULT("exigent", 0, inject(cpu, damaged(0, MCIC_SYSTEM_DAMAGE)));
		TOOK("exigent", cpu, MACHINE_CHECK);
		EQUAL("both codes", MCIC_SYSTEM_DAMAGE | MCIC_CHANNEL_REPORT,
		      get(vm, prefix + 0xe8, 8));
		EQUAL("damage code from the local side", 0xe1e2e3e4, get(vm, prefix + 0xf4, 4));
		EQUAL("address from the local side", 0xf1f2f3f4f5f6f7f8, get(vm, prefix + 0xf8, 8));
		EQUAL("logout from the local side", 0xc0c1c2c3, get(vm, prefix + 0x1300, 4));
		NONE_PENDING("taken", cpu);
		NONE_FLOATING("taken along", vm);
	}
}

static void validity(void)
{
	static const uint64_t areas[] = {0, 0x40000, 0x4000a, 0x4000b, 0x4000c, 0x40400, 0x3ff};

	prefix = 0;
	group("C.7 VR and GS validity are cleared when nothing was saved");
	for (size_t n = 0; n < sizeof(areas) / sizeof(*areas); n++)
		for (int pattern = 0; pattern < 2; pattern++) {
			context("no facility, MCESAD %#llx", (unsigned long long)areas[n]);
			ready(pattern, areas[n]);
			RESULT("inject", 0,
			       inject(cpu, damaged(0, MCIC_SYSTEM_DAMAGE | MCIC_VECTORS |
							      MCIC_GUARDED_STORAGE)));
			taken(MCIC_SYSTEM_DAMAGE, true);
		}
}

/* Facility 129, where the host offers it. */
static void vectors(void)
{
	static const struct {
		uint64_t mcesad, mcic, area;
	} cases[] = {
		{0x40000, MCIC_VECTORS, 0x40000},
		/* Without facility 133 the low 10 bits are no part of the address. */
		{0x400ff, MCIC_VECTORS, 0x40000},
		{0x40400, MCIC_VECTORS, 0x40400},
		{0x40000, 0, 0},
		{0x3ff, MCIC_VECTORS, 0},
		/* Outside storage: validity is cleared, the rest is stored. */
		{0x40000000, MCIC_VECTORS, 0},
	};

	if (capability(vm, KVM_CAP_S390_VECTOR_REGISTERS) <= 0)
		return;
	group("C.7 vector registers go to the extended save area, if injected as valid");
	vm_free(vm);
	vm_capability = KVM_CAP_S390_VECTOR_REGISTERS;
	vm = vm_new(1, 0);
	vm_capability = 0;
	cpu = &vm->cpu[0];
	CHECK("vector registers in the run page", cpu->run->kvm_valid_regs & KVM_SYNC_VRS);
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		context("MCESAD %#llx", (unsigned long long)cases[n].mcesad);
		ready(0, cases[n].mcesad);
		for (unsigned r = 0; r < 32; r++) {
			if (r >= 16)
				cpu->run->s.regs.vrs[r][0] = 0x3200000000000000ull + r;
			cpu->run->s.regs.vrs[r][1] = 0x3300000000000000ull + r;
			if (cases[n].area) {
				expect(vm, cases[n].area + 16 * r, 8, cpu->run->s.regs.vrs[r][0]);
				expect(vm, cases[n].area + 16 * r + 8, 8, cpu->run->s.regs.vrs[r][1]);
			}
		}
		RESULT("inject", 0, inject(cpu, damaged(0, MCIC_SYSTEM_DAMAGE | cases[n].mcic)));
		taken(MCIC_SYSTEM_DAMAGE | (cases[n].area ? MCIC_VECTORS : 0), true);
	}
}

int main(void)
{
	begin("machine_check", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	local();
	floating_side();
	validity();
	vectors();
	vm_free(vm);
	return finish();
}
