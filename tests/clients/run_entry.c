/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_RUN: checks at entry (F.1), its results and signals (F.2). */
#define _GNU_SOURCE
#include "lc.h"

#include <endian.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;

static void ready(void)
{
	vm_fresh(vm, 0);
	CODE(vm, 0x10000, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
}

static void entry(void)
{
	static const unsigned long arguments[] = {1, 2, 0x1000, ~0ul};

	group("F.1 a nonzero argument is EINVAL, before everything else");
	for (size_t n = 0; n < sizeof(arguments) / sizeof(*arguments); n++) {
		context("argument %#lx", arguments[n]);
		ready();
		RESULT("restart", 0, inject(cpu, irq_restart()));
		cpu->run->exit_reason = 77;
		cpu->run->immediate_exit = 1;
		REFUSED("KVM_RUN", vm, EINVAL, kvm_value(cpu->fd, KVM_RUN, arguments[n]));
		EQUAL("not started", KVM_MP_STATE_STOPPED, mp_state(cpu));
	}

	group("F.1 immediate_exit: EINTR, nothing synchronised, nothing delivered");
	for (int value = 1; value < 256; value += 127) {
		ready();
		RESULT("restart", 0, inject(cpu, irq_restart()));
		cpu->run->exit_reason = 77;
		cpu->run->immediate_exit = (uint8_t)value;
		set_prefix(cpu, 0x6000);
		/* Bits that would be refused are not looked at yet. */
		cpu->run->kvm_dirty_regs |= 1ull << 40;
		REFUSED("KVM_RUN", vm, EINTR, run(cpu));
		EQUAL("exit_reason stays", 77, cpu->run->exit_reason);
		EQUAL("dirty bits stay", KVM_SYNC_PREFIX | 1ull << 40, cpu->run->kvm_dirty_regs);
		EQUAL("not started", KVM_MP_STATE_STOPPED, mp_state(cpu));
		cpu->run->immediate_exit = 0;
		cpu->run->kvm_dirty_regs = KVM_SYNC_PREFIX;
		lowcore_new_psws(vm, 0x6000);
		TOOK("afterwards", cpu, RESTART);
		EQUAL("the dirty prefix is used now", 0x6000, cpu->run->s.regs.prefix);
		EQUAL("dirty bits are consumed", 0, cpu->run->kvm_dirty_regs);
	}

	group("F.1 unknown bits in kvm_valid_regs or kvm_dirty_regs are EINVAL");
	for (unsigned bit = 13; bit < 64; bit++) {
		uint64_t valid;

		context("bit %u", bit);
		ready();
		valid = cpu->run->kvm_valid_regs;
		RESULT("restart", 0, inject(cpu, irq_restart()));
		cpu->run->kvm_valid_regs = valid | 1ull << bit;
		REFUSED("valid", vm, EINVAL, run(cpu));
		cpu->run->kvm_valid_regs = valid;
		cpu->run->kvm_dirty_regs = KVM_SYNC_PREFIX | 1ull << bit;
		REFUSED("dirty", vm, EINVAL, run(cpu));
		EQUAL("dirty bits stay", KVM_SYNC_PREFIX | 1ull << bit, cpu->run->kvm_dirty_regs);
		cpu->run->kvm_dirty_regs = 0;
		EQUAL("not started", KVM_MP_STATE_STOPPED, mp_state(cpu));
		TOOK("afterwards", cpu, RESTART);
	}

	group("F.1 every known bit is accepted, and kvm_valid_regs is the client's");
	ready();
	cpu->run->kvm_valid_regs = KVM_SYNC_S390_VALID_FIELDS;
	cpu->run->kvm_dirty_regs = KVM_SYNC_PREFIX | KVM_SYNC_CRS | KVM_SYNC_ARCH0 |
				   KVM_SYNC_PFAULT | KVM_SYNC_DIAG318 | KVM_SYNC_GPRS |
				   KVM_SYNC_ACRS;
	EXITS("all", cpu, ICPT_INSTRUCTION);
	EQUAL("valid bits are not touched", KVM_SYNC_S390_VALID_FIELDS, cpu->run->kvm_valid_regs);
	EQUAL("dirty bits are consumed", 0, cpu->run->kvm_dirty_regs);
	cpu->run->kvm_valid_regs = 0;
	cpu->run->s.regs.gprs[3] = 3;
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("no valid bit", cpu, ICPT_INSTRUCTION);
	EQUAL("general registers live in the run page", 3, cpu->run->s.regs.gprs[3]);

	group("A.7 which fields need their dirty bit");
	ready();
	fill_registers(cpu, 0x6000);
	EXITS("all dirty", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++) {
		cpu->run->s.regs.gprs[n] = n;
		cpu->run->s.regs.acrs[n] = n;
		cpu->run->s.regs.crs[n] = n;
	}
	cpu->run->s.regs.prefix = 0x8000;
	cpu->run->s.regs.ckc = cpu->run->s.regs.pp = cpu->run->s.regs.gbea = 7;
	cpu->run->s.regs.todpr = 7;
	cpu->run->s.regs.pft = 7;
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("none dirty", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++) {
		EQUAL("GR: taken", n, cpu->run->s.regs.gprs[n]);
		EQUAL("AR: taken", n, cpu->run->s.regs.acrs[n]);
		EQUAL("CR: written over", CR(n), cpu->run->s.regs.crs[n]);
	}
	EQUAL("prefix: written over", 0x6000, cpu->run->s.regs.prefix);
	EQUAL("comparator: written over", CLOCK_COMPARATOR, cpu->run->s.regs.ckc);
	EQUAL("TODPR: written over", TODPR, cpu->run->s.regs.todpr);
	EQUAL("pp: written over", PP, cpu->run->s.regs.pp);
	EQUAL("gbea: written over", GBEA, cpu->run->s.regs.gbea);
	EQUAL("pfault token: written over", ~0ull, cpu->run->s.regs.pft);
}

static unsigned handled;
static struct vm *handler_vm;

static void count_signal(int number)
{
	(void)number;
	handled++;
}

static void inject_from_handler(int number)
{
	(void)number;
	handled++;
	inject(&handler_vm->cpu[0], irq_restart());
}

static void on_signal(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	sigaction(number, &action, NULL);
}

/* A guest that counts at 0x30000 for ever. */
static void spinning(void)
{
	ready();
	put(vm, 0x30000, 8, 0);
	CODE(vm, 0x10000, LGHI(1, 3), SLLG(1, 1, 16), LG(2, 1, 0), AGHI(2, 1), STG(2, 1, 0), J(-8));
}

/* Sends a signal to the runner once its guest runs. */
static void signal_guest(struct runner *runner, int number)
{
	CHECK("the guest runs", guest_reaches(vm, 0x30000, 8, 100));
	pthread_kill(runner->thread, number);
}

static void signals(void)
{
	struct runner runner;
	sigset_t set;

	group("F.2 a signal ends a running guest: EINTR, KVM_EXIT_INTR, the handler has run");
	on_signal(SIGUSR1, count_signal);
	for (unsigned times = 1; times <= 5; times++) {
		spinning();
		cpu->run->exit_reason = 77;
		runner_start(&runner, cpu);
		signal_guest(&runner, SIGUSR1);
		RESULT("KVM_RUN", -EINTR, runner_join(&runner));
		EQUAL("exit_reason", KVM_EXIT_INTR, cpu->run->exit_reason);
		EQUAL("handler", times, handled);
		CHECK("the PSW is in the loop",
		      cpu->run->psw_addr >= 0x10000 && cpu->run->psw_addr < 0x10020);
		EQUAL("registers are in the run page", 0x30000, cpu->run->s.regs.gprs[1]);
	}

	group("F.2 a handler that does nothing, or injects, ends it too");
	spinning();
	runner_start(&runner, cpu);
	on_signal(SIGUSR1, inject_from_handler);
	handler_vm = vm;
	signal_guest(&runner, SIGUSR1);
	RESULT("KVM_RUN", -EINTR, runner_join(&runner));
	PENDING("injected by the handler", cpu, irq_restart());
	TOOK("and taken", cpu, RESTART);

	group("F.2 an ignored signal does not end it, a blocked one neither");
	signal(SIGUSR1, SIG_IGN);
	spinning();
	runner_start(&runner, cpu);
	signal_guest(&runner, SIGUSR1);
	CHECK("still running",
	      guest_reaches(vm, 0x30000, 8, get(vm, 0x30000, 8) + 100000) && !runner.done);
	runner_kick(&runner);
	RESULT("KVM_RUN", -EINTR, runner_join(&runner));
	on_signal(SIGUSR1, count_signal);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	handled = 0;
	spinning();
	runner_start(&runner, cpu);
	signal_guest(&runner, SIGUSR1);
	CHECK("still running",
	      guest_reaches(vm, 0x30000, 8, get(vm, 0x30000, 8) + 100000) && !runner.done);
	runner_kick(&runner);
	RESULT("KVM_RUN", -EINTR, runner_join(&runner));
	EQUAL("not handled", 0, handled);

	group("F.2 KVM_SET_SIGNAL_MASK holds for the time of KVM_RUN");
	struct {
		struct kvm_signal_mask head;
		uint8_t bits[8];
	} __attribute__((packed)) mask = {.head = {.len = 8}};

	/* Blocked outside, unblocked inside: pending before, it ends KVM_RUN at
	 * once, yet delivery happens and the guest is entered. */
	REFUSED("a wrong length", vm, EINVAL,
		(mask.head.len = 4, kvm(cpu->fd, KVM_SET_SIGNAL_MASK, &mask)));
	mask.head.len = 8;
	RESULT("KVM_SET_SIGNAL_MASK", 0, kvm(cpu->fd, KVM_SET_SIGNAL_MASK, &mask));
	ready();
	CODE(vm, HANDLER(RESTART), SPIN);
	lowcore_new_psw(vm, 0, RESTART, PSW_64BIT, HANDLER(RESTART));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	pthread_kill(pthread_self(), SIGUSR1);
	EQUAL("blocked outside", 0, handled);
	RESULT("KVM_RUN", -EINTR, run(cpu));
	EQUAL("exit_reason", KVM_EXIT_INTR, cpu->run->exit_reason);
	EQUAL("the PSW shows the delivery", HANDLER(RESTART), cpu->run->psw_addr);
	NONE_PENDING("delivered though a signal was pending", cpu);
	EQUAL("old PSW", 0x10000, get(vm, OLD_PSW(RESTART) + 8, 8));
	EQUAL("blocked again before its handler could run", 0, handled);
	RESULT("mask off", 0, kvm(cpu->fd, KVM_SET_SIGNAL_MASK, NULL));
	handled = 0;
	pthread_kill(pthread_self(), SIGUSR1);
	EQUAL("still blocked outside", 0, handled);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	CHECK("handled once unblocked", handled > 0);
	on_signal(SIGUSR1, count_signal);
}

static void results(void)
{
	group("F.2 an exit carries the instruction, the PSW is after it");
	ready();
	CODE(vm, 0x10000, 0x83a7, 0xb501);
	EXITS("DIAGNOSE", cpu, ICPT_INSTRUCTION);
	EQUAL("ipa", 0x83a7, cpu->run->s390_sieic.ipa);
	EQUAL("ipb", 0xb5010000, cpu->run->s390_sieic.ipb);
	PSW_IS("after it", cpu, PSW_64BIT, 0x10004);

	group("F.2 registers written back on every path past the checks");
	ready();
	fill_registers(cpu, 0x6000);
	CODE(vm, 0x10000, LGHI(7, 77), DONE);
	EXITS("run", cpu, ICPT_INSTRUCTION);
	for (unsigned n = 0; n < 16; n++) {
		EQUAL("GR", n == 7 ? 77 : GPR(n), cpu->run->s.regs.gprs[n]);
		EQUAL("AR", AR(n), cpu->run->s.regs.acrs[n]);
		EQUAL("CR", CR(n), cpu->run->s.regs.crs[n]);
		EQUAL("FPR", FPR(n), *fpr(cpu, n));
	}
	EQUAL("prefix", 0x6000, cpu->run->s.regs.prefix);
	EQUAL("FPC", FPC, cpu->run->s.regs.fpc);
	EQUAL("TODPR", TODPR, cpu->run->s.regs.todpr);
	EQUAL("comparator", CLOCK_COMPARATOR, cpu->run->s.regs.ckc);
	EQUAL("pp", PP, cpu->run->s.regs.pp);
	CHECK("the CPU timer has run",
	      cpu->run->s.regs.cputm < CPU_TIMER && cpu->run->s.regs.cputm > CPU_TIMER / 2);
	EQUAL("and stops outside KVM_RUN", cpu->run->s.regs.cputm, cpu_timer(cpu));

	group("F.2 no storage under the PSW, and none under the prefix area");
	ready();
	set_psw(cpu, PSW_64BIT, 0x40000000);
	TOOK("addressing exception", cpu, PROGRAM);
	EQUAL("code", 5, get(vm, 0x8e, 2));
	ready();
	set_prefix(cpu, 0x40000000);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("the low core cannot be reached", -EFAULT, run(cpu));
	EQUAL("registers are written back", 0x40000000, cpu->run->s.regs.prefix);

	group("F.2 storage that the client took away: EFAULT, then right again");
	ready();
	CODE(vm, 0x10000, LGHI(1, 3), SLLG(1, 1, 16), LG(2, 1, 0), DONE);
	mprotect(vm->storage + 0x30000, 0x1000, PROT_NONE);
	RESULT("KVM_RUN", -EFAULT, run(cpu));
	EQUAL("PSW at the access", 0x1000a, cpu->run->psw_addr);
	mprotect(vm->storage + 0x30000, 0x1000, PROT_READ | PROT_WRITE);
	put(vm, 0x30000, 8, 0x1122334455667788);
	EXITS("again", cpu, ICPT_INSTRUCTION);
	EQUAL("the value", 0x1122334455667788, cpu->run->s.regs.gprs[2]);

	group("code that a client writes while the guest runs takes effect");
	struct runner runner;

	spinning();
	runner_start(&runner, cpu);
	CHECK("the guest runs", guest_reaches(vm, 0x30000, 8, 1000));
	/* The jump back becomes a DIAGNOSE, in one store. */
	__atomic_store_n((uint16_t *)at(vm, 0x1001a), htobe16(0x8300), __ATOMIC_RELEASE);
	RESULT("KVM_RUN", 0, runner_join(&runner));
	EQUAL("exit", ICPT_INSTRUCTION, cpu->run->s390_sieic.icptcode);
	EQUAL("PSW", 0x1001e, cpu->run->psw_addr);
}

int main(void)
{
	begin("run_entry", 240);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	entry();
	signals();
	results();
	vm_free(vm);
	return finish();
}
