//! The local interrupts that are injected, and what the guest must see of
//! each (the specification, sections C.5 to C.7 and C.10).

use super::expect::{Expectation, Field, OldPsw};
use super::layout::*;
use super::machine::State;
use lowcore_abi::*;

/// An interrupt with what the specification says of it.
#[derive(Clone)]
pub struct Case {
    /// The argument of KVM_S390_IRQ.
    pub irq: kvm_s390_irq,
    /// Its type, under the kernel's name.
    pub kind: &'static str,
    /// What tells it from others of its type.
    pub detail: String,
    /// The class of the handler.
    pub class: u32,
    /// What is stored.
    pub fields: Vec<Field>,
    /// By how many bytes the old PSW is moved back.
    pub rewind: u64,
}

impl Case {
    /// What the guest must record.
    pub fn expectation(&self, cpu: u16, prefix: u32, interrupted: OldPsw) -> Expectation {
        Expectation {
            class: self.class,
            cpu,
            prefix,
            old_psw: interrupted.rewound(self.rewind),
            fields: self.fields.clone(),
            others: Vec::new(),
        }
    }
}

/// A restart.
pub fn restart() -> Case {
    Case {
        irq: kvm_s390_irq::of_type(KVM_S390_RESTART),
        kind: "KVM_S390_RESTART",
        detail: String::new(),
        class: CLASS_RESTART,
        fields: vec![],
        rewind: 0,
    }
}

fn external(
    irq: kvm_s390_irq,
    kind: &'static str,
    detail: String,
    code: u16,
    address: u16,
) -> Case {
    let fields = vec![Field::new("code", 0x86, 2, code), Field::new("address", 0x84, 2, address)];
    Case { irq, kind, detail, class: CLASS_EXTERNAL, fields, rewind: 0 }
}

/// An emergency signal from a CPU.
pub fn emergency(source: u16) -> Case {
    external(
        kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, kvm_s390_emerg_info { code: source }),
        "KVM_S390_INT_EMERGENCY",
        format!("from CPU {source}"),
        0x1201,
        source,
    )
}

/// An external call from a CPU.
pub fn external_call(source: u16) -> Case {
    external(
        kvm_s390_irq::with_extcall(
            KVM_S390_INT_EXTERNAL_CALL,
            kvm_s390_extcall_info { code: source },
        ),
        "KVM_S390_INT_EXTERNAL_CALL",
        format!("from CPU {source}"),
        0x1202,
        source,
    )
}

/// The hint that the clock comparator is due.
pub fn clock_comparator() -> Case {
    let irq = kvm_s390_irq::of_type(KVM_S390_INT_CLOCK_COMP);
    external(irq, "KVM_S390_INT_CLOCK_COMP", String::new(), 0x1004, 0)
}

/// The hint that the CPU timer is due.
pub fn cpu_timer() -> Case {
    let irq = kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER);
    external(irq, "KVM_S390_INT_CPU_TIMER", String::new(), 0x1005, 0)
}

/// A pfault-init with a token. The 32-bit parameter is not stored.
pub fn pfault_init(token: u64) -> Case {
    let ext = kvm_s390_ext_info { ext_params: 0x7766_5544, pad: 0, ext_params2: token };
    let mut case = external(
        kvm_s390_irq::with_ext(KVM_S390_INT_PFAULT_INIT, ext),
        "KVM_S390_INT_PFAULT_INIT",
        String::new(),
        0x2603,
        0x0600,
    );
    case.fields.push(Field::new("token", 0x11b8, 8, token));
    case
}

/// The payload of a machine check.
#[derive(Clone, Copy)]
pub struct MachineCheck {
    /// As shown.
    pub name: &'static str,
    /// Mask bits of control register 14.
    pub cr14: u64,
    /// The code that is injected.
    pub mcic: u64,
    /// The code that is stored.
    pub stored: u64,
}

/// MCIC bits that say that registers are valid: the machine stores them as
/// they are injected.
const VALID: u64 = 0x0000_0000_0004_0000;
/// MCIC bit 25, vector registers stored: taken away, as the guest has given
/// no extended save area.
const VECTOR: u64 = 1 << 38;

