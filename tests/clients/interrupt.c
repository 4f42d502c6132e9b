/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_S390_INTERRUPT on both fds (B.7, A.3). */
#define _GNU_SOURCE
#include "lc.h"

#include <sys/mman.h>

/* Its payload as 16 bytes of KVM_S390_INTERRUPT give it. */
static struct kvm_s390_irq pfault(uint32_t parm, uint64_t token)
{
	struct kvm_s390_irq value = irq_pfault_init(token);

	value.u.ext.ext_params = parm;
	return value;
}

static void conversion(void)
{
	struct vm *vm = vm_new(3, 0, 1, 5);
	struct cpu *cpu = &vm->cpu[0];

	group("B.7 program: the code is parm, EINVAL above 0xffff");
	vm_fresh(vm, 0);
	RESULT("code 0x1234", 0, interrupt(cpu->fd, KVM_S390_PROGRAM_INT, 0x1234, ~0ull));
	PENDING("code 0x1234", cpu, irq_program_ilc(0x1234, 0));
	RESULT("code 0xffff", 0, interrupt(cpu->fd, KVM_S390_PROGRAM_INT, 0xffff, ~0ull));
	PENDING("code 0xffff", cpu, irq_program_ilc(0xffff, 0));
	REFUSED("code 0x10000", vm, EINVAL, interrupt(cpu->fd, KVM_S390_PROGRAM_INT, 0x10000, 0));
	REFUSED("code ~0", vm, EINVAL, interrupt(cpu->fd, KVM_S390_PROGRAM_INT, ~0u, 0));

	group("B.7 emergency signal: the source is parm, EINVAL above 0xffff");
	vm_fresh(vm, 0);
	RESULT("source 5", 0, interrupt(cpu->fd, KVM_S390_INT_EMERGENCY, 5, ~0ull));
	PENDING("source 5", cpu, irq_emergency(5));
	REFUSED("source 2, no CPU", vm, EINVAL, interrupt(cpu->fd, KVM_S390_INT_EMERGENCY, 2, 0));
	REFUSED("source 0x10001", vm, EINVAL,
		interrupt(cpu->fd, KVM_S390_INT_EMERGENCY, 0x10001, 0));

	group("B.7 external call: the source is parm, EINVAL above 0xffff");
	vm_fresh(vm, 0);
	REFUSED("source 0x10001", vm, EINVAL,
		interrupt(cpu->fd, KVM_S390_INT_EXTERNAL_CALL, 0x10001, 0));
	REFUSED("source 2, no CPU", vm, EINVAL,
		interrupt(cpu->fd, KVM_S390_INT_EXTERNAL_CALL, 2, 0));
	RESULT("source 1", 0, interrupt(cpu->fd, KVM_S390_INT_EXTERNAL_CALL, 1, ~0ull));
	PENDING("source 1", cpu, irq_external_call(1));
	REFUSED("a second", vm, EBUSY, interrupt(cpu->fd, KVM_S390_INT_EXTERNAL_CALL, 5, 0));

	group("B.7 set prefix: the address is parm");
	vm_fresh(vm, 0);
	RESULT("stopped", 0, interrupt(cpu->fd, KVM_S390_SIGP_SET_PREFIX, 0x87654321, ~0ull));
	PENDING("stopped", cpu, irq_prefix(0x87654321));
	vm_fresh(vm, 0);
	make_operating(cpu);
	REFUSED("operating", vm, EBUSY, interrupt(cpu->fd, KVM_S390_SIGP_SET_PREFIX, 0x2000, 0));

	group("B.7 stop: the flags are parm");
	REFUSED("flags 2", vm, EINVAL, interrupt(cpu->fd, KVM_S390_SIGP_STOP, 2, 0));
	RESULT("flags 1", 0, interrupt(cpu->fd, KVM_S390_SIGP_STOP, 1, ~0ull));
	PENDING("flags 1", cpu, irq_stop(1));
	REFUSED("a second", vm, EBUSY, interrupt(cpu->fd, KVM_S390_SIGP_STOP, 0, 0));
	vm_fresh(vm, 0);
	NO_EFFECT("stopped", vm, interrupt(cpu->fd, KVM_S390_SIGP_STOP, 0, 0));

	group("B.7 machine check: mcic is parm64, cr14 is 0 whatever parm says");
	vm_fresh(vm, 0);
	RESULT("repressible", 0, interrupt(cpu->fd, KVM_S390_MCHK, ~0u, MCIC_WARNING | 0x123));
	PENDING("repressible", cpu, irq_machine_check(0, MCIC_WARNING | 0x123));
	set_cr(cpu, 14, ~0ull);
	set_psw(cpu, PSW_MCHECK | PSW_64BIT | PSW_WAIT, 0x10000);
	/* Stuck: only the program interrupt is taken. */
	RESULT("program", 0, inject(cpu, irq_program(1)));
	TOOK("the repressible one is stuck", cpu, PROGRAM);
	PENDING("the repressible one is stuck", cpu, irq_machine_check(0, MCIC_WARNING | 0x123));
	vm_fresh(vm, 0);
	RESULT("exigent", 0, interrupt(cpu->fd, KVM_S390_MCHK, 0x1234, MCIC_SYSTEM_DAMAGE));
	PENDING("exigent", cpu, irq_machine_check(0, MCIC_SYSTEM_DAMAGE));

	group("B.7 pfault init: ext_params is parm, the token parm64");
	vm_fresh(vm, 0);
	RESULT("inject", 0, interrupt(cpu->fd, KVM_S390_INT_PFAULT_INIT, 0x12345678,
				      0xfedcba9876543210));
	PENDING("inject", cpu, pfault(0x12345678, 0xfedcba9876543210));

	group("B.7 restart, clock comparator and CPU timer have no payload");
	vm_fresh(vm, 0);
	RESULT("restart", 0, interrupt(cpu->fd, KVM_S390_RESTART, ~0u, ~0ull));
	RESULT("timer", 0, interrupt(cpu->fd, KVM_S390_INT_CPU_TIMER, ~0u, ~0ull));
	RESULT("comparator", 0, interrupt(cpu->fd, KVM_S390_INT_CLOCK_COMP, ~0u, ~0ull));
	PENDING("all", cpu, irq_restart(), irq_cpu_timer(), irq_clock_comparator());
	vm_free(vm);
}

