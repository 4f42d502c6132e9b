/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_S390_GET_IRQ_STATE (D.1) and KVM_S390_SET_IRQ_STATE (D.2). */
#define _GNU_SOURCE
#include "lc.h"

#include <stdlib.h>
#include <sys/mman.h>

static struct vm *vm;
static struct cpu *cpu;

static long get_state(void *buffer, uint32_t length)
{
	struct kvm_s390_irq_state state;

	/* flags and reserved are ignored. */
	memset(&state, 0xff, sizeof(state));
	state.buf = (uintptr_t)buffer;
	state.len = length;
	return kvm(cpu->fd, KVM_S390_GET_IRQ_STATE, &state);
}

static long set_state(const void *buffer, uint32_t length)
{
	struct kvm_s390_irq_state state;

	memset(&state, 0xff, sizeof(state));
	state.buf = (uintptr_t)buffer;
	state.len = length;
	return kvm(cpu->fd, KVM_S390_SET_IRQ_STATE, &state);
}

static void *inaccessible(void)
{
	uint8_t *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page, 4096);
	return page;
}

static void get_errors(void)
{
	struct kvm_s390_irq list[4], untouched[4];
	void *wild = inaccessible();
	uint8_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	memset(untouched, 0xcc, sizeof(untouched));

	group("D.1 nothing pending: 0, and the buffer is not touched");
	vm_fresh(vm, 0);
	memcpy(list, untouched, sizeof(list));
	NO_EFFECT("room for four", vm, get_state(list, sizeof(list)));
	NO_EFFECT("length 1", vm, get_state(list, 1));
	NO_EFFECT("a bogus buffer", vm, get_state(wild, 72));
	NO_EFFECT("a null buffer", vm, get_state(NULL, ~0u));
	CHECK("untouched", memcmp(list, untouched, sizeof(list)) == 0);

	group("D.1 errors");
	REFUSED("null argument", vm, EFAULT, kvm(cpu->fd, KVM_S390_GET_IRQ_STATE, NULL));
	REFUSED("wild argument", vm, EFAULT, kvm(cpu->fd, KVM_S390_GET_IRQ_STATE, wild));
	REFUSED("half an argument", vm, EFAULT,
		kvm(cpu->fd, KVM_S390_GET_IRQ_STATE, page + 4096 - 16));
	REFUSED("length 0, nothing pending", vm, EINVAL, get_state(list, 0));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	REFUSED("length 0", vm, EINVAL, get_state(list, 0));
	REFUSED("length 1", vm, ENOBUFS, get_state(list, 1));
	REFUSED("length 71", vm, ENOBUFS, get_state(list, 71));
	REFUSED("wild buffer", vm, EFAULT, get_state(wild, 72));
	REFUSED("null buffer", vm, EFAULT, get_state(NULL, 72));
	REFUSED("half a buffer", vm, EFAULT, get_state(page + 4096 - 40, 72));
	memcpy(list, untouched, sizeof(list));
	RESULT("a length between", 72, get_state(list, 100));
	CHECK("only the entry is written", memcmp(&list[1], &untouched[1], 3 * IRQ_SIZE) == 0);
	RESULT("a length without limit", 72, get_state(list, ~0u));
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	REFUSED("room for one of two", vm, ENOBUFS, get_state(list, 72));
	REFUSED("room for one and a half", vm, ENOBUFS, get_state(list, 143));
	RESULT("room for two", 144, get_state(list, 144));
	munmap(page, 4096);
}

static struct kvm_s390_irq filled_program(void)
{
	struct kvm_s390_irq value = irq_program_ilc(0x91, 6);

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
	return value;
}

static struct kvm_s390_irq filled_check(uint64_t mcic)
{
	struct kvm_s390_irq value = irq_machine_check(0x12345678, mcic);

	value.u.mchk.failing_storage_address = 0xf1f2f3f4f5f6f7f8;
	value.u.mchk.ext_damage_code = 0xe1e2e3e4;
	memset(value.u.mchk.fixed_logout, 0xc5, 16);
	return value;
}

