/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers by ioctl: KVM_GET/SET_REGS, SREGS, FPU and ONE_REG (A.8). */
#include "lc.h"

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;

static void ready(void)
{
	vm_fresh(vm, 0);
	CODE(vm, 0x10000, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
}

static void sets(void)
{
	struct kvm_regs regs, regs_seen;
	struct kvm_sregs sregs, sregs_seen;
	struct kvm_fpu fpu = {.fpc = FPC}, fpu_seen;

	for (unsigned n = 0; n < 16; n++) {
		regs.gprs[n] = GPR(n);
		sregs.acrs[n] = AR(n);
		sregs.crs[n] = CR(n);
		fpu.fprs[n] = FPR(n);
	}
	memset(&regs_seen, 0xcc, sizeof(regs_seen));
	memset(&sregs_seen, 0xcc, sizeof(sregs_seen));
	memset(&fpu_seen, 0xcc, sizeof(fpu_seen));

	group("KVM_SET_REGS, KVM_GET_REGS");
	ready();
	RESULT("set", 0, kvm(cpu->fd, KVM_SET_REGS, &regs));
	RESULT("get", 0, kvm(cpu->fd, KVM_GET_REGS, &regs_seen));
	CHECK("the same", memcmp(&regs, &regs_seen, sizeof(regs)) == 0);
	for (unsigned n = 0; n < 16; n++)
		EQUAL("in the run page", GPR(n), cpu->run->s.regs.gprs[n]);
	EXITS("run", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++)
		EQUAL("used by the CPU", GPR(n), cpu->run->s.regs.gprs[n]);
	cpu->run->s.regs.gprs[3] = 33;
	RESULT("get", 0, kvm(cpu->fd, KVM_GET_REGS, &regs_seen));
	EQUAL("the run page is the live copy", 33, regs_seen.gprs[3]);

	group("KVM_SET_SREGS, KVM_GET_SREGS");
	ready();
	RESULT("set", 0, kvm(cpu->fd, KVM_SET_SREGS, &sregs));
	RESULT("get", 0, kvm(cpu->fd, KVM_GET_SREGS, &sregs_seen));
	CHECK("the same", memcmp(&sregs, &sregs_seen, sizeof(sregs)) == 0);
	EXITS("run", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++) {
		EQUAL("access register", AR(n), cpu->run->s.regs.acrs[n]);
		EQUAL("control register", CR(n), cpu->run->s.regs.crs[n]);
	}
	/* And they take effect: a mask that lets an emergency signal through. */
	ready();
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	sregs.crs[0] = CR0_EMERGENCY;
	RESULT("set", 0, kvm(cpu->fd, KVM_SET_SREGS, &sregs));
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	TOOK("the mask counts", cpu, EXTERNAL);

	group("KVM_SET_FPU, KVM_GET_FPU");
	ready();
	RESULT("set", 0, kvm(cpu->fd, KVM_SET_FPU, &fpu));
	RESULT("get", 0, kvm(cpu->fd, KVM_GET_FPU, &fpu_seen));
	for (unsigned n = 0; n < 16; n++) {
		EQUAL("got", FPR(n), fpu_seen.fprs[n]);
		EQUAL("in the run page", FPR(n), *fpr(cpu, n));
	}
	EQUAL("got", FPC, fpu_seen.fpc);
	EXITS("run", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++)
		EQUAL("kept by a run", FPR(n), *fpr(cpu, n));
	EQUAL("kept by a run", FPC, cpu->run->s.regs.fpc);

	group("EFAULT for a bad pointer");
	static const unsigned long numbers[] = {KVM_GET_REGS,  KVM_SET_REGS, KVM_GET_SREGS,
						KVM_SET_SREGS, KVM_GET_FPU,  KVM_SET_FPU,
						KVM_GET_ONE_REG, KVM_SET_ONE_REG};

	for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++) {
		context("ioctl %#lx", numbers[n]);
		REFUSED("null", vm, EFAULT, kvm(cpu->fd, numbers[n], NULL));
		REFUSED("wild", vm, EFAULT, kvm(cpu->fd, numbers[n], (void *)-4096l));
	}
}

