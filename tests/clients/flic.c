/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The floating-interrupt controller (D.3) and floating interrupts (C.12, C.13). */
#define _GNU_SOURCE
#include "lc.h"

#include <stdlib.h>
#include <sys/mman.h>

static struct vm *vm;
static struct cpu *cpu;

static long set(uint32_t group, uint32_t flags, uint64_t attr, const void *address)
{
	struct kvm_device_attr attribute = {
		.group = group, .flags = flags, .attr = attr, .addr = (uintptr_t)address};

	return kvm(vm->flic, KVM_SET_DEVICE_ATTR, &attribute);
}

static long read_attr(uint32_t group, uint64_t attr, void *address)
{
	struct kvm_device_attr attribute = {
		.group = group, .attr = attr, .addr = (uintptr_t)address};

	return kvm(vm->flic, KVM_GET_DEVICE_ATTR, &attribute);
}

static void creation(void)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_FLIC};

	group("D.3 KVM_CREATE_DEVICE");
	REFUSED("a second one", vm, EINVAL, kvm(vm->fd, KVM_CREATE_DEVICE, &device));
	for (uint32_t type = 0; type < 32; type++) {
		device.type = type;
		if (type != KVM_DEV_TYPE_FLIC && type != KVM_DEV_TYPE_VFIO)
			REFUSED("another type", vm, ENODEV, kvm(vm->fd, KVM_CREATE_DEVICE, &device));
	}
	device.type = ~0u;
	REFUSED("type ~0", vm, ENODEV, kvm(vm->fd, KVM_CREATE_DEVICE, &device));
	device.type = KVM_DEV_TYPE_FLIC;
	device.flags = KVM_CREATE_DEVICE_TEST;
	NO_EFFECT("only asked", vm, kvm(vm->fd, KVM_CREATE_DEVICE, &device));
	REFUSED("null", vm, EFAULT, kvm(vm->fd, KVM_CREATE_DEVICE, NULL));

	group("D.3 unknown groups: EINVAL to set and get, ENXIO to ask");
	static const uint32_t unknown[] = {0, 12, 13, 100, 0x7fffffff, 0xffffffff};

	for (size_t n = 0; n < sizeof(unknown) / 4; n++) {
		struct kvm_device_attr attribute = {.group = unknown[n]};

		context("group %u", unknown[n]);
		REFUSED("set", vm, EINVAL, set(unknown[n], 0, 72, vm->expected));
		REFUSED("get", vm, EINVAL, read_attr(unknown[n], 72, vm->expected));
		REFUSED("has", vm, ENXIO, kvm(vm->flic, KVM_HAS_DEVICE_ATTR, &attribute));
	}
	static const uint32_t known[] = {KVM_DEV_FLIC_GET_ALL_IRQS, KVM_DEV_FLIC_ENQUEUE,
					 KVM_DEV_FLIC_CLEAR_IRQS, KVM_DEV_FLIC_APF_ENABLE,
					 KVM_DEV_FLIC_APF_DISABLE_WAIT, KVM_DEV_FLIC_CLEAR_IO_IRQ};

	for (size_t n = 0; n < sizeof(known) / 4; n++) {
		/* Its pointer is not looked at. */
		struct kvm_device_attr attribute = {.group = known[n], .addr = 8, .attr = 7};

		context("group %u", known[n]);
		NO_EFFECT("has", vm, kvm(vm->flic, KVM_HAS_DEVICE_ATTR, &attribute));
	}
	context("directions");
	REFUSED("set GET_ALL_IRQS", vm, EINVAL, set(KVM_DEV_FLIC_GET_ALL_IRQS, 0, 72, vm->expected));
	REFUSED("get ENQUEUE", vm, EINVAL, read_attr(KVM_DEV_FLIC_ENQUEUE, 72, vm->expected));
	REFUSED("get CLEAR_IRQS", vm, EINVAL, read_attr(KVM_DEV_FLIC_CLEAR_IRQS, 72, vm->expected));
	REFUSED("null to set", vm, EFAULT, kvm(vm->flic, KVM_SET_DEVICE_ATTR, NULL));
	REFUSED("null to get", vm, EFAULT, kvm(vm->flic, KVM_GET_DEVICE_ATTR, NULL));
	REFUSED("null to ask", vm, EFAULT, kvm(vm->flic, KVM_HAS_DEVICE_ATTR, NULL));
	REFUSED("another ioctl", vm, ENOTTY, kvm_value(vm->flic, KVM_RUN, 0));
}

