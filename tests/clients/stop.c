/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stop (B.8, C.8) and storing status (C.9). */
#include "lc.h"

#include "code.h"

enum { PREFIX = 0x6000 };

/* Registers with a value of their own each, consumed by one run that ends at
 * a DIAGNOSE; leaves the CPU operating, PSW 0x10004. */
static void distinct_registers(struct cpu *cpu, uint32_t prefix, uint64_t code)
{
	CODE(cpu->vm, code, DONE);
	fill_registers(cpu, prefix);
	set_psw(cpu, PSW_64BIT, code);
	EXITS("registers are set by a run", cpu, ICPT_INSTRUCTION);
}

/* C.9's layout, for `cpu` with distinct_registers(), relative to `base`. */
static void expect_status(struct cpu *cpu, uint64_t base, uint32_t prefix, uint64_t psw_mask,
			  uint64_t psw_address)
{
	struct kvm_sync_regs *regs = &cpu->run->s.regs;
	struct vm *vm = cpu->vm;

	for (unsigned n = 0; n < 16; n++) {
		expect(vm, base + 0x1200 + 8 * n, 8, *fpr(cpu, n));
		expect(vm, base + 0x1280 + 8 * n, 8, regs->gprs[n]);
		expect(vm, base + 0x1340 + 4 * n, 4, AR(n));
		expect(vm, base + 0x1380 + 8 * n, 8, CR(n));
	}
	expect_psw(vm, base + 0x1300, psw_mask, psw_address);
	expect(vm, base + 0x1318, 4, prefix);
	expect(vm, base + 0x131c, 4, FPC);
	expect(vm, base + 0x1324, 4, TODPR);
	expect(vm, base + 0x1328, 8, cpu_timer(cpu));
	expect(vm, base + 0x1330, 8, CLOCK_COMPARATOR >> 8);
}

/* The same for status that KVM_RUN stored: the timer ran on until it ended. */
static void expect_status_of_run(struct cpu *cpu, uint32_t prefix, uint64_t psw_mask,
				 uint64_t psw_address)
{
	uint64_t stored = get(cpu->vm, 0x1328, 8);

	expect_status(cpu, 0, prefix, psw_mask, psw_address);
	CHECK("stored CPU timer", stored <= CPU_TIMER && stored >= cpu_timer(cpu));
	expect_any(cpu->vm, 0x1328, 8);
}

