/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A new CPU (E.3), stopped and operating (E.4), and the three resets (E.5). */
#include "lc.h"

#include "code.h"

enum { PREFIX = 0x6000 };

static uint64_t one_reg(struct cpu *cpu, uint64_t id)
{
	uint64_t value = 0;

	/* TODPR has 32 bits, the others 64. */
	if (id == KVM_REG_S390_TODPR) {
		uint32_t word = 0;

		RESULT("KVM_GET_ONE_REG", 0, one_reg_get(cpu, id, &word));
		return word;
	}
	RESULT("KVM_GET_ONE_REG", 0, one_reg_get(cpu, id, &value));
	return value;
}

static void creation(void)
{
	struct vm *vm = vm_new(1, 3);
	struct cpu *cpu = &vm->cpu[0];
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;

	group("E.3 a new CPU: stopped, everything 0, pfault token ~0");
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	NONE_PENDING("nothing pending", cpu);
	EQUAL("PSW mask", 0, cpu->run->psw_mask);
	EQUAL("PSW address", 0, cpu->run->psw_addr);
	EQUAL("prefix", 0, cpu->run->s.regs.prefix);
	memset(&regs, 0xff, sizeof(regs));
	memset(&sregs, 0xff, sizeof(sregs));
	memset(&fpu, 0xff, sizeof(fpu));
	RESULT("KVM_GET_REGS", 0, kvm(cpu->fd, KVM_GET_REGS, &regs));
	RESULT("KVM_GET_SREGS", 0, kvm(cpu->fd, KVM_GET_SREGS, &sregs));
	RESULT("KVM_GET_FPU", 0, kvm(cpu->fd, KVM_GET_FPU, &fpu));
	for (unsigned n = 0; n < 16; n++) {
		context("register %u", n);
		EQUAL("GR", 0, regs.gprs[n]);
		EQUAL("AR", 0, sregs.acrs[n]);
		/* Control registers get reset values only from a reset. */
		EQUAL("CR", 0, sregs.crs[n]);
		EQUAL("FPR", 0, fpu.fprs[n]);
	}
	EQUAL("FPC", 0, fpu.fpc);
	EQUAL("pfault token", ~0ull, one_reg(cpu, KVM_REG_S390_PFTOKEN));
	EQUAL("comparator", 0, one_reg(cpu, KVM_REG_S390_CLOCK_COMP));
	EQUAL("TODPR", 0, one_reg(cpu, KVM_REG_S390_TODPR));

	group("E.3 creation errors");
	REFUSED("the same id", vm, EEXIST, kvm_value(vm->fd, KVM_CREATE_VCPU, 3));
	REFUSED("an id out of range", vm, EINVAL, kvm_value(vm->fd, KVM_CREATE_VCPU, 0x10000));
	REFUSED("an id of ~0", vm, EINVAL, kvm_value(vm->fd, KVM_CREATE_VCPU, ~0u));
	REFUSED("the largest id plus one", vm, EINVAL,
		kvm_value(vm->fd, KVM_CREATE_VCPU,
			  (unsigned long)capability(vm, KVM_CAP_MAX_VCPU_ID)));
	vm_free(vm);
}

/* Distinct registers, everything pending that can be, floating ones too. */
static void busy(struct cpu *cpu, uint64_t code)
{
	struct vm *vm = cpu->vm;
	struct kvm_sync_regs *regs = &cpu->run->s.regs;

	vm_fresh(vm, 0);
	lowcore_new_psws(vm, PREFIX);
	CODE(vm, code, DONE);
	fill_registers(cpu, PREFIX);
	regs->pft = 0x1000;
	regs->pfs = 0x2000;
	regs->pfc = 0x3000;
	cpu->run->kvm_dirty_regs |= KVM_SYNC_PFAULT;
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, code);
	EXITS("registers are set by a run", cpu, ICPT_INSTRUCTION);
	RESULT("stop", 0, inject(cpu, irq_stop(1)));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("program", 0, inject(cpu, irq_program(0x90)));
	RESULT("machine check", 0, inject(cpu, irq_machine_check(1, MCIC_WARNING)));
	RESULT("machine check", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	RESULT("external call", 0, inject(cpu, irq_external_call(1)));
	RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
	RESULT("CPU timer", 0, inject(cpu, irq_cpu_timer()));
	RESULT("pfault init", 0, inject(cpu, irq_pfault_init(1)));
	RESULT("service", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 2, 3, 4)));
	/* Another CPU's are not touched. */
	RESULT("restart", 0, inject(&vm->cpu[1], irq_restart()));
	expect_now(vm);
}

