//! Debugging a guest from outside (`KVM_SET_GUEST_DEBUG`).

use crate::{Error, Vcpu};
use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_cpu::{Breakpoint, DebugKind, GuestDebug, Watchpoint};

/// The flags that are known, as `KVM_CAP_SET_GUEST_DEBUG2` tells them.
pub(crate) const KNOWN_FLAGS: u32 =
    KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_HW_BP;

/// Breakpoints and watchpoints at most.
pub(crate) const MAX_POINTS: u32 = 50;

/// Bytes of a watchpoint at most.
const MAX_WATCHED: u64 = 100;

/// The number of a kind in an exit.
pub(crate) const fn number(kind: DebugKind) -> u8 {
    match kind {
        DebugKind::Breakpoint => KVM_HW_BP,
        DebugKind::Watchpoint => KVM_HW_WP_WRITE,
        DebugKind::SingleStep => KVM_SINGLESTEP,
    }
}

impl Vcpu {
    /// Says what of the guest is to be debugged (`KVM_SET_GUEST_DEBUG`):
    /// `control` has flags `KVM_GUESTDBG_*`, and `points` count with
    /// `KVM_GUESTDBG_USE_HW_BP`. What the guest itself records of its program
    /// is not disturbed. An exit that is pending is forgotten.
    ///
    /// A single step ends after an instruction and after the delivery of
    /// interrupts; a breakpoint where the PSW arrives at it; a watchpoint
    /// after an instruction that stored there, if the storage differs from
    /// what it was when the watchpoint was set.
    ///
    /// # Errors
    /// [`Error::GuestDebug`] (EINVAL) for unknown flags, more than 50 points
    /// or a watchpoint of more than 100 bytes; [`Error::GuestStorage`]
    /// (EFAULT) if there is no storage at a watchpoint's physical address.
    /// Nothing is debugged then.
    ///
    /// ```
    /// use lowcore_abi::*;
    /// use lowcore_arch::Psw;
    /// use lowcore_host::memory::{HostRange, Mapping};
    /// use lowcore_kvm::{Exit, System};
    ///
    /// let vm = System::new().create_vm()?;
    /// let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
    /// // lr %r1,%r2
    /// memory.write(0x1_0000, &[0x18, 0x12]).unwrap();
    /// vm.set_user_memory_region(0, 0, 0, memory)?;
    /// let vcpu = vm.create_vcpu(0)?;
    /// vcpu.run_page().set_psw(Psw::new(0x1_8000_0000, 0x1_0000));
    /// vcpu.set_guest_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, &[])?;
    /// assert_eq!(vcpu.run()?, Exit::Debug { address: 0x1_0002, kind: KVM_SINGLESTEP });
    /// # Ok::<(), lowcore_kvm::Error>(())
    /// ```
    pub fn set_guest_debug(&self, control: u32, points: &[kvm_hw_breakpoint]) -> Result<(), Error> {
        let mut core = self.inner.core.lock();
        *self.inner.shared.debug_exit.lock() = None;
        let last_breakpoint = core.cpu.debug.last_breakpoint;
        core.cpu.debug = GuestDebug { last_breakpoint, ..GuestDebug::default() };
        if control & !KNOWN_FLAGS != 0 {
            return Err(Error::GuestDebug);
        }
        if control & KVM_GUESTDBG_ENABLE == 0 {
            core.cpu.debug.last_breakpoint = 0;
            return Ok(());
        }
        let (breakpoints, watchpoints) = if control & KVM_GUESTDBG_USE_HW_BP == 0 {
            (Vec::new(), Vec::new())
        } else {
            self.points(points)?
        };
        core.cpu.debug = GuestDebug {
            single_step: control & KVM_GUESTDBG_SINGLESTEP != 0,
            breakpoints,
            watchpoints,
            last_breakpoint,
        };
        Ok(())
    }

    fn points(
        &self,
        points: &[kvm_hw_breakpoint],
    ) -> Result<(Vec<Breakpoint>, Vec<Watchpoint>), Error> {
        if points.len() > bits::index(MAX_POINTS.into()) {
            return Err(Error::GuestDebug);
        }
        let (mut breakpoints, mut watchpoints) = (Vec::new(), Vec::new());
        let view = self.inner.vm.storage.view();
        for point in points {
            match point.type_ {
                KVM_HW_BP => {
                    breakpoints.push(Breakpoint { address: point.addr, length: point.len });
                }
                KVM_HW_WP_WRITE => {
                    if point.len > MAX_WATCHED {
                        return Err(Error::GuestDebug);
                    }
                    let mut old = vec![0; bits::index(point.len)];
                    if !old.is_empty() {
                        view.read(point.phys_addr, &mut old).map_err(|_| Error::GuestStorage)?;
                    }
                    let (address, absolute) = (point.addr, point.phys_addr);
                    watchpoints.push(Watchpoint { address, absolute, old });
                }
                // Other kinds are ignored, as by the kernel.
                _ => {}
            }
        }
        Ok((breakpoints, watchpoints))
    }
}
