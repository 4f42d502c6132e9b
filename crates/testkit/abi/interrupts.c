/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "print.h"

void interrupts(void)
{
	STRUCT(kvm_s390_irq, struct kvm_s390_irq)
		FIELD(type) FIELD(u)
		FIELD(u.io) FIELD(u.ext) FIELD(u.pgm) FIELD(u.emerg) FIELD(u.extcall)
		FIELD(u.prefix) FIELD(u.stop) FIELD(u.mchk) FIELD(u.reserved)
	END
	STRUCT(kvm_s390_io_info, struct kvm_s390_io_info)
		FIELD(subchannel_id) FIELD(subchannel_nr) FIELD(io_int_parm) FIELD(io_int_word)
	END
	STRUCT(kvm_s390_ext_info, struct kvm_s390_ext_info)
		FIELD(ext_params) FIELD(pad) FIELD(ext_params2)
	END
	STRUCT(kvm_s390_pgm_info, struct kvm_s390_pgm_info)
		FIELD(trans_exc_code) FIELD(mon_code) FIELD(per_address) FIELD(data_exc_code)
		FIELD(code) FIELD(mon_class_nr) FIELD(per_code) FIELD(per_atmid)
		FIELD(exc_access_id) FIELD(per_access_id) FIELD(op_access_id) FIELD(flags)
		FIELD(pad)
	END
	STRUCT(kvm_s390_emerg_info, struct kvm_s390_emerg_info) FIELD(code) END
	STRUCT(kvm_s390_extcall_info, struct kvm_s390_extcall_info) FIELD(code) END
	STRUCT(kvm_s390_prefix_info, struct kvm_s390_prefix_info) FIELD(address) END
	STRUCT(kvm_s390_stop_info, struct kvm_s390_stop_info) FIELD(flags) END
	STRUCT(kvm_s390_mchk_info, struct kvm_s390_mchk_info)
		FIELD(cr14) FIELD(mcic) FIELD(failing_storage_address) FIELD(ext_damage_code)
		FIELD(pad) FIELD(fixed_logout)
	END
	STRUCT(kvm_s390_irq_state, struct kvm_s390_irq_state)
		FIELD(buf) FIELD(flags) FIELD(len) FIELD(reserved)
	END
	STRUCT(kvm_s390_interrupt, struct kvm_s390_interrupt)
		FIELD(type) FIELD(parm) FIELD(parm64)
	END
	STRUCT(kvm_irq_routing_s390_adapter, struct kvm_irq_routing_s390_adapter)
		FIELD(ind_addr) FIELD(summary_addr) FIELD(ind_offset) FIELD(summary_offset)
		FIELD(adapter_id)
	END
	STRUCT(kvm_irq_routing_entry, struct kvm_irq_routing_entry)
		FIELD(gsi) FIELD(type) FIELD(flags) FIELD(pad) FIELD(u)
		FIELD(u.adapter) FIELD(u.pad)
	END
	OPEN_STRUCT(kvm_irq_routing, struct kvm_irq_routing)
		FIELD(nr) FIELD(flags) OPEN_FIELD(entries)
	END
	STRUCT(kvm_irqfd, struct kvm_irqfd)
		FIELD(fd) FIELD(gsi) FIELD(flags) FIELD(resamplefd) FIELD(pad)
	END
	STRUCT(kvm_ioeventfd, struct kvm_ioeventfd)
		FIELD(datamatch) FIELD(addr) FIELD(len) FIELD(fd) FIELD(flags) FIELD(pad)
	END
	STRUCT(kvm_irq_level, struct kvm_irq_level)
		FIELD(irq) FIELD(status) FIELD(level)
	END
	STRUCT(kvm_msi, struct kvm_msi)
		FIELD(address_lo) FIELD(address_hi) FIELD(data) FIELD(flags) FIELD(devid)
		FIELD(pad)
	END
}
