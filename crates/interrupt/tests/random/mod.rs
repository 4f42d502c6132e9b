//! Random interrupts, masks and operations, drawn so that rules meet: few
//! sources and subchannels, codes and bits from the boundaries of each rule.

use crate::model::Masks;
use lowcore_arch::{ProgramCode, Psw};
use lowcore_interrupt::{
    FloatingInterrupt, IoInterruption, LocalInterrupt, MachineCheck, ProgramInterruption,
};
use proptest::prelude::*;
use proptest::sample::select;

/// So many cases; failures are shown, not recorded in files.
pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// One thing that is asked of interrupt state.
#[derive(Clone, Debug)]
pub enum Operation {
    Inject(LocalInterrupt, u8),
    InjectFloating(FloatingInterrupt),
    /// A delivery pass; the new PSWs are those of restart, external,
    /// supervisor call, program, machine check and I/O.
    Pass {
        masks: Masks,
        clock_comparator: bool,
        cpu_timer: bool,
        new_psws: [Psw; 6],
    },
    Take(Masks),
    Start,
    Stop,
    CompleteStop,
    Clear,
    ClearFloating,
    ClearIo(u16, u16),
    DequeueIo(Option<(u16, u16)>, u64),
    Requeue,
    Restore(Vec<LocalInterrupt>, u8),
    RoundTrip,
}

pub fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        24 => (local(), length()).prop_map(|(i, length)| Operation::Inject(i, length)),
        12 => floating().prop_map(Operation::InjectFloating),
        8 => (masks(), any::<bool>(), any::<bool>(), prop::array::uniform6(psw())).prop_map(
            |(masks, clock_comparator, cpu_timer, new_psws)| {
                Operation::Pass { masks, clock_comparator, cpu_timer, new_psws }
            },
        ),
        8 => masks().prop_map(Operation::Take),
        4 => Just(Operation::Start),
        2 => Just(Operation::Stop),
        1 => Just(Operation::CompleteStop),
        1 => Just(Operation::Clear),
        1 => Just(Operation::ClearFloating),
        1 => subchannel().prop_map(|(id, number)| Operation::ClearIo(id, number)),
        2 => (prop::option::of(subchannel()), cr6())
            .prop_map(|(subchannel, cr6)| Operation::DequeueIo(subchannel, cr6)),
        2 => Just(Operation::Requeue),
        2 => (prop::collection::vec(local(), 0..6), length())
            .prop_map(|(entries, length)| Operation::Restore(entries, length)),
        2 => Just(Operation::RoundTrip),
    ]
}

/// The instruction length of an intercept.
fn length() -> impl Strategy<Value = u8> {
    select(vec![0, 2, 4, 6])
}

/// The sum of some of these bits, LSB-0, or once in a while anything.
fn some_of(bits: &'static [u32]) -> impl Strategy<Value = u64> {
    let subset = prop::sample::subsequence(bits, 0..=bits.len());
    prop_oneof![
        9 => subset.prop_map(|bits| bits.into_iter().fold(0, |all, bit| all | 1 << bit)),
        1 => any::<u64>(),
    ]
}

/// Masks and addressing mode; the invalid combination of mode bits too.
fn psw() -> impl Strategy<Value = Psw> {
    let addr =
        prop_oneof![0_u64..8, Just(0x1000), Just(0x0100_0002), Just(0x8000_0004), any::<u64>()];
    (some_of(&[57, 56, 50, 49, 32, 31]), addr).prop_map(|(mask, addr)| Psw::new(mask, addr))
}

fn cr6() -> impl Strategy<Value = u64> {
    some_of(&[24, 25, 26, 27, 28, 29, 30, 31])
}

pub fn masks() -> impl Strategy<Value = Masks> {
    let cr0 = some_of(&[14, 13, 11, 10, 9]);
    let cr14 = some_of(&[28, 27, 26, 25, 24]);
    (psw(), cr0, cr6(), cr14, any::<u64>()).prop_map(|(psw, cr0, cr6, cr14, breaking_event)| {
        Masks { psw, cr0, cr6, cr14, breaking_event }
    })
}

fn source() -> impl Strategy<Value = u16> {
    prop_oneof![4 => 0_u16..4, 2 => 62_u16..66, 2 => 250_u16..258, 1 => any::<u16>()]
}

fn stop_flags() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0_u32..2, 1 => 2_u32..4, 1 => any::<u32>()]
}

fn program_code() -> impl Strategy<Value = u16> {
    let named = vec![
        0x00, 0x01, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x16, 0x1b, 0x1c, 0x20, 0x23, 0x27, 0x28,
        0x29, 0x2e, 0x2f, 0x30, 0x34, 0x38, 0x3b, 0x40, 0x119,
    ];
    let per = prop_oneof![3 => Just(0_u16), 1 => Just(0x80)];
    prop_oneof![
        6 => (select(named), per).prop_map(|(code, per)| code | per),
        2 => Just(0x80),
        1 => any::<u16>(),
    ]
}

