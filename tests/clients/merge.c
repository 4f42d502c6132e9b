/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How program interrupts (B.3) and machine checks (B.4) merge while pending. */
#include "lc.h"

#include "code.h"

/* A program interrupt whose every byte names its field and `turn`. */
static struct kvm_s390_irq filled(uint16_t code, uint8_t turn, uint8_t flags)
{
	struct kvm_s390_irq value = irq(KVM_S390_PROGRAM_INT);
	uint64_t all = 0x0101010101010101ull;

	value.u.pgm.trans_exc_code = all * (0x10 + turn);
	value.u.pgm.mon_code = all * (0x20 + turn);
	value.u.pgm.per_address = all * (0x30 + turn);
	value.u.pgm.data_exc_code = (uint32_t)all * (0x40u + turn);
	value.u.pgm.code = code;
	value.u.pgm.mon_class_nr = (uint16_t)(0x0101 * (0x50 + turn));
	value.u.pgm.per_code = (uint8_t)(0x60 + turn);
	value.u.pgm.per_atmid = (uint8_t)(0x70 + turn);
	value.u.pgm.exc_access_id = (uint8_t)(0x80 + turn);
	value.u.pgm.per_access_id = (uint8_t)(0x90 + turn);
	value.u.pgm.op_access_id = (uint8_t)(0xa0 + turn);
	value.u.pgm.flags = flags;
	return value;
}

/* The slot with its fields taken from these turns; 0 is "never set". */
static struct kvm_s390_irq slot(uint16_t code, uint8_t turn, uint8_t per_turn, uint8_t flags)
{
	struct kvm_s390_irq value = irq(KVM_S390_PROGRAM_INT);
	struct kvm_s390_irq other = filled(code, turn, flags), per = filled(code, per_turn, flags);

	if (turn)
		value = other;
	value.u.pgm.code = code;
	value.u.pgm.flags = flags;
	value.u.pgm.per_address = per_turn ? per.u.pgm.per_address : 0;
	value.u.pgm.per_code = per_turn ? per.u.pgm.per_code : 0;
	value.u.pgm.per_atmid = per_turn ? per.u.pgm.per_atmid : 0;
	value.u.pgm.per_access_id = per_turn ? per.u.pgm.per_access_id : 0;
	return value;
}

enum { ILC_VALID = 1, NO_REWIND = 8 };

static void program(void)
{
	/* Codes injected in turn; then the slot's code, and the turns whose
	 * fields it holds: all but PER's, and PER's. */
	static const struct {
		uint16_t codes[3];
		uint16_t code;
		uint8_t turn, per_turn;
	} cases[] = {
		{{0x80}, 0x80, 0, 1},
		{{0x10}, 0x10, 1, 0},
		{{0x90}, 0x90, 1, 1},
		{{0}, 0, 1, 0},
		{{0x80, 0x80}, 0x80, 0, 2},
		{{0x10, 0x80}, 0x90, 1, 2},
		{{0x90, 0x80}, 0x90, 1, 2},
		{{0x80, 0x10}, 0x90, 2, 1},
		{{0x80, 0}, 0x80, 2, 1},
		{{0x10, 0x11}, 0x11, 2, 0},
		{{0x11, 0x10}, 0x10, 2, 0},
		{{0x90, 0x11}, 0x91, 2, 1},
		{{0x10, 0}, 0, 2, 0},
		{{0x80, 0x91}, 0x91, 2, 2},
		{{0x10, 0x91}, 0x91, 2, 2},
		{{0x90, 0x91}, 0x91, 2, 2},
		{{0x119, 0x80}, 0x199, 1, 2},
		{{0x80, 0x119}, 0x199, 2, 1},
		{{0x80, 0x10, 0x11}, 0x91, 3, 1},
		{{0x10, 0x80, 0x11}, 0x91, 3, 2},
		{{0x10, 0x11, 0x80}, 0x91, 2, 3},
		{{0x91, 0x80, 0x12}, 0x92, 3, 2},
		{{0x91, 0x12, 0x80}, 0x92, 2, 3},
		{{0x10, 0x80, 0x80}, 0x90, 1, 3},
		{{0x80, 0x80, 0x10}, 0x90, 3, 2},
		{{0x91, 0x92, 0x93}, 0x93, 3, 3},
	};
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];

	group("B.3 program interrupts merge by their PER bit");
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		unsigned turns = cases[n].codes[2] ? 3 : cases[n].codes[1] || n >= 4 ? 2 : 1;
		uint8_t flags = 0;

		vm_fresh(vm, 0);
		context("codes %#x %#x %#x", cases[n].codes[0], cases[n].codes[1],
			cases[n].codes[2]);
		for (unsigned turn = 1; turn <= turns; turn++) {
			/* Lengths 2, 4, 6 and no-rewind now and then: the last one's stay. */
			flags = (uint8_t)(ILC_VALID | 2 * turn | (turn & 1 ? NO_REWIND : 0));
			RESULT("inject", 0,
			       inject(cpu, filled(cases[n].codes[turn - 1], (uint8_t)turn, flags)));
		}
		PENDING("slot", cpu,
			slot(cases[n].code, cases[n].turn, cases[n].per_turn, flags));
	}

	group("B.3 the slot is zeroed by delivery and by a reset");
	vm_fresh(vm, 0);
	RESULT("both parts", 0, inject(cpu, filled(0x90, 1, ILC_VALID)));
	TOOK("delivery", cpu, PROGRAM);
	NONE_PENDING("delivered", cpu);
	RESULT("PER alone", 0, inject(cpu, filled(0x80, 2, ILC_VALID)));
	PENDING("after delivery", cpu, slot(0x80, 0, 2, ILC_VALID));
	vm_fresh(vm, 0);
	RESULT("both parts", 0, inject(cpu, filled(0x90, 1, ILC_VALID)));
	RESULT("normal reset", 0, kvm_value(cpu->fd, KVM_S390_NORMAL_RESET, 0));
	RESULT("other than PER", 0, inject(cpu, filled(0x10, 2, ILC_VALID)));
	PENDING("after a reset", cpu, slot(0x10, 2, 0, ILC_VALID));
	vm_free(vm);
}

