/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pointers that are null, wild, or lead over the end of a mapping: EFAULT. */
#include "manners.h"

static struct guest guest;
static int flic;

struct call {
	const char *name;
	const int *fd;
	unsigned long number;
	size_t size;
	/* A valid argument, for calls that look into it before they write. */
	const void *valid;
	/* It is written to only. */
	int output;
	/* Null means something else. */
	int null_is_valid;
};

static struct kvm_one_reg reg;
static struct kvm_s390_irq_state state = {.len = 7200};
static struct kvm_s390_mem_op logical = {.size = 8, .op = KVM_S390_MEMOP_LOGICAL_READ};
static struct kvm_s390_irq restart = {.type = KVM_S390_RESTART};
static uint64_t value;
static uint8_t irqs[7200];

#define INPUT(fd, number, type) {#number, &guest.fd, number, sizeof(type), NULL, 0, 0}
#define OUTPUT(fd, number, type) {#number, &guest.fd, number, sizeof(type), NULL, 1, 0}

static const struct call calls[] = {
	INPUT(vm, KVM_ENABLE_CAP, struct kvm_enable_cap),
	INPUT(vm, KVM_SET_USER_MEMORY_REGION, struct kvm_userspace_memory_region),
	INPUT(vm, KVM_GET_DIRTY_LOG, struct kvm_dirty_log),
	INPUT(vm, KVM_S390_INTERRUPT, struct kvm_s390_interrupt),
	INPUT(vm, KVM_CREATE_DEVICE, struct kvm_create_device),
	INPUT(vm, KVM_SET_DEVICE_ATTR, struct kvm_device_attr),
	INPUT(vm, KVM_GET_DEVICE_ATTR, struct kvm_device_attr),
	INPUT(vm, KVM_HAS_DEVICE_ATTR, struct kvm_device_attr),
	INPUT(vm, KVM_S390_GET_SKEYS, struct kvm_s390_skeys),
	INPUT(vm, KVM_S390_SET_SKEYS, struct kvm_s390_skeys),
	INPUT(vm, KVM_S390_MEM_OP, struct kvm_s390_mem_op),
	INPUT(cpu, KVM_ENABLE_CAP, struct kvm_enable_cap),
	INPUT(cpu, KVM_S390_IRQ, struct kvm_s390_irq),
	INPUT(cpu, KVM_S390_INTERRUPT, struct kvm_s390_interrupt),
	INPUT(cpu, KVM_SET_REGS, struct kvm_regs),
	INPUT(cpu, KVM_SET_SREGS, struct kvm_sregs),
	INPUT(cpu, KVM_SET_FPU, struct kvm_fpu),
	INPUT(cpu, KVM_GET_ONE_REG, struct kvm_one_reg),
	INPUT(cpu, KVM_SET_ONE_REG, struct kvm_one_reg),
	INPUT(cpu, KVM_SET_MP_STATE, struct kvm_mp_state),
	INPUT(cpu, KVM_S390_SET_INITIAL_PSW, struct kvm_s390_psw),
	INPUT(cpu, KVM_S390_GET_IRQ_STATE, struct kvm_s390_irq_state),
	INPUT(cpu, KVM_S390_SET_IRQ_STATE, struct kvm_s390_irq_state),
	INPUT(cpu, KVM_S390_MEM_OP, struct kvm_s390_mem_op),
	{"KVM_SET_SIGNAL_MASK", &guest.cpu, KVM_SET_SIGNAL_MASK, 4, NULL, 0, 1},
	OUTPUT(cpu, KVM_GET_REGS, struct kvm_regs),
	OUTPUT(cpu, KVM_GET_SREGS, struct kvm_sregs),
	OUTPUT(cpu, KVM_GET_FPU, struct kvm_fpu),
	{"KVM_SET_DEVICE_ATTR", &flic, KVM_SET_DEVICE_ATTR, 24, NULL, 0, 0},
	{"KVM_GET_DEVICE_ATTR", &flic, KVM_GET_DEVICE_ATTR, 24, NULL, 0, 0},
	{"KVM_HAS_DEVICE_ATTR", &flic, KVM_HAS_DEVICE_ATTR, 24, NULL, 0, 0},
};

