//! The run page of a CPU (the specification, section A.6).

use crate::{kvm_debug_exit_arch, kvm_sync_regs};

layouts! {
    /// Exit `KVM_EXIT_FAIL_ENTRY`.
    kvm_run_fail_entry [16, 8] {
        /// Why the guest could not be entered.
        0 hardware_entry_failure_reason: u64,
        /// On which host CPU.
        8 cpu: u32,
        /// Added by the compiler.
        12 _pad: [u8; 4],
    }

    /// Exit `KVM_EXIT_DEBUG`.
    kvm_run_debug [16, 8] {
        /// What happened.
        0 arch: kvm_debug_exit_arch,
    }

    /// Exit `KVM_EXIT_S390_SIEIC`: an intercept for user space.
    kvm_run_s390_sieic [8, 4] {
        /// Intercept code.
        0 icptcode: u8,
        /// Added by the compiler.
        1 _pad: [u8; 1],
        /// First halfword of the instruction.
        2 ipa: u16,
        /// The four bytes that follow it.
        4 ipb: u32,
    }

    /// Exit `KVM_EXIT_S390_UCONTROL`.
    kvm_run_s390_ucontrol [16, 8] {
        /// Translation-exception identification.
        0 trans_exc_code: u64,
        /// Program-interruption code.
        8 pgm_code: u32,
        /// Added by the compiler.
        12 _pad: [u8; 4],
    }

    /// Exit `KVM_EXIT_INTERNAL_ERROR`.
    kvm_run_internal [136, 8] {
        /// `KVM_INTERNAL_ERROR_*`.
        0 suberror: u32,
        /// How much of `data` is used.
        4 ndata: u32,
        /// Details.
        8 data: [u64; 16],
    }

    /// Exit `KVM_EXIT_S390_TSCH`.
    kvm_run_s390_tsch [20, 4] {
        /// Subchannel id of the interruption taken from the queue.
        0 subchannel_id: u16,
        /// Its subchannel number.
        2 subchannel_nr: u16,
        /// Its parameter.
        4 io_int_parm: u32,
        /// Its identification word.
        8 io_int_word: u32,
        /// The four bytes after the instruction's first halfword.
        12 ipb: u32,
        /// Whether an interruption was taken from the queue.
        16 dequeued: u8,
        /// Added by the compiler.
        17 _pad: [u8; 3],
    }

    /// Exit `KVM_EXIT_S390_STSI`.
    kvm_run_s390_stsi [16, 8] {
        /// Guest address of the block.
        0 addr: u64,
        /// Access register.
        8 ar: u8,
        /// Not used.
        9 reserved: u8,
        /// Function code.
        10 fc: u8,
        /// Selector 1.
        11 sel1: u8,
        /// Selector 2.
        12 sel2: u16,
        /// Added by the compiler.
        14 _pad: [u8; 2],
    }

    /// Exit `KVM_EXIT_SYSTEM_EVENT`.
    kvm_run_system_event [136, 8] {
        /// What happened to the system.
        0 type_ as "type": u32,
        /// How much of `data` is used.
        4 ndata: u32,
        /// Details.
        8 data: [u64; 16],
    } | {
        /// The first word of `data`, under its older name.
        8 "flags" flags set_flags: u64,
    }

    /// Exit `KVM_EXIT_MEMORY_FAULT`.
    kvm_run_memory_fault [24, 8] {
        /// Kind of fault.
        0 flags: u64,
        /// Guest address.
        8 gpa: u64,
        /// Length in bytes.
        16 size: u64,
    }

    /// Room for the shared registers.
    kvm_run_s [2048, 8] {
        /// The shared registers.
        0 regs: kvm_sync_regs,
        /// What is left of the room.
        1984 _rest: [u8; 64],
    } | {
        /// All of it.
        0 "padding" padding set_padding: [u8; 2048] => "char padding[2048]",
    }

    /// The run page, up to what the kernel leaves unused of it.
    ///
    /// The page itself is shared memory and is never a Rust reference: use
    /// the offsets of [`run_page`](crate::run_page) there. This struct is for
    /// copies.
    kvm_run [2368, 8] {
        /// Not used on s390.
        0 request_interrupt_window: u8,
        /// Not zero: `KVM_RUN` returns at once with `EINTR`.
        1 immediate_exit: u8,
        /// Not used.
        2 padding1: [u8; 6],
        /// `KVM_EXIT_*`.
        8 exit_reason: u32,
        /// Not used on s390.
        12 ready_for_interrupt_injection: u8,
        /// Not used on s390.
        13 if_flag: u8,
        /// Not used on s390.
        14 flags: u16,
        /// Not used on s390.
        16 cr8: u64,
        /// Not used on s390.
        24 apic_base: u64,
        /// PSW bits 0-63, copied in and out at every run.
        32 psw_mask: u64,
        /// Instruction address, copied in and out at every run.
        40 psw_addr: u64,
        /// What the exit is about; which member it is depends on the reason.
        48 exit as "padding": [u8; 256] => "char padding[256]",
        /// Which registers the kernel keeps up to date: `KVM_SYNC_*`.
        304 kvm_valid_regs: u64,
        /// Which registers the client has changed: `KVM_SYNC_*`.
        312 kvm_dirty_regs: u64,
        /// The shared registers.
        320 s: kvm_run_s,
    } | {
        /// Exit `KVM_EXIT_FAIL_ENTRY`.
        48 "fail_entry" fail_entry set_fail_entry: kvm_run_fail_entry,
        /// Exit `KVM_EXIT_DEBUG`.
        48 "debug" debug set_debug: kvm_run_debug,
        /// Exit `KVM_EXIT_S390_SIEIC`.
        48 "s390_sieic" s390_sieic set_s390_sieic: kvm_run_s390_sieic,
        /// Exit `KVM_EXIT_S390_RESET`: `KVM_S390_RESET_*`.
        48 "s390_reset_flags" s390_reset_flags set_s390_reset_flags: u64,
        /// Exit `KVM_EXIT_S390_UCONTROL`.
        48 "s390_ucontrol" s390_ucontrol set_s390_ucontrol: kvm_run_s390_ucontrol,
        /// Exit `KVM_EXIT_INTERNAL_ERROR`.
        48 "internal" internal set_internal: kvm_run_internal,
        /// Exit `KVM_EXIT_S390_TSCH`.
        48 "s390_tsch" s390_tsch set_s390_tsch: kvm_run_s390_tsch,
        /// Exit `KVM_EXIT_SYSTEM_EVENT`.
        48 "system_event" system_event set_system_event: kvm_run_system_event,
        /// Exit `KVM_EXIT_S390_STSI`.
        48 "s390_stsi" s390_stsi set_s390_stsi: kvm_run_s390_stsi,
        /// Exit `KVM_EXIT_MEMORY_FAULT`.
        48 "memory_fault" memory_fault set_memory_fault: kvm_run_memory_fault,
    }
}

