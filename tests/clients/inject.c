/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_S390_IRQ: what each type validates, refuses and records (B.1, B.2, B.6). */
#define _GNU_SOURCE
#include "lc.h"

#include <sys/mman.h>
#include <unistd.h>

/* Ids with gaps, so that an id is not an index. */
static struct vm *three_cpus(void)
{
	struct vm *vm = vm_new(3, 0, 1, 5);

	vm_fresh(vm, 0);
	return vm;
}

static void types(void)
{
	static const uint64_t refused[] = {
		KVM_S390_INT_PFAULT_DONE, KVM_S390_INT_SERVICE, KVM_S390_INT_VIRTIO,
		KVM_S390_INT_IO(0, 0, 0, 0), KVM_S390_INT_IO(1, 0, 0, 0),
		KVM_S390_INT_IO(0, 3, 2, 0x1234), 0xfffdffff,
		0xfffe0006, 0xfffe0fff, 0xfffe1001, 0xffff1003, 0xffff1006, 0xffff1200, 0xffff1203,
		0xffffffff,
		/* The type is compared as 64 bits. */
		1ull << 32 | KVM_S390_RESTART, 1ull << 63 | KVM_S390_SIGP_STOP, ~0ull,
	};
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[0];

	group("B.1 KVM_S390_IRQ refuses floating and unknown types with EINVAL");
	for (size_t n = 0; n < sizeof(refused) / sizeof(*refused); n++) {
		context("type %#llx", (unsigned long long)refused[n]);
		REFUSED("inject", vm, EINVAL, inject(cpu, irq(refused[n])));
	}

	group("B.1 KVM_S390_IRQ gives EFAULT for a bad pointer");
	uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_s390_irq restart = irq_restart();

	munmap(pages + 4096, 4096);
	memcpy(pages + 4096 - 40, &restart, 40);
	REFUSED("null", vm, EFAULT, kvm(cpu->fd, KVM_S390_IRQ, NULL));
	REFUSED("not mapped", vm, EFAULT, kvm(cpu->fd, KVM_S390_IRQ, pages + 4096));
	REFUSED("half a struct", vm, EFAULT, kvm(cpu->fd, KVM_S390_IRQ, pages + 4096 - 40));
	REFUSED("not an address", vm, EFAULT,
		kvm(cpu->fd, KVM_S390_IRQ, (void *)0xfedcba9876543210));
	memcpy(pages + 4096 - IRQ_SIZE, &restart, IRQ_SIZE);
	RESULT("the last bytes of a page", 0, kvm(cpu->fd, KVM_S390_IRQ, pages + 4096 - IRQ_SIZE));
	PENDING("the last bytes of a page", cpu, irq_restart());
	munmap(pages, 4096);

	group("B.1 pad and reserved bytes are not looked at");
	struct kvm_s390_irq filled;

	vm_fresh(vm, 0);
	memset(&filled, 0xff, sizeof(filled));
	filled.type = KVM_S390_INT_EMERGENCY;
	filled.u.emerg.code = 1;
	RESULT("emergency", 0, inject(cpu, filled));
	filled.type = KVM_S390_RESTART;
	RESULT("restart", 0, inject(cpu, filled));
	memset(&filled.u, 0xff, sizeof(filled.u));
	filled.type = KVM_S390_SIGP_SET_PREFIX;
	filled.u.prefix.address = 0x2000;
	RESULT("set prefix", 0, inject(cpu, filled));
	PENDING("none of them is kept", cpu, irq_prefix(0x2000), irq_restart(), irq_emergency(1));
	vm_free(vm);
}

