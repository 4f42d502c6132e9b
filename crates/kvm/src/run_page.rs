//! The page that a vcpu shares with its client: `struct kvm_run` (the
//! specification, A.6 and A.7).

use core::mem::offset_of;
use lowcore_abi::{
    KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_EMULATION, KVM_SYNC_REGS_BPBC, kvm_debug_exit_arch,
    kvm_run, kvm_run_internal, kvm_run_s390_sieic, kvm_run_s390_stsi, kvm_run_s390_tsch,
    kvm_sync_regs,
};
use lowcore_arch::{Psw, bits};
use lowcore_host::memory::SharedPage;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use zerocopy::IntoBytes;

/// Where the shared registers start.
const SYNC: usize = offset_of!(kvm_run, s);
/// Where the description of an exit starts.
const EXIT: usize = offset_of!(kvm_run, exit);

macro_rules! sync_registers {
    ($($(#[$doc:meta])* $get:ident $set:ident $field:ident;)*) => {
        impl RunPage {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $get(&self) -> u64 {
                    self.page.load_u64(SYNC + offset_of!(kvm_sync_regs, $field))
                }

                #[doc = concat!("Sets what [`RunPage::", stringify!($get), "`] reads.")]
                pub fn $set(&self, value: u64) {
                    self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, $field), value);
                }
            )*
        }
    };
}

/// A vcpu's run page. Both sides write it at any time; each field is read and
/// written whole.
///
/// Registers without a dirty bit of their own (general, access and
/// floating-point registers) live here between runs. What KVM_RUN takes of the
/// others, it takes only if [`RunPage::dirty`] says so.
///
/// ```
/// use lowcore_arch::Psw;
/// let vm = lowcore_kvm::System::new().create_vm()?;
/// let vcpu = vm.create_vcpu(0)?;
/// vcpu.run_page().set_psw(Psw::new(0x1_8000_0000, 0x1_0000));
/// vcpu.run_page().set_gpr(5, 42);
/// assert_eq!(vcpu.get_regs().gprs[5], 42);
/// # Ok::<(), lowcore_kvm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunPage {
    page: Arc<SharedPage>,
}

