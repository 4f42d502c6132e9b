/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Setting up VMs, storage and registers, and calling the kernel's interface. */
#define _GNU_SOURCE
#include "lc.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

void die(const char *format, ...)
{
	va_list list;

	fflush(stdout);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(2);
}

long kvm_value(int fd, unsigned long number, unsigned long argument)
{
	long result = ioctl(fd, number, argument);

	return result < 0 ? -errno : result;
}

long kvm(int fd, unsigned long number, const void *argument)
{
	return kvm_value(fd, number, (unsigned long)argument);
}

long capability(struct vm *vm, unsigned number)
{
	return kvm_value(vm->system, KVM_CHECK_EXTENSION, number);
}

long enable_capability(int fd, unsigned number)
{
	struct kvm_enable_cap cap = {.cap = number};

	return kvm(fd, KVM_ENABLE_CAP, &cap);
}

/* VMs */

int vm_slot(struct vm *vm, unsigned slot, unsigned flags, uint64_t guest, size_t size, void *host)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = guest,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	return (int)kvm(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

int vm_add_cpu(struct vm *vm, unsigned id)
{
	struct cpu *cpu = &vm->cpu[vm->cpus];
	long size = kvm_value(vm->system, KVM_GET_VCPU_MMAP_SIZE, 0);

	cpu->vm = vm;
	cpu->id = id;
	cpu->fd = (int)kvm_value(vm->fd, KVM_CREATE_VCPU, id);
	if (cpu->fd < 0)
		return cpu->fd;
	cpu->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
	if (cpu->run == MAP_FAILED)
		die("mmap of a vcpu");
	vm->cpus++;
	return 0;
}

struct vm *vm_empty(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	vm->system = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->system < 0)
		die("/dev/kvm");
	/* Another architecture's would not know what to make of the rest. */
	if (capability(vm, KVM_CAP_S390_INJECT_IRQ) <= 0)
		die("/dev/kvm is not one for s390x guests");
	vm->fd = (int)kvm_value(vm->system, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		die("KVM_CREATE_VM");
	return vm;
}

unsigned vm_capability;

static struct vm *vm_build(uint64_t origin, size_t size, unsigned cpus, va_list ids)
{
	struct vm *vm = vm_empty();
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_FLIC};

	if (vm_capability && enable_capability(vm->fd, vm_capability))
		die("KVM_ENABLE_CAP");
	vm->origin = origin;
	vm->size = size;
	/* As aligned as a real s390 kernel asks. */
	vm->storage = aligned_alloc(MIB, size);
	vm->expected = malloc(size);
	if (!vm->storage || !vm->expected)
		die("guest storage");
	memset(vm->storage, 0, size);
	if (vm_slot(vm, 0, 0, origin, size, vm->storage))
		die("KVM_SET_USER_MEMORY_REGION");
	for (unsigned n = 0; n < cpus; n++)
		if (vm_add_cpu(vm, va_arg(ids, unsigned)))
			die("KVM_CREATE_VCPU");
	if (kvm(vm->fd, KVM_CREATE_DEVICE, &device))
		die("KVM_CREATE_DEVICE of the FLIC");
	vm->flic = (int)device.fd;
	return vm;
}

struct vm *vm_new_at(uint64_t origin, size_t size, unsigned cpus, ...)
{
	va_list ids;
	struct vm *vm;

	va_start(ids, cpus);
	vm = vm_build(origin, size, cpus, ids);
	va_end(ids);
	return vm;
}

struct vm *vm_new(unsigned cpus, ...)
{
	va_list ids;
	struct vm *vm;

	va_start(ids, cpus);
	vm = vm_build(0, MIB, cpus, ids);
	va_end(ids);
	return vm;
}

void vm_free(struct vm *vm)
{
	long size = kvm_value(vm->system, KVM_GET_VCPU_MMAP_SIZE, 0);

	for (unsigned n = 0; n < vm->cpus; n++) {
		munmap(vm->cpu[n].run, (size_t)size);
		close(vm->cpu[n].fd);
	}
	if (vm->flic)
		close(vm->flic);
	close(vm->fd);
	close(vm->system);
	free(vm->storage);
	free(vm->expected);
	free(vm);
}

void vm_fresh(struct vm *vm, int pattern)
{
	struct kvm_device_attr clear = {.group = KVM_DEV_FLIC_CLEAR_IRQS};

	for (unsigned n = 0; n < vm->cpus; n++) {
		if (kvm_value(vm->cpu[n].fd, KVM_S390_CLEAR_RESET, 0))
			die("KVM_S390_CLEAR_RESET");
		vm->cpu[n].run->kvm_dirty_regs = 0;
		vm->cpu[n].run->immediate_exit = 0;
	}
	if (kvm(vm->flic, KVM_SET_DEVICE_ATTR, &clear))
		die("KVM_DEV_FLIC_CLEAR_IRQS");
	for (size_t n = 0; n < vm->size; n++) {
		uint8_t byte = (uint8_t)(0xa5 ^ n * 7 ^ n >> 7);

		vm->storage[n] = pattern ? (uint8_t)~byte : byte;
	}
	if (vm->origin == 0)
		lowcore_new_psws(vm, 0);
}

void lowcore_new_psw(struct vm *vm, uint32_t prefix, enum class class, uint64_t mask,
		     uint64_t address)
{
	put_psw(vm, prefix + NEW_PSW(class), mask, address);
}

void lowcore_new_psws(struct vm *vm, uint32_t prefix)
{
	for (enum class class = RESTART; class <= IO; class++)
		lowcore_new_psw(vm, prefix, class, PSW_DISABLED_WAIT, HANDLER(class));
}

