//! Injecting, saving and restoring interrupts (the specification, sections
//! A.2 and A.3).

use zerocopy::FromZeros;

layouts! {
    /// An I/O interruption.
    kvm_s390_io_info [12, 4] {
        /// Subsystem-identification word, high half: channel-subsystem and
        /// subchannel-set ids.
        0 subchannel_id: u16,
        /// Subchannel number.
        2 subchannel_nr: u16,
        /// I/O-interruption parameter.
        4 io_int_parm: u32,
        /// I/O-interruption-identification word, which holds the subclass.
        8 io_int_word: u32,
    }

    /// An external interruption with parameters: service signal, virtio,
    /// pfault.
    kvm_s390_ext_info [16, 8] {
        /// External-interruption parameter, 32 bits.
        0 ext_params: u32,
        /// Not used.
        4 pad: u32,
        /// External-interruption parameter, 64 bits.
        8 ext_params2: u64,
    }

    /// A program interruption.
    kvm_s390_pgm_info [40, 8] {
        /// Translation-exception identification.
        0 trans_exc_code: u64,
        /// Monitor code.
        8 mon_code: u64,
        /// PER address.
        16 per_address: u64,
        /// Data-exception or vector-exception code.
        24 data_exc_code: u32,
        /// Program-interruption code; the bit 0x80 adds a PER event.
        28 code: u16,
        /// Monitor-class number.
        30 mon_class_nr: u16,
        /// PER code.
        32 per_code: u8,
        /// Addressing-and-translation-mode identification of a PER event.
        33 per_atmid: u8,
        /// Exception access identification.
        34 exc_access_id: u8,
        /// PER access identification.
        35 per_access_id: u8,
        /// Operand access identification.
        36 op_access_id: u8,
        /// `KVM_S390_PGM_FLAGS_*`.
        37 flags: u8,
        /// Not used.
        38 pad: [u8; 2],
    }

    /// An emergency signal.
    kvm_s390_emerg_info [2, 2] {
        /// Address of the CPU that signals.
        0 code: u16,
    }

    /// An external call.
    kvm_s390_extcall_info [2, 2] {
        /// Address of the CPU that calls.
        0 code: u16,
    }

    /// A new prefix.
    kvm_s390_prefix_info [4, 4] {
        /// The prefix; the kernel does not check it.
        0 address: u32,
    }

    /// A stop request.
    kvm_s390_stop_info [4, 4] {
        /// `KVM_S390_STOP_FLAG_*`.
        0 flags: u32,
    }

    /// A machine check.
    kvm_s390_mchk_info [48, 8] {
        /// The subclasses it belongs to, as the mask bits of control register
        /// 14.
        0 cr14: u64,
        /// Machine-check-interruption code.
        8 mcic: u64,
        /// Failing-storage address.
        16 failing_storage_address: u64,
        /// External-damage code.
        24 ext_damage_code: u32,
        /// Not used.
        28 pad: u32,
        /// Fixed-logout area.
        32 fixed_logout: [u8; 16],
    }

    /// An interrupt: the argument of `KVM_S390_IRQ` and the element of saved
    /// state.
    ///
    /// The members of the kernel's union are read by methods named like them.
    kvm_s390_irq [72, 8] {
        /// `KVM_S390_*` type code, compared in all 64 bits.
        0 type_ as "type": u64,
        /// Payload; which member it is depends on the type.
        8 u: [u8; 64],
    } | {
        /// The payload as an I/O interruption.
        8 "u.io" io set_io: kvm_s390_io_info,
        /// The payload as an external interruption with parameters.
        8 "u.ext" ext set_ext: kvm_s390_ext_info,
        /// The payload as a program interruption.
        8 "u.pgm" pgm set_pgm: kvm_s390_pgm_info,
        /// The payload as an emergency signal.
        8 "u.emerg" emerg set_emerg: kvm_s390_emerg_info,
        /// The payload as an external call.
        8 "u.extcall" extcall set_extcall: kvm_s390_extcall_info,
        /// The payload as a new prefix.
        8 "u.prefix" prefix set_prefix: kvm_s390_prefix_info,
        /// The payload as a stop request.
        8 "u.stop" stop set_stop: kvm_s390_stop_info,
        /// The payload as a machine check.
        8 "u.mchk" mchk set_mchk: kvm_s390_mchk_info,
        /// The payload's bytes.
        8 "u.reserved" reserved set_reserved: [u8; 64] => "char reserved[64]",
    }

    /// A buffer of [`kvm_s390_irq`], for `KVM_S390_GET_IRQ_STATE` and
    /// `KVM_S390_SET_IRQ_STATE`.
    kvm_s390_irq_state [32, 8] {
        /// Address of the buffer in the client.
        0 buf: u64,
        /// Not looked at.
        8 flags: u32,
        /// Length of the buffer in bytes.
        12 len: u32,
        /// Not looked at.
        16 reserved: [u32; 4],
    }

    /// The older and smaller form of an interrupt, for `KVM_S390_INTERRUPT`.
    kvm_s390_interrupt [16, 8] {
        /// `KVM_S390_*` type code.
        0 type_ as "type": u32,
        /// Parameter; its meaning depends on the type.
        4 parm: u32,
        /// Longer parameter; its meaning depends on the type.
        8 parm64: u64,
    }
}

