/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SIGNAL PROCESSOR: decoding (E.1) and orders (E.2). */
#include "lc.h"

#include "code.h"

enum {
	SENSE = 1, CALL, EMERGENCY, START, STOP, RESTART_ORDER, STOP_AND_STORE = 9,
	INITIAL_RESET = 11, RESET, SET_PREFIX, STORE_STATUS, SET_ARCHITECTURE = 18,
	CONDITIONAL_EMERGENCY, SENSE_RUNNING = 21, SET_MULTITHREADING, STORE_ADDITIONAL,
};
enum { CODE_AT = 0x18000, EXIT = -1 };

static const unsigned fast[] = {SENSE, CALL, EMERGENCY, CONDITIONAL_EMERGENCY, SENSE_RUNNING};
static const unsigned unknown[] = {0, 7, 8, 10, 15, 16, 17, 20, SET_MULTITHREADING,
				   STORE_ADDITIONAL, 24, 0x7f, 0x80, 0xff};

static struct vm *vm;
static struct cpu *sender, *target;

/* GR2, GR3: status and parameter; GR4: address; GR5: order. */
#define STATUS 0x1122334455667788ull

static void prepare(uint64_t order, uint64_t address, uint64_t parameter)
{
	uint64_t *gprs = (uint64_t *)sender->run->s.regs.gprs;

	CODE(vm, vm->origin + CODE_AT, SIGP(2, 4, 5, 0), DONE);
	gprs[2] = STATUS;
	gprs[3] = parameter;
	gprs[4] = address;
	gprs[5] = order;
	set_psw(sender, PSW_64BIT, vm->origin + CODE_AT);
}

/* Runs the order on the sender: the condition code, or EXIT when user space
 * got the SIGP, decoded. */
static int sigp(uint64_t order, uint64_t address, uint64_t parameter)
{
	prepare(order, address, parameter);
	EXITS("the sender's run", sender, ICPT_INSTRUCTION);
	if (sender->run->s390_sieic.ipa == 0x8300) {
		EQUAL("PSW after the DIAGNOSE", vm->origin + CODE_AT + 8, sender->run->psw_addr);
		return sender->run->psw_mask >> 44 & 3;
	}
	EQUAL("exit: ipa", 0xae24, sender->run->s390_sieic.ipa);
	EQUAL("exit: ipb", 0x50000000, sender->run->s390_sieic.ipb);
	EQUAL("exit: PSW after the SIGP", vm->origin + CODE_AT + 4, sender->run->psw_addr);
	EQUAL("exit: no status", STATUS, sender->run->s.regs.gprs[2]);
	return EXIT;
}

/* Condition code 0, 2 or 3: GR2 is left alone. */
static void accepted(const char *what, int cc, uint64_t order, uint64_t address, uint64_t parameter)
{
	RESULT(what, cc, sigp(order, address, parameter));
	EQUAL("no status", STATUS, sender->run->s.regs.gprs[2]);
}

/* Condition code 1: GR2's right half is the status, its left half is kept. */
static void refused(const char *what, uint32_t status, uint64_t order, uint64_t address,
		    uint64_t parameter)
{
	RESULT(what, 1, sigp(order, address, parameter));
	EQUAL("status", (STATUS & ~0xffffffffull) | status, sender->run->s.regs.gprs[2]);
}

static void fresh(bool operating)
{
	vm_fresh(vm, 0);
	if (operating)
		make_operating(target);
}

static bool facility(unsigned number)
{
	vm_fresh(vm, 0);
	CODE(vm, CODE_AT, S_(0xb2b1, 0, 0), DONE);
	set_psw(sender, PSW_64BIT, CODE_AT);
	EXITS("STFL", sender, ICPT_INSTRUCTION);
	return get(vm, 200, 4) >> (31 - number) & 1;
}

