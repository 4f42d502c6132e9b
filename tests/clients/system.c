/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* /dev/kvm itself: version, capabilities, errors common to all descriptors
 * (A.4, A.5), attributes of a VM (A.10), and how long things live. */
#define _GNU_SOURCE
#include "lc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;

static void device(void)
{
	group("A.4 /dev/kvm");
	RESULT("KVM_GET_API_VERSION", 12, kvm_value(vm->system, KVM_GET_API_VERSION, 0));
	RESULT("with an argument", -EINVAL, kvm_value(vm->system, KVM_GET_API_VERSION, 1));
	CHECK("KVM_GET_VCPU_MMAP_SIZE holds kvm_run",
	      kvm_value(vm->system, KVM_GET_VCPU_MMAP_SIZE, 0) >= (long)sizeof(struct kvm_run));
	RESULT("with an argument", -EINVAL, kvm_value(vm->system, KVM_GET_VCPU_MMAP_SIZE, 1));
	RESULT("KVM_CREATE_VM of an unknown type", -EINVAL,
	       kvm_value(vm->system, KVM_CREATE_VM, 0x1234));
	RESULT("an unknown ioctl", -EINVAL, kvm_value(vm->system, 0xaeff, 0));
	RESULT("another device's ioctl", -EINVAL, kvm_value(vm->system, 0x5401, 0));
}