/* The ioctl fails with EFAULT. */
static void faults(const struct call *call, const char *how, void *pointer)
{
	int result;

	errno = 0;
	result = ioctl(*call->fd, call->number, pointer);
	if (result != -1 || errno != EFAULT) {
		printf("%s with a pointer that is %s: %d (%s)\n", call->name, how, result,
		       strerror(errno));
		failures++;
	}
}

/* The first of two pages, the second of which is not there. */
static uint8_t *half_mapped(int protection)
{
	uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);

	munmap(pages + 4096, 4096);
	mprotect(pages, 4096, protection);
	return pages;
}

static void structures(void)
{
	uint8_t *writable = half_mapped(PROT_READ | PROT_WRITE);
	uint8_t *readable = half_mapped(PROT_READ);
	uint8_t *none = half_mapped(PROT_NONE);

	for (size_t n = 0; n < sizeof(calls) / sizeof(*calls); n++) {
		const struct call *call = &calls[n];

		if (!call->null_is_valid)
			faults(call, "null", NULL);
		faults(call, "small", (void *)8);
		faults(call, "wild", (void *)0x123456789000);
		faults(call, "not canonical", (void *)0x8000000000000000);
		faults(call, "the last address", (void *)-1);
		faults(call, "protected", none);
		faults(call, "at an end", writable + 4096);
		faults(call, "half mapped", writable + 4096 - call->size / 2);
		faults(call, "one byte short", writable + 4096 - call->size + 1);
		if (call->output)
			faults(call, "read-only", readable);
	}
	/* A good one is good. */
	CHECK(ioctl(guest.cpu, KVM_GET_REGS, writable + 4096 - sizeof(struct kvm_regs)) == 0);
	CHECK(ioctl(guest.cpu, KVM_SET_REGS, readable + 4096 - sizeof(struct kvm_regs)) == 0);
	/* These take no pointer, and no notice of one. */
	CHECK(ioctl(guest.cpu, KVM_S390_NORMAL_RESET, 8) == 0);
}

