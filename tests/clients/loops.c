/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interruption loops that KVM_RUN hands to user space (F.6). */
#include "lc.h"

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;

static void ready(void)
{
	vm_fresh(vm, 0);
	cpu->run->s.regs.ckc = ~0ull;
	cpu->run->s.regs.cputm = ~0ull >> 1;
	set_arch0(cpu);
	set_psw(cpu, PSW_64BIT, 0x10000);
}

/* What makes a PSW invalid, and what does not. */
static const struct {
	const char *name;
	uint64_t mask, address;
	bool valid;
} psws[] = {
	{"24-bit", PSW_24BIT, 0x20000, true},
	{"31-bit", PSW_31BIT, 0x20000, true},
	{"64-bit", PSW_64BIT, 0x20000, true},
	{"mask bit 0", PSW_64BIT | 0x8000000000000000ull, 0x20000, false},
	{"mask bit 2", PSW_64BIT | 0x2000000000000000ull, 0x20000, false},
	{"mask bit 3", PSW_64BIT | 0x1000000000000000ull, 0x20000, false},
	{"mask bit 4", PSW_64BIT | 0x0800000000000000ull, 0x20000, false},
	{"mask bit 12", PSW_64BIT | 0x0008000000000000ull, 0x20000, false},
	{"mask bit 24", PSW_64BIT | 0x0000008000000000ull, 0x20000, false},
	{"mask bit 30", PSW_64BIT | 0x0000000200000000ull, 0x20000, false},
	{"mask bit 33", PSW_64BIT | 0x0000000040000000ull, 0x20000, false},
	{"mask bit 63", PSW_64BIT | 1, 0x20000, false},
	{"EA without BA", 0x0000000100000000ull, 0x20000, false},
	{"31-bit, address too large", PSW_31BIT, 0x80000000, false},
	{"24-bit, address too large", PSW_24BIT, 0x1000000, false},
	{"odd address", PSW_64BIT, 0x20001, false},
	{"wait, odd address", PSW_DISABLED_WAIT, 0x20001, false},
};

static void specification(void)
{
	group("F.6 specification loop: an unaligned operand and an invalid program new PSW");
	for (size_t n = 0; n < sizeof(psws) / sizeof(*psws); n++) {
		context("%s", psws[n].name);
		ready();
		CODE(vm, 0x10000, CS(0, 0, 0, 0x201));
		CODE(vm, 0x20000, DONE);
		lowcore_new_psw(vm, 0, PROGRAM, psws[n].mask, psws[n].address);
		expect_now(vm);
		if (psws[n].valid) {
			EXITS("delivered", cpu, ICPT_INSTRUCTION);
			EQUAL("code", 6, get(vm, 0x8e, 2));
			EQUAL("length", 4, get(vm, 0x8c, 2));
			EQUAL("old PSW", 0x10004, get(vm, OLD_PSW(PROGRAM) + 8, 8));
			continue;
		}
		EXITS("loop", cpu, ICPT_PROGRAM);
		STORAGE("nothing delivered", vm);
		EXITS("again", cpu, ICPT_PROGRAM);
	}

	group("F.6 only code 6 counts: another goes to the invalid new PSW, and then loops");
	ready();
	/* An addressing exception. */
	CODE(vm, 0x10000, LGHI(1, 0x4000), SLLG(1, 1, 16), LG(2, 1, 0));
	lowcore_new_psw(vm, 0, PROGRAM, PSW_64BIT | 1, 0x20000);
	EXITS("loop", cpu, ICPT_PROGRAM);
	EQUAL("the first was delivered", 5, get(vm, 0x8e, 2));
	EQUAL("old PSW", 0x10010, get(vm, OLD_PSW(PROGRAM) + 8, 8));
	PSW_IS("at the new PSW", cpu, PSW_64BIT | 1, 0x20000);

	group("F.6 an injected program interrupt is delivered without the test");
	ready();
	CODE(vm, 0x10000, DONE);
	lowcore_new_psw(vm, 0, PROGRAM, PSW_64BIT | 1, 0x20000);
	RESULT("inject", 0, inject(cpu, irq_program_ilc(6, 4)));
	EXITS("the loop is noticed next", cpu, ICPT_PROGRAM);
	EQUAL("the injected one was delivered", 0x10000, get(vm, OLD_PSW(PROGRAM) + 8, 8));
	EQUAL("code", 6, get(vm, 0x8e, 2));
	PSW_IS("at the new PSW", cpu, PSW_64BIT | 1, 0x20000);

	group("F.6 a run begun with an invalid PSW is a specification exception");
	for (size_t n = 0; n < sizeof(psws) / sizeof(*psws); n++) {
		context("%s", psws[n].name);
		ready();
		CODE(vm, 0x20000, DONE);
		set_psw(cpu, psws[n].mask, psws[n].address);
		if (psws[n].mask & PSW_WAIT) {
			/* Nothing is fetched in a wait. */
			EXITS("waits", cpu, ICPT_WAIT);
			continue;
		}
		if (psws[n].valid) {
			EXITS("valid", cpu, ICPT_INSTRUCTION);
			continue;
		}
		TOOK("invalid", cpu, PROGRAM);
		EQUAL("code", 6, get(vm, 0x8e, 2));
		EQUAL("old PSW mask", psws[n].mask, get(vm, OLD_PSW(PROGRAM), 8));
		/* An odd address is found at the fetch, and may have been advanced. */
		if (psws[n].address % 2 == 0)
			EQUAL("old PSW address", psws[n].address, get(vm, OLD_PSW(PROGRAM) + 8, 8));
	}
}