/// System damage: exigent, with no mask but the PSW's.
pub const SYSTEM_DAMAGE: MachineCheck = MachineCheck {
    name: "system damage",
    cr14: 0,
    mcic: 1 << 63 | VALID | VECTOR,
    stored: 1 << 63 | VALID,
};
/// Instruction-processing damage: exigent.
pub const PROCESSING_DAMAGE: MachineCheck = MachineCheck {
    name: "processing damage",
    cr14: 0,
    mcic: 1 << 62 | VALID,
    stored: 1 << 62 | VALID,
};
/// External damage: repressible.
pub const EXTERNAL_DAMAGE: MachineCheck =
    MachineCheck { name: "external damage", cr14: 1 << 25, mcic: 1 << 58, stored: 1 << 58 };
/// Degradation: repressible.
pub const DEGRADATION: MachineCheck =
    MachineCheck { name: "degradation", cr14: 1 << 26, mcic: 1 << 56, stored: 1 << 56 };
/// Warning: repressible.
pub const WARNING: MachineCheck =
    MachineCheck { name: "warning", cr14: 1 << 24, mcic: 1 << 55, stored: 1 << 55 };

/// A machine check.
pub fn machine_check(check: MachineCheck) -> Case {
    let logout = *b"logout of 16 b.\0";
    let info = kvm_s390_mchk_info {
        cr14: check.cr14,
        mcic: check.mcic,
        failing_storage_address: 0x0012_3456_789a_b000,
        ext_damage_code: 0x0102_0304,
        pad: 0,
        fixed_logout: logout,
    };
    Case {
        irq: kvm_s390_irq::with_mchk(KVM_S390_MCHK, info),
        kind: "KVM_S390_MCHK",
        detail: check.name.into(),
        class: CLASS_MACHINE,
        fields: vec![
            Field::new("mcic", 0xe8, 8, check.stored),
            Field::new("external damage", 0xf4, 4, 0x0102_0304u32),
            Field::new("failing address", 0xf8, 8, 0x0012_3456_789a_b000u64),
            Field::new("logout", 0x1300, 16, u128::from_be_bytes(logout)),
            Field::new("mode", 0xa3, 1, 1u8),
        ],
        rewind: 0,
    }
}

/// Which fields a program interruption stores beside the usual ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    /// None.
    Nothing,
    /// The translation-exception identification.
    Teid,
    /// The same, and the exception access identification.
    TeidAccess,
    /// The same, and the operand access identification.
    TeidAccessOperand,
    /// The exception access identification alone.
    Access,
    /// Monitor class and code.
    Monitor,
    /// The data-exception code.
    DataCode,
}

/// A program interruption as the specification's table has it.
#[derive(Clone, Copy)]
pub struct Program {
    /// Its code, with the PER bit.
    pub code: u16,
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub stores: Stores,
    /// Whether the instruction is nullified.
    pub nullifies: bool,
}

const fn row(code: u16, name: &'static str, stores: Stores, nullifies: bool) -> Program {
    Program { code, name, stores, nullifies }
}

const SEGMENT_TRANSLATION: Program =
    row(0x10, "segment translation", Stores::TeidAccessOperand, true);

/// Injected in every state.
pub const PROGRAMS_IN_EVERY_STATE: [Program; 6] = [
    row(0x04, "protection", Stores::TeidAccess, false),
    row(0x07, "data", Stores::DataCode, false),
    SEGMENT_TRANSLATION,
    row(0x29, "ALEN translation", Stores::Access, true),
    row(0x40, "monitor", Stores::Monitor, false),
    row(0x82, "PER, privileged", Stores::Nothing, false),
];

/// Injected in one state or another.
pub const MORE_PROGRAMS: [Program; 14] = [
    row(0x00, "no code", Stores::Nothing, false),
    row(0x01, "operation", Stores::Nothing, false),
    row(0x05, "addressing", Stores::Nothing, false),
    row(0x06, "specification", Stores::Nothing, false),
    row(0x11, "page translation", Stores::TeidAccessOperand, true),
    row(0x1b, "vector processing", Stores::DataCode, false),
    row(0x1c, "space switch", Stores::Teid, false),
    row(0x20, "AFX translation", Stores::Teid, true),
    row(0x30, "stack full", Stores::Nothing, true),
    row(0x38, "ASCE type", Stores::TeidAccessOperand, true),
    row(0x3b, "region third", Stores::TeidAccessOperand, true),
    row(0x80, "PER", Stores::Nothing, false),
    row(0x91, "PER, page", Stores::TeidAccessOperand, true),
    row(0x119, "crypto operation", Stores::Nothing, true),
];