static const uint32_t local_types[] = {
	KVM_S390_SIGP_STOP, KVM_S390_PROGRAM_INT, KVM_S390_SIGP_SET_PREFIX, KVM_S390_RESTART,
	KVM_S390_INT_PFAULT_INIT, KVM_S390_INT_CLOCK_COMP, KVM_S390_INT_CPU_TIMER,
	KVM_S390_INT_EMERGENCY, KVM_S390_INT_EXTERNAL_CALL,
};
static const uint32_t floating_types[] = {
	KVM_S390_INT_PFAULT_DONE, KVM_S390_INT_SERVICE, KVM_S390_INT_VIRTIO,
	KVM_S390_INT_IO(0, 0, 0, 0), KVM_S390_INT_IO(1, 0, 0, 0), 0xfffdffff,
};
static const uint32_t unknown_types[] = {
	0xfffe0006, 0xfffe1001, 0xffff1003, 0xffff1203, 0xffff2400, 0xffffffff,
};

static void refusals(void)
{
	struct vm *vm = vm_new(1, 0);
	struct cpu *cpu = &vm->cpu[0];

	vm_fresh(vm, 0);
	group("B.7 the vcpu fd refuses floating and unknown types with EINVAL");
	for (size_t n = 0; n < sizeof(floating_types) / 4; n++) {
		context("type %#x", floating_types[n]);
		REFUSED("vcpu", vm, EINVAL, interrupt(cpu->fd, floating_types[n], 0, 0));
	}
	for (size_t n = 0; n < sizeof(unknown_types) / 4; n++) {
		context("type %#x", unknown_types[n]);
		REFUSED("vcpu", vm, EINVAL, interrupt(cpu->fd, unknown_types[n], 0, 0));
	}

	group("A.3 the vm fd refuses local and unknown types with EINVAL");
	for (size_t n = 0; n < sizeof(local_types) / 4; n++) {
		context("type %#x", local_types[n]);
		REFUSED("vm", vm, EINVAL, interrupt(vm->fd, local_types[n], 0, 0));
	}
	for (size_t n = 0; n < sizeof(unknown_types) / 4; n++) {
		context("type %#x", unknown_types[n]);
		REFUSED("vm", vm, EINVAL, interrupt(vm->fd, unknown_types[n], 0, 0));
	}

	group("A.3 the FLIC refuses local and unknown types with EINVAL");
	for (size_t n = 0; n < sizeof(local_types) / 4; n++) {
		context("type %#x", local_types[n]);
		REFUSED("enqueue", vm, EINVAL, inject_float(vm, irq(local_types[n])));
	}
	for (size_t n = 0; n < sizeof(unknown_types) / 4; n++) {
		context("type %#x", unknown_types[n]);
		REFUSED("enqueue", vm, EINVAL, inject_float(vm, irq(unknown_types[n])));
	}

	group("B.7 EFAULT for a bad pointer");
	REFUSED("vcpu, null", vm, EFAULT, kvm(cpu->fd, KVM_S390_INTERRUPT, NULL));
	REFUSED("vm, null", vm, EFAULT, kvm(vm->fd, KVM_S390_INTERRUPT, NULL));
	REFUSED("vcpu, wild", vm, EFAULT, kvm(cpu->fd, KVM_S390_INTERRUPT, (void *)-8l));
	REFUSED("vm, wild", vm, EFAULT, kvm(vm->fd, KVM_S390_INTERRUPT, (void *)-8l));
	vm_free(vm);
}