static void decode(void)
{
	group("E.1 problem state: privileged operation, before anything else");
	fresh(false);
	prepare(SENSE, 1, 0);
	set_psw(sender, PSW_64BIT | PSW_PROBLEM, CODE_AT);
	TOOK("privileged", sender, PROGRAM);
	EQUAL("code", 2, get(vm, 0x8e, 2));
	EQUAL("length", 4, get(vm, 0x8c, 2));
	EQUAL("old PSW address", CODE_AT + 4, get(vm, OLD_PSW(PROGRAM) + 8, 8));

	group("E.1 the order is the low 8 bits of base plus displacement");
	fresh(false);
	refused("0x1234567890001 is SENSE", 0x40, 0x1234567890001, 1, 0);
	CODE(vm, CODE_AT, SIGP(2, 4, 5, 0xf01), DONE);
	sender->run->s.regs.gprs[2] = STATUS;
	sender->run->s.regs.gprs[5] = 0x100;
	set_psw(sender, PSW_64BIT, CODE_AT);
	EXITS("displacement", sender, ICPT_INSTRUCTION);
	EQUAL("displacement: 0x100 + 0xf01 is SENSE", (STATUS & ~0xffffffffull) | 0x40,
	      sender->run->s.regs.gprs[2]);

	group("E.1 the address is the low 16 bits of GR r3");
	fresh(false);
	refused("garbage above", 0x40, SENSE, 0xffffffffffff0001, 0);

	group("E.1 the parameter is in r1 when r1 is odd, else in r1 + 1; its low 32 bits");
	fresh(false);
	accepted("even", 0, SET_PREFIX, 1, 0xffffffff00006000);
	PENDING("even", target, irq_prefix(0x6000));
	fresh(false);
	CODE(vm, CODE_AT, SIGP(3, 4, 5, 0), DONE);
	sender->run->s.regs.gprs[3] = 0xffffffff00008000;
	sender->run->s.regs.gprs[4] = 1;
	sender->run->s.regs.gprs[5] = SET_PREFIX;
	set_psw(sender, PSW_64BIT, CODE_AT);
	EXITS("odd", sender, ICPT_INSTRUCTION);
	PENDING("odd", target, irq_prefix(0x8000));
	EQUAL("odd: r1 is left alone", 0xffffffff00008000, sender->run->s.regs.gprs[3]);

	group("E.1 no CPU of that address: condition code 3");
	static const unsigned missing[] = {2, 3, 4, 6, 0x100, 0xffff};
	static const unsigned orders[] = {
		SENSE, CALL, EMERGENCY, START, STOP, RESTART_ORDER, STOP_AND_STORE, INITIAL_RESET,
		RESET, SET_PREFIX, STORE_STATUS, CONDITIONAL_EMERGENCY, SENSE_RUNNING,
		SET_MULTITHREADING, STORE_ADDITIONAL, 0, 0xff,
	};

	fresh(false);
	for (size_t n = 0; n < sizeof(missing) / 4; n++)
		for (size_t order = 0; order < sizeof(orders) / 4; order++) {
			context("order %u, address %#x", orders[order], missing[n]);
			accepted("not operational", 3, orders[order], missing[n], 0x6000);
		}
	context("SET ARCHITECTURE");
	refused("the address is not looked at", 0x100, SET_ARCHITECTURE, 2, 1);

	group("E.1 a pending stop or restart: condition code 2, but for the resets");
	for (int restart = 0; restart < 2; restart++) {
		fresh(true);
		RESULT("inject", 0, inject(target, restart ? irq_restart() : irq_stop(0)));
		for (size_t order = 0; order < sizeof(orders) / 4; order++) {
			context("%s pending, order %u", restart ? "restart" : "stop", orders[order]);
			expect_now(vm);
			if (orders[order] == INITIAL_RESET || orders[order] == RESET)
				RESULT("exits", EXIT, sigp(orders[order], 1, 0));
			else
				accepted("busy", 2, orders[order], 1, 0x6000);
			expect_any(vm, CODE_AT, 8);
			STORAGE("nothing stored", vm);
			if (restart)
				PENDING("unchanged", target, irq_restart());
			else
				PENDING("unchanged", target, irq_stop(0));
		}
		context("SET ARCHITECTURE");
		refused("not busy", 0x100, SET_ARCHITECTURE, 1, 1);
	}
}

