/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory slots, the dirty log, KVM_S390_MEM_OP and storage keys. */
#define _GNU_SOURCE
#include "lc.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "code.h"

static struct vm *vm;
static struct cpu *cpu;
static uint8_t *more;

/* What the guest reads at an address: the value, or -5 for an addressing
 * exception. */
static int64_t guest_reads(uint64_t address)
{
	vm_fresh(vm, 0);
	CODE(vm, 0x10000, LG(2, 3, 0), DONE);
	cpu->run->s.regs.gprs[3] = address;
	set_psw(cpu, PSW_64BIT, 0x10000);
	RESULT("KVM_RUN", 0, run(cpu));
	if (cpu->run->s390_sieic.icptcode == ICPT_WAIT) {
		EQUAL("addressing", 5, get(vm, 0x8e, 2));
		return -5;
	}
	return (int64_t)cpu->run->s.regs.gprs[2];
}

static void guest_writes(uint64_t address, uint64_t value)
{
	CODE(vm, 0x10000, STG(2, 3, 0), DONE);
	cpu->run->s.regs.gprs[2] = value;
	cpu->run->s.regs.gprs[3] = address;
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("store", cpu, ICPT_INSTRUCTION);
}

static void slots(void)
{
	group("KVM_SET_USER_MEMORY_REGION: what is refused");
	vm_fresh(vm, 0);
	REFUSED("null", vm, EFAULT, kvm(vm->fd, KVM_SET_USER_MEMORY_REGION, NULL));
	REFUSED("read-only", vm, EINVAL, vm_slot(vm, 1, KVM_MEM_READONLY, 2 * MIB, MIB, more));
	REFUSED("unknown flags", vm, EINVAL, vm_slot(vm, 1, 0x80000000, 2 * MIB, MIB, more));
	REFUSED("size 4 KiB", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB, 4096, more));
	REFUSED("size 1.5 MiB", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB, MIB + MIB / 2, more));
	REFUSED("size 1", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB, 1, more));
	REFUSED("an address of no page", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB + 8, MIB, more));
	REFUSED("host memory of no page", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB, MIB, more + 8));
	REFUSED("round the end", vm, EINVAL, vm_slot(vm, 1, 0, 0 - (uint64_t)MIB, 2 * MIB, more));
	REFUSED("slot number", vm, EINVAL, vm_slot(vm, 32767, 0, 2 * MIB, MIB, more));
	REFUSED("address space", vm, EINVAL, vm_slot(vm, 1 << 16, 0, 2 * MIB, MIB, more));
	REFUSED("overlap", vm, EEXIST, vm_slot(vm, 1, 0, 0, MIB, more));
	REFUSED("deleting what is not there", vm, EINVAL, vm_slot(vm, 1, 0, 2 * MIB, 0, more));
	REFUSED("another size", vm, EINVAL, vm_slot(vm, 0, 0, 0, 2 * MIB, vm->storage));
	REFUSED("another host address", vm, EINVAL, vm_slot(vm, 0, 0, 0, MIB, more));

	group("KVM_SET_USER_MEMORY_REGION: add, move, overlap, delete");
	memset(more, 0, 2 * MIB);
	more[7] = 0x11;
	more[MIB + 7] = 0x22;
	EQUAL("nothing there", -5, guest_reads(2 * MIB));
	RESULT("add", 0, vm_slot(vm, 1, 0, 2 * MIB, MIB, more));
	EQUAL("there now", 0x11, guest_reads(2 * MIB));
	EQUAL("ends", -5, guest_reads(3 * MIB));
	RESULT("add beside it", 0, vm_slot(vm, 7, 0, 3 * MIB, MIB, more + MIB));
	EQUAL("there too", 0x22, guest_reads(3 * MIB));
	more[0] = 0x80;
	EQUAL("the client's own stores are seen", (int64_t)0x8000000000000011ull,
	      guest_reads(2 * MIB));
	more[0] = 0;
	REFUSED("move over another", vm, EEXIST, vm_slot(vm, 1, 0, 3 * MIB, MIB, more));
	EQUAL("not moved", 0x11, guest_reads(2 * MIB));
	RESULT("move", 0, vm_slot(vm, 1, 0, 5 * MIB, MIB, more));
	EQUAL("moved away", -5, guest_reads(2 * MIB));
	EQUAL("moved here", 0x11, guest_reads(5 * MIB));
	RESULT("delete", 0, vm_slot(vm, 1, 0, 0, 0, NULL));
	EQUAL("gone", -5, guest_reads(5 * MIB));
	EQUAL("the other is not", 0x22, guest_reads(3 * MIB));
	RESULT("delete", 0, vm_slot(vm, 7, 0, 0, 0, NULL));
	REFUSED("deleted already", vm, EINVAL, vm_slot(vm, 7, 0, 0, 0, NULL));
	RESULT("high up", 0, vm_slot(vm, 3, 0, 1ull << 40, MIB, more));
	EQUAL("high up", 0x11, guest_reads(1ull << 40));
	RESULT("delete", 0, vm_slot(vm, 3, 0, 0, 0, NULL));

	group("a slot deleted while the guest uses it");
	struct runner runner;

	vm_fresh(vm, 0);
	RESULT("add", 0, vm_slot(vm, 1, 0, 2 * MIB, MIB, more));
	memset(more, 0, 8);
	CODE(vm, 0x10000, LG(2, 3, 0), AGHI(2, 1), STG(2, 3, 0), J(-8));
	cpu->run->s.regs.gprs[3] = 2 * MIB;
	set_psw(cpu, PSW_64BIT, 0x10000);
	runner_start(&runner, cpu);
	while (!__atomic_load_n(&more[6], __ATOMIC_ACQUIRE) && !runner.done)
		;
	RESULT("delete", 0, vm_slot(vm, 1, 0, 0, 0, NULL));
	uint64_t last;

	memcpy(&last, more, 8);
	check_exit(__FILE__, __LINE__, "ends", cpu, runner_join(&runner), ICPT_WAIT);
	EQUAL("addressing", 5, get(vm, 0x8e, 2));
	CHECK("not written once the ioctl returned", memcmp(&last, more, 8) == 0);
}

