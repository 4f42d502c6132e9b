/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "print.h"

void registers(void)
{
	STRUCT(kvm_s390_psw, struct kvm_s390_psw) FIELD(mask) FIELD(addr) END
	STRUCT(kvm_regs, struct kvm_regs) FIELD(gprs) END
	STRUCT(kvm_sregs, struct kvm_sregs) FIELD(acrs) FIELD(crs) END
	STRUCT(kvm_fpu, struct kvm_fpu) FIELD(fpc) FIELD(fprs) END
	STRUCT(kvm_one_reg, struct kvm_one_reg) FIELD(id) FIELD(addr) END
	STRUCT(kvm_mp_state, struct kvm_mp_state) FIELD(mp_state) END
	OPEN_STRUCT(kvm_reg_list, struct kvm_reg_list) FIELD(n) OPEN_FIELD(reg) END
	STRUCT(kvm_translation, struct kvm_translation)
		FIELD(linear_address) FIELD(physical_address) FIELD(valid) FIELD(writeable)
		FIELD(usermode) FIELD(pad)
	END
	STRUCT(kvm_debug_exit_arch, struct kvm_debug_exit_arch)
		FIELD(addr) FIELD(type) FIELD(pad)
	END
	STRUCT(kvm_hw_breakpoint, struct kvm_hw_breakpoint)
		FIELD(addr) FIELD(phys_addr) FIELD(len) FIELD(type) FIELD(pad)
	END
	STRUCT(kvm_guest_debug_arch, struct kvm_guest_debug_arch)
		FIELD(nr_hw_bp) FIELD(pad) FIELD(hw_bp)
	END
	STRUCT(kvm_guest_debug, struct kvm_guest_debug)
		FIELD(control) FIELD(pad) FIELD(arch)
	END
}