static void signals(void)
{
	group("E.2 SENSE: stopped, external call pending");
	fresh(true);
	accepted("operating", 0, SENSE, 1, 0);
	accepted("itself", 0, SENSE, 0, 0);
	RESULT("inject", 0, inject(target, irq_external_call(0)));
	refused("operating, call pending", 0x80, SENSE, 1, 0);
	fresh(false);
	refused("stopped", 0x40, SENSE, 1, 0);
	RESULT("inject", 0, inject(target, irq_external_call(0)));
	refused("stopped, call pending", 0xc0, SENSE, 1, 0);
	RESULT("inject", 0, inject(target, irq_emergency(0)));
	refused("other interrupts do not show", 0xc0, SENSE, 1, 0);

	group("E.2 EXTERNAL CALL: the source is the sender's id");
	fresh(true);
	accepted("first", 0, CALL, 1, 0);
	PENDING("first", target, irq_external_call(0));
	refused("second", 0x80, CALL, 1, 0);
	PENDING("second", target, irq_external_call(0));
	accepted("itself", 0, CALL, 0, 0);
	PENDING("itself", sender, irq_external_call(0));

	group("E.2 EMERGENCY SIGNAL");
	fresh(false);
	accepted("to a stopped CPU", 0, EMERGENCY, 1, 0);
	accepted("again", 0, EMERGENCY, 1, 0);
	PENDING("once", target, irq_emergency(0));
	sender = &vm->cpu[2];
	accepted("from another", 0, EMERGENCY, 1, 0);
	sender = &vm->cpu[0];
	PENDING("both", target, irq_emergency(0), irq_emergency(5));

	group("E.2 CONDITIONAL EMERGENCY SIGNAL: always accepted");
	fresh(true);
	accepted("operating", 0, CONDITIONAL_EMERGENCY, 1, 0x1234);
	PENDING("operating", target, irq_emergency(0));
	fresh(false);
	accepted("stopped", 0, CONDITIONAL_EMERGENCY, 1, 0);
	PENDING("stopped", target, irq_emergency(0));

	group("E.2 SENSE RUNNING STATUS");
	if (facility(9)) {
		struct runner runner;

		fresh(true);
		refused("operating, not in KVM_RUN", 0x400, SENSE_RUNNING, 1, 0);
		accepted("itself", 0, SENSE_RUNNING, 0, 0);
		put(vm, 0x30000, 8, 0);
		CODE(vm, 0x20000, LGHI(1, 3), SLLG(1, 1, 16), LG(2, 1, 0), AGHI(2, 1),
		     STG(2, 1, 0), J(-8));
		set_psw(target, PSW_64BIT, 0x20000);
		runner_start(&runner, target);
		CHECK("the target runs", guest_reaches(vm, 0x30000, 8, 1));
		/* On a busy host it may lose its host CPU now and then. */
		int cc = 1;

		for (int times = 0; times < 10000 && cc; times++)
			cc = sigp(SENSE_RUNNING, 1, 0);
		EQUAL("running", 0, cc);
		runner_kick(&runner);
		RESULT("the target's run", -EINTR, runner_join(&runner));
	} else {
		refused("without facility 9", 0x2, SENSE_RUNNING, 1, 0);
	}
}