static void get_all(void)
{
	static struct kvm_s390_irq list[32];
	struct kvm_s390_irq channel = irq_machine_check(CR14_CHANNEL_REPORT, MCIC_CHANNEL_REPORT);

	group("D.3 GET_ALL_IRQS: a count, in this order, and nothing is taken");
	vm_fresh(vm, 0);
	RESULT("machine check", 0, inject_float(vm, channel));
	RESULT("service", 0, inject_float(vm, irq_service(0x12345678 | 1)));
	RESULT("virtio", 0, inject_float(vm, irq_virtio(1, 0x1111)));
	RESULT("virtio", 0, inject_float(vm, irq_virtio(2, 0x2222)));
	RESULT("pfault done", 0, inject_float(vm, irq_pfault_done(0x3333)));
	for (unsigned isc = 8; isc-- > 0;) {
		RESULT("I/O", 0, inject_float(vm, irq_io(1, (uint16_t)isc, isc, isc << 27)));
		RESULT("I/O", 0, inject_float(vm, irq_io(2, (uint16_t)isc, isc, isc << 27)));
	}
	for (int times = 0; times < 2; times++) {
		struct kvm_s390_irq expected[21];

		for (unsigned n = 0; n < 16; n++)
			expected[n] = irq_io((uint16_t)(1 + n % 2), (uint16_t)(n / 2), n / 2, n / 2 << 27);
		expected[16] = irq_pfault_done(0x3333);
		expected[17] = irq_virtio(1, 0x1111);
		expected[18] = irq_virtio(2, 0x2222);
		expected[19] = irq_service(0x12345679);
		expected[20] = channel;
		check_floating(__FILE__, __LINE__, "all", vm, expected, 21);
	}

	group("D.3 GET_ALL_IRQS: errors");
	REFUSED("length 0", vm, EINVAL, read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, 0, list));
	REFUSED("length above the limit", vm, EINVAL,
		read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, KVM_S390_FLIC_MAX_BUFFER + 1, list));
	REFUSED("length ~0", vm, EINVAL, read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, ~0ull, list));
	memset(list, 0xcc, sizeof(list));
	REFUSED("too small", vm, ENOMEM, read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, 20 * 72 + 71, list));
	CHECK("nothing copied", ((uint8_t *)list)[0] == 0xcc);
	REFUSED("wild buffer", vm, EFAULT, read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, 30 * 72, (void *)8));
	RESULT("large enough", 21, read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, 21 * 72, list));

	group("C.13 CLEAR_IRQS takes every floating interrupt, no local one");
	RESULT("restart", 0, inject(cpu, irq_restart()));
	RESULT("clear", 0, set(KVM_DEV_FLIC_CLEAR_IRQS, 0, 0, NULL));
	NONE_FLOATING("cleared", vm);
	PENDING("local", cpu, irq_restart());
	RESULT("service again", 0, inject_float(vm, irq_service(0x2000)));
	FLOATING("from nothing", vm, irq_service(0x2000));
}