static void check_length(struct cpu *cpu, const char *what, uint8_t length)
{
	struct kvm_s390_irq with_no_rewind = irq_program(1);

	RESULT(what, 0, inject(cpu, irq_program(1)));
	PENDING(what, cpu, irq_program_ilc(1, length));
	/* The two length bits are replaced, NO_REWIND is kept. */
	with_no_rewind.u.pgm.flags = 0x06 | NO_REWIND;
	RESULT(what, 0, inject(cpu, with_no_rewind));
	PENDING(what, cpu, irq_program_ilc(1, length | NO_REWIND));
}

static void lengths(void)
{
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];
	struct runner runner;

	group("B.3 the instruction length is that of the last intercept");
	vm_fresh(vm, 0);
	check_length(cpu, "no intercept yet", 0);

	vm_fresh(vm, 0);
	make_operating(cpu);
	check_length(cpu, "DIAGNOSE", 4);

	vm_fresh(vm, 0);
	CODE(vm, 0x10000, EX(0, 0, 0x200));
	CODE(vm, 0x200, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("EXECUTE of DIAGNOSE", cpu, ICPT_INSTRUCTION);
	check_length(cpu, "EXECUTE of DIAGNOSE", 4);

	vm_fresh(vm, 0);
	CODE(vm, 0x10000, EXRL(0, 8));
	CODE(vm, 0x10010, DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("EXECUTE RELATIVE LONG of DIAGNOSE", cpu, ICPT_INSTRUCTION);
	EQUAL("PSW after the EXRL", 0x10006, cpu->run->psw_addr);
	check_length(cpu, "EXECUTE RELATIVE LONG of DIAGNOSE", 6);

	vm_fresh(vm, 0);
	set_psw(cpu, PSW_DISABLED_WAIT, 0x10000);
	EXITS("disabled wait", cpu, ICPT_WAIT);
	check_length(cpu, "disabled wait", 0);

	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	EXITS("stop", cpu, ICPT_STOP);
	check_length(cpu, "stop", 0);

	/* A specification loop: CS of an unaligned word, and a program new
	 * PSW that is invalid. The length is the instruction's. */
	vm_fresh(vm, 0);
	lowcore_new_psw(vm, 0, PROGRAM, PSW_64BIT, 1);
	CODE(vm, 0x10000, CS(0, 0, 0, 0x201));
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("program interruption loop", cpu, ICPT_PROGRAM);
	check_length(cpu, "program interruption loop", 4);

	/* After a guest entry that ended with no intercept it is 0 again. */
	vm_fresh(vm, 0);
	put(vm, 0x11000, 8, 0);
	CODE(vm, 0x10000, DONE, LGHI(1, 0x110), SLLG(1, 1, 8), LG(2, 1, 0), AGHI(2, 1),
	     STG(2, 1, 0), J(-8));
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("DIAGNOSE first", cpu, ICPT_INSTRUCTION);
	runner_start(&runner, cpu);
	CHECK("the guest runs", guest_reaches(vm, 0x11000, 8, 1000));
	runner_kick(&runner);
	RESULT("a signal ends the run", -EINTR, runner_join(&runner));
	check_length(cpu, "a run that ended with EINTR", 0);

	if (capability(vm, KVM_CAP_S390_USER_INSTR0) > 0) {
		RESULT("KVM_CAP_S390_USER_INSTR0", 0,
		       enable_capability(vm->fd, KVM_CAP_S390_USER_INSTR0));
		vm_fresh(vm, 0);
		CODE(vm, 0x10000, 0x0000);
		set_psw(cpu, PSW_64BIT, 0x10000);
		EXITS("instruction 0000", cpu, ICPT_OPERATION);
		check_length(cpu, "instruction 0000", 2);
	}
	vm_free(vm);
}

/* A machine check whose payload names `turn`. */
static struct kvm_s390_irq damaged(uint64_t cr14, uint64_t mcic, uint8_t turn)
{
	struct kvm_s390_irq value = irq_machine_check(cr14, mcic);

	value.u.mchk.failing_storage_address = 0x0101010101010101ull * turn;
	value.u.mchk.ext_damage_code = 1u << turn;
	memset(value.u.mchk.fixed_logout, 0x10 * turn, 16);
	return value;
}

static struct kvm_s390_irq merged(uint64_t cr14, uint64_t mcic, uint8_t newest, uint32_t damage)
{
	struct kvm_s390_irq value = damaged(cr14, mcic, newest);

	value.u.mchk.ext_damage_code = damage;
	return value;
}

static void machine_checks(void)
{
	static const uint64_t exigent[] = {MCIC_SYSTEM_DAMAGE, MCIC_INSTRUCTION_DAMAGE};
	static const uint64_t repressible[] = {MCIC_EXTERNAL_DAMAGE, MCIC_DEGRADATION, MCIC_WARNING};
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];

	group("B.4 cr14, mcic and damage code are ORed, address and logout replaced");
	vm_fresh(vm, 0);
	RESULT("first", 0, inject(cpu, damaged(0x10, MCIC_WARNING | 0x1, 1)));
	PENDING("first", cpu, damaged(0x10, MCIC_WARNING | 0x1, 1));
	RESULT("second", 0, inject(cpu, damaged(0x21, MCIC_DEGRADATION | 0x4, 2)));
	PENDING("second", cpu, merged(0x31, MCIC_WARNING | MCIC_DEGRADATION | 0x5, 2, 0x6));
	RESULT("third", 0, inject(cpu, damaged(0, MCIC_WARNING, 3)));
	PENDING("third", cpu, merged(0x31, MCIC_WARNING | MCIC_DEGRADATION | 0x5, 3, 0xe));

	group("B.4 which bits make which class pending");
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t mcic = 1ull << (63 - bit);

		context("mcic bit %u", bit);
		vm_fresh(vm, 0);
		RESULT("inject", 0, inject(cpu, irq_machine_check(CR14_WARNING, mcic)));
		if (bit == 0 || bit == 1 || bit == 5 || bit == 7 || bit == 8)
			PENDING("a class", cpu, irq_machine_check(CR14_WARNING, mcic));
		else
			NONE_PENDING("no class", cpu);
		/* Exigent ones need no CR14: that tells the two classes apart. */
		set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
		set_cr(cpu, 14, 0);
		CODE(vm, 0x10000, DONE);
		if (bit <= 1)
			TOOK("exigent", cpu, MACHINE_CHECK);
		else
			EXITS("not exigent", cpu, ICPT_INSTRUCTION);
	}

	group("B.4 repressible, then exigent: both pending with one merged payload");
	for (size_t r = 0; r < 3; r++)
		for (size_t e = 0; e < 2; e++) {
			context("%zu, %zu", r, e);
			vm_fresh(vm, 0);
			RESULT("repressible", 0, inject(cpu, damaged(1, repressible[r], 1)));
			RESULT("exigent", 0, inject(cpu, damaged(2, exigent[e], 2)));
			PENDING("two entries", cpu, merged(3, repressible[r] | exigent[e], 2, 6),
				merged(3, repressible[r] | exigent[e], 2, 6));
			/* The merged code stays exigent. */
			vm_fresh(vm, 0);
			RESULT("exigent", 0, inject(cpu, damaged(2, exigent[e], 1)));
			RESULT("repressible", 0, inject(cpu, damaged(1, repressible[r], 2)));
			PENDING("one entry", cpu, merged(3, repressible[r] | exigent[e], 2, 6));
		}
	set_psw(cpu, PSW_MCHECK | PSW_64BIT, 0x10000);
	TOOK("one delivery", cpu, MACHINE_CHECK);
	NONE_PENDING("clears both", cpu);

	group("B.4 an mcic with none of the five bits waits for the next one");
	vm_fresh(vm, 0);
	RESULT("channel report only", 0, inject(cpu, damaged(0x10, MCIC_CHANNEL_REPORT, 1)));
	NONE_PENDING("nothing pending", cpu);
	RESULT("warning", 0, inject(cpu, damaged(0x20, MCIC_WARNING, 2)));
	PENDING("merged", cpu, merged(0x30, MCIC_CHANNEL_REPORT | MCIC_WARNING, 2, 6));
	vm_fresh(vm, 0);
	RESULT("recovery only", 0, inject(cpu, damaged(0x10, MCIC_SYSTEM_RECOVERY, 1)));
	RESULT("normal reset", 0, kvm_value(cpu->fd, KVM_S390_NORMAL_RESET, 0));
	RESULT("warning", 0, inject(cpu, damaged(0x20, MCIC_WARNING, 2)));
	PENDING("lost at a reset", cpu, damaged(0x20, MCIC_WARNING, 2));
	vm_free(vm);
}

int main(void)
{
	begin("merge", 120);
	program();
	lengths();
	machine_checks();
	return finish();
}