enum kind { NORMAL, INITIAL, CLEAR };
static const unsigned long resets[] = {KVM_S390_NORMAL_RESET, KVM_S390_INITIAL_RESET,
				       KVM_S390_CLEAR_RESET};

static uint64_t cr_after(enum kind kind, unsigned number)
{
	if (kind == NORMAL)
		return CR(number);
	return number == 0 ? 0xe0 : number == 14 ? 0xc2000000 : 0;
}

/* E.5's column, read through every way there is. */
static void check_registers(struct cpu *cpu, enum kind kind, uint64_t timer)
{
	struct kvm_sync_regs *page = &cpu->run->s.regs;
	bool kept = kind == NORMAL, clear = kind == CLEAR;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;

	RESULT("KVM_GET_REGS", 0, kvm(cpu->fd, KVM_GET_REGS, &regs));
	RESULT("KVM_GET_SREGS", 0, kvm(cpu->fd, KVM_GET_SREGS, &sregs));
	RESULT("KVM_GET_FPU", 0, kvm(cpu->fd, KVM_GET_FPU, &fpu));
	for (unsigned n = 0; n < 16; n++) {
		EQUAL("GR", clear ? 0 : GPR(n), regs.gprs[n]);
		EQUAL("GR in the run page", clear ? 0 : GPR(n), page->gprs[n]);
		EQUAL("AR", clear ? 0 : AR(n), sregs.acrs[n]);
		EQUAL("AR in the run page", clear ? 0 : AR(n), page->acrs[n]);
		EQUAL("FPR", clear ? 0 : FPR(n), fpu.fprs[n]);
		EQUAL("FPR in the run page", clear ? 0 : FPR(n), *fpr(cpu, n));
		EQUAL("CR", cr_after(kind, n), sregs.crs[n]);
		EQUAL("CR in the run page", cr_after(kind, n), page->crs[n]);
	}
	EQUAL("FPC", kept ? FPC : 0, fpu.fpc);
	EQUAL("FPC in the run page", kept ? FPC : 0, page->fpc);
	EQUAL("PSW mask", kept ? PSW_MCHECK | PSW_64BIT : 0, cpu->run->psw_mask);
	EQUAL("PSW address", kept ? 0x10004 : 0, cpu->run->psw_addr);
	EQUAL("TODPR", kept ? TODPR : 0, one_reg(cpu, KVM_REG_S390_TODPR));
	EQUAL("CPU timer", kept ? timer : 0, one_reg(cpu, KVM_REG_S390_CPU_TIMER));
	EQUAL("comparator", kept ? CLOCK_COMPARATOR : 0, one_reg(cpu, KVM_REG_S390_CLOCK_COMP));
	EQUAL("pp", kept ? PP : 0, one_reg(cpu, KVM_REG_S390_PP));
	EQUAL("gbea", kept ? GBEA : 1, one_reg(cpu, KVM_REG_S390_GBEA));
	EQUAL("pfault token", ~0ull, one_reg(cpu, KVM_REG_S390_PFTOKEN));
	EQUAL("pfault select", 0x2000, one_reg(cpu, KVM_REG_S390_PFSELECT));
	EQUAL("pfault compare", 0x3000, one_reg(cpu, KVM_REG_S390_PFCOMPARE));
	/* What the kernel keeps of the run page for KVM_RUN agrees. */
	EQUAL("PSW and prefix stored", 0, kvm_value(cpu->fd, KVM_S390_STORE_STATUS, 0x40000));
	EQUAL("PSW stored", kept ? 0x10004 : 0, get(cpu->vm, 0x40108, 8));
	EQUAL("prefix stored", kept ? PREFIX : 0, get(cpu->vm, 0x40118, 4));
}