static void enqueue(void)
{
	struct kvm_s390_irq list[3] = {irq_service(0x1000), irq_virtio(1, 2), irq_pfault_done(3)};

	group("D.3 ENQUEUE");
	vm_fresh(vm, 0);
	NO_EFFECT("length 0", vm, set(KVM_DEV_FLIC_ENQUEUE, 0, 0, NULL));
	REFUSED("length 1", vm, EINVAL, set(KVM_DEV_FLIC_ENQUEUE, 0, 1, list));
	REFUSED("length 73", vm, EINVAL, set(KVM_DEV_FLIC_ENQUEUE, 0, 73, list));
	REFUSED("length above the limit", vm, EINVAL,
		set(KVM_DEV_FLIC_ENQUEUE, 0, (KVM_S390_FLIC_MAX_BUFFER / 72 + 1) * 72ull, list));
	REFUSED("null", vm, EFAULT, set(KVM_DEV_FLIC_ENQUEUE, 0, 72, NULL));
	RESULT("three", 0, set(KVM_DEV_FLIC_ENQUEUE, 0, sizeof(list), list));
	FLOATING("three", vm, irq_pfault_done(3), irq_virtio(1, 2), irq_service(0x1000));

	group("D.3 ENQUEUE stops at the first error, what was before stays");
	vm_fresh(vm, 0);
	list[1] = irq_restart();
	RESULT("a local type", -EINVAL, set(KVM_DEV_FLIC_ENQUEUE, 0, sizeof(list), list));
	FLOATING("the first", vm, irq_service(0x1000));
	vm_fresh(vm, 0);
	list[1] = irq_pfault_init(1);
	RESULT("pfault init", -EINVAL, set(KVM_DEV_FLIC_ENQUEUE, 0, sizeof(list), list));
	FLOATING("the first", vm, irq_service(0x1000));
	vm_fresh(vm, 0);
	uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + 4096, 4096);
	list[1] = irq_virtio(1, 2);
	memcpy(pages + 4096 - 144, list, 144);
	RESULT("a buffer that ends", -EFAULT,
	       set(KVM_DEV_FLIC_ENQUEUE, 0, 3 * 72, pages + 4096 - 144));
	FLOATING("the first two", vm, irq_virtio(1, 2), irq_service(0x1000));
	munmap(pages, 4096);
}

static void merging(void)
{
	group("C.12 service signal: events are ORed, a second SCCB is dropped");
	vm_fresh(vm, 0);
	RESULT("SCCB", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("another SCCB", 0, inject_float(vm, irq_service(0x2000)));
	FLOATING("the first", vm, irq_service(0x1000));
	RESULT("event 1", 0, inject_float(vm, irq_service(1)));
	FLOATING("with the event", vm, irq_service(0x1001));
	RESULT("event 2 and an SCCB", 0, inject_float(vm, irq_service(0x4002)));
	FLOATING("with both events", vm, irq_service(0x1003));
	vm_fresh(vm, 0);
	RESULT("bit value 4 is dropped", 0, inject_float(vm, irq_service(0x1004)));
	FLOATING("bit value 4 is dropped", vm, irq_service(0x1000));

	group("C.12 machine check: codes are ORed, of cr14 only channel report stays");
	vm_fresh(vm, 0);
	RESULT("first", 0, inject_float(vm, irq_machine_check(~0ull, 1)));
	RESULT("second", 0, inject_float(vm, irq_machine_check(0, 2)));
	FLOATING("merged", vm, irq_machine_check(CR14_CHANNEL_REPORT, 3));
	vm_fresh(vm, 0);
	RESULT("without", 0, inject_float(vm, irq_machine_check(CR14_WARNING, 0)));
	FLOATING("pending whatever mcic says", vm, irq_machine_check(0, 0));

	group("C.11 I/O: first in, first out within an ISC");
	vm_fresh(vm, 0);
	set_cr(cpu, 6, 0xff000000);
	for (uint16_t n = 0; n < 5; n++)
		RESULT("I/O", 0, inject_float(vm, irq_io(n, n, n, 3u << 27)));
	for (uint16_t n = 0; n < 5; n++) {
		set_psw(cpu, PSW_IO | PSW_64BIT, 0x10000);
		TOOK("I/O", cpu, IO);
		EQUAL("in order", n, get(vm, 0xb8, 2));
	}
	NONE_FLOATING("all", vm);

	group("C.12 without a CPU they stay pending");
	struct vm *alone = vm_new(0);

	RESULT("service", 0, inject_float(alone, irq_service(0x1000)));
	RESULT("by the vm fd", 0, interrupt(alone->fd, KVM_S390_INT_VIRTIO, 1, 2));
	FLOATING("pending", alone, irq_virtio(1, 2), irq_service(0x1000));
	vm_free(alone);
}

static void clear_io(void)
{
	uint32_t schid = 0x00010005;

	group("D.3 CLEAR_IO_IRQ: one entry of the subchannel, ISC 0 first");
	vm_fresh(vm, 0);
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 5, 1, 3u << 27)));
	RESULT("I/O", 0, inject_float(vm, irq_io(1, 5, 2, 1u << 27)));
	RESULT("I/O", 0, inject_float(vm, irq_io(2, 5, 3, 0)));
	RESULT("clear", 0, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 4, &schid));
	FLOATING("ISC 1 first", vm, irq_io(2, 5, 3, 0), irq_io(1, 5, 1, 3u << 27));
	RESULT("clear", 0, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 4, &schid));
	FLOATING("the other", vm, irq_io(2, 5, 3, 0));
	NO_EFFECT("none left: 0 all the same", vm, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 4, &schid));
	REFUSED("flags", vm, EINVAL, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 1, 4, &schid));
	REFUSED("length 3", vm, EINVAL, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 3, &schid));
	REFUSED("length 8", vm, EINVAL, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 8, &schid));
	REFUSED("null", vm, EFAULT, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 4, NULL));
	schid = 0;
	REFUSED("subchannel 0", vm, EINVAL, set(KVM_DEV_FLIC_CLEAR_IO_IRQ, 0, 4, &schid));

	group("D.3 APF_ENABLE and APF_DISABLE_WAIT always succeed");
	NO_EFFECT("enable", vm, set(KVM_DEV_FLIC_APF_ENABLE, 0, 7, (void *)8));
	NO_EFFECT("disable", vm, set(KVM_DEV_FLIC_APF_DISABLE_WAIT, 0, 7, (void *)8));

	group("D.3 AISM without facility 72");
	struct kvm_s390_ais_req request = {.isc = 1, .mode = 0};
	uint8_t all[2];

	REFUSED("AISM", vm, EOPNOTSUPP, set(KVM_DEV_FLIC_AISM, 0, 0, &request));
	REFUSED("AISM, null", vm, EOPNOTSUPP, set(KVM_DEV_FLIC_AISM, 0, 0, NULL));
	REFUSED("AISM_ALL set", vm, EOPNOTSUPP, set(KVM_DEV_FLIC_AISM_ALL, 0, 0, all));
	REFUSED("AISM_ALL get, length 1", vm, EINVAL, read_attr(KVM_DEV_FLIC_AISM_ALL, 1, all));
	REFUSED("AISM_ALL get", vm, EOPNOTSUPP, read_attr(KVM_DEV_FLIC_AISM_ALL, 2, all));
}