/// Every field of the payload is filled, so that one which is stored without
/// reason is noticed.
const PAYLOAD: kvm_s390_pgm_info = kvm_s390_pgm_info {
    trans_exc_code: 0x0000_7fff_1234_5404,
    mon_code: 0x1122_3344_5566_7788,
    per_address: 0x0000_0001_0002_0003,
    data_exc_code: 0x0000_0208,
    code: 0,
    mon_class_nr: 0x0042,
    per_code: 0x40,
    per_atmid: 0x90,
    exc_access_id: 5,
    per_access_id: 6,
    op_access_id: 7,
    flags: 0,
    pad: [0; 2],
};

impl Program {
    /// The case of injecting it in a state.
    ///
    /// The instruction length is given for a CPU in KVM_RUN. It is detected
    /// otherwise: 4 after the exit of DIAGNOSE, 0 after a stop.
    pub fn case(self, state: State) -> Case {
        match state {
            State::Running => self.with_length(Some(4), 4),
            State::Waiting => self.with_length(Some(6), 6),
            State::Exited => self.with_length(None, 4),
            _ => self.with_length(None, 0),
        }
    }

    /// A segment translation that leaves the PSW where it is.
    pub fn without_rewind(state: State) -> Case {
        let mut case = SEGMENT_TRANSLATION.case(state);
        let pgm = case.irq.pgm();
        let flags = pgm.flags | KVM_S390_PGM_FLAGS_NO_REWIND;
        case.irq.set_pgm(kvm_s390_pgm_info { flags, ..pgm });
        case.detail = "segment, no rewind".into();
        case.rewind = 0;
        case
    }

    /// With a given length or one to be detected, which will be `length`.
    fn with_length(self, given: Option<u8>, length: u8) -> Case {
        let flags = given.map_or(0, |given| given | KVM_S390_PGM_FLAGS_ILC_VALID);
        let info = kvm_s390_pgm_info { code: self.code, flags, ..PAYLOAD };
        Case {
            irq: kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, info),
            kind: "KVM_S390_PROGRAM_INT",
            detail: self.name.into(),
            class: CLASS_PROGRAM,
            fields: self.fields(length),
            rewind: if self.nullifies { length.into() } else { 0 },
        }
    }

    fn fields(self, length: u8) -> Vec<Field> {
        use Stores::*;
        let teid = Field::new("teid", 0xa8, 8, PAYLOAD.trans_exc_code);
        let access = Field::new("access", 0xa0, 1, PAYLOAD.exc_access_id);
        let operand = Field::new("operand", 0xa2, 1, PAYLOAD.op_access_id);
        let mut fields =
            vec![Field::new("code", 0x8e, 2, self.code), Field::new("length", 0x8c, 2, length)];
        fields.extend(match self.stores {
            Nothing => vec![],
            Teid => vec![teid],
            TeidAccess => vec![teid, access],
            TeidAccessOperand => vec![teid, access, operand],
            Access => vec![access],
            Monitor => vec![
                Field::new("monitor class", 0x94, 2, PAYLOAD.mon_class_nr),
                Field::new("monitor code", 0xb0, 8, PAYLOAD.mon_code),
            ],
            DataCode => vec![Field::new("data code", 0x90, 4, PAYLOAD.data_exc_code)],
        });
        if self.code & 0x80 != 0 {
            fields.extend([
                Field::new("PER code", 0x96, 1, PAYLOAD.per_code),
                Field::new("PER atmid", 0x97, 1, PAYLOAD.per_atmid),
                Field::new("PER address", 0x98, 8, PAYLOAD.per_address),
                Field::new("PER access", 0xa1, 1, PAYLOAD.per_access_id),
            ]);
        }
        fields.push(Field::stored("breaking event", 0x110, 8));
        fields
    }
}