static void operation(void)
{
	group("F.6 operation loop: the program new PSW leads to the same instruction");
	/* 0x0000 is an operation exception, whose PSW is 2 after it. */
	for (unsigned back = 0; back <= 12; back += 2) {
		uint64_t difference = back;

		context("PSW minus program-new address: %u", back);
		ready();
		CODE(vm, 0x10000, 0x0000);
		CODE(vm, 0x10002 - back, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000);
		lowcore_new_psw(vm, 0, PROGRAM, PSW_64BIT, 0x10002 - back);
		EXITS("loop", cpu, ICPT_OPERATION);
		if (difference <= 6) {
			PSW_IS("at once", cpu, PSW_64BIT, 0x10002);
			CHECK("nothing delivered", get(vm, 0x8e, 2) != 1);
		} else {
			/* Delivered once; the next one is at the new PSW. */
			PSW_IS("after one delivery", cpu, PSW_64BIT, 0x10002 - back + 2);
			EQUAL("code", 1, get(vm, 0x8e, 2));
			EQUAL("length", 2, get(vm, 0x8c, 2));
			EQUAL("old PSW", 0x10002, get(vm, OLD_PSW(PROGRAM) + 8, 8));
		}
	}

	group("F.6 no loop: new PSW waits, problem state, elsewhere");
	ready();
	CODE(vm, 0x10000, 0x0000);
	lowcore_new_psw(vm, 0, PROGRAM, PSW_DISABLED_WAIT, 0x10000);
	EXITS("new PSW waits", cpu, ICPT_WAIT);
	EQUAL("code", 1, get(vm, 0x8e, 2));
	ready();
	CODE(vm, 0x10000, 0x0000);
	lowcore_new_psw(vm, 0, PROGRAM, PSW_64BIT, 0x10000);
	set_psw(cpu, PSW_64BIT | PSW_PROBLEM, 0x10000);
	/* Delivered once from problem state, then it loops in supervisor state. */
	EXITS("problem state", cpu, ICPT_OPERATION);
	EQUAL("code", 1, get(vm, 0x8e, 2));
	EQUAL("old PSW mask", PSW_64BIT | PSW_PROBLEM, get(vm, OLD_PSW(PROGRAM), 8));
	PSW_IS("in supervisor state", cpu, PSW_64BIT, 0x10002);
	ready();
	CODE(vm, 0x10000, 0x0000);
	TOOK("elsewhere", cpu, PROGRAM);
	EQUAL("code", 1, get(vm, 0x8e, 2));
	EQUAL("length", 2, get(vm, 0x8c, 2));
	EQUAL("old PSW", 0x10002, get(vm, OLD_PSW(PROGRAM) + 8, 8));
}

static void timer(void)
{
	group("F.6 timer loop: due and enabled again in the external new PSW");
	for (int which = 0; which < 2; which++) {
		context(which ? "CPU timer" : "clock comparator");
		ready();
		set_cr(cpu, 0, which ? CR0_CPU_TIMER : CR0_CLOCK_COMPARATOR);
		CODE(vm, 0x20000, SPIN);
		lowcore_new_psw(vm, 0, EXTERNAL, PSW_EXTERNAL | PSW_64BIT, 0x20000);
		if (which)
			cpu->run->s.regs.cputm = ~0ull;
		else
			cpu->run->s.regs.ckc = 0;
		set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
		EXITS("loop", cpu, ICPT_EXTERNAL);
		/* It was due before the guest was entered: delivered once, as
		 * what is injected is; then the CPU finds it due again. */
		EQUAL("code", which ? 0x1005 : 0x1004, get(vm, 0x86, 2));
		EQUAL("old PSW", 0x10000, get(vm, OLD_PSW(EXTERNAL) + 8, 8));
		PSW_IS("in the handler", cpu, PSW_EXTERNAL | PSW_64BIT, 0x20000);
	}

	group("F.6 timer loop: due only once the guest runs, found at once");
	for (int which = 0; which < 2; which++) {
		context(which ? "CPU timer" : "clock comparator");
		ready();
		set_cr(cpu, 0, which ? CR0_CPU_TIMER : CR0_CLOCK_COMPARATOR);
		put(vm, 0x300, 8, which ? ~0ull : 0);
		if (which)
			CODE(vm, 0x10000, SPT(0, 0x300), SPIN);
		else
			CODE(vm, 0x10000, SCKC(0, 0x300), SPIN);
		lowcore_new_psw(vm, 0, EXTERNAL, PSW_EXTERNAL | PSW_64BIT, 0x20000);
		CODE(vm, 0x20000, SPIN);
		set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
		EXITS("loop", cpu, ICPT_EXTERNAL);
	}

	group("F.6 no timer loop: the external new PSW disables, or the handler rearms");
	ready();
	set_cr(cpu, 0, CR0_CLOCK_COMPARATOR);
	cpu->run->s.regs.ckc = 0;
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	TOOK("disabled", cpu, EXTERNAL);
}

int main(void)
{
	begin("loops", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	specification();
	operation();
	timer();
	vm_free(vm);
	return finish();
}
