/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "print.h"

void memory(void)
{
	STRUCT(kvm_userspace_memory_region, struct kvm_userspace_memory_region)
		FIELD(slot) FIELD(flags) FIELD(guest_phys_addr) FIELD(memory_size)
		FIELD(userspace_addr)
	END
	STRUCT(kvm_dirty_log, struct kvm_dirty_log)
		FIELD(slot) FIELD(padding1) FIELD(dirty_bitmap) FIELD(padding2)
	END
	STRUCT(kvm_clear_dirty_log, struct kvm_clear_dirty_log)
		FIELD(slot) FIELD(num_pages) FIELD(first_page) FIELD(dirty_bitmap)
		FIELD(padding2)
	END
	STRUCT(kvm_dirty_gfn, struct kvm_dirty_gfn)
		FIELD(flags) FIELD(slot) FIELD(offset)
	END
	STRUCT(kvm_s390_mem_op, struct kvm_s390_mem_op)
		FIELD(gaddr) FIELD(flags) FIELD(size) FIELD(op) FIELD(buf) FIELD(ar) FIELD(key)
#if NEWER
		FIELD(pad1) FIELD(old_addr)
#endif
		FIELD(sida_offset) FIELD(reserved)
	END
	STRUCT(kvm_s390_skeys, struct kvm_s390_skeys)
		FIELD(start_gfn) FIELD(count) FIELD(skeydata_addr) FIELD(flags) FIELD(reserved)
	END
	STRUCT(kvm_s390_cmma_log, struct kvm_s390_cmma_log)
		FIELD(start_gfn) FIELD(count) FIELD(flags) FIELD(remaining) FIELD(mask)
		FIELD(values)
	END
	STRUCT(kvm_coalesced_mmio_zone, struct kvm_coalesced_mmio_zone)
		FIELD(addr) FIELD(size) FIELD(pio) FIELD(pad)
	END
#if NEWER
	STRUCT(kvm_userspace_memory_region2, struct kvm_userspace_memory_region2)
		FIELD(slot) FIELD(flags) FIELD(guest_phys_addr) FIELD(memory_size)
		FIELD(userspace_addr) FIELD(guest_memfd_offset) FIELD(guest_memfd) FIELD(pad1)
		FIELD(pad2)
	END
	STRUCT(kvm_memory_attributes, struct kvm_memory_attributes)
		FIELD(address) FIELD(size) FIELD(attributes) FIELD(flags)
	END
	STRUCT(kvm_create_guest_memfd, struct kvm_create_guest_memfd)
		FIELD(size) FIELD(flags) FIELD(reserved)
	END
	STRUCT(kvm_pre_fault_memory, struct kvm_pre_fault_memory)
		FIELD(gpa) FIELD(size) FIELD(flags) FIELD(padding)
	END
#endif
}