static void order(void)
{
	group("D.1 order: ascending bit numbers, then emergency signals; entries zero-filled");
	vm_fresh(vm, 0);
	/* Highest first, so that the order is not that of injection. */
	RESULT("repressible", 0, inject(cpu, filled_check(MCIC_WARNING)));
	RESULT("exigent", 0, inject(cpu, filled_check(MCIC_SYSTEM_DAMAGE)));
	RESULT("program", 0, inject(cpu, filled_program()));
	RESULT("emergency 5", 0, inject(cpu, irq_emergency(5)));
	RESULT("emergency 1", 0, inject(cpu, irq_emergency(1)));
	RESULT("external call", 0, inject(cpu, irq_external_call(5)));
	RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
	RESULT("CPU timer", 0, inject(cpu, irq_cpu_timer()));
	RESULT("pfault init", 0, inject(cpu, irq_pfault_init(0x8877665544332211)));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("set prefix", 0, inject(cpu, irq_prefix(0x12345678)));
	for (int times = 0; times < 2; times++)
		PENDING(times ? "again: nothing is dequeued" : "stopped CPU", cpu,
			irq_prefix(0x12345678), irq_restart(),
			irq_pfault_init(0x8877665544332211), irq_cpu_timer(),
			irq_clock_comparator(), irq_external_call(5),
			filled_check(MCIC_WARNING | MCIC_SYSTEM_DAMAGE), filled_program(),
			filled_check(MCIC_WARNING | MCIC_SYSTEM_DAMAGE), irq_emergency(1),
			irq_emergency(5));
	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("exigent", 0, inject(cpu, filled_check(MCIC_SYSTEM_DAMAGE)));
	RESULT("pfault init", 0, inject(cpu, irq_pfault_init(7)));
	RESULT("stop", 0, inject(cpu, irq_stop(1)));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	PENDING("operating CPU", cpu, irq_restart(), irq_stop(1), irq_pfault_init(7),
		filled_check(MCIC_SYSTEM_DAMAGE));

	group("D.1 only what is local");
	vm_fresh(vm, 0);
	RESULT("service", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("machine check", 0, inject_float(vm, irq_machine_check(~0ull, 1)));
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 2, 3, 0)));
	NONE_PENDING("floating ones", cpu);

	group("D.1 ENOBUFS: the entries that fit may have been written");
	struct kvm_s390_irq list[3], untouched;

	vm_fresh(vm, 0);
	memset(&untouched, 0xcc, IRQ_SIZE);
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	memset(list, 0xcc, sizeof(list));
	RESULT("room for two of three", -ENOBUFS, get_state(list, 2 * 72 + 71));
	CHECK("nothing beyond them", memcmp(&list[2], &untouched, IRQ_SIZE) == 0);
}