static void matrix(void)
{
	static const char *const names[] = {
		"E.5 KVM_S390_NORMAL_RESET, legacy mode", "E.5 KVM_S390_INITIAL_RESET, legacy mode",
		"E.5 KVM_S390_CLEAR_RESET, legacy mode", "E.5 KVM_S390_NORMAL_RESET, user mode",
		"E.5 KVM_S390_INITIAL_RESET, user mode", "E.5 KVM_S390_CLEAR_RESET, user mode",
	};
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0];
	uint64_t timer;

	for (int user = 0; user < 2; user++)
		for (enum kind kind = NORMAL; kind <= CLEAR; kind++) {
			group(names[3 * user + (int)kind]);
			if (user)
				RESULT("KVM_MP_STATE_OPERATING", 0,
				       set_mp_state(cpu, KVM_MP_STATE_OPERATING));
			busy(cpu, 0x10000);
			timer = cpu_timer(cpu);
			RESULT("reset", 0, kvm_value(cpu->fd, resets[kind], 0));
			NONE_PENDING("local interrupts", cpu);
			FLOATING("floating ones stay", vm, irq_io(1, 2, 3, 4), irq_service(0x1000));
			PENDING("another CPU's stay", &vm->cpu[1], irq_restart());
			EQUAL("stopped in legacy mode only",
			      user ? KVM_MP_STATE_OPERATING : KVM_MP_STATE_STOPPED, mp_state(cpu));
			STORAGE("storage", vm);
			check_registers(cpu, kind, timer);

			/* The payload slots are zero: PER alone shows it, and
			 * a machine check that ORs nothing. */
			RESULT("PER", 0, inject(cpu, irq_program_ilc(0x80, 2)));
			RESULT("warning", 0, inject(cpu, irq_machine_check(0, MCIC_WARNING)));
			PENDING("fresh slots", cpu, irq_machine_check(0, MCIC_WARNING),
				irq_program_ilc(0x80, 2));
		}

	group("E.5 a reset is seen by the next run, whatever the run page said before");
	busy(cpu, 0x10000);
	RESULT("initial reset", 0, kvm_value(cpu->fd, KVM_S390_INITIAL_RESET, 0));
	CODE(vm, 0x10000, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("run", cpu, ICPT_INSTRUCTION);
	EQUAL("CR0", 0xe0, cpu->run->s.regs.crs[0]);
	EQUAL("CR14", 0xc2000000, cpu->run->s.regs.crs[14]);
	EQUAL("prefix", 0, cpu->run->s.regs.prefix);
	EQUAL("comparator", 0, cpu->run->s.regs.ckc);
	EQUAL("GR 7 is kept", GPR(7), cpu->run->s.regs.gprs[7]);
	vm_free(vm);
}

