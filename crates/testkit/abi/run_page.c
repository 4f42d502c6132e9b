/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "print.h"

#define MEMBER(name) __typeof__(((struct kvm_run *)0)->name)

void run_page(void)
{
	STRUCT(kvm_run, struct kvm_run)
		FIELD(request_interrupt_window) FIELD(immediate_exit) FIELD(padding1)
		FIELD(exit_reason) FIELD(ready_for_interrupt_injection) FIELD(if_flag)
		FIELD(flags) FIELD(cr8) FIELD(apic_base) FIELD(psw_mask) FIELD(psw_addr)
		FIELD(padding)
		FIELD(fail_entry) FIELD(debug) FIELD(s390_sieic) FIELD(s390_reset_flags)
		FIELD(s390_ucontrol) FIELD(internal) FIELD(s390_tsch) FIELD(system_event)
		FIELD(s390_stsi)
#if NEWER
		FIELD(memory_fault)
#endif
		FIELD(kvm_valid_regs) FIELD(kvm_dirty_regs) FIELD(s)
	END
	STRUCT(kvm_run_fail_entry, MEMBER(fail_entry))
		FIELD(hardware_entry_failure_reason) FIELD(cpu)
	END
	STRUCT(kvm_run_debug, MEMBER(debug)) FIELD(arch) END
	STRUCT(kvm_run_s390_sieic, MEMBER(s390_sieic))
		FIELD(icptcode) FIELD(ipa) FIELD(ipb)
	END
	STRUCT(kvm_run_s390_ucontrol, MEMBER(s390_ucontrol))
		FIELD(trans_exc_code) FIELD(pgm_code)
	END
	STRUCT(kvm_run_internal, MEMBER(internal))
		FIELD(suberror) FIELD(ndata) FIELD(data)
	END
	STRUCT(kvm_run_s390_tsch, MEMBER(s390_tsch))
		FIELD(subchannel_id) FIELD(subchannel_nr) FIELD(io_int_parm) FIELD(io_int_word)
		FIELD(ipb) FIELD(dequeued)
	END
	STRUCT(kvm_run_system_event, MEMBER(system_event))
		FIELD(type) FIELD(ndata) FIELD(flags) FIELD(data)
	END
	STRUCT(kvm_run_s390_stsi, MEMBER(s390_stsi))
		FIELD(addr) FIELD(ar) FIELD(reserved) FIELD(fc) FIELD(sel1) FIELD(sel2)
	END
#if NEWER
	STRUCT(kvm_run_memory_fault, MEMBER(memory_fault))
		FIELD(flags) FIELD(gpa) FIELD(size)
	END
#endif
	STRUCT(kvm_run_s, MEMBER(s)) FIELD(regs) FIELD(padding) END
	STRUCT(kvm_sync_regs, struct kvm_sync_regs)
		FIELD(prefix) FIELD(gprs) FIELD(acrs) FIELD(crs) FIELD(todpr) FIELD(cputm)
		FIELD(ckc) FIELD(pp) FIELD(gbea) FIELD(pft) FIELD(pfs) FIELD(pfc)
		FIELD(vrs) FIELD(fprs) FIELD(reserved) FIELD(fpc) BIT(bpbc) FIELD(padding1)
		FIELD(riccb) FIELD(diag318) FIELD(padding2) FIELD(sdnx) FIELD(reserved1)
		FIELD(gscb) FIELD(etoken) FIELD(etoken_extension)
	END
}
