/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts as values, injecting them and reading what is pending. */
#include "lc.h"

#include <stdlib.h>

struct kvm_s390_irq irq(uint64_t type)
{
	struct kvm_s390_irq value;

	memset(&value, 0, sizeof(value));
	value.type = type;
	return value;
}

struct kvm_s390_irq irq_stop(uint32_t flags)
{
	struct kvm_s390_irq value = irq(KVM_S390_SIGP_STOP);

	value.u.stop.flags = flags;
	return value;
}

struct kvm_s390_irq irq_program(uint16_t code)
{
	struct kvm_s390_irq value = irq(KVM_S390_PROGRAM_INT);

	value.u.pgm.code = code;
	return value;
}

struct kvm_s390_irq irq_program_ilc(uint16_t code, uint8_t length)
{
	struct kvm_s390_irq value = irq_program(code);

	value.u.pgm.flags = KVM_S390_PGM_FLAGS_ILC_VALID | length;
	return value;
}

struct kvm_s390_irq irq_prefix(uint32_t address)
{
	struct kvm_s390_irq value = irq(KVM_S390_SIGP_SET_PREFIX);

	value.u.prefix.address = address;
	return value;
}

struct kvm_s390_irq irq_restart(void)
{
	return irq(KVM_S390_RESTART);
}

struct kvm_s390_irq irq_clock_comparator(void)
{
	return irq(KVM_S390_INT_CLOCK_COMP);
}

struct kvm_s390_irq irq_cpu_timer(void)
{
	return irq(KVM_S390_INT_CPU_TIMER);
}

struct kvm_s390_irq irq_emergency(uint16_t source)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_EMERGENCY);

	value.u.emerg.code = source;
	return value;
}

struct kvm_s390_irq irq_external_call(uint16_t source)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_EXTERNAL_CALL);

	value.u.extcall.code = source;
	return value;
}

struct kvm_s390_irq irq_machine_check(uint64_t cr14, uint64_t mcic)
{
	struct kvm_s390_irq value = irq(KVM_S390_MCHK);

	value.u.mchk.cr14 = cr14;
	value.u.mchk.mcic = mcic;
	return value;
}

struct kvm_s390_irq irq_pfault_init(uint64_t token)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_PFAULT_INIT);

	value.u.ext.ext_params2 = token;
	return value;
}

struct kvm_s390_irq irq_pfault_done(uint64_t token)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_PFAULT_DONE);

	value.u.ext.ext_params2 = token;
	return value;
}

struct kvm_s390_irq irq_service(uint32_t parameter)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_SERVICE);

	value.u.ext.ext_params = parameter;
	return value;
}

struct kvm_s390_irq irq_virtio(uint32_t parameter, uint64_t token)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_VIRTIO);

	value.u.ext.ext_params = parameter;
	value.u.ext.ext_params2 = token;
	return value;
}

struct kvm_s390_irq irq_io(uint16_t id, uint16_t nr, uint32_t parameter, uint32_t word)
{
	struct kvm_s390_irq value = irq(KVM_S390_INT_IO(0, 0, 0, nr));

	value.u.io.subchannel_id = id;
	value.u.io.subchannel_nr = nr;
	value.u.io.io_int_parm = parameter;
	value.u.io.io_int_word = word;
	return value;
}

long inject(struct cpu *cpu, struct kvm_s390_irq interrupt)
{
	static int corrupt = -1;

	/* A test of the tests: with a wrong bit in each, checks must fail. */
	if (corrupt < 0)
		corrupt = getenv("LC_CORRUPT") != NULL;
	((uint8_t *)&interrupt.u)[0] ^= (uint8_t)corrupt;
	return kvm(cpu->fd, KVM_S390_IRQ, &interrupt);
}

long inject_float(struct vm *vm, struct kvm_s390_irq interrupt)
{
	struct kvm_device_attr enqueue = {
		.group = KVM_DEV_FLIC_ENQUEUE,
		.attr = IRQ_SIZE,
		.addr = (uintptr_t)&interrupt,
	};

	return kvm(vm->flic, KVM_SET_DEVICE_ATTR, &enqueue);
}

long interrupt(int fd, uint32_t type, uint32_t parm, uint64_t parm64)
{
	struct kvm_s390_interrupt value = {.type = type, .parm = parm, .parm64 = parm64};

	return kvm(fd, KVM_S390_INTERRUPT, &value);
}

long pending(struct cpu *cpu, struct kvm_s390_irq *list, unsigned room)
{
	struct kvm_s390_irq_state state = {
		.buf = (uintptr_t)list,
		.len = room * IRQ_SIZE,
	};
	long result;

	memset(list, 0xcc, room * IRQ_SIZE);
	result = kvm(cpu->fd, KVM_S390_GET_IRQ_STATE, &state);
	return result < 0 ? result : result / IRQ_SIZE;
}

long floating(struct vm *vm, struct kvm_s390_irq *list, unsigned room)
{
	struct kvm_device_attr all = {
		.group = KVM_DEV_FLIC_GET_ALL_IRQS,
		.attr = room * IRQ_SIZE,
		.addr = (uintptr_t)list,
	};

	memset(list, 0xcc, room * IRQ_SIZE);
	return kvm(vm->flic, KVM_GET_DEVICE_ATTR, &all);
}