static void states(void)
{
	static const uint32_t invalid[] = {0, 1, 2, 3, 4, 6, 8, 9, 10, 0x7fffffff, 0xffffffff};
	struct vm *vm = vm_new(2, 0, 1);
	struct cpu *cpu = &vm->cpu[0], *other = &vm->cpu[1];
	struct kvm_mp_state state = {.mp_state = 0x12345678};

	group("E.4 KVM_GET_MP_STATE answers by its return value alone");
	RESULT("value", KVM_MP_STATE_STOPPED, kvm(cpu->fd, KVM_GET_MP_STATE, &state));
	EQUAL("structure untouched", 0x12345678, state.mp_state);
	RESULT("a null pointer is not looked at", KVM_MP_STATE_STOPPED,
	       kvm(cpu->fd, KVM_GET_MP_STATE, NULL));

	group("E.4 legacy mode: KVM_RUN starts a stopped CPU");
	vm_fresh(vm, 0);
	make_operating(cpu);
	EQUAL("the other is still stopped", KVM_MP_STATE_STOPPED, mp_state(other));

	group("E.4 user mode begins with the first KVM_SET_MP_STATE, even one that fails");
	vm_free(vm);
	for (size_t n = 0; n < sizeof(invalid) / 4; n++) {
		context("state %u", invalid[n]);
		vm = vm_new(2, 0, 1);
		cpu = &vm->cpu[0];
		other = &vm->cpu[1];
		REFUSED("not a state", vm, ENXIO, set_mp_state(cpu, invalid[n]));
		REFUSED("KVM_RUN of a stopped CPU", vm, EINVAL, run(cpu));
		REFUSED("of any CPU", vm, EINVAL, run(other));
		vm_free(vm);
	}
	context("a pointer");
	vm = vm_new(1, 0);
	REFUSED("null", vm, EFAULT, kvm(vm->cpu[0].fd, KVM_SET_MP_STATE, NULL));
	make_operating(&vm->cpu[0]);
	vm_free(vm);

	group("E.4 stop and start by KVM_SET_MP_STATE touch nothing else");
	vm = vm_new(2, 0, 1);
	cpu = &vm->cpu[0];
	vm_fresh(vm, 0);
	RESULT("stop a stopped CPU", 0, set_mp_state(cpu, KVM_MP_STATE_STOPPED));
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("set prefix", 0, inject(cpu, irq_prefix(0x2000)));
	RESULT("start", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	EQUAL("operating", KVM_MP_STATE_OPERATING, mp_state(cpu));
	PENDING("kept", cpu, irq_prefix(0x2000), irq_restart());
	REFUSED("set prefix of an operating CPU", vm, EBUSY, inject(cpu, irq_prefix(0x4000)));
	RESULT("start again", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	RESULT("stop", 0, inject(cpu, irq_stop(1)));
	PENDING("kept", cpu, irq_prefix(0x2000), irq_restart(), irq_stop(1));
	RESULT("start again", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	PENDING("kept", cpu, irq_prefix(0x2000), irq_restart(), irq_stop(1));
	expect_now(vm);
	RESULT("stop", 0, set_mp_state(cpu, KVM_MP_STATE_STOPPED));
	EQUAL("stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	PENDING("the stop is cleared", cpu, irq_prefix(0x2000), irq_restart());
	STORAGE("no status is stored", vm);

	group("E.4 KVM_S390_SET_INITIAL_PSW: EBUSY unless stopped, writes the run page alone");
	struct kvm_s390_psw psw = {PSW_64BIT, 0x10000};

	set_psw(cpu, 1, 2);
	RESULT("stopped", 0, kvm(cpu->fd, KVM_S390_SET_INITIAL_PSW, &psw));
	PSW_IS("in the run page", cpu, PSW_64BIT, 0x10000);
	RESULT("store status", 0, kvm_value(cpu->fd, KVM_S390_STORE_STATUS, 0x40000));
	EQUAL("the kernel's copy is as it was", 0, get(vm, 0x40108, 8));
	REFUSED("null", vm, EFAULT, kvm(cpu->fd, KVM_S390_SET_INITIAL_PSW, NULL));
	RESULT("start", 0, set_mp_state(cpu, KVM_MP_STATE_OPERATING));
	psw.addr = 0x5000;
	REFUSED("operating", vm, EBUSY, kvm(cpu->fd, KVM_S390_SET_INITIAL_PSW, &psw));
	vm_free(vm);
}

/* DIAGNOSE 0x308 with its subcode in GR 2. */
static void ask_for_reset(struct cpu *cpu, uint64_t subcode)
{
	CODE(cpu->vm, 0x10000, 0x8312, 0x0308);
	cpu->run->s.regs.gprs[2] = subcode;
	set_psw(cpu, PSW_64BIT, 0x10000);
	expect_now(cpu->vm);
	RESULT("KVM_RUN", 0, run(cpu));
	PSW_IS("after it", cpu, PSW_64BIT, 0x10004);
	STORAGE("nothing written", cpu->vm);
}

static void system_reset(void)
{
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];

	group("E.4 DIAGNOSE 0x308, 3 and 4: an exit, and stopped in legacy mode only");
	for (int user = 0; user < 2; user++)
		for (unsigned subcode = 3; subcode <= 4; subcode++) {
			context("%s mode, subcode %u", user ? "user" : "legacy", subcode);
			vm_fresh(vm, 0);
			if (user)
				RESULT("KVM_MP_STATE_OPERATING", 0,
				       set_mp_state(cpu, KVM_MP_STATE_OPERATING));
			RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
			ask_for_reset(cpu, 0xabcd0000 | subcode);
			EQUAL("exit_reason", KVM_EXIT_S390_RESET, cpu->run->exit_reason);
			EQUAL("flags", subcode == 3 ? 0x1e : 0x1c, cpu->run->s390_reset_flags);
			EQUAL("state", user ? KVM_MP_STATE_OPERATING : KVM_MP_STATE_STOPPED,
			      mp_state(cpu));
			PENDING("the client does the reset", cpu, irq_emergency(0));
		}
	context("other subcodes");
	for (unsigned subcode = 0; subcode < 8; subcode++) {
		if (subcode == 3 || subcode == 4)
			continue;
		vm_fresh(vm, 0);
		ask_for_reset(cpu, subcode);
		EQUAL("exit_reason", KVM_EXIT_S390_SIEIC, cpu->run->exit_reason);
		EQUAL("ipa", 0x8312, cpu->run->s390_sieic.ipa);
	}
	vm_free(vm);
}

int main(void)
{
	begin("resets", 120);
	creation();
	matrix();
	states();
	system_reset();
	return finish();
}
