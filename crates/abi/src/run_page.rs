//! Offsets in the run page, in bytes: the page is shared memory, which is
//! loaded and stored field by field.
//!
//! The fields of an exit are at [`EXIT`] plus their offset in the exit's
//! struct, such as [`kvm_run_s390_sieic`].

use core::mem::offset_of;

use crate::{kvm_run, kvm_run_s390_sieic, kvm_run_s390_stsi, kvm_run_s390_tsch, kvm_sync_regs};

macro_rules! offsets {
    ($($(#[$meta:meta])* $name:ident = $value:expr;)*) => {
        $($(#[$meta])* pub const $name: usize = $value;)*
    };
}

/// Length of a CPU's mapping, which `KVM_GET_VCPU_MMAP_SIZE` returns: one
/// page.
pub const MMAP_SIZE: usize = 4096;

offsets! {
    /// [`kvm_run::immediate_exit`], one byte.
    IMMEDIATE_EXIT = offset_of!(kvm_run, immediate_exit);
    /// [`kvm_run::exit_reason`], four bytes.
    EXIT_REASON = offset_of!(kvm_run, exit_reason);
    /// [`kvm_run::psw_mask`], eight bytes.
    PSW_MASK = offset_of!(kvm_run, psw_mask);
    /// [`kvm_run::psw_addr`], eight bytes.
    PSW_ADDR = offset_of!(kvm_run, psw_addr);
    /// [`kvm_run::exit`], 256 bytes.
    EXIT = offset_of!(kvm_run, exit);
    /// [`kvm_run::kvm_valid_regs`], eight bytes.
    KVM_VALID_REGS = offset_of!(kvm_run, kvm_valid_regs);
    /// [`kvm_run::kvm_dirty_regs`], eight bytes.
    KVM_DIRTY_REGS = offset_of!(kvm_run, kvm_dirty_regs);
    /// [`kvm_sync_regs`].
    SYNC_REGS = offset_of!(kvm_run, s);

    /// [`kvm_run_s390_sieic::icptcode`], one byte.
    SIEIC_ICPTCODE = EXIT + offset_of!(kvm_run_s390_sieic, icptcode);
    /// [`kvm_run_s390_sieic::ipa`], two bytes.
    SIEIC_IPA = EXIT + offset_of!(kvm_run_s390_sieic, ipa);
    /// [`kvm_run_s390_sieic::ipb`], four bytes.
    SIEIC_IPB = EXIT + offset_of!(kvm_run_s390_sieic, ipb);
    /// The flags of `KVM_EXIT_S390_RESET`, eight bytes.
    RESET_FLAGS = EXIT;
    /// [`kvm_run_s390_tsch`].
    TSCH = EXIT;
    /// [`kvm_run_s390_tsch::dequeued`], one byte.
    TSCH_DEQUEUED = EXIT + offset_of!(kvm_run_s390_tsch, dequeued);
    /// [`kvm_run_s390_stsi`].
    STSI = EXIT;
    /// [`kvm_run_s390_stsi::fc`], one byte.
    STSI_FC = EXIT + offset_of!(kvm_run_s390_stsi, fc);

    /// [`kvm_sync_regs::prefix`], eight bytes.
    PREFIX = SYNC_REGS + offset_of!(kvm_sync_regs, prefix);
    /// [`kvm_sync_regs::gprs`], 16 times eight bytes.
    GPRS = SYNC_REGS + offset_of!(kvm_sync_regs, gprs);
    /// [`kvm_sync_regs::acrs`], 16 times four bytes.
    ACRS = SYNC_REGS + offset_of!(kvm_sync_regs, acrs);
    /// [`kvm_sync_regs::crs`], 16 times eight bytes.
    CRS = SYNC_REGS + offset_of!(kvm_sync_regs, crs);
    /// [`kvm_sync_regs::todpr`], eight bytes.
    TODPR = SYNC_REGS + offset_of!(kvm_sync_regs, todpr);
    /// [`kvm_sync_regs::cputm`], eight bytes.
    CPUTM = SYNC_REGS + offset_of!(kvm_sync_regs, cputm);
    /// [`kvm_sync_regs::ckc`], eight bytes.
    CKC = SYNC_REGS + offset_of!(kvm_sync_regs, ckc);
    /// [`kvm_sync_regs::pp`], eight bytes.
    PP = SYNC_REGS + offset_of!(kvm_sync_regs, pp);
    /// [`kvm_sync_regs::gbea`], eight bytes.
    GBEA = SYNC_REGS + offset_of!(kvm_sync_regs, gbea);
    /// [`kvm_sync_regs::pft`], eight bytes.
    PFT = SYNC_REGS + offset_of!(kvm_sync_regs, pft);
    /// [`kvm_sync_regs::pfs`], eight bytes.
    PFS = SYNC_REGS + offset_of!(kvm_sync_regs, pfs);
    /// [`kvm_sync_regs::pfc`], eight bytes.
    PFC = SYNC_REGS + offset_of!(kvm_sync_regs, pfc);
    /// [`kvm_sync_regs::vrs`], 32 times 16 bytes, high half first; or the
    /// floating-point registers, 16 times eight bytes.
    VRS = SYNC_REGS + offset_of!(kvm_sync_regs, vrs);
    /// [`kvm_sync_regs::fpc`], four bytes.
    FPC = SYNC_REGS + offset_of!(kvm_sync_regs, fpc);
    /// [`kvm_sync_regs::bpbc`], one byte.
    BPBC = SYNC_REGS + offset_of!(kvm_sync_regs, bpbc);
    /// [`kvm_sync_regs::riccb`], 64 bytes.
    RICCB = SYNC_REGS + offset_of!(kvm_sync_regs, riccb);
    /// [`kvm_sync_regs::diag318`], eight bytes.
    DIAG318 = SYNC_REGS + offset_of!(kvm_sync_regs, diag318);
    /// [`kvm_sync_regs::gscb`], four times eight bytes.
    GSCB = SYNC_REGS + offset_of!(kvm_sync_regs, gscb);
    /// [`kvm_sync_regs::etoken`], eight bytes.
    ETOKEN = SYNC_REGS + offset_of!(kvm_sync_regs, etoken);
    /// [`kvm_sync_regs::etoken_extension`], eight bytes.
    ETOKEN_EXTENSION = SYNC_REGS + offset_of!(kvm_sync_regs, etoken_extension);
}