/* Pointers within structures. */
static void inner(void)
{
	uint8_t *half = half_mapped(PROT_READ | PROT_WRITE);
	uint8_t *readable = half_mapped(PROT_READ);
	void *bad[] = {NULL, (void *)8, (void *)0x123456789000, (void *)-1, half + 4092,
		       half + 4096};

	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		uint64_t address = (uintptr_t)bad[n];
		struct kvm_device_attr attr = {.group = KVM_DEV_FLIC_ENQUEUE, .addr = address,
					       .attr = sizeof(restart)};
		struct kvm_s390_skeys keys = {.count = 8, .skeydata_addr = address};

		reg = (struct kvm_one_reg){KVM_REG_S390_CLOCK_COMP, address};
		FAILS(EFAULT, ioctl(guest.cpu, KVM_GET_ONE_REG, &reg));
		FAILS(EFAULT, ioctl(guest.cpu, KVM_SET_ONE_REG, &reg));

		logical.buf = address;
		logical.op = KVM_S390_MEMOP_LOGICAL_READ;
		FAILS(EFAULT, ioctl(guest.cpu, KVM_S390_MEM_OP, &logical));
		logical.op = KVM_S390_MEMOP_LOGICAL_WRITE;
		FAILS(EFAULT, ioctl(guest.cpu, KVM_S390_MEM_OP, &logical));
		logical.op = KVM_S390_MEMOP_ABSOLUTE_READ;
		FAILS(EFAULT, ioctl(guest.vm, KVM_S390_MEM_OP, &logical));
		logical.op = KVM_S390_MEMOP_ABSOLUTE_WRITE;
		FAILS(EFAULT, ioctl(guest.vm, KVM_S390_MEM_OP, &logical));

		state.buf = address;
		state.len = 7200;
		FAILS(EFAULT, ioctl(guest.cpu, KVM_S390_GET_IRQ_STATE, &state));
		state.len = 72;
		FAILS(EFAULT, ioctl(guest.cpu, KVM_S390_SET_IRQ_STATE, &state));

		FAILS(EFAULT, ioctl(guest.vm, KVM_S390_SET_SKEYS, &keys));
		FAILS(EFAULT, ioctl(flic, KVM_SET_DEVICE_ATTR, &attr));

		attr = (struct kvm_device_attr){.group = KVM_S390_VM_TOD,
						.attr = KVM_S390_VM_TOD_LOW, .addr = address};
		FAILS(EFAULT, ioctl(guest.vm, KVM_GET_DEVICE_ATTR, &attr));
		FAILS(EFAULT, ioctl(guest.vm, KVM_SET_DEVICE_ATTR, &attr));
	}
	/* Memory that can be read but not written to. */
	reg = (struct kvm_one_reg){KVM_REG_S390_CLOCK_COMP, (uintptr_t)readable};
	FAILS(EFAULT, ioctl(guest.cpu, KVM_GET_ONE_REG, &reg));
	CHECK(ioctl(guest.cpu, KVM_SET_ONE_REG, &reg) == 0);
	reg.addr = (uintptr_t)&value;
	CHECK(ioctl(guest.cpu, KVM_GET_ONE_REG, &reg) == 0);
	/* The structure is where the new number cannot be written. */
	struct kvm_create_device *device = (void *)(readable + 64);
	mprotect(readable, 4096, PROT_READ | PROT_WRITE);
	device->type = KVM_DEV_TYPE_FLIC;
	mprotect(readable, 4096, PROT_READ);
	struct guest other = guest_new();
	FAILS(EFAULT, ioctl(other.vm, KVM_CREATE_DEVICE, device));
	guest_free(&other);
}

/* A slot's memory that is taken away. */
static void storage(void)
{
	struct guest gone = guest_new();

	CHECK(guest_done(&gone));
	munmap(gone.storage, 1 << 20);
	gone.run->psw_mask = PSW_64BIT;
	gone.run->psw_addr = CODE;
	FAILS(EFAULT, ioctl(gone.cpu, KVM_RUN, 0));
	/* A guest in code that is there, storing where nothing is. */
	CHECK(mmap(gone.storage, 8192, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == gone.storage);
	/* lghi 1,0x4000; stg 1,0(1) */
	guest_code(&gone, "a7194000" "e31010000024" DONE);
	FAILS(EFAULT, ioctl(gone.cpu, KVM_RUN, 0));
	CHECK(gone.run->psw_addr == CODE + 4);
	/* It comes back. */
	CHECK(mmap(gone.storage + 8192, (1 << 20) - 8192, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == gone.storage + 8192);
	CHECK(ioctl(gone.cpu, KVM_RUN, 0) == 0);
	CHECK(gone.storage[0x4006] == 0x40);
	guest_free(&gone);
}

int main(void)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_FLIC};

	guest = guest_new();
	CHECK(ioctl(guest.vm, KVM_CREATE_DEVICE, &device) == 0);
	flic = (int)device.fd;
	structures();
	/* Something to save and to return. */
	CHECK(ioctl(guest.cpu, KVM_S390_IRQ, &restart) == 0);
	state.buf = (uintptr_t)irqs;
	CHECK(ioctl(guest.cpu, KVM_S390_GET_IRQ_STATE, &state) == 72);
	inner();
	storage();
	/* Paths, too. */
	FAILS(EFAULT, open((const char *)8, O_RDWR));
	FAILS(EFAULT, openat(AT_FDCWD, (const char *)0x123456789000, O_RDWR));
	return finish();
}
