/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_SET_GUEST_DEBUG: steps, breakpoints, watchpoints. */
#include "lc.h"

#include "code.h"

enum { CODE_AT = 0x10000, DATA = 0x40000 };
enum { STEP = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
       POINTS = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP };

static struct vm *vm;
static struct cpu *cpu;

static long debug(uint32_t control, uint32_t count, const struct kvm_hw_breakpoint *points)
{
	struct kvm_guest_debug argument = {
		.control = control,
		.arch = {.nr_hw_bp = count, .hw_bp = (struct kvm_hw_breakpoint *)points},
	};

	return kvm(cpu->fd, KVM_SET_GUEST_DEBUG, &argument);
}

/* lghi %r1,3 ; la %r2,1(%r2) ; aghi %r1,-1 ; jnz .-8 ; diag */
static void ready(void)
{
	vm_fresh(vm, 0);
	CODE(vm, CODE_AT, LGHI(1, 3), LA(2, 0, 2, 1), AGHI(1, -1), BRC(7, -4), DONE);
	set_psw(cpu, PSW_64BIT, CODE_AT);
}

#define STOPS(what, type_, address)                                              \
	do {                                                                     \
		RESULT(what, 0, run(cpu));                                       \
		EQUAL(what, KVM_EXIT_DEBUG, cpu->run->exit_reason);              \
		EQUAL(what, address, cpu->run->debug.arch.addr);                 \
		EQUAL(what, type_, cpu->run->debug.arch.type);                   \
	} while (0)
#define STEPS(what, address)                                                     \
	do {                                                                     \
		STOPS(what, KVM_SINGLESTEP, address);                            \
		EQUAL(what, address, cpu->run->psw_addr);                        \
	} while (0)

static void steps(void)
{
	group("single steps of a loop");
	ready();
	RESULT("on", 0, debug(STEP, 0, NULL));
	STEPS("lghi", CODE_AT + 4);
	for (int left = 2; left >= 0; left--) {
		STEPS("la", CODE_AT + 8);
		STEPS("aghi", CODE_AT + 12);
		STEPS("jnz", left ? CODE_AT + 4 : CODE_AT + 16);
	}
	EQUAL("%r2", 3, cpu->run->s.regs.gprs[2]);

	group("a step of an instruction that is the client's");
	EXITS("the instruction first", cpu, ICPT_INSTRUCTION);
	EQUAL("PSW", CODE_AT + 20, cpu->run->psw_addr);
	STEPS("then the step", CODE_AT + 20);
	ready();
	set_psw(cpu, PSW_64BIT, CODE_AT + 16);
	EXITS("again", cpu, ICPT_INSTRUCTION);
	RESULT("a program interruption for it", 0, inject(cpu, irq_program(6)));
	STEPS("after its delivery", HANDLER(PROGRAM));
	EQUAL("code", 6, get(vm, 0x8e, 2));
	EQUAL("old PSW", CODE_AT + 20, get(vm, OLD_PSW(PROGRAM) + 8, 8));

	group("a step that an interrupt makes");
	ready();
	set_psw(cpu, PSW_64BIT | PSW_MCHECK, CODE_AT);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	STEPS("before any instruction", HANDLER(RESTART));
	EQUAL("old PSW", CODE_AT, get(vm, OLD_PSW(RESTART) + 8, 8));
	RESULT("off", 0, debug(0, 0, NULL));
}

static void points(void)
{
	struct kvm_hw_breakpoint point = {.addr = CODE_AT + 8, .len = 4, .type = KVM_HW_BP};

	group("breakpoints");
	ready();
	RESULT("set", 0, debug(POINTS, 1, &point));
	for (uint64_t times = 1; times <= 3; times++) {
		STOPS("in the loop", KVM_HW_BP, CODE_AT + 8);
		EQUAL("PSW", CODE_AT + 8, cpu->run->psw_addr);
		EQUAL("%r2", times, cpu->run->s.regs.gprs[2]);
	}
	EXITS("behind the loop", cpu, ICPT_INSTRUCTION);

	group("watchpoints");
	vm_fresh(vm, 0);
	CODE(vm, CODE_AT, LGHI(1, 1), STG(1, 0, 0x2008), STG(2, 0, 0x2000), STG(1, 0, 0x2000),
	     DONE);
	put(vm, 0x2000, 8, 0);
	set_psw(cpu, PSW_64BIT, CODE_AT);
	point = (struct kvm_hw_breakpoint){
		.addr = 0x2000, .phys_addr = 0x2000, .len = 8, .type = KVM_HW_WP_WRITE};
	RESULT("set", 0, debug(POINTS, 1, &point));
	STOPS("the store that changes it", KVM_HW_WP_WRITE, 0x2000);
	EQUAL("PSW", CODE_AT + 22, cpu->run->psw_addr);
	EQUAL("storage", 1, get(vm, 0x2000, 8));
	EXITS("afterwards", cpu, ICPT_INSTRUCTION);
	RESULT("off", 0, debug(0, 0, NULL));
}

static void errors(void)
{
	static struct kvm_hw_breakpoint many[51];
	struct kvm_hw_breakpoint watch = {
		.addr = DATA, .phys_addr = DATA, .len = 101, .type = KVM_HW_WP_WRITE};

	group("errors");
	EQUAL("KVM_CAP_SET_GUEST_DEBUG", 1, capability(vm, KVM_CAP_SET_GUEST_DEBUG));
	EQUAL("KVM_CAP_SET_GUEST_DEBUG2", 0x10003, capability(vm, KVM_CAP_SET_GUEST_DEBUG2));
	ready();
	REFUSED("unknown flag", vm, EINVAL, debug(STEP | 4, 0, NULL));
	REFUSED("51 points", vm, EINVAL, debug(POINTS, 51, many));
	RESULT("50 points", 0, debug(POINTS, 50, many));
	REFUSED("no array there", vm, EFAULT, debug(POINTS, 1, (void *)16));
	REFUSED("101 bytes", vm, EINVAL, debug(POINTS, 1, &watch));
	watch.len = 8;
	watch.phys_addr = MIB;
	REFUSED("no storage there", vm, EFAULT, debug(POINTS, 1, &watch));
	RESULT("no array, no points", 0, debug(POINTS, 1, NULL));
	EXITS("nothing is debugged", cpu, ICPT_INSTRUCTION);
}

int main(void)
{
	begin("debug", 300);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	steps();
	points();
	errors();
	vm_free(vm);
	return finish();
}