static void set_errors(void)
{
	enum { MOST = 255 + 32 };
	static struct kvm_s390_irq many[MOST + 1];
	void *wild = inaccessible();
	struct kvm_s390_irq one[3];

	vm_fresh(vm, 0);
	for (int n = 0; n <= MOST; n++)
		many[n] = irq_restart();

	group("D.2 errors, in their order");
	REFUSED("null argument", vm, EFAULT, kvm(cpu->fd, KVM_S390_SET_IRQ_STATE, NULL));
	REFUSED("wild argument", vm, EFAULT, kvm(cpu->fd, KVM_S390_SET_IRQ_STATE, wild));
	REFUSED("length 0", vm, EINVAL, set_state(many, 0));
	REFUSED("length 0 before the buffer", vm, EINVAL, set_state(wild, 0));
	REFUSED("length 1", vm, EINVAL, set_state(many, 1));
	REFUSED("length 71", vm, EINVAL, set_state(many, 71));
	REFUSED("length 73", vm, EINVAL, set_state(many, 73));
	REFUSED("one entry too many", vm, EINVAL, set_state(many, (MOST + 1) * 72));
	REFUSED("length ~0", vm, EINVAL, set_state(many, ~0u));
	REFUSED("wild buffer", vm, EFAULT, set_state(wild, 72));
	REFUSED("null buffer", vm, EFAULT, set_state(NULL, 72));
	RESULT("as many entries as there may be", 0, set_state(many, MOST * 72));
	PENDING("one restart", cpu, irq_restart());
	REFUSED("wild buffer before EBUSY", vm, EFAULT, set_state(wild, 72));
	REFUSED("something pending", vm, EBUSY, set_state(many, 72));
	one[0] = irq(~0ull);
	REFUSED("EBUSY before an entry's own error", vm, EBUSY, set_state(one, 72));

	group("D.2 any local bit counts as pending");
	const struct kvm_s390_irq each[] = {
		irq_program(1), irq_prefix(0x2000), irq_restart(), irq_clock_comparator(),
		irq_cpu_timer(), irq_emergency(0), irq_external_call(0),
		irq_machine_check(0, MCIC_SYSTEM_DAMAGE), irq_machine_check(0, MCIC_WARNING),
		irq_pfault_init(1),
	};

	for (size_t n = 0; n < sizeof(each) / sizeof(*each); n++) {
		context("type %#llx", (unsigned long long)each[n].type);
		vm_fresh(vm, 0);
		RESULT("inject", 0, inject(cpu, each[n]));
		REFUSED("set", vm, EBUSY, set_state(many, 72));
	}
	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	REFUSED("stop", vm, EBUSY, set_state(many, 72));
	vm_fresh(vm, 0);
	RESULT("floating", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("floating ones do not count", 0, set_state(many, 72));

	group("D.2 a refused entry: those before stay, those after are skipped");
	vm_fresh(vm, 0);
	one[0] = irq_emergency(5);
	one[1] = irq_emergency(2);
	one[2] = irq_restart();
	RESULT("unknown source", -EINVAL, set_state(one, sizeof(one)));
	PENDING("the first", cpu, irq_emergency(5));
	vm_fresh(vm, 0);
	one[0] = irq_external_call(1);
	one[1] = irq_external_call(5);
	RESULT("second external call", -EBUSY, set_state(one, sizeof(one)));
	PENDING("the first", cpu, irq_external_call(1));
	vm_fresh(vm, 0);
	one[0] = irq_restart();
	one[1] = irq_service(0x1000);
	RESULT("floating type", -EINVAL, set_state(one, sizeof(one)));
	PENDING("the first", cpu, irq_restart());
	vm_fresh(vm, 0);
	make_operating(cpu);
	one[0] = irq_pfault_init(9);
	one[1] = irq_prefix(0x2000);
	RESULT("set prefix of an operating CPU", -EBUSY, set_state(one, sizeof(one)));
	PENDING("the first", cpu, irq_pfault_init(9));
	vm_fresh(vm, 0);
	make_operating(cpu);
	one[0] = irq_stop(0);
	one[1] = irq_stop(1);
	RESULT("second stop", -EBUSY, set_state(one, sizeof(one)));
	PENDING("the first", cpu, irq_stop(0));
	vm_fresh(vm, 0);
	one[0] = irq_stop(0);
	one[1] = irq_restart();
	RESULT("stop of a stopped CPU is swallowed", 0, set_state(one, 144));
	PENDING("the rest", cpu, irq_restart());
	vm_fresh(vm, 0);
	one[0] = irq_stop(2);
	RESULT("unknown stop flags", -EINVAL, set_state(one, 72));
	NONE_PENDING("unknown stop flags", cpu);
}

static void round_trip(void)
{
	struct kvm_s390_irq list[32], again[32];
	long bytes;

	group("D.2 what D.1 gave restores the same state");
	for (int operating = 0; operating < 2; operating++) {
		context(operating ? "operating" : "stopped");
		vm_fresh(vm, 0);
		if (operating) {
			make_operating(cpu);
			RESULT("stop", 0, inject(cpu, irq_stop(1)));
		} else {
			RESULT("set prefix", 0, inject(cpu, irq_prefix(0x12345678)));
		}
		RESULT("repressible", 0, inject(cpu, filled_check(MCIC_WARNING)));
		RESULT("program", 0, inject(cpu, filled_program()));
		RESULT("emergency", 0, inject(cpu, irq_emergency(5)));
		RESULT("emergency", 0, inject(cpu, irq_emergency(0)));
		RESULT("external call", 0, inject(cpu, irq_external_call(5)));
		RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
		RESULT("CPU timer", 0, inject(cpu, irq_cpu_timer()));
		RESULT("pfault init", 0, inject(cpu, irq_pfault_init(3)));
		RESULT("restart", 0, inject(cpu, irq_restart()));
		memset(list, 0, sizeof(list));
		bytes = get_state(list, sizeof(list));
		RESULT("state", 10 * 72, bytes);
		vm_fresh(vm, 0);
		if (operating)
			make_operating(cpu);
		NONE_PENDING("cleared", cpu);
		RESULT("restore", 0, set_state(list, (uint32_t)bytes));
		memset(again, 0, sizeof(again));
		RESULT("state again", bytes, get_state(again, sizeof(again)));
		CHECK("the same", memcmp(list, again, sizeof(list)) == 0);
	}
	/* Two entries for a machine check of both classes carry one merged code,
	 * which is exigent by B.4: the repressible bit does not come back. */
	context("machine checks of both classes");
	vm_fresh(vm, 0);
	RESULT("repressible", 0, inject(cpu, filled_check(MCIC_WARNING)));
	RESULT("exigent", 0, inject(cpu, filled_check(MCIC_SYSTEM_DAMAGE)));
	RESULT("state", 2 * 72, get_state(list, sizeof(list)));
	vm_fresh(vm, 0);
	RESULT("restore", 0, set_state(list, 2 * 72));
	PENDING("exigent", cpu, filled_check(MCIC_WARNING | MCIC_SYSTEM_DAMAGE));
	context("delivered");
	/* And it is real: delivery uses what was restored. */
	vm_fresh(vm, 0);
	list[0] = filled_program();
	RESULT("restore", 0, set_state(list, 72));
	set_psw(cpu, PSW_64BIT, 0x10000);
	TOOK("program", cpu, PROGRAM);
	EQUAL("code", 0x91, get(vm, 0x8e, 2));
	EQUAL("length", 6, get(vm, 0x8c, 2));
	/* 0x11 nullifies: back by the restored length. */
	EQUAL("old PSW", 0x10000 - 6, get(vm, OLD_PSW(PROGRAM) + 8, 8));
}

int main(void)
{
	begin("irq_state", 120);
	vm = vm_new(3, 0, 1, 5);
	cpu = &vm->cpu[0];
	get_errors();
	order();
	set_errors();
	round_trip();
	vm_free(vm);
	return finish();
}