static void table(void)
{
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];

	for (int pattern = 0; pattern < 2; pattern++) {
		group("B.8 stop and store status of a stopped CPU: stored at absolute 0");
		context("pattern %d", pattern);
		vm_fresh(vm, pattern);
		lowcore_new_psws(vm, PREFIX);
		distinct_registers(cpu, PREFIX, 0x10000);
		RESULT("stop", 0, inject(cpu, irq_stop(0)));
		EXITS("stop", cpu, ICPT_STOP);
		EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
		expect_now(vm);
		expect_status(cpu, 0, PREFIX, PSW_64BIT, 0x10004);
		expect(vm, 163, 1, 1);
		RESULT("stop and store", 0, inject(cpu, irq_stop(1)));
		STORAGE("stop and store", vm);
		NONE_PENDING("stop and store", cpu);
		EQUAL("still stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	}

	group("B.8 stop of a stopped CPU: no effect");
	NO_EFFECT("stop", vm, inject(cpu, irq_stop(0)));

	group("B.8 stop of an operating CPU: pending, then EBUSY");
	for (uint32_t flags = 0; flags < 2; flags++) {
		context("flags %u", flags);
		vm_fresh(vm, 0);
		make_operating(cpu);
		expect_now(vm);
		RESULT("first", 0, inject(cpu, irq_stop(flags)));
		PENDING("first", cpu, irq_stop(flags));
		EQUAL("still operating", KVM_MP_STATE_OPERATING, mp_state(cpu));
		REFUSED("flags 0", vm, EBUSY, inject(cpu, irq_stop(0)));
		REFUSED("flags 1", vm, EBUSY, inject(cpu, irq_stop(1)));
		STORAGE("nothing stored before the stop", vm);
	}

	group("B.8 a pending stop is withdrawn by a reset");
	static const unsigned long resets[] = {KVM_S390_NORMAL_RESET, KVM_S390_INITIAL_RESET,
					       KVM_S390_CLEAR_RESET};

	for (int n = 0; n < 3; n++) {
		vm_fresh(vm, 0);
		make_operating(cpu);
		RESULT("stop", 0, inject(cpu, irq_stop(1)));
		RESULT("reset", 0, kvm_value(cpu->fd, resets[n], 0));
		NONE_PENDING("reset", cpu);
		EQUAL("stopped by the reset, in legacy mode", KVM_MP_STATE_STOPPED, mp_state(cpu));
	}
	vm_free(vm);
}

static void intercept(void)
{
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];

	group("C.8 the stop intercept comes before the next instruction");
	vm_fresh(vm, 0);
	make_operating(cpu);
	expect_now(vm);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("stop", cpu, ICPT_STOP);
	PSW_IS("nothing ran", cpu, PSW_64BIT, 0x10000);
	STORAGE("nothing written", vm);
	EQUAL("stopped, in legacy mode", KVM_MP_STATE_STOPPED, mp_state(cpu));
	NONE_PENDING("the stop is done", cpu);
	EXITS("the next KVM_RUN starts it", cpu, ICPT_INSTRUCTION);
	EQUAL("operating", KVM_MP_STATE_OPERATING, mp_state(cpu));

	group("C.8 also in a wait, enabled or disabled");
	for (int enabled = 0; enabled < 2; enabled++) {
		uint64_t mask = PSW_DISABLED_WAIT | (enabled ? PSW_EXTERNAL : 0);

		vm_fresh(vm, 0);
		make_operating(cpu);
		RESULT("stop", 0, inject(cpu, irq_stop(0)));
		set_psw(cpu, mask, 0x10000);
		EXITS("stop in a wait", cpu, ICPT_STOP);
		PSW_IS("stop in a wait", cpu, mask, 0x10000);
	}

	group("C.8 whatever else is deliverable comes first");
	vm_fresh(vm, 0);
	make_operating(cpu);
	expect_now(vm);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("program", 0, inject(cpu, irq_program_ilc(1, 2)));
	set_cr(cpu, 0, CR0_EMERGENCY);
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	lowcore_new_psw(vm, 0, PROGRAM, PSW_EXTERNAL | PSW_64BIT, HANDLER(PROGRAM));
	expect_now(vm);
	EXITS("stop at last", cpu, ICPT_STOP);
	/* Program, then emergency in the program handler, then restart. */
	PSW_IS("in the restart handler", cpu, PSW_DISABLED_WAIT, HANDLER(RESTART));
	expect(vm, 0x8c, 2, 2);
	expect(vm, 0x8e, 2, 1);
	/* gbea: clear-reset sets 1; the DIAGNOSE was no branch. */
	expect(vm, 0x110, 8, 1);
	expect_psw(vm, OLD_PSW(PROGRAM), PSW_EXTERNAL | PSW_64BIT, 0x10000);
	expect(vm, 0x86, 2, 0x1201);
	expect(vm, 0x84, 2, 1);
	expect_psw(vm, OLD_PSW(EXTERNAL), PSW_EXTERNAL | PSW_64BIT, HANDLER(PROGRAM));
	expect_psw(vm, OLD_PSW(RESTART), PSW_DISABLED_WAIT, HANDLER(EXTERNAL));
	STORAGE("delivered", vm);
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	NONE_PENDING("all done", cpu);

	group("C.8 a timer that is due comes first too");
	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	cpu->run->s.regs.ckc = 0;
	cpu->run->s.regs.cputm = 0x7fffffffffffffff;
	set_arch0(cpu);
	set_cr(cpu, 0, CR0_CLOCK_COMPARATOR);
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	EXITS("stop at last", cpu, ICPT_STOP);
	PSW_IS("in the external handler", cpu, PSW_DISABLED_WAIT, HANDLER(EXTERNAL));
	EQUAL("code", 0x1004, get(vm, 0x86, 2));

	group("C.8 what is not deliverable does not delay it, and stays pending");
	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	expect_now(vm);
	EXITS("stop", cpu, ICPT_STOP);
	STORAGE("nothing delivered", vm);
	PENDING("the emergency signal", cpu, irq_emergency(1));

	for (int pattern = 0; pattern < 2; pattern++) {
		group("C.8 STORE_STATUS stores at the stop, at absolute 0");
		context("pattern %d", pattern);
		vm_fresh(vm, pattern);
		lowcore_new_psws(vm, PREFIX);
		distinct_registers(cpu, PREFIX, 0x10000);
		RESULT("stop", 0, inject(cpu, irq_stop(1)));
		expect_now(vm);
		EXITS("stop and store", cpu, ICPT_STOP);
		expect_status_of_run(cpu, PREFIX, PSW_64BIT, 0x10004);
		expect(vm, 163, 1, 1);
		STORAGE("stop and store", vm);
		EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
		NONE_PENDING("the stop is done", cpu);
	}
	vm_free(vm);

	group("C.8 status that cannot be stored: EFAULT, and the stop stays pending");
	vm = vm_new_at(MIB, MIB, 1, 0);
	cpu = &vm->cpu[0];
	CODE(vm, MIB + 0x10000, DONE);
	set_prefix(cpu, MIB);
	set_psw(cpu, PSW_64BIT, MIB + 0x10000);
	EXITS("a CPU above absolute 0", cpu, ICPT_INSTRUCTION);
	RESULT("stop", 0, inject(cpu, irq_stop(1)));
	expect_now(vm);
	for (int times = 0; times < 2; times++) {
		RESULT("KVM_RUN", -EFAULT, run(cpu));
		PENDING("the stop", cpu, irq_stop(1));
		EQUAL("still operating", KVM_MP_STATE_OPERATING, mp_state(cpu));
		STORAGE("nothing stored", vm);
	}
	vm_free(vm);
}