static void starts_and_stops(void)
{
	group("E.2 START, RESTART and the resets go to user space");
	static const unsigned orders[] = {START, RESTART_ORDER, INITIAL_RESET, RESET};

	for (int operating = 0; operating < 2; operating++)
		for (size_t n = 0; n < 4; n++) {
			context("order %u, %s", orders[n], operating ? "operating" : "stopped");
			fresh(operating);
			RESULT("exits", EXIT, sigp(orders[n], 1, 0));
			NONE_PENDING("nothing done", target);
			EQUAL("nothing done",
			      operating ? KVM_MP_STATE_OPERATING : KVM_MP_STATE_STOPPED,
			      mp_state(target));
		}

	group("E.2 unknown orders go to user space, SET MULTITHREADING and STORE ADDITIONAL too");
	fresh(false);
	for (size_t n = 0; n < sizeof(unknown) / 4; n++) {
		context("order %u", unknown[n]);
		RESULT("exits", EXIT, sigp(unknown[n], 1, 0));
	}

	group("E.2 STOP");
	fresh(true);
	accepted("operating", 0, STOP, 1, 0);
	PENDING("operating", target, irq_stop(0));
	accepted("pending", 2, STOP, 1, 0);
	EXITS("the target stops", target, ICPT_STOP);
	accepted("stopped", 0, STOP, 1, 0);
	NONE_PENDING("stopped", target);

	group("E.2 SET ARCHITECTURE is always refused");
	for (uint64_t mode = 0; mode < 4; mode++)
		refused("mode", 0x100, SET_ARCHITECTURE, 1, mode);

	group("E.2 SET PREFIX");
	fresh(false);
	accepted("stopped", 0, SET_PREFIX, 1, 0x80006fff);
	PENDING("stopped: bits 1 to 18 of the parameter", target, irq_prefix(0x6000));
	accepted("again", 0, SET_PREFIX, 1, 0x8000);
	PENDING("replaced", target, irq_prefix(0x8000));
	refused("no storage there", 0x100, SET_PREFIX, 1, MIB);
	refused("no storage there", 0x100, SET_PREFIX, 1, 0x7fffe000);
	PENDING("unchanged", target, irq_prefix(0x8000));
	fresh(true);
	refused("operating", 0x200, SET_PREFIX, 1, 0x6000);
	refused("operating, no storage there", 0x100, SET_PREFIX, 1, MIB);
	NONE_PENDING("operating", target);
}

/* C.9 for a CPU right after a clear reset. */
static void expect_reset_status(uint64_t base)
{
	for (unsigned n = 0; n < 0x200; n++)
		if (n < 0x110 || (n >= 0x118 && n < 0x120) || (n >= 0x124 && n < 0x138) ||
		    n >= 0x140)
			expect(vm, base + 0x1200 + n, 1, 0);
	expect(vm, base + 0x1380, 8, 0xe0);
	expect(vm, base + 0x1380 + 8 * 14, 8, 0xc2000000);
}

static void status(void)
{
	static const uint64_t addresses[] = {0x30000, 0x301ff, 0x80030000, 0x1200, 0x40200};

	group("E.2 STOP AND STORE STATUS");
	for (int pattern = 0; pattern < 2; pattern++) {
		context("stopped, pattern %d", pattern);
		vm_fresh(vm, pattern);
		prepare(0, 0, 0);
		expect_now(vm);
		expect_reset_status(0);
		expect(vm, 163, 1, 1);
		accepted("stores at once", 0, STOP_AND_STORE, 1, 0);
		STORAGE("stored at absolute 0", vm);
		NONE_PENDING("nothing queued", target);
	}
	fresh(true);
	context("operating");
	prepare(0, 0, 0);
	expect_now(vm);
	accepted("queued", 0, STOP_AND_STORE, 1, 0);
	PENDING("queued", target, irq_stop(1));
	STORAGE("nothing stored yet", vm);
	accepted("pending", 2, STOP_AND_STORE, 1, 0);
	PENDING("pending", target, irq_stop(1));

	group("E.2 STORE STATUS AT ADDRESS: bits 1 to 22 of the parameter");
	for (size_t n = 0; n < sizeof(addresses) / sizeof(*addresses); n++)
		for (int pattern = 0; pattern < 2; pattern++) {
			context("parameter %#llx", (unsigned long long)addresses[n]);
			vm_fresh(vm, pattern);
			prepare(0, 0, 0);
			expect_now(vm);
			expect_reset_status((addresses[n] & 0x7ffffe00) - 0x1200);
			accepted("stopped", 0, STORE_STATUS, 1, addresses[n]);
			STORAGE("stored there", vm);
		}
	context("refused");
	fresh(false);
	prepare(0, 0, 0);
	expect_now(vm);
	refused("no storage there", 0x100, STORE_STATUS, 1, MIB);
	refused("no storage there", 0x100, STORE_STATUS, 1, 0x7ffffe00);
	STORAGE("nothing stored", vm);
	fresh(true);
	prepare(0, 0, 0);
	expect_now(vm);
	refused("operating", 0x200, STORE_STATUS, 1, 0x30000);
	refused("operating, no storage there", 0x200, STORE_STATUS, 1, MIB);
	STORAGE("nothing stored", vm);

	group("E.2 STOP AND STORE STATUS: a store that fails ends KVM_RUN with EFAULT");
	vm_free(vm);
	vm = vm_new_at(MIB, MIB, 2, 0, 1);
	sender = &vm->cpu[0];
	target = &vm->cpu[1];
	set_prefix(sender, MIB);
	prepare(STOP_AND_STORE, 1, 0);
	RESULT("KVM_RUN", -EFAULT, run(sender));
	NONE_PENDING("nothing queued", target);
	vm_free(vm);
}