static void capabilities(void)
{
	static const struct {
		unsigned number;
		long value;
	} known[] = {
		{KVM_CAP_S390_INJECT_IRQ, 1}, {KVM_CAP_S390_IRQ_STATE, 1},
		{KVM_CAP_S390_USER_SIGP, 1},  {KVM_CAP_S390_USER_INSTR0, 1},
		{KVM_CAP_S390_USER_STSI, 1},  {KVM_CAP_S390_CSS_SUPPORT, 1},
		{KVM_CAP_S390_VCPU_RESETS, 1}, {KVM_CAP_S390_MEM_OP, 65536},
		{KVM_CAP_S390_SKEYS, 1},      {KVM_CAP_S390_DIAG318, 1},
		{KVM_CAP_S390_PSW, 1},	      {KVM_CAP_S390_GMAP, 1},
		{KVM_CAP_SYNC_REGS, 1},	      {KVM_CAP_MP_STATE, 1},
		{KVM_CAP_ONE_REG, 1},	      {KVM_CAP_IMMEDIATE_EXIT, 1},
		{KVM_CAP_VM_ATTRIBUTES, 1},   {KVM_CAP_DEVICE_CTRL, 1},
		{KVM_CAP_SYNC_MMU, 1},	      {KVM_CAP_ENABLE_CAP, 1},
		{KVM_CAP_ENABLE_CAP_VM, 1},   {KVM_CAP_USER_MEMORY, 1},
		{KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1},
		/* Another architecture's, and none at all. */
		{KVM_CAP_HYPERV, 0},	      {KVM_CAP_TSC_CONTROL, 0},
		{KVM_CAP_READONLY_MEM, 0},    {9999, 0},
		{0x7fffffff, 0},	      {0xffffffff, 0},
	};
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_USER_SIGP, .flags = 1};

	group("A.5 KVM_CHECK_EXTENSION, of the system and of a VM");
	for (size_t n = 0; n < sizeof(known) / sizeof(*known); n++) {
		context("capability %u", known[n].number);
		RESULT("system", known[n].value, capability(vm, known[n].number));
		RESULT("VM", known[n].value,
		       kvm_value(vm->fd, KVM_CHECK_EXTENSION, known[n].number));
	}
	context("CPUs");
	CHECK("KVM_CAP_NR_VCPUS", capability(vm, KVM_CAP_NR_VCPUS) >= 1);
	CHECK("KVM_CAP_MAX_VCPUS", capability(vm, KVM_CAP_MAX_VCPUS) >=
					    capability(vm, KVM_CAP_NR_VCPUS));
	EQUAL("KVM_CAP_MAX_VCPU_ID", capability(vm, KVM_CAP_MAX_VCPUS),
	      capability(vm, KVM_CAP_MAX_VCPU_ID));

	group("A.5 KVM_ENABLE_CAP: EINVAL for flags and for what cannot be enabled");
	REFUSED("flags", vm, EINVAL, kvm(vm->fd, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_S390_CSS_SUPPORT;
	REFUSED("flags of a vcpu's", vm, EINVAL, kvm(cpu->fd, KVM_ENABLE_CAP, &cap));
	REFUSED("a vcpu's on the VM", vm, EINVAL,
		enable_capability(vm->fd, KVM_CAP_S390_CSS_SUPPORT));
	REFUSED("the VM's on a vcpu", vm, EINVAL,
		enable_capability(cpu->fd, KVM_CAP_S390_USER_SIGP));
	REFUSED("nothing to enable", vm, EINVAL,
		enable_capability(vm->fd, KVM_CAP_S390_INJECT_IRQ));
	REFUSED("unknown", vm, EINVAL, enable_capability(vm->fd, 9999));
	REFUSED("null", vm, EFAULT, kvm(vm->fd, KVM_ENABLE_CAP, NULL));
	REFUSED("null", vm, EFAULT, kvm(cpu->fd, KVM_ENABLE_CAP, NULL));
	NO_EFFECT("KVM_CAP_S390_CSS_SUPPORT", vm,
		  enable_capability(cpu->fd, KVM_CAP_S390_CSS_SUPPORT));

	group("KVM_CAP_S390_CSS_SUPPORT: channel I/O instructions go to user space");
	vm_fresh(vm, 0);
	/* STORE SUBCHANNEL. */
	CODE(vm, 0x10000, S_(0xb234, 1, 0x123), DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("STSCH", cpu, ICPT_INSTRUCTION);
	EQUAL("ipa", 0xb234, cpu->run->s390_sieic.ipa);
	EQUAL("ipb", 0x11230000, cpu->run->s390_sieic.ipb);
	struct vm *without = vm_new(1, 0);

	vm_fresh(without, 0);
	CODE(without, 0x10000, S_(0xb234, 1, 0x123), DONE);
	set_psw(&without->cpu[0], PSW_64BIT, 0x10000);
	EXITS("without it", &without->cpu[0], ICPT_INSTRUCTION);
	EQUAL("condition code 3", 3, without->cpu[0].run->psw_mask >> 44 & 3);
	EQUAL("goes on", 0x10008, without->cpu[0].run->psw_addr);
	vm_free(without);
}

static void common(void)
{
	static const unsigned long unknown[] = {0xae00 + 0xff, 0xaefe, 0x4008aeff, 0xae60 + 0x9f};
	static const unsigned long foreign[] = {0x5401, 0x1234, 0x40044590, 0};

	group("A.4 unknown ioctls: ENOTTY, on a vcpu EINVAL for another type byte");
	for (size_t n = 0; n < sizeof(unknown) / sizeof(*unknown); n++) {
		context("ioctl %#lx", unknown[n]);
		REFUSED("VM", vm, ENOTTY, kvm_value(vm->fd, unknown[n], 0));
		REFUSED("vcpu", vm, ENOTTY, kvm_value(cpu->fd, unknown[n], 0));
		REFUSED("FLIC", vm, ENOTTY, kvm_value(vm->flic, unknown[n], 0));
	}
	for (size_t n = 0; n < sizeof(foreign) / sizeof(*foreign); n++) {
		context("ioctl %#lx", foreign[n]);
		REFUSED("VM", vm, ENOTTY, kvm_value(vm->fd, foreign[n], 0));
		REFUSED("vcpu", vm, EINVAL, kvm_value(cpu->fd, foreign[n], 0));
	}
	context("other descriptors'");
	REFUSED("a vcpu's on the VM", vm, ENOTTY, kvm_value(vm->fd, KVM_RUN, 0));
	REFUSED("the VM's on a vcpu", vm, ENOTTY, kvm_value(cpu->fd, KVM_CREATE_VCPU, 7));
	REFUSED("the system's on the VM", vm, ENOTTY, kvm_value(vm->fd, KVM_CREATE_VM, 0));

	group("A.4 EIO in a child that inherited the descriptors");
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		bool good = kvm_value(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_ONE_REG) == -EIO &&
			    kvm_value(cpu->fd, KVM_RUN, 0) == -EIO &&
			    inject(cpu, irq_restart()) == -EIO;

		_exit(good ? 0 : 1);
	}
	waitpid(child, &status, 0);
	EQUAL("the child's verdict", 0, status);
	NONE_PENDING("nothing done", cpu);
}

static long attribute(unsigned long number, uint32_t group_number, uint64_t attr, uint32_t flags,
		      void *address)
{
	struct kvm_device_attr value = {
		.group = group_number, .attr = attr, .flags = flags, .addr = (uintptr_t)address};

	return kvm(vm->fd, number, &value);
}

static void attributes(void)
{
	uint64_t tod = 0, again = 0, limit = 0;
	uint8_t high = 0xcc;
	struct kvm_s390_vm_tod_clock clock;

	group("A.10 KVM_S390_VM_TOD: get, set, and what HAS says");
	NO_EFFECT("LOW exists", vm,
		  attribute(KVM_HAS_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 0, NULL));
	NO_EFFECT("HIGH exists", vm,
		  attribute(KVM_HAS_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH, 0, NULL));
	REFUSED("EXT is denied, although it works", vm, ENXIO,
		attribute(KVM_HAS_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, 0, NULL));
	RESULT("get LOW", 0,
	       attribute(KVM_GET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 0, &tod));
	RESULT("get LOW", 0,
	       attribute(KVM_GET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 0, &again));
	CHECK("it runs", again >= tod && tod);
	RESULT("get HIGH", 0,
	       attribute(KVM_GET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH, 0, &high));
	EQUAL("HIGH", 0, high);
	high = 1;
	REFUSED("set HIGH 1", vm, EINVAL,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH, 0, &high));
	REFUSED("set with flags", vm, EINVAL,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 1, &tod));
	REFUSED("set, null", vm, EFAULT,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 0, NULL));
	tod = 0x1000000000000000;
	RESULT("set LOW", 0,
	       attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, 0, &tod));
	RESULT("get EXT", 0,
	       attribute(KVM_GET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, 0, &clock));
	EQUAL("epoch index", 0, clock.epoch_idx);
	CHECK("the clock that was set", clock.tod >= tod && clock.tod - tod < 1ull << 48);
	clock.tod = 0x2000000000000000;
	RESULT("set EXT", 0,
	       attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, 0, &clock));
	clock.epoch_idx = 1;
	REFUSED("an epoch index without facility 139", vm, EINVAL,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, 0, &clock));
	vm_fresh(vm, 0);
	/* STORE CLOCK. */
	CODE(vm, 0x10000, S_(0xb205, 0, 0x300), DONE);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("STORE CLOCK", cpu, ICPT_INSTRUCTION);
	CHECK("the guest sees it", get(vm, 0x300, 8) - 0x2000000000000000 < 1ull << 48);

	group("A.10 KVM_S390_VM_MEM_CTRL: LIMIT_SIZE");
	NO_EFFECT("exists", vm,
		  attribute(KVM_HAS_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE, 0,
			    NULL));
	RESULT("get", 0,
	       attribute(KVM_GET_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE, 0,
			 &limit));
	CHECK("a limit", limit >= MIB);
	REFUSED("set once CPUs exist", vm, EBUSY,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE, 0,
			  &limit));
	limit = 0;
	REFUSED("set 0", vm, EINVAL,
		attribute(KVM_SET_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE, 0,
			  &limit));

	group("A.10 unknown groups and attributes: ENXIO");
	static const unsigned long numbers[] = {KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR,
						KVM_HAS_DEVICE_ATTR};

	for (size_t n = 0; n < 3; n++) {
		context("ioctl %#lx", numbers[n]);
		REFUSED("group", vm, ENXIO, attribute(numbers[n], 77, 0, 0, &tod));
		REFUSED("TOD attribute", vm, ENXIO,
			attribute(numbers[n], KVM_S390_VM_TOD, 77, 0, &tod));
		REFUSED("storage attribute", vm, ENXIO,
			attribute(numbers[n], KVM_S390_VM_MEM_CTRL, 77, 0, &tod));
		REFUSED("null", vm, EFAULT, kvm(vm->fd, numbers[n], NULL));
	}
}