static void user_mode(void)
{
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];

	group("C.8 in user state mode the stop stays until user space stops the CPU");
	vm_fresh(vm, 0);
	RESULT("KVM_MP_STATE_OPERATING", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	CODE(vm, 0x10000, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	for (int times = 0; times < 3; times++) {
		EXITS("stop", cpu, ICPT_STOP);
		PSW_IS("nothing ran", cpu, PSW_64BIT, 0x10000);
		PENDING("the stop", cpu, irq_stop(0));
		EQUAL("still operating", KVM_MP_STATE_OPERATING, mp_state(cpu));
		REFUSED("another stop", vm, EBUSY, inject(cpu, irq_stop(0)));
	}
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("KVM_MP_STATE_STOPPED", 0, set_mp_state(cpu, KVM_MP_STATE_STOPPED));
	PENDING("C.13: clears the stop alone", cpu, irq_restart());
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	REFUSED("E.4: KVM_RUN of a stopped CPU", vm, EINVAL, run(cpu));
	NO_EFFECT("stop of a stopped CPU", vm, inject(cpu, irq_stop(0)));
	RESULT("KVM_MP_STATE_OPERATING", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	TOOK("the restart", cpu, RESTART);

	group("C.8 in user state mode STORE_STATUS stores at each intercept");
	vm_fresh(vm, 0);
	distinct_registers(cpu, PREFIX, 0x10000);
	RESULT("stop", 0, inject(cpu, irq_stop(1)));
	for (int times = 0; times < 2; times++) {
		memset(vm->storage + 0x1200, times, 0x200);
		vm->storage[163] = 0;
		expect_now(vm);
		EXITS("stop and store", cpu, ICPT_STOP);
		expect_status_of_run(cpu, PREFIX, PSW_64BIT, 0x10004);
		expect(vm, 163, 1, 1);
		STORAGE("stop and store", vm);
		PENDING("the stop", cpu, irq_stop(1));
	}
	RESULT("KVM_MP_STATE_STOPPED", 0, set_mp_state(cpu, KVM_MP_STATE_STOPPED));
	NONE_PENDING("the stop is done", cpu);
	vm_free(vm);
}

static long store_status(struct cpu *cpu, uint64_t address)
{
	return kvm_value(cpu->fd, KVM_S390_STORE_STATUS, address);
}

static void ioctl_forms(void)
{
	static const uint64_t addresses[] = {0x1200, 0x1000 + 0x1200, 0x30000, 0x12345, MIB - 0x200};
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];

	for (int pattern = 0; pattern < 2; pattern++) {
		group("C.9 KVM_S390_STORE_STATUS: the three forms, every byte");
		context("pattern %d", pattern);
		vm_fresh(vm, pattern);
		lowcore_new_psws(vm, PREFIX);
		distinct_registers(cpu, PREFIX, 0x10000);
		expect_now(vm);
		expect_status(cpu, 0, PREFIX, PSW_64BIT, 0x10004);
		expect(vm, 163, 1, 1);
		RESULT("~0", 0, store_status(cpu, ~0ull));
		STORAGE("~0: absolute 0", vm);

		expect_status(cpu, PREFIX, PREFIX, PSW_64BIT, 0x10004);
		expect(vm, PREFIX + 163, 1, 1);
		RESULT("~0-1", 0, store_status(cpu, ~0ull - 1));
		STORAGE("~0-1: prefix", vm);

		for (size_t n = 0; n < sizeof(addresses) / sizeof(*addresses); n++) {
			vm_fresh(vm, pattern);
			lowcore_new_psws(vm, PREFIX);
			distinct_registers(cpu, PREFIX, 0x10000);
			expect_now(vm);
			expect_status(cpu, addresses[n] - 0x1200, PREFIX, PSW_64BIT, 0x10004);
			RESULT("address", 0, store_status(cpu, addresses[n]));
			STORAGE("address: registers there, byte 163 left alone", vm);
		}
	}

	group("C.9 which copy counts: general, access and float from the run page, PSW from the kernel");
	vm_fresh(vm, 0);
	distinct_registers(cpu, 0, 0x10000);
	cpu->run->s.regs.gprs[7] = 0x1122334455667788;
	*fpr(cpu, 3) = 0x8877665544332211;
	set_psw(cpu, PSW_DISABLED_WAIT, 0x4444);
	cpu->run->s.regs.crs[5] = 0x9999;
	cpu->run->s.regs.todpr = 0x1111;
	expect_now(vm);
	expect_status(cpu, 0x20000, 0, PSW_64BIT, 0x10004);
	RESULT("not consumed by a run", 0, store_status(cpu, 0x20000 + 0x1200));
	STORAGE("not consumed by a run", vm);
	cpu->run->s.regs.crs[5] = CR(5);
	cpu->run->s.regs.todpr = TODPR;
	EXITS("a run consumes the PSW", cpu, ICPT_WAIT);
	expect_status(cpu, 0x20000, 0, PSW_DISABLED_WAIT, 0x4444);
	RESULT("consumed by a run", 0, store_status(cpu, 0x20000 + 0x1200));
	STORAGE("consumed by a run", vm);

	group("C.9 EFAULT outside storage");
	REFUSED("at the end", vm, EFAULT, store_status(cpu, MIB));
	REFUSED("far away", vm, EFAULT, store_status(cpu, 1ull << 40));
	REFUSED("around 0", vm, EFAULT, store_status(cpu, 0 - 0x2000ull));
	vm_free(vm);
	vm = vm_new_at(MIB, MIB, 1, 0);
	REFUSED("no storage at 0", vm, EFAULT, store_status(&vm->cpu[0], ~0ull));
	REFUSED("no storage at the prefix", vm, EFAULT, store_status(&vm->cpu[0], ~0ull - 1));
	vm_free(vm);
}

int main(void)
{
	begin("stop", 120);
	table();
	intercept();
	user_mode();
	ioctl_forms();
	return finish();
}