static void user_sigp(void)
{
	static const unsigned slow[] = {START, STOP, RESTART_ORDER, STOP_AND_STORE, INITIAL_RESET,
					RESET, SET_PREFIX, STORE_STATUS, SET_ARCHITECTURE};

	vm = vm_new(3, 0, 1, 5);
	sender = &vm->cpu[0];
	target = &vm->cpu[1];
	if (capability(vm, KVM_CAP_S390_USER_SIGP) <= 0)
		return;
	group("E.2 USER_SIGP: all but the five fast orders go to user space unchecked");
	RESULT("KVM_CAP_S390_USER_SIGP", 0, enable_capability(vm->fd, KVM_CAP_S390_USER_SIGP));
	RESULT("a second time", 0, enable_capability(vm->fd, KVM_CAP_S390_USER_SIGP));
	fresh(true);
	RESULT("stop", 0, inject(target, irq_stop(0)));
	for (size_t n = 0; n < sizeof(slow) / 4; n++) {
		context("order %u", slow[n]);
		RESULT("to a busy CPU", EXIT, sigp(slow[n], 1, MIB));
		RESULT("to no CPU", EXIT, sigp(slow[n], 2, MIB));
		PENDING("nothing done", target, irq_stop(0));
	}
	for (size_t n = 0; n < sizeof(unknown) / 4; n++) {
		context("order %u", unknown[n]);
		RESULT("to a busy CPU", EXIT, sigp(unknown[n], 1, 0));
		RESULT("to no CPU", EXIT, sigp(unknown[n], 2, 0));
	}

	group("E.2 USER_SIGP: the fast orders stay in the kernel");
	for (size_t n = 0; n < sizeof(fast) / 4; n++) {
		context("order %u", fast[n]);
		accepted("to a busy CPU", 2, fast[n], 1, 0);
		accepted("to no CPU", 3, fast[n], 2, 0);
	}
	context("done");
	fresh(true);
	accepted("SENSE", 0, SENSE, 1, 0);
	accepted("EXTERNAL CALL", 0, CALL, 1, 0);
	accepted("EMERGENCY SIGNAL", 0, EMERGENCY, 1, 0);
	PENDING("both", target, irq_external_call(0), irq_emergency(0));

	group("E.2 USER_SIGP: problem state is still checked first");
	fresh(false);
	prepare(STOP, 1, 0);
	set_psw(sender, PSW_64BIT | PSW_PROBLEM, CODE_AT);
	TOOK("privileged", sender, PROGRAM);
	EQUAL("code", 2, get(vm, 0x8e, 2));
	vm_free(vm);
}

int main(void)
{
	begin("sigp", 120);
	vm = vm_new(3, 0, 1, 5);
	sender = &vm->cpu[0];
	target = &vm->cpu[1];
	decode();
	signals();
	starts_and_stops();
	status();
	user_sigp();
	return finish();
}