impl RunPage {
    /// What a client maps of a vcpu, in bytes (`KVM_GET_VCPU_MMAP_SIZE`).
    pub const SIZE: usize = 4096;

    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self { page: SharedPage::new("lowcore-vcpu", Self::SIZE)? })
    }

    /// Gives away the memory file that holds the page, for a client to map;
    /// `None` if it was taken before.
    #[must_use]
    pub fn take_fd(&self) -> Option<OwnedFd> {
        self.page.take_fd()
    }

    /// Whether KVM_RUN is to return at once.
    #[must_use]
    pub fn immediate_exit(&self) -> bool {
        self.page.load_u8(offset_of!(kvm_run, immediate_exit)) != 0
    }

    /// Makes KVM_RUN return at once, or not.
    pub fn set_immediate_exit(&self, on: bool) {
        self.page.store_u8(offset_of!(kvm_run, immediate_exit), on.into());
    }

    /// Why KVM_RUN returned: `KVM_EXIT_*`.
    #[must_use]
    pub fn exit_reason(&self) -> u32 {
        self.page.load_u32(offset_of!(kvm_run, exit_reason))
    }

    pub(crate) fn set_exit_reason(&self, reason: u32) {
        self.page.store_u32(offset_of!(kvm_run, exit_reason), reason);
    }

    /// The program-status word.
    #[must_use]
    pub fn psw(&self) -> Psw {
        Psw::new(
            self.page.load_u64(offset_of!(kvm_run, psw_mask)),
            self.page.load_u64(offset_of!(kvm_run, psw_addr)),
        )
    }

    /// Sets the program-status word for the next run.
    pub fn set_psw(&self, psw: Psw) {
        self.page.store_u64(offset_of!(kvm_run, psw_mask), psw.mask);
        self.page.store_u64(offset_of!(kvm_run, psw_addr), psw.addr);
    }

    /// Which registers the page holds, `KVM_SYNC_*`: told once, at creation.
    #[must_use]
    pub fn valid(&self) -> u64 {
        self.page.load_u64(offset_of!(kvm_run, kvm_valid_regs))
    }

    /// Sets `kvm_valid_regs`, which KVM_RUN only checks for undefined bits.
    pub fn set_valid(&self, fields: u64) {
        self.page.store_u64(offset_of!(kvm_run, kvm_valid_regs), fields);
    }

    /// Which registers the client has changed, `KVM_SYNC_*`.
    #[must_use]
    pub fn dirty(&self) -> u64 {
        self.page.load_u64(offset_of!(kvm_run, kvm_dirty_regs))
    }

    /// Tells the next run which registers to take from the page.
    pub fn set_dirty(&self, fields: u64) {
        self.page.store_u64(offset_of!(kvm_run, kvm_dirty_regs), fields);
    }

    /// General register `n` (0 to 15; others count modulo 16).
    #[must_use]
    pub fn gpr(&self, n: usize) -> u64 {
        self.page.load_u64(SYNC + offset_of!(kvm_sync_regs, gprs) + n % 16 * 8)
    }

    /// Sets general register `n`.
    pub fn set_gpr(&self, n: usize, value: u64) {
        self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, gprs) + n % 16 * 8, value);
    }

    /// Access register `n`.
    #[must_use]
    pub fn acr(&self, n: usize) -> u32 {
        self.page.load_u32(SYNC + offset_of!(kvm_sync_regs, acrs) + n % 16 * 4)
    }

    /// Sets access register `n`.
    pub fn set_acr(&self, n: usize, value: u32) {
        self.page.store_u32(SYNC + offset_of!(kvm_sync_regs, acrs) + n % 16 * 4, value);
    }

    /// Control register `n`.
    #[must_use]
    pub fn cr(&self, n: usize) -> u64 {
        self.page.load_u64(SYNC + offset_of!(kvm_sync_regs, crs) + n % 16 * 8)
    }

    /// Sets control register `n`, for `KVM_SYNC_CRS`.
    pub fn set_cr(&self, n: usize, value: u64) {
        self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, crs) + n % 16 * 8, value);
    }

    /// Floating-point register `n`.
    #[must_use]
    pub fn fpr(&self, n: usize) -> u64 {
        self.page.load_u64(SYNC + offset_of!(kvm_sync_regs, vrs) + n % 16 * 8)
    }

    /// Sets floating-point register `n`.
    pub fn set_fpr(&self, n: usize, value: u64) {
        self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, vrs) + n % 16 * 8, value);
    }

    /// The floating-point-control register.
    #[must_use]
    pub fn fpc(&self) -> u32 {
        self.page.load_u32(SYNC + offset_of!(kvm_sync_regs, fpc))
    }

    /// Sets the floating-point-control register.
    pub fn set_fpc(&self, value: u32) {
        self.page.store_u32(SYNC + offset_of!(kvm_sync_regs, fpc), value);
    }

    /// The intercept of an exit `KVM_EXIT_S390_SIEIC`: code, first halfword of
    /// the instruction, and the rest of it.
    #[must_use]
    pub fn sieic(&self) -> (u8, u16, u32) {
        (
            self.page.load_u8(EXIT + offset_of!(kvm_run_s390_sieic, icptcode)),
            self.page.load_u16(EXIT + offset_of!(kvm_run_s390_sieic, ipa)),
            self.page.load_u32(EXIT + offset_of!(kvm_run_s390_sieic, ipb)),
        )
    }

    pub(crate) fn set_sieic(&self, icptcode: u8, ipa: u16, ipb: u32) {
        self.page.store_u8(EXIT + offset_of!(kvm_run_s390_sieic, icptcode), icptcode);
        self.page.store_u16(EXIT + offset_of!(kvm_run_s390_sieic, ipa), ipa);
        self.page.store_u32(EXIT + offset_of!(kvm_run_s390_sieic, ipb), ipb);
    }

    /// The flags of an exit `KVM_EXIT_S390_RESET`: `KVM_S390_RESET_*`.
    #[must_use]
    pub fn reset_flags(&self) -> u64 {
        self.page.load_u64(EXIT)
    }

    pub(crate) fn set_reset_flags(&self, flags: u64) {
        self.page.store_u64(EXIT, flags);
    }

    /// What an exit `KVM_EXIT_DEBUG` says.
    #[must_use]
    pub fn debug(&self) -> kvm_debug_exit_arch {
        let mut debug = kvm_debug_exit_arch::default();
        self.page.read(EXIT, debug.as_mut_bytes());
        debug
    }

    pub(crate) fn set_debug(&self, address: u64, kind: u8) {
        self.page.store_u64(EXIT + offset_of!(kvm_debug_exit_arch, addr), address);
        self.page.store_u8(EXIT + offset_of!(kvm_debug_exit_arch, type_), kind);
    }

    /// What an exit `KVM_EXIT_S390_TSCH` says.
    #[must_use]
    pub fn tsch(&self) -> kvm_run_s390_tsch {
        let mut tsch = kvm_run_s390_tsch::default();
        self.page.read(EXIT, tsch.as_mut_bytes());
        tsch
    }

    pub(crate) fn set_tsch(&self, tsch: kvm_run_s390_tsch) {
        let at = |offset| EXIT + offset;
        self.page.store_u8(at(offset_of!(kvm_run_s390_tsch, dequeued)), tsch.dequeued);
        self.page.store_u32(at(offset_of!(kvm_run_s390_tsch, ipb)), tsch.ipb);
        if tsch.dequeued == 0 {
            // Without an interruption the kernel leaves its fields alone.
            return;
        }
        self.page.store_u16(at(offset_of!(kvm_run_s390_tsch, subchannel_id)), tsch.subchannel_id);
        self.page.store_u16(at(offset_of!(kvm_run_s390_tsch, subchannel_nr)), tsch.subchannel_nr);
        self.page.store_u32(at(offset_of!(kvm_run_s390_tsch, io_int_parm)), tsch.io_int_parm);
        self.page.store_u32(at(offset_of!(kvm_run_s390_tsch, io_int_word)), tsch.io_int_word);
    }

    /// What an exit `KVM_EXIT_S390_STSI` says.
    #[must_use]
    pub fn stsi(&self) -> kvm_run_s390_stsi {
        let mut stsi = kvm_run_s390_stsi::default();
        self.page.read(EXIT, stsi.as_mut_bytes());
        stsi
    }

    pub(crate) fn set_stsi(&self, stsi: kvm_run_s390_stsi) {
        self.page.write(EXIT, stsi.as_bytes());
    }

    /// Describes the exit `KVM_EXIT_INTERNAL_ERROR`: whoever serves the vcpu
    /// has met a fault of its own.
    pub fn set_internal_error(&self) {
        let suberror = KVM_INTERNAL_ERROR_EMULATION;
        self.page.store_u32(EXIT + offset_of!(kvm_run_internal, suberror), suberror);
        self.page.store_u32(EXIT + offset_of!(kvm_run_internal, ndata), 0);
        self.set_exit_reason(KVM_EXIT_INTERNAL_ERROR);
    }

    /// Without facility 82 the guest never blocks branch prediction.
    pub(crate) fn clear_bpbc(&self) {
        let offset = SYNC + offset_of!(kvm_sync_regs, bpbc);
        let byte = self.page.load_u8(offset);
        self.page.store_u8(offset, byte & !KVM_SYNC_REGS_BPBC);
    }

    pub(crate) fn clear_riccb(&self) {
        self.page.write(SYNC + offset_of!(kvm_sync_regs, riccb), &[0; 64]);
    }

    /// What only the clear reset clears, and only here (the specification,
    /// E.5): all vector registers, guarded storage, entropy token.
    pub(crate) fn clear_extensions(&self) {
        self.page.write(SYNC + offset_of!(kvm_sync_regs, vrs), &[0; 512]);
        self.page.write(SYNC + offset_of!(kvm_sync_regs, gscb), &[0; 32]);
        self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, etoken), 0);
        self.page.store_u64(SYNC + offset_of!(kvm_sync_regs, etoken_extension), 0);
    }

    pub(crate) fn gprs(&self) -> [u64; 16] {
        core::array::from_fn(|n| self.gpr(n))
    }

    pub(crate) fn acrs(&self) -> [u32; 16] {
        core::array::from_fn(|n| self.acr(n))
    }

    pub(crate) fn crs(&self) -> [u64; 16] {
        core::array::from_fn(|n| self.cr(n))
    }

    pub(crate) fn fprs(&self) -> [u64; 16] {
        core::array::from_fn(|n| self.fpr(n))
    }

    pub(crate) fn set_crs(&self, values: &[u64; 16]) {
        for (n, &value) in values.iter().enumerate() {
            self.set_cr(n, value);
        }
    }

    pub(crate) fn set_gprs(&self, values: &[u64; 16]) {
        for (n, &value) in values.iter().enumerate() {
            self.set_gpr(n, value);
        }
    }

    pub(crate) fn set_acrs(&self, values: &[u32; 16]) {
        for (n, &value) in values.iter().enumerate() {
            self.set_acr(n, value);
        }
    }

    /// The prefix, which the field is wider than.
    pub(crate) fn prefix32(&self) -> u32 {
        bits::low32(self.prefix())
    }
}

sync_registers! {
    /// The prefix, for `KVM_SYNC_PREFIX`.
    prefix set_prefix prefix;
    /// The TOD programmable register, for `KVM_SYNC_ARCH0`.
    todpr set_todpr todpr;
    /// The CPU timer, for `KVM_SYNC_ARCH0`.
    cpu_timer set_cpu_timer cputm;
    /// The clock comparator, for `KVM_SYNC_ARCH0`.
    clock_comparator set_clock_comparator ckc;
    /// The program parameter, for `KVM_SYNC_ARCH0`.
    program_parameter set_program_parameter pp;
    /// The breaking-event address, for `KVM_SYNC_ARCH0`.
    breaking_event set_breaking_event gbea;
    /// The pfault token, for `KVM_SYNC_PFAULT`.
    pfault_token set_pfault_token pft;
    /// The pfault select mask, for `KVM_SYNC_PFAULT`.
    pfault_select set_pfault_select pfs;
    /// The pfault compare mask, for `KVM_SYNC_PFAULT`.
    pfault_compare set_pfault_compare pfc;
    /// The information of DIAGNOSE 0x318, for `KVM_SYNC_DIAG318`.
    diag318 set_diag318 diag318;
}