static long model(int fd, unsigned long number, uint64_t attr, void *address)
{
	struct kvm_device_attr value = {
		.group = KVM_S390_VM_CPU_MODEL, .attr = attr, .addr = (uintptr_t)address};

	return kvm(fd, number, &value);
}

static void cpu_model(void)
{
	/* Facilities that every guest has: instructions and mode. */
	const uint64_t always = 7ul << 61;
	struct kvm_s390_vm_cpu_machine machine = {0};
	struct kvm_s390_vm_cpu_processor processor = {0}, again = {0};
	struct kvm_s390_vm_cpu_feat feat = {0};
	int fd = (int)kvm_value(vm->system, KVM_CREATE_VM, 0);

	group("A.10 KVM_S390_VM_CPU_MODEL: chosen while there are no CPUs");
	CHECK("a VM", fd >= 0);
	for (uint64_t attr = KVM_S390_VM_CPU_PROCESSOR; attr <= KVM_S390_VM_CPU_MACHINE_SUBFUNC;
	     attr++) {
		context("attribute %lu", (unsigned long)attr);
		RESULT("exists", 0, model(fd, KVM_HAS_DEVICE_ATTR, attr, NULL));
		RESULT("get nowhere", -EFAULT, model(fd, KVM_GET_DEVICE_ATTR, attr, NULL));
		RESULT("set from nowhere", attr % 2 ? -ENXIO : -EFAULT,
		       model(fd, KVM_SET_DEVICE_ATTR, attr, NULL));
	}
	RESULT("machine", 0, model(fd, KVM_GET_DEVICE_ATTR, KVM_S390_VM_CPU_MACHINE, &machine));
	RESULT("processor", 0,
	       model(fd, KVM_GET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR, &processor));
	EQUAL("what every guest has", always, machine.fac_mask[0] & always);
	EQUAL("no more than possible", 0, processor.fac_list[0] & ~machine.fac_mask[0]);
	EQUAL("a virtual machine", 0xff, processor.cpuid >> 56);
	processor.cpuid = 0xff00000028178000;
	processor.fac_list[1] = 0;
	RESULT("set", 0, model(fd, KVM_SET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR, &processor));
	RESULT("get", 0, model(fd, KVM_GET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR, &again));
	CHECK("the same", memcmp(&processor, &again, sizeof(again)) == 0);
	RESULT("features", 0,
	       model(fd, KVM_GET_DEVICE_ATTR, KVM_S390_VM_CPU_MACHINE_FEAT, &feat));
	RESULT("no more features", 0,
	       model(fd, KVM_SET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	memset(&feat, 0xff, sizeof(feat));
	RESULT("features that there are not", -EINVAL,
	       model(fd, KVM_SET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	close(fd);
	memset(&feat, 0, sizeof(feat));
	RESULT("with a CPU", -EBUSY,
	       model(vm->fd, KVM_SET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR, &processor));
	RESULT("features with a CPU", -EBUSY,
	       model(vm->fd, KVM_SET_DEVICE_ATTR, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
}

static void lifetimes(void)
{
	struct vm *other = vm_new(1, 0);
	struct cpu *left = &other->cpu[0];

	group("a vcpu lives on when its VM's descriptor is closed");
	vm_fresh(other, 0);
	CODE(other, 0x10000, DONE);
	close(other->fd);
	close(other->system);
	RESULT("restart", 0, inject(left, irq_restart()));
	TOOK("runs", left, RESTART);
	other->fd = dup(vm->fd);
	other->system = dup(vm->system);

	group("a duplicate of a vcpu's descriptor is the same vcpu");
	int copy = fcntl(left->fd, F_DUPFD_CLOEXEC, 100);

	CHECK("dup", copy >= 100);
	close(left->fd);
	left->fd = copy;
	RESULT("restart", 0, inject(left, irq_restart()));
	PENDING("restart", left, irq_restart());

	group("the run page stays mapped when the descriptor is closed");
	close(left->fd);
	left->run->s.regs.gprs[0] = 7;
	EQUAL("still there", 7, left->run->s.regs.gprs[0]);
	left->fd = dup(vm->system);
	vm_free(other);

	group("VMs do not know of one another");
	struct vm *a = vm_new(1, 0), *b = vm_new(1, 0);

	RESULT("restart", 0, inject(&a->cpu[0], irq_restart()));
	RESULT("service", 0, inject_float(a, irq_service(0x1000)));
	NONE_PENDING("the other VM", &b->cpu[0]);
	NONE_FLOATING("the other VM", b);
	vm_free(a);
	RESULT("restart", 0, inject(&b->cpu[0], irq_restart()));
	vm_free(b);
}

int main(void)
{
	begin("system", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	vm_fresh(vm, 0);
	device();
	capabilities();
	common();
	attributes();
	cpu_model();
	lifetimes();
	vm_free(vm);
	return finish();
}