fn program() -> impl Strategy<Value = ProgramInterruption> {
    let long = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u32>(), any::<u16>());
    let short = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
    let flags = prop_oneof![4 => 0_u8..16, 1 => any::<u8>()];
    (program_code(), long, short, flags).prop_map(|(code, long, short, flags)| {
        ProgramInterruption {
            code: ProgramCode(code),
            translation_exception: long.0,
            monitor_code: long.1,
            per_address: long.2,
            data_exception: long.3,
            monitor_class: long.4,
            per_code: short.0,
            per_atmid: short.1,
            exception_access: short.2,
            per_access: short.3,
            operand_access: short.4,
            flags,
        }
    })
}

fn machine_check() -> impl Strategy<Value = MachineCheck> {
    // Each of the five class bits, those beside them, and no class at all.
    let code = prop_oneof![
        8 => select(vec![63_u32, 62, 61, 59, 58, 57, 56, 55, 54, 38, 0])
            .prop_map(|bit| 1_u64 << bit),
        2 => some_of(&[61, 60, 59, 57, 54]),
        1 => any::<u64>(),
    ];
    let cr14 = some_of(&[28, 27, 26, 25, 24]);
    (cr14, code, any::<u64>(), any::<u32>(), any::<[u8; 16]>()).prop_map(
        |(cr14, code, failing_storage_address, external_damage, fixed_logout)| MachineCheck {
            cr14,
            code,
            failing_storage_address,
            external_damage,
            fixed_logout,
        },
    )
}

fn local() -> impl Strategy<Value = LocalInterrupt> {
    prop_oneof![
        2 => stop_flags().prop_map(|flags| LocalInterrupt::Stop { flags }),
        4 => program().prop_map(LocalInterrupt::Program),
        1 => any::<u32>().prop_map(|address| LocalInterrupt::SetPrefix { address }),
        1 => Just(LocalInterrupt::Restart),
        1 => (any::<u32>(), any::<u64>())
            .prop_map(|(parameter, token)| LocalInterrupt::PfaultInit { parameter, token }),
        1 => Just(LocalInterrupt::ClockComparator),
        1 => Just(LocalInterrupt::CpuTimer),
        3 => source().prop_map(|source| LocalInterrupt::EmergencySignal { source }),
        2 => source().prop_map(|source| LocalInterrupt::ExternalCall { source }),
        4 => machine_check().prop_map(LocalInterrupt::MachineCheck),
    ]
}

fn subchannel() -> impl Strategy<Value = (u16, u16)> {
    (0_u16..2, 0_u16..3)
}

fn io() -> impl Strategy<Value = IoInterruption> {
    let word = prop_oneof![(0_u32..8).prop_map(|isc| isc << 27), any::<u32>()];
    (any::<u32>(), subchannel(), any::<u32>(), word).prop_map(
        |(kind, (subchannel_id, subchannel_number), parameter, word)| IoInterruption {
            kind,
            subchannel_id,
            subchannel_number,
            parameter,
            word,
        },
    )
}

fn floating() -> impl Strategy<Value = FloatingInterrupt> {
    let parameter = prop_oneof![0_u32..16, Just(0x1000), Just(0x2001), any::<u32>()];
    prop_oneof![
        4 => parameter.prop_map(|parameter| FloatingInterrupt::ServiceSignal { parameter }),
        1 => (any::<u32>(), any::<u64>())
            .prop_map(|(parameter, token)| FloatingInterrupt::Virtio { parameter, token }),
        1 => any::<u64>().prop_map(|token| FloatingInterrupt::PfaultDone { token }),
        2 => (some_of(&[28, 27, 24]), some_of(&[63, 58, 54]))
            .prop_map(|(cr14, code)| FloatingInterrupt::MachineCheck { cr14, code }),
        3 => io().prop_map(FloatingInterrupt::Io),
    ]
}

/// A queued interrupt to come, or a pause.
#[derive(Clone, Copy, Debug)]
pub enum Queued {
    Nothing,
    Virtio,
    PfaultDone,
    Io(u32),
}

impl Queued {
    /// Its number and the interrupt, marked with `serial`.
    pub fn interrupt(self, serial: u32) -> Option<(u32, FloatingInterrupt)> {
        let token = serial.into();
        match self {
            Self::Nothing => None,
            Self::Virtio => Some((11, FloatingInterrupt::Virtio { parameter: 0, token })),
            Self::PfaultDone => Some((12, FloatingInterrupt::PfaultDone { token })),
            Self::Io(subclass) => {
                let io = IoInterruption {
                    parameter: serial,
                    word: subclass << 27,
                    ..IoInterruption::default()
                };
                Some((10 - subclass, FloatingInterrupt::Io(io)))
            }
        }
    }
}

pub fn queued() -> impl Strategy<Value = Queued> {
    prop_oneof![
        2 => Just(Queued::Nothing),
        1 => Just(Queued::Virtio),
        1 => Just(Queued::PfaultDone),
        2 => (0_u32..8).prop_map(Queued::Io),
    ]
}

/// An interrupt that merges with others of its kind.
pub fn merged() -> impl Strategy<Value = LocalInterrupt> {
    prop_oneof![
        (0_u16..255).prop_map(|source| LocalInterrupt::EmergencySignal { source }),
        machine_check().prop_map(LocalInterrupt::MachineCheck),
    ]
}