static long dirty_log(unsigned slot, void *bitmap)
{
	struct kvm_dirty_log log = {.slot = slot, .dirty_bitmap = bitmap};

	return kvm(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static void dirty(void)
{
	uint64_t bitmap[4];

	group("KVM_GET_DIRTY_LOG: pages since the last time");
	vm_fresh(vm, 0);
	REFUSED("no log", vm, ENOENT, dirty_log(0, bitmap));
	REFUSED("no slot", vm, ENOENT, dirty_log(1, bitmap));
	REFUSED("slot number", vm, EINVAL, dirty_log(32767, bitmap));
	REFUSED("null", vm, EFAULT, kvm(vm->fd, KVM_GET_DIRTY_LOG, NULL));
	RESULT("add with log", 0, vm_slot(vm, 1, KVM_MEM_LOG_DIRTY_PAGES, 2 * MIB, MIB, more));
	RESULT("log", 0, dirty_log(1, bitmap));
	for (int n = 0; n < 4; n++)
		EQUAL("clean", 0, bitmap[n]);
	guest_writes(2 * MIB + 0x3008, 1);
	guest_writes(2 * MIB + 0xff000, 1);
	/* A store across a page boundary. */
	guest_writes(2 * MIB + 0x46ffc, 1);
	guest_reads(2 * MIB + 0x5000);
	REFUSED("wild bitmap", vm, EFAULT, dirty_log(1, (void *)8));
	RESULT("log", 0, dirty_log(1, bitmap));
	EQUAL("page 3", 1ull << 3, bitmap[0]);
	EQUAL("pages 70 and 71", 3ull << 6, bitmap[1]);
	EQUAL("none", 0, bitmap[2]);
	EQUAL("page 255", 1ull << 63, bitmap[3]);
	RESULT("log again", 0, dirty_log(1, bitmap));
	EQUAL("cleared by reading", 0, bitmap[0] | bitmap[1] | bitmap[2] | bitmap[3]);
	RESULT("flag off", 0, vm_slot(vm, 1, 0, 2 * MIB, MIB, more));
	REFUSED("no log any more", vm, ENOENT, dirty_log(1, bitmap));
	RESULT("delete", 0, vm_slot(vm, 1, 0, 0, 0, NULL));
}

static struct kvm_s390_mem_op op(uint32_t number, uint64_t address, void *buffer, uint32_t size)
{
	struct kvm_s390_mem_op value = {
		.gaddr = address, .size = size, .op = number, .buf = (uintptr_t)buffer};

	return value;
}

static void mem_op(int fd, const char *name, uint32_t read_op, uint32_t write_op)
{
	static uint8_t buffer[65536 + 1], seen[65536];
	struct kvm_s390_mem_op request;

	group(name);
	vm_fresh(vm, 0);
	request = op(read_op, 0x10001, seen, 65536);
	RESULT("read as much as goes", 0, kvm(fd, KVM_S390_MEM_OP, &request));
	CHECK("what it reads", memcmp(seen, at(vm, 0x10001), 65536) == 0);
	for (int n = 0; n < 65536; n++)
		buffer[n] = (uint8_t)(n * 13);
	expect_now(vm);
	for (unsigned n = 0; n < 65536; n++)
		expect(vm, 0x20003 + n, 1, buffer[n]);
	request = op(write_op, 0x20003, buffer, 65536);
	RESULT("write as much as goes", 0, kvm(fd, KVM_S390_MEM_OP, &request));
	STORAGE("what it writes", vm);
	for (int write = 0; write < 2; write++) {
		uint32_t number = write ? write_op : read_op;

		context(write ? "write" : "read");
		request = op(number, 0x10000, buffer, 0);
		REFUSED("size 0", vm, EINVAL, kvm(fd, KVM_S390_MEM_OP, &request));
		request = op(number, 0x10000, buffer, 65537);
		REFUSED("size 65537", vm, E2BIG, kvm(fd, KVM_S390_MEM_OP, &request));
		request.flags = 1ull << 40;
		REFUSED("flags before size", vm, EINVAL, kvm(fd, KVM_S390_MEM_OP, &request));
		request = op(number, 0x10000, (void *)8, 16);
		REFUSED("wild buffer", vm, EFAULT, kvm(fd, KVM_S390_MEM_OP, &request));
		request = op(number, 0x10000, buffer, 16);
		request.flags = KVM_S390_MEMOP_F_SKEY_PROTECTION;
		request.key = 16;
		REFUSED("key 16", vm, EINVAL, kvm(fd, KVM_S390_MEM_OP, &request));
		request = op(number, 0x10000, (void *)8, 16);
		request.flags = KVM_S390_MEMOP_F_CHECK_ONLY;
		NO_EFFECT("check only: no buffer", vm, kvm(fd, KVM_S390_MEM_OP, &request));
		request.gaddr = MIB;
		RESULT("check only: addressing", 5, kvm(fd, KVM_S390_MEM_OP, &request));
		request = op(number, MIB, buffer, 16);
		RESULT("outside storage: addressing", 5, kvm(fd, KVM_S390_MEM_OP, &request));
		NONE_PENDING("nothing is injected", cpu);
	}
	context("operation");
	request = op(77, 0x10000, buffer, 16);
	REFUSED("unknown", vm, EINVAL, kvm(fd, KVM_S390_MEM_OP, &request));
	REFUSED("null", vm, EFAULT, kvm(fd, KVM_S390_MEM_OP, NULL));
}

static void logical(void)
{
	uint8_t buffer[16] = {0};
	struct kvm_s390_mem_op request;

	mem_op(cpu->fd, "KVM_S390_MEM_OP of a vcpu, logical", KVM_S390_MEMOP_LOGICAL_READ,
	       KVM_S390_MEMOP_LOGICAL_WRITE);

	group("KVM_S390_MEM_OP: prefixing, access registers, injected exceptions");
	vm_fresh(vm, 0);
	lowcore_new_psws(vm, 0x6000);
	CODE(vm, 0x10000, DONE);
	set_prefix(cpu, 0x6000);
	set_psw(cpu, PSW_64BIT, 0x10000);
	EXITS("prefix", cpu, ICPT_INSTRUCTION);
	request = op(KVM_S390_MEMOP_LOGICAL_READ, 0x1a0, buffer, 16);
	RESULT("real address 0x1a0", 0, kvm(cpu->fd, KVM_S390_MEM_OP, &request));
	CHECK("is in the prefix area", memcmp(buffer, at(vm, 0x61a0), 16) == 0);
	request = op(KVM_S390_MEMOP_LOGICAL_READ, 0x61a0, buffer, 16);
	RESULT("and the other way round", 0, kvm(cpu->fd, KVM_S390_MEM_OP, &request));
	CHECK("is in absolute 0", memcmp(buffer, at(vm, 0x1a0), 16) == 0);
	for (unsigned ar = 0; ar < 256; ar += 15) {
		request.ar = (uint8_t)ar;
		RESULT("access register", ar < 16 ? 0 : -EINVAL,
		       kvm(cpu->fd, KVM_S390_MEM_OP, &request));
	}
	request = op(KVM_S390_MEMOP_LOGICAL_READ, MIB, buffer, 16);
	request.flags = KVM_S390_MEMOP_F_INJECT_EXCEPTION;
	RESULT("addressing", 5, kvm(cpu->fd, KVM_S390_MEM_OP, &request));
	PENDING("injected", cpu, irq_program_ilc(5, 4));
	REFUSED("absolute operations are the VM's", vm, EINVAL,
		(request = op(KVM_S390_MEMOP_ABSOLUTE_READ, 0, buffer, 16),
		 kvm(cpu->fd, KVM_S390_MEM_OP, &request)));

	if (capability(vm, KVM_CAP_S390_MEM_OP_EXTENSION) <= 0)
		return;
	mem_op(vm->fd, "KVM_S390_MEM_OP of a VM, absolute", KVM_S390_MEMOP_ABSOLUTE_READ, KVM_S390_MEMOP_ABSOLUTE_WRITE);
	group("KVM_S390_MEM_OP of a VM knows no logical addresses");
	request = op(KVM_S390_MEMOP_LOGICAL_READ, 0, buffer, 16);
	REFUSED("logical", vm, EINVAL, kvm(vm->fd, KVM_S390_MEM_OP, &request));
}

static long keys(bool write, uint64_t start, uint64_t count, void *data, uint32_t flags)
{
	struct kvm_s390_skeys request = {
		.start_gfn = start, .count = count, .skeydata_addr = (uintptr_t)data, .flags = flags};

	return kvm(vm->fd, write ? KVM_S390_SET_SKEYS : KVM_S390_GET_SKEYS, &request);
}

static void storage_keys(void)
{
	uint8_t list[256], seen[256];

	group("KVM_S390_GET_SKEYS and KVM_S390_SET_SKEYS");
	RESULT("none yet", KVM_S390_GET_SKEYS_NONE, keys(false, 0, 256, seen, 0));
	for (int n = 0; n < 256; n++)
		list[n] = (uint8_t)(n << 1 & 0xfe);
	for (int write = 0; write < 2; write++) {
		context(write ? "set" : "get");
		REFUSED("flags", vm, EINVAL, keys(write, 0, 1, list, 1));
		if (write) {
			REFUSED("no keys", vm, EINVAL, keys(write, 0, 0, list, 0));
			REFUSED("too many", vm, EINVAL,
				keys(write, 0, KVM_S390_SKEYS_MAX + 1, list, 0));
			REFUSED("wild data", vm, EFAULT, keys(write, 0, 256, (void *)8, 0));
		}
	}
	context("values");
	RESULT("set", 0, keys(true, 0, 256, list, 0));
	RESULT("get", 0, keys(false, 0, 256, seen, 0));
	CHECK("the same", memcmp(list, seen, 256) == 0);
	REFUSED("get none", vm, EINVAL, keys(false, 0, 0, list, 0));
	REFUSED("get too many", vm, EINVAL, keys(false, 0, KVM_S390_SKEYS_MAX + 1, list, 0));
	REFUSED("get outside storage", vm, EFAULT, keys(false, 256, 1, seen, 0));
	REFUSED("set outside storage", vm, EFAULT, keys(true, 256, 1, list, 0));
	list[0] = 0x11;
	REFUSED("a key with its last bit on", vm, EINVAL, keys(true, 0, 1, list, 0));
	REFUSED("null", vm, EFAULT, kvm(vm->fd, KVM_S390_SET_SKEYS, NULL));
}

int main(void)
{
	begin("memory", 120);
	vm = vm_new(1, 0);
	cpu = &vm->cpu[0];
	more = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	more = (uint8_t *)(((uintptr_t)more + MIB) & ~((uintptr_t)MIB - 1));
	slots();
	dirty();
	logical();
	storage_keys();
	vm_free(vm);
	return finish();
}