static void one_reg(void)
{
	static const struct {
		const char *name;
		uint64_t id, value;
	} regs[] = {
		{"TODPR", KVM_REG_S390_TODPR, TODPR},
		{"EPOCHDIFF", KVM_REG_S390_EPOCHDIFF, 0x123456789},
		{"CPU_TIMER", KVM_REG_S390_CPU_TIMER, CPU_TIMER},
		{"CLOCK_COMP", KVM_REG_S390_CLOCK_COMP, CLOCK_COMPARATOR},
		{"PFTOKEN", KVM_REG_S390_PFTOKEN, 0x1111},
		{"PFCOMPARE", KVM_REG_S390_PFCOMPARE, 0x2222},
		{"PFSELECT", KVM_REG_S390_PFSELECT, 0x3333},
		{"PP", KVM_REG_S390_PP, PP},
		{"GBEA", KVM_REG_S390_GBEA, GBEA},
	};
	static const uint64_t unknown[] = {0, KVM_REG_S390_TODPR - 1, KVM_REG_S390_GBEA + 1,
					   KVM_REG_S390_CPU_TIMER ^ 1ull << 60, ~0ull,
					   KVM_REG_S390 | KVM_REG_SIZE_U64 | 1};

	group("KVM_SET_ONE_REG, KVM_GET_ONE_REG");
	ready();
	for (size_t n = 0; n < sizeof(regs) / sizeof(*regs); n++) {
		/* TODPR has 32 bits: what lies beside it is not touched. */
		bool word = regs[n].id == KVM_REG_S390_TODPR;
		uint64_t seen = ~0ull, value = regs[n].value;
		uint32_t value_word = (uint32_t)value, seen_word[2] = {0, 0xcccccccc};

		context("%s", regs[n].name);
		RESULT("set", 0, one_reg_set(cpu, regs[n].id, word ? (void *)&value_word : &value));
		RESULT("get", 0, one_reg_get(cpu, regs[n].id, word ? (void *)seen_word : &seen));
		EQUAL("the same", value, word ? seen_word[0] : seen);
		EQUAL("32 bits alone", 0xcccccccc, seen_word[1]);
		REFUSED("get, null", vm, EFAULT, one_reg_get(cpu, regs[n].id, NULL));
		REFUSED("set, null", vm, EFAULT, one_reg_set(cpu, regs[n].id, NULL));
	}
	context("in a run");
	EXITS("run", cpu, ICPT_INSTRUCTION);
	EQUAL("TODPR", TODPR, cpu->run->s.regs.todpr);
	EQUAL("comparator", CLOCK_COMPARATOR, cpu->run->s.regs.ckc);
	EQUAL("pp", PP, cpu->run->s.regs.pp);
	EQUAL("gbea", GBEA, cpu->run->s.regs.gbea);
	EQUAL("pfault token", 0x1111, cpu->run->s.regs.pft);
	EQUAL("pfault compare", 0x2222, cpu->run->s.regs.pfc);
	EQUAL("pfault select", 0x3333, cpu->run->s.regs.pfs);
	CHECK("CPU timer runs", cpu->run->s.regs.cputm < CPU_TIMER);

	group("KVM_GET_ONE_REG and SET: EINVAL for unknown ids");
	for (size_t n = 0; n < sizeof(unknown) / sizeof(*unknown); n++) {
		uint64_t value = 0;

		context("id %#llx", (unsigned long long)unknown[n]);
		REFUSED("get", vm, EINVAL, one_reg_get(cpu, unknown[n], &value));
		REFUSED("set", vm, EINVAL, one_reg_set(cpu, unknown[n], &value));
	}

	group("A dirty pfault token and diag318 by the run page");
	ready();
	cpu->run->s.regs.pft = 0x5555;
	cpu->run->s.regs.pfs = 0x6666;
	cpu->run->s.regs.pfc = 0x7777;
	cpu->run->s.regs.diag318 = 0x4242;
	cpu->run->kvm_dirty_regs = KVM_SYNC_PFAULT | KVM_SYNC_DIAG318;
	EXITS("dirty", cpu, ICPT_INSTRUCTION);
	EQUAL("pfault token", 0x5555, cpu->run->s.regs.pft);
	EQUAL("diag318", 0x4242, cpu->run->s.regs.diag318);
	cpu->run->s.regs.pft = cpu->run->s.regs.diag318 = 1;
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("not dirty", cpu, ICPT_INSTRUCTION);
	EQUAL("pfault token: written over", 0x5555, cpu->run->s.regs.pft);
	EQUAL("diag318: written over", 0x4242, cpu->run->s.regs.diag318);
}

int main(void)
{
	begin("registers", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	sets();
	one_reg();
	vm_free(vm);
	return finish();
}