/* C.12: what the vm fd makes of its two parameters. */
static void vm_fd(void)
{
	struct vm *vm = vm_new(1, 0);

	group("C.12 the vm fd's parameters");
	vm_fresh(vm, 0);
	RESULT("service", 0, interrupt(vm->fd, KVM_S390_INT_SERVICE, 0x12345678, ~0ull));
	FLOATING("service", vm, irq_service(0x12345678));
	vm_fresh(vm, 0);
	RESULT("virtio", 0, interrupt(vm->fd, KVM_S390_INT_VIRTIO, 0xd00, 0x1122334455667788));
	FLOATING("virtio", vm, irq_virtio(0xd00, 0x1122334455667788));
	vm_fresh(vm, 0);
	RESULT("pfault done", 0,
	       interrupt(vm->fd, KVM_S390_INT_PFAULT_DONE, 0, 0x1122334455667788));
	FLOATING("pfault done", vm, irq_pfault_done(0x1122334455667788));
	vm_fresh(vm, 0);
	RESULT("machine check", 0, interrupt(vm->fd, KVM_S390_MCHK, ~0u, MCIC_CHANNEL_REPORT | 3));
	FLOATING("machine check: of cr14 only channel report stays", vm,
		 irq_machine_check(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT | 3));

	struct kvm_s390_irq list[2], *seen = &list[0];

	vm_fresh(vm, 0);
	RESULT("I/O", 0, interrupt(vm->fd, KVM_S390_INT_IO(0, 1, 2, 0x4321), 0x00011234,
				   0x5566778818001122));
	RESULT("I/O: one", 1, floating(vm, list, 2));
	EQUAL("I/O: subchannel id is parm's left half", 1, seen->u.io.subchannel_id);
	EQUAL("I/O: subchannel number is parm's right half", 0x1234, seen->u.io.subchannel_nr);
	EQUAL("I/O: parameter is parm64's left half", 0x55667788, seen->u.io.io_int_parm);
	EQUAL("I/O: word is parm64's right half", 0x18001122, seen->u.io.io_int_word);
	NONE_PENDING("nothing local", &vm->cpu[0]);
	vm_free(vm);
}

int main(void)
{
	begin("interrupt", 120);
	conversion();
	refusals();
	vm_fd();
	return finish();
}