static void stop(void)
{
	static const uint32_t unknown[] = {2, 3, 4, 8, 0x100, 0x80000000, 0x80000001, 0xfffffffe,
					   0xffffffff};
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[0];

	group("B.2 stop: unknown flags are EINVAL in every state");
	for (size_t n = 0; n < sizeof(unknown) / sizeof(*unknown); n++) {
		context("flags %#x", unknown[n]);
		REFUSED("stopped", vm, EINVAL, inject(cpu, irq_stop(unknown[n])));
	}
	make_operating(cpu);
	for (size_t n = 0; n < sizeof(unknown) / sizeof(*unknown); n++) {
		context("flags %#x", unknown[n]);
		REFUSED("operating", vm, EINVAL, inject(cpu, irq_stop(unknown[n])));
	}
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	for (size_t n = 0; n < sizeof(unknown) / sizeof(*unknown); n++) {
		context("flags %#x", unknown[n]);
		REFUSED("before EBUSY", vm, EINVAL, inject(cpu, irq_stop(unknown[n])));
	}

	group("B.2 stop: a second one is EBUSY and the first one's flags stay");
	REFUSED("stop after stop", vm, EBUSY, inject(cpu, irq_stop(0)));
	REFUSED("stop and store after stop", vm, EBUSY, inject(cpu, irq_stop(1)));
	PENDING("the first", cpu, irq_stop(0));
	vm_fresh(vm, 0);
	make_operating(cpu);
	RESULT("stop and store", 0, inject(cpu, irq_stop(KVM_S390_STOP_FLAG_STORE_STATUS)));
	REFUSED("stop after stop and store", vm, EBUSY, inject(cpu, irq_stop(0)));
	REFUSED("the same again", vm, EBUSY, inject(cpu, irq_stop(1)));
	PENDING("the first", cpu, irq_stop(1));

	group("B.2 stop: a stopped CPU takes it and queues nothing");
	vm_fresh(vm, 0);
	NO_EFFECT("stop", vm, inject(cpu, irq_stop(0)));
	NO_EFFECT("stop again", vm, inject(cpu, irq_stop(0)));
	RESULT("stop and store", 0, inject(cpu, irq_stop(1)));
	NONE_PENDING("stop and store", cpu);
	EQUAL("still stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	vm_free(vm);

	group("B.2 stop: status that cannot be stored is EFAULT");
	vm = vm_new_at(MIB, MIB, 1, 0);
	REFUSED("no storage at 0x1200", vm, EFAULT, inject(&vm->cpu[0], irq_stop(1)));
	NO_EFFECT("without the flag", vm, inject(&vm->cpu[0], irq_stop(0)));
	vm_free(vm);
}

static void set_prefix_type(void)
{
	static const uint32_t addresses[] = {0, 1, 0x2000, 0x1fff, 0x12345678, 0x7fffe000,
					     0x80000000, 0xffffffff};
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[1];

	group("B.2 set prefix: EBUSY unless stopped");
	make_operating(cpu);
	REFUSED("operating", vm, EBUSY, inject(cpu, irq_prefix(0x2000)));
	RESULT("stop", 0, inject(cpu, irq_stop(0)));
	REFUSED("operating, stop pending", vm, EBUSY, inject(cpu, irq_prefix(0x2000)));

	group("B.2 set prefix: a later one replaces it, whatever the address");
	vm_fresh(vm, 0);
	for (size_t n = 0; n < sizeof(addresses) / sizeof(*addresses); n++) {
		context("address %#x", addresses[n]);
		RESULT("inject", 0, inject(cpu, irq_prefix(addresses[n])));
		PENDING("as given", cpu, irq_prefix(addresses[n]));
	}
	vm_free(vm);
}

static void idempotent(void)
{
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[0];

	group("B.2 restart, clock comparator and CPU timer are one bit each");
	for (int operating = 0; operating < 2; operating++) {
		context(operating ? "operating" : "stopped");
		vm_fresh(vm, 0);
		if (operating)
			make_operating(cpu);
		for (int times = 0; times < 3; times++) {
			RESULT("restart", 0, inject(cpu, irq_restart()));
			PENDING("restart", cpu, irq_restart());
		}
		vm_fresh(vm, 0);
		for (int times = 0; times < 3; times++) {
			RESULT("clock comparator", 0, inject(cpu, irq_clock_comparator()));
			PENDING("clock comparator", cpu, irq_clock_comparator());
		}
		vm_fresh(vm, 0);
		for (int times = 0; times < 3; times++) {
			RESULT("CPU timer", 0, inject(cpu, irq_cpu_timer()));
			PENDING("CPU timer", cpu, irq_cpu_timer());
		}
	}

	group("B.2 pfault init: a later token replaces it");
	vm_fresh(vm, 0);
	RESULT("first", 0, inject(cpu, irq_pfault_init(0x1122334455667788)));
	PENDING("first", cpu, irq_pfault_init(0x1122334455667788));
	RESULT("second", 0, inject(cpu, irq_pfault_init(~0ull)));
	PENDING("second", cpu, irq_pfault_init(~0ull));
	RESULT("token 0", 0, inject(cpu, irq_pfault_init(0)));
	PENDING("token 0", cpu, irq_pfault_init(0));

	/* A new CPU: no intercept yet that would give an instruction length. */
	vm_free(vm);
	vm = three_cpus();
	cpu = &vm->cpu[0];
	group("B.2 program: any code is taken");
	static const uint16_t codes[] = {0, 1, 0x80, 0x119, 0x7fff, 0xffff};

	for (size_t n = 0; n < sizeof(codes) / sizeof(*codes); n++) {
		context("code %#x", codes[n]);
		vm_fresh(vm, 0);
		RESULT("inject", 0, inject(cpu, irq_program(codes[n])));
		PENDING("as given, ILC resolved", cpu, irq_program_ilc(codes[n], 0));
	}

	group("B.2 machine check: any code is taken");
	vm_fresh(vm, 0);
	RESULT("exigent", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
	PENDING("exigent", cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE));
	vm_fresh(vm, 0);
	RESULT("repressible", 0, inject(cpu, irq_machine_check(CR14_WARNING, MCIC_WARNING)));
	PENDING("repressible", cpu, irq_machine_check(CR14_WARNING, MCIC_WARNING));
	vm_free(vm);
}

static void emergency(void)
{
	static const uint16_t missing[] = {2, 3, 4, 6, 63, 64, 247, 248, 254, 255, 256, 257, 0x8000,
					   0xffff};
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[2];

	group("B.2 emergency signal: EINVAL for a source that is no CPU's id");
	for (size_t n = 0; n < sizeof(missing) / sizeof(*missing); n++) {
		context("source %u", missing[n]);
		REFUSED("inject", vm, EINVAL, inject(cpu, irq_emergency(missing[n])));
	}

	group("B.2 emergency signal: sources accumulate, each once, itself included");
	RESULT("from 5, itself", 0, inject(cpu, irq_emergency(5)));
	PENDING("one", cpu, irq_emergency(5));
	RESULT("again", 0, inject(cpu, irq_emergency(5)));
	PENDING("still one", cpu, irq_emergency(5));
	RESULT("from 0", 0, inject(cpu, irq_emergency(0)));
	RESULT("from 1", 0, inject(cpu, irq_emergency(1)));
	RESULT("from 0 again", 0, inject(cpu, irq_emergency(0)));
	PENDING("three, ascending", cpu, irq_emergency(0), irq_emergency(1), irq_emergency(5));
	REFUSED("an unknown source", vm, EINVAL, inject(cpu, irq_emergency(4)));
	if (vm_add_cpu(vm, 4))
		die("KVM_CREATE_VCPU");
	RESULT("the same source, created now", 0, inject(cpu, irq_emergency(4)));
	PENDING("four", cpu, irq_emergency(0), irq_emergency(1), irq_emergency(4),
		irq_emergency(5));
	NONE_PENDING("nothing at another CPU", &vm->cpu[0]);
	vm_free(vm);
}

static void external_call(void)
{
	static const uint16_t missing[] = {2, 3, 4, 6, 63, 64, 248, 254, 255, 256, 0xffff};
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[0];

	group("B.6 external call: EINVAL for a source that is no CPU's id");
	for (size_t n = 0; n < sizeof(missing) / sizeof(*missing); n++) {
		context("source %u", missing[n]);
		REFUSED("inject", vm, EINVAL, inject(cpu, irq_external_call(missing[n])));
	}

	group("B.6 external call: one slot, EBUSY for a second, EINVAL first");
	RESULT("from 1", 0, inject(cpu, irq_external_call(1)));
	PENDING("from 1", cpu, irq_external_call(1));
	REFUSED("from 5", vm, EBUSY, inject(cpu, irq_external_call(5)));
	REFUSED("from 1 again", vm, EBUSY, inject(cpu, irq_external_call(1)));
	REFUSED("from nobody", vm, EINVAL, inject(cpu, irq_external_call(3)));
	PENDING("the first is kept", cpu, irq_external_call(1));

	group("B.6 external call: seen by SET_IRQ_STATE, cleared by a reset, delivered by software");
	struct kvm_s390_irq restart = irq_restart();
	struct kvm_s390_irq_state state = {.buf = (uintptr_t)&restart, .len = IRQ_SIZE};

	REFUSED("SET_IRQ_STATE", vm, EBUSY, kvm(cpu->fd, KVM_S390_SET_IRQ_STATE, &state));
	RESULT("normal reset", 0, kvm_value(cpu->fd, KVM_S390_NORMAL_RESET, 0));
	NONE_PENDING("after a normal reset", cpu);
	RESULT("from 0, itself", 0, inject(cpu, irq_external_call(0)));
	PENDING("from 0, itself", cpu, irq_external_call(0));
	set_cr(cpu, 0, CR0_EXTERNAL_CALL);
	set_psw(cpu, PSW_EXTERNAL | PSW_64BIT, 0x10000);
	TOOK("delivered", cpu, EXTERNAL);
	NONE_PENDING("after delivery", cpu);
	RESULT("the slot is free again", 0, inject(cpu, irq_external_call(5)));
	vm_free(vm);
}

static void stopped(void)
{
	struct vm *vm = three_cpus();
	struct cpu *cpu = &vm->cpu[0];

	group("B.1 injecting into a stopped CPU only queues");
	expect_now(vm);
	RESULT("program", 0, inject(cpu, irq_program(1)));
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("emergency", 0, inject(cpu, irq_emergency(1)));
	RESULT("exigent", 0, inject(cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE)));
	EQUAL("still stopped", KVM_MP_STATE_STOPPED, mp_state(cpu));
	STORAGE("nothing delivered", vm);
	PENDING("all", cpu, irq_restart(), irq_program_ilc(1, 0),
		irq_machine_check(0, MCIC_SYSTEM_DAMAGE), irq_emergency(1));
	NONE_PENDING("nothing at another CPU", &vm->cpu[1]);
	vm_free(vm);
}

int main(void)
{
	begin("inject", 120);
	types();
	stop();
	set_prefix_type();
	idempotent();
	emergency();
	external_call();
	stopped();
	return finish();
}