constants! {
    /// Values of [`kvm_run::exit_reason`].
    static EXIT_REASONS: u32, "reasons of exits" {
        /// No exit yet.
        KVM_EXIT_UNKNOWN = 0;
        /// A debug event.
        KVM_EXIT_DEBUG = 4;
        /// The guest could not be entered.
        KVM_EXIT_FAIL_ENTRY = 9;
        /// A signal, or `immediate_exit`; only together with `EINTR`.
        KVM_EXIT_INTR = 10;
        /// An intercept for user space.
        KVM_EXIT_S390_SIEIC = 13;
        /// The guest asks for a reset.
        KVM_EXIT_S390_RESET = 14;
        /// KVM itself failed.
        KVM_EXIT_INTERNAL_ERROR = 17;
        /// A fault of a user-controlled guest.
        KVM_EXIT_S390_UCONTROL = 20;
        /// TEST SUBCHANNEL.
        KVM_EXIT_S390_TSCH = 22;
        /// The guest shut down or crashed.
        KVM_EXIT_SYSTEM_EVENT = 24;
        /// STORE SYSTEM INFORMATION.
        KVM_EXIT_S390_STSI = 25;
        /// The dirty ring is full.
        KVM_EXIT_DIRTY_RING_FULL = 31;
        /// A fault that user space is to resolve.
        KVM_EXIT_MEMORY_FAULT = 39;
    } and {
        KVM_EXIT_EXCEPTION = 1;
        KVM_EXIT_IO = 2;
        KVM_EXIT_HYPERCALL = 3;
        KVM_EXIT_HLT = 5;
        KVM_EXIT_MMIO = 6;
        KVM_EXIT_IRQ_WINDOW_OPEN = 7;
        KVM_EXIT_SHUTDOWN = 8;
        KVM_EXIT_SET_TPR = 11;
        KVM_EXIT_TPR_ACCESS = 12;
        KVM_EXIT_DCR = 15;
        KVM_EXIT_NMI = 16;
        KVM_EXIT_OSI = 18;
        KVM_EXIT_PAPR_HCALL = 19;
        KVM_EXIT_WATCHDOG = 21;
        KVM_EXIT_EPR = 23;
        KVM_EXIT_IOAPIC_EOI = 26;
        KVM_EXIT_HYPERV = 27;
        KVM_EXIT_ARM_NISV = 28;
        KVM_EXIT_X86_RDMSR = 29;
        KVM_EXIT_X86_WRMSR = 30;
        KVM_EXIT_AP_RESET_HOLD = 32;
        KVM_EXIT_X86_BUS_LOCK = 33;
        KVM_EXIT_XEN = 34;
        KVM_EXIT_RISCV_SBI = 35;
        KVM_EXIT_RISCV_CSR = 36;
        KVM_EXIT_NOTIFY = 37;
        KVM_EXIT_LOONGARCH_IOCSR = 38;
    }

    /// Flags of the exit `KVM_EXIT_S390_RESET`.
    static RESET_FLAGS: u64, "flags of a reset" {
        /// Power-on reset.
        KVM_S390_RESET_POR = 1;
        /// Clear storage.
        KVM_S390_RESET_CLEAR = 2;
        /// Reset the channel subsystem.
        KVM_S390_RESET_SUBSYSTEM = 4;
        /// Initial CPU reset.
        KVM_S390_RESET_CPU_INIT = 8;
        /// Load again.
        KVM_S390_RESET_IPL = 16;
    }

    /// Kinds of the exit `KVM_EXIT_INTERNAL_ERROR`.
    static INTERNAL_ERRORS: u32, "internal errors" {
        /// An instruction could not be emulated.
        KVM_INTERNAL_ERROR_EMULATION = 1;
        /// Exceptions came together that cannot.
        KVM_INTERNAL_ERROR_SIMUL_EX = 2;
        /// An event could not be delivered.
        KVM_INTERNAL_ERROR_DELIVERY_EV = 3;
        /// The guest left for a reason that is not known.
        KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON = 4;
    }
}