macro_rules! constructors {
    ($($(#[$meta:meta])* $with:ident $set:ident: $payload:ty;)*) => {
        impl kvm_s390_irq {
            /// An interrupt without a payload.
            #[must_use]
            pub fn of_type(type_: u32) -> Self {
                Self { type_: u64::from(type_), ..Self::new_zeroed() }
            }

            $(
                $(#[$meta])*
                #[must_use]
                pub fn $with(type_: u32, payload: $payload) -> Self {
                    let mut irq = Self::of_type(type_);
                    irq.$set(payload);
                    irq
                }
            )*
        }
    };
}

constructors! {
    /// An I/O interrupt.
    with_io set_io: kvm_s390_io_info;
    /// A service signal, virtio or pfault interrupt.
    with_ext set_ext: kvm_s390_ext_info;
    /// A program interrupt.
    with_pgm set_pgm: kvm_s390_pgm_info;
    /// An emergency signal.
    with_emerg set_emerg: kvm_s390_emerg_info;
    /// An external call.
    with_extcall set_extcall: kvm_s390_extcall_info;
    /// A new prefix.
    with_prefix set_prefix: kvm_s390_prefix_info;
    /// A stop request.
    with_stop set_stop: kvm_s390_stop_info;
    /// A machine check.
    with_mchk set_mchk: kvm_s390_mchk_info;
}

/// The type code of an I/O interrupt: `KVM_S390_INT_IO` of the kernel, whose
/// arguments it takes in the same order. Bits beyond a field's width spill
/// into the next field, as they do in C.
///
/// ```
/// assert_eq!(lowcore_abi::KVM_S390_INT_IO(0, 0xfe, 3, 0xffff), 0x03fb_ffff);
/// ```
#[must_use]
#[expect(non_snake_case, reason = "the kernel's name")]
pub const fn KVM_S390_INT_IO(adapter: u32, cssid: u32, ssid: u32, schid: u32) -> u32 {
    schid | ssid << 16 | cssid << 18 | adapter << 26
}

constants! {
    /// Type codes of interrupts other than I/O.
    static IRQ_TYPES: u32, "types of interrupts" {
        /// Stop.
        KVM_S390_SIGP_STOP = 0xfffe_0000;
        /// Program interruption.
        KVM_S390_PROGRAM_INT = 0xfffe_0001;
        /// Set prefix.
        KVM_S390_SIGP_SET_PREFIX = 0xfffe_0002;
        /// Restart.
        KVM_S390_RESTART = 0xfffe_0003;
        /// A page is being fetched for this CPU.
        KVM_S390_INT_PFAULT_INIT = 0xfffe_0004;
        /// A page has been fetched. Floating.
        KVM_S390_INT_PFAULT_DONE = 0xfffe_0005;
        /// Machine check. Local or floating.
        KVM_S390_MCHK = 0xfffe_1000;
        /// Clock comparator.
        KVM_S390_INT_CLOCK_COMP = 0xffff_1004;
        /// CPU timer.
        KVM_S390_INT_CPU_TIMER = 0xffff_1005;
        /// Notification of the first virtio transport for s390. Floating.
        KVM_S390_INT_VIRTIO = 0xffff_2603;
        /// Service signal. Floating.
        KVM_S390_INT_SERVICE = 0xffff_2401;
        /// Emergency signal.
        KVM_S390_INT_EMERGENCY = 0xffff_1201;
        /// External call.
        KVM_S390_INT_EXTERNAL_CALL = 0xffff_1202;
    }

    /// The range of type codes that are I/O interrupts.
    static IO_TYPES: u32, "types of I/O interrupts" {
        /// The first.
        KVM_S390_INT_IO_MIN = 0;
        /// The last.
        KVM_S390_INT_IO_MAX = 0xfffd_ffff;
        /// Set in the type of an adapter interrupt.
        KVM_S390_INT_IO_AI_MASK = 0x0400_0000;
    }

    /// Flags of [`kvm_s390_pgm_info`].
    static PGM_FLAGS: u8, "flags of a program interrupt" {
        /// The instruction length is given by [`KVM_S390_PGM_FLAGS_ILC_MASK`].
        KVM_S390_PGM_FLAGS_ILC_VALID = 0x01;
        /// The instruction length's bit of value 2.
        KVM_S390_PGM_FLAGS_ILC_0 = 0x02;
        /// The instruction length's bit of value 4.
        KVM_S390_PGM_FLAGS_ILC_1 = 0x04;
        /// The instruction length in bytes: 0, 2, 4 or 6.
        KVM_S390_PGM_FLAGS_ILC_MASK = 0x06;
        /// Leave the PSW address as it is even for a nullifying exception.
        KVM_S390_PGM_FLAGS_NO_REWIND = 0x08;
    }

    /// Flags of [`kvm_s390_stop_info`].
    static STOP_FLAGS: u32, "flags of a stop" {
        /// Store status once stopped.
        KVM_S390_STOP_FLAG_STORE_STATUS = 0x01;
    }
}