/* Storage */

uint8_t *at(struct vm *vm, uint64_t address)
{
	if (address < vm->origin || address - vm->origin >= vm->size)
		die("the client's own mistake: no storage at %#llx", (unsigned long long)address);
	return vm->storage + (address - vm->origin);
}

static void big_endian(uint8_t *bytes, unsigned length, uint64_t value)
{
	while (length--) {
		bytes[length] = (uint8_t)value;
		value >>= 8;
	}
}

void put(struct vm *vm, uint64_t address, unsigned length, uint64_t value)
{
	big_endian(at(vm, address), length, value);
}

uint64_t get(struct vm *vm, uint64_t address, unsigned length)
{
	uint64_t value = 0;

	for (unsigned n = 0; n < length; n++)
		value = value << 8 | *(volatile uint8_t *)at(vm, address + n);
	return value;
}

void put_psw(struct vm *vm, uint64_t address, uint64_t mask, uint64_t psw_address)
{
	put(vm, address, 8, mask);
	put(vm, address + 8, 8, psw_address);
}

void put_code(struct vm *vm, uint64_t address, const uint16_t *halfwords, size_t count)
{
	for (size_t n = 0; n < count; n++)
		put(vm, address + 2 * n, 2, halfwords[n]);
}

void expect_now(struct vm *vm)
{
	memcpy(vm->expected, vm->storage, vm->size);
}

void expect(struct vm *vm, uint64_t address, unsigned length, uint64_t value)
{
	big_endian(vm->expected + (at(vm, address) - vm->storage), length, value);
}

void expect_psw(struct vm *vm, uint64_t address, uint64_t mask, uint64_t psw_address)
{
	expect(vm, address, 8, mask);
	expect(vm, address + 8, 8, psw_address);
}

void expect_any(struct vm *vm, uint64_t address, unsigned length)
{
	memcpy(vm->expected + (at(vm, address) - vm->storage), at(vm, address), length);
}

/* Registers */

void set_psw(struct cpu *cpu, uint64_t mask, uint64_t address)
{
	cpu->run->psw_mask = mask;
	cpu->run->psw_addr = address;
}

void set_cr(struct cpu *cpu, unsigned number, uint64_t value)
{
	cpu->run->s.regs.crs[number] = value;
	cpu->run->kvm_dirty_regs |= KVM_SYNC_CRS;
}

void set_prefix(struct cpu *cpu, uint32_t value)
{
	cpu->run->s.regs.prefix = value;
	cpu->run->kvm_dirty_regs |= KVM_SYNC_PREFIX;
}

void set_arch0(struct cpu *cpu)
{
	cpu->run->kvm_dirty_regs |= KVM_SYNC_ARCH0;
}

uint64_t *fpr(struct cpu *cpu, unsigned number)
{
	/* The kernel says at creation which of the two views it keeps. */
	if (cpu->run->kvm_valid_regs & KVM_SYNC_VRS)
		return (uint64_t *)&cpu->run->s.regs.vrs[number][0];
	return (uint64_t *)&cpu->run->s.regs.fprs[number];
}

uint32_t *fpc(struct cpu *cpu)
{
	return &cpu->run->s.regs.fpc;
}

void fill_registers(struct cpu *cpu, uint32_t prefix)
{
	struct kvm_sync_regs *regs = &cpu->run->s.regs;

	for (unsigned n = 0; n < 16; n++) {
		regs->gprs[n] = GPR(n);
		regs->acrs[n] = AR(n);
		regs->crs[n] = CR(n);
		*fpr(cpu, n) = FPR(n);
	}
	*fpc(cpu) = FPC;
	regs->todpr = TODPR;
	regs->ckc = CLOCK_COMPARATOR;
	regs->cputm = CPU_TIMER;
	regs->pp = PP;
	regs->gbea = GBEA;
	regs->prefix = prefix;
	cpu->run->kvm_dirty_regs |= KVM_SYNC_PREFIX | KVM_SYNC_CRS | KVM_SYNC_ARCH0;
}

long one_reg_get(struct cpu *cpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)value};

	return kvm(cpu->fd, KVM_GET_ONE_REG, &reg);
}

long one_reg_set(struct cpu *cpu, uint64_t id, const void *value)
{
	struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)value};

	return kvm(cpu->fd, KVM_SET_ONE_REG, &reg);
}

uint64_t cpu_timer(struct cpu *cpu)
{
	uint64_t value = 0;

	if (one_reg_get(cpu, KVM_REG_S390_CPU_TIMER, &value))
		die("KVM_REG_S390_CPU_TIMER");
	return value;
}

uint64_t guest_tod(struct vm *vm)
{
	uint64_t value = 0;
	struct kvm_device_attr attribute = {
		.group = KVM_S390_VM_TOD,
		.attr = KVM_S390_VM_TOD_LOW,
		.addr = (uintptr_t)&value,
	};

	if (kvm(vm->fd, KVM_GET_DEVICE_ATTR, &attribute))
		die("KVM_S390_VM_TOD_LOW");
	return value;
}

long mp_state(struct cpu *cpu)
{
	struct kvm_mp_state state = {0};

	return kvm(cpu->fd, KVM_GET_MP_STATE, &state);
}

long set_mp_state(struct cpu *cpu, uint32_t value)
{
	struct kvm_mp_state state = {.mp_state = value};

	return kvm(cpu->fd, KVM_SET_MP_STATE, &state);
}