/* Fills a queue to its limit, then one more. */
static void limit(const char *what, struct kvm_s390_irq one, unsigned long most)
{
	struct kvm_s390_irq *list = malloc((most + 1) * IRQ_SIZE);

	context("%s", what);
	vm_fresh(vm, 0);
	for (unsigned long n = 0; n <= most; n++)
		list[n] = one;
	RESULT("up to the limit", 0, set(KVM_DEV_FLIC_ENQUEUE, 0, most * IRQ_SIZE, list));
	RESULT("one more", -EBUSY, set(KVM_DEV_FLIC_ENQUEUE, 0, IRQ_SIZE, list));
	RESULT("as many as there are", (long)most,
	       read_attr(KVM_DEV_FLIC_GET_ALL_IRQS, (most + 1) * IRQ_SIZE, list));
	RESULT("another kind", 0, inject_float(vm, irq_service(0x1000)));
	RESULT("clear", 0, set(KVM_DEV_FLIC_CLEAR_IRQS, 0, 0, NULL));
	RESULT("room again", 0, set(KVM_DEV_FLIC_ENQUEUE, 0, IRQ_SIZE, list));
	free(list);
}

int main(void)
{
	begin("flic", 240);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	creation();
	get_all();
	enqueue();
	merging();
	clear_io();
	group("C.12 full queues are EBUSY");
	limit("pfault done", irq_pfault_done(1), 64 * 255);
	limit("virtio", irq_virtio(1, 2), 87381);
	limit("I/O", irq_io(1, 2, 3, 0), KVM_S390_MAX_FLOAT_IRQS);
	vm_free(vm);
	return finish();
}
