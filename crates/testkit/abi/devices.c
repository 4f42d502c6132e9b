/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "print.h"

void devices(void)
{
	STRUCT(kvm_enable_cap, struct kvm_enable_cap)
		FIELD(cap) FIELD(flags) FIELD(args) FIELD(pad)
	END
	OPEN_STRUCT(kvm_signal_mask, struct kvm_signal_mask) FIELD(len) OPEN_FIELD(sigset) END
	STRUCT(kvm_stats_header, struct kvm_stats_header)
		FIELD(flags) FIELD(name_size) FIELD(num_desc) FIELD(id_offset)
		FIELD(desc_offset) FIELD(data_offset)
	END
	STRUCT(kvm_create_device, struct kvm_create_device)
		FIELD(type) FIELD(fd) FIELD(flags)
	END
	STRUCT(kvm_device_attr, struct kvm_device_attr)
		FIELD(flags) FIELD(group) FIELD(attr) FIELD(addr)
	END
	STRUCT(kvm_s390_io_adapter, struct kvm_s390_io_adapter)
		FIELD(id) FIELD(isc) FIELD(maskable) FIELD(swap) FIELD(flags)
	END
	STRUCT(kvm_s390_io_adapter_req, struct kvm_s390_io_adapter_req)
		FIELD(id) FIELD(type) FIELD(mask) FIELD(pad0) FIELD(addr)
	END
	STRUCT(kvm_s390_ais_req, struct kvm_s390_ais_req) FIELD(isc) FIELD(mode) END
	STRUCT(kvm_s390_ais_all, struct kvm_s390_ais_all) FIELD(simm) FIELD(nimm) END
	STRUCT(kvm_s390_vm_tod_clock, struct kvm_s390_vm_tod_clock)
		FIELD(epoch_idx) FIELD(tod)
	END
	STRUCT(kvm_s390_vm_cpu_processor, struct kvm_s390_vm_cpu_processor)
		FIELD(cpuid) FIELD(ibc) FIELD(pad) FIELD(fac_list)
	END
	STRUCT(kvm_s390_vm_cpu_machine, struct kvm_s390_vm_cpu_machine)
		FIELD(cpuid) FIELD(ibc) FIELD(pad) FIELD(fac_mask) FIELD(fac_list)
	END
	STRUCT(kvm_s390_vm_cpu_feat, struct kvm_s390_vm_cpu_feat) FIELD(feat) END
#if NEWER
	STRUCT(kvm_s390_vm_cpu_uv_feat, struct kvm_s390_vm_cpu_uv_feat) FIELD(feat) END
#endif
	STRUCT(kvm_s390_vm_cpu_subfunc, struct kvm_s390_vm_cpu_subfunc)
		FIELD(plo) FIELD(ptff) FIELD(kmac) FIELD(kmc) FIELD(km) FIELD(kimd) FIELD(klmd)
		FIELD(pckmo) FIELD(kmctr) FIELD(kmf) FIELD(kmo) FIELD(pcc) FIELD(ppno)
		FIELD(kma) FIELD(kdsa) FIELD(sortl) FIELD(dfltcc) FIELD(reserved)
	END
}
