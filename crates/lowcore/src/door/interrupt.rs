//! Interrupts as options and as JSON, and what they are in the kernel's form.

use crate::machine::Number;
use lowcore_abi::*;
use lowcore_arch::machine_check;
use serde::{Deserialize, Serialize};
use zerocopy::FromZeros;

/// An interrupt to inject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Subcommand)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Interrupt {
    /// Stop the CPU, as SIGP stop does
    Stop(Stop),
    /// A program interruption; an operation exception if no code is given
    Program(Program),
    /// Set the prefix of a stopped CPU
    SetPrefix(SetPrefix),
    /// A restart interruption; it starts no stopped CPU, which `nmi` does
    Restart {},
    /// Look at the clock comparator: the guest gets an interruption if it has
    /// been reached
    ClockComparator {},
    /// Look at the CPU timer: the guest gets an interruption if it is negative
    CpuTimer {},
    /// An emergency signal
    Emergency(Signal),
    /// An external call
    ExternalCall(Signal),
    /// A machine check, by its interruption code
    MachineCheck(MachineCheck),
    /// Tell the CPU that a page is being fetched
    PfaultInit(Pfault),
    /// A machine check: warning, power is about to fail
    Warning {},
    /// A machine check: degradation
    Degradation {},
    /// A machine check: external damage
    ExternalDamage(ExternalDamage),

    /// Floating: a machine check that a channel report is pending
    ChannelReport {},
    /// Floating: a machine check, by its interruption code
    FloatingMachineCheck(FloatingMachineCheck),
    /// Floating: a service signal
    Service(Service),
    /// Floating: an I/O interruption
    Io(Io),
    /// Floating: a notification of the first virtio transport for s390
    Virtio(Virtio),
    /// Floating: tell that a page has been fetched
    PfaultDone(Pfault),
}

/// A stop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Stop {
    /// Store the CPU's status at absolute address 0 once it has stopped
    #[arg(long)]
    store_status: bool,
}

/// A program interruption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Program {
    /// Program-interruption code; 0x80 adds a PER event
    #[arg(long, default_value = "0x0001")]
    code: Number<u16>,
    /// Translation-exception identification
    #[arg(long, value_name = "ID", default_value_t)]
    translation_exception: Number<u64>,
    /// Data-exception or vector-exception code
    #[arg(long, value_name = "CODE", default_value_t)]
    data_exception: Number<u32>,
    /// Monitor-class number
    #[arg(long, value_name = "CLASS", default_value_t)]
    monitor_class: Number<u16>,
    /// Monitor code
    #[arg(long, value_name = "CODE", default_value_t)]
    monitor_code: Number<u64>,
    /// Exception access identification
    #[arg(long, value_name = "ID", default_value_t)]
    exception_access: Number<u8>,
    /// Operand access identification
    #[arg(long, value_name = "ID", default_value_t)]
    operand_access: Number<u8>,
    /// PER code
    #[arg(long, value_name = "CODE", default_value_t)]
    per_code: Number<u8>,
    /// PER addressing-and-translation-mode identification
    #[arg(long, value_name = "ID", default_value_t)]
    per_atmid: Number<u8>,
    /// PER address
    #[arg(long, value_name = "ADDRESS", default_value_t)]
    per_address: Number<u64>,
    /// PER access identification
    #[arg(long, value_name = "ID", default_value_t)]
    per_access: Number<u8>,
    /// Length of the instruction: 0, 2, 4 or 6; if not given, that of the last
    /// one that was intercepted
    #[arg(long, value_name = "BYTES", value_parser = instruction_length)]
    #[serde(deserialize_with = "deserialize_instruction_length")]
    instruction_length: Option<u8>,
    /// Leave the PSW where it is, even for a code that nullifies
    #[arg(long)]
    no_rewind: bool,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            code: Number(1),
            translation_exception: Number(0),
            data_exception: Number(0),
            monitor_class: Number(0),
            monitor_code: Number(0),
            exception_access: Number(0),
            operand_access: Number(0),
            per_code: Number(0),
            per_atmid: Number(0),
            per_address: Number(0),
            per_access: Number(0),
            instruction_length: None,
            no_rewind: false,
        }
    }
}

fn instruction_length(text: &str) -> Result<u8, String> {
    match text {
        "0" | "2" | "4" | "6" => text.parse().map_err(|error| format!("{error}")),
        _ => Err("an instruction has 2, 4 or 6 bytes; 0 stands for none".into()),
    }
}

fn deserialize_instruction_length<'de, D>(from: D) -> Result<Option<u8>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let length = Option::<Number<u8>>::deserialize(from)?;
    length
        .map(|length| instruction_length(&length.0.to_string()).map_err(serde::de::Error::custom))
        .transpose()
}

/// A new prefix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct SetPrefix {
    /// Absolute address of the prefix area; only the bits of 0x7fffe000 count
    #[arg(long)]
    address: Number<u32>,
}

/// What one CPU signals to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Signal {
    /// The CPU that it comes from
    #[arg(long, value_name = "CPU", default_value_t)]
    from: u16,
}

/// A machine check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct MachineCheck {
    /// Machine-check-interruption code
    #[arg(long, value_name = "CODE")]
    mcic: Number<u64>,
    /// Subclasses, by their bits in control register 14, of which the guest
    /// must have one enabled; if not given, those of the code
    #[arg(long, value_name = "BITS")]
    cr14: Option<Number<u64>>,
    /// Failing-storage address
    #[arg(long, value_name = "ADDRESS", default_value_t)]
    #[serde(default)]
    failing_storage_address: Number<u64>,
    /// External-damage code
    #[arg(long, value_name = "CODE", default_value_t)]
    #[serde(default)]
    external_damage_code: Number<u32>,
    /// Fixed-logout area, first half
    #[arg(long, value_name = "BYTES", default_value_t)]
    #[serde(default)]
    fixed_logout_1: Number<u64>,
    /// Fixed-logout area, second half
    #[arg(long, value_name = "BYTES", default_value_t)]
    #[serde(default)]
    fixed_logout_2: Number<u64>,
}

/// External damage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct ExternalDamage {
    /// External-damage code
    #[arg(long, default_value_t)]
    code: Number<u32>,
}

/// A machine check for any CPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct FloatingMachineCheck {
    /// Machine-check-interruption code
    #[arg(long, value_name = "CODE")]
    mcic: Number<u64>,
    /// Subclasses, by their bits in control register 14; only channel report
    /// counts, and is the default
    #[arg(long, value_name = "BITS")]
    cr14: Option<Number<u64>>,
}

/// A service signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Address of the block, and the event bits 1 and 2
    #[arg(long)]
    parameter: Number<u32>,
}

/// An I/O interruption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Io {
    /// First half of the subsystem-identification word
    #[arg(long, value_name = "ID", default_value = "0x0001")]
    subchannel_id: Number<u16>,
    /// Subchannel number
    #[arg(long, value_name = "NUMBER", default_value_t)]
    subchannel_nr: Number<u16>,
    /// I/O-interruption parameter
    #[arg(long, default_value_t)]
    parameter: Number<u32>,
    /// I/O-interruption subclass, 0 to 7; that of Linux's subchannels is 3
    #[arg(long, value_name = "SUBCLASS", default_value_t = 3,
          value_parser = clap::value_parser!(u8).range(0..=7))]
    #[serde(deserialize_with = "deserialize_subclass")]
    isc: u8,
    /// It comes from an adapter, not from a subchannel
    #[arg(long)]
    adapter: bool,
    /// I/O-interruption-identification word; if not given, it has the subclass,
    /// and for an adapter bit 0
    #[arg(long)]
    word: Option<Number<u32>>,
}

impl Default for Io {
    fn default() -> Self {
        Self {
            subchannel_id: Number(1),
            subchannel_nr: Number(0),
            parameter: Number(0),
            isc: 3,
            adapter: false,
            word: None,
        }
    }
}

fn deserialize_subclass<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    match Number::<u8>::deserialize(from)? {
        Number(subclass @ 0..=7) => Ok(subclass),
        Number(other) => {
            Err(serde::de::Error::custom(format!("{other} is no subclass, which are 0 to 7")))
        }
    }
}

/// A notification.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Virtio {
    /// External-interruption parameter
    #[arg(long, default_value_t)]
    parameter: Number<u32>,
    /// Second external-interruption parameter
    #[arg(long, default_value_t)]
    token: Number<u64>,
}

/// A page fault that the host deals with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct Pfault {
    /// The token of the page fault
    #[arg(long, default_value_t)]
    token: Number<u64>,
}

impl Interrupt {
    /// Whether any CPU may take it; a local one is injected into one CPU.
    pub const fn is_floating(&self) -> bool {
        matches!(
            self,
            Self::ChannelReport {}
                | Self::FloatingMachineCheck(_)
                | Self::Service(_)
                | Self::Io(_)
                | Self::Virtio(_)
                | Self::PfaultDone(_)
        )
    }

    /// The kernel's form.
    pub fn irq(&self) -> kvm_s390_irq {
        let ext = |type_, ext_params: Number<u32>, token: &Number<u64>| {
            let ext_params2 = token.0;
            let info = kvm_s390_ext_info { ext_params: ext_params.0, pad: 0, ext_params2 };
            kvm_s390_irq::with_ext(type_, info)
        };
        match self {
            Self::Stop(Stop { store_status }) => {
                let flags = if *store_status { KVM_S390_STOP_FLAG_STORE_STATUS } else { 0 };
                kvm_s390_irq::with_stop(KVM_S390_SIGP_STOP, kvm_s390_stop_info { flags })
            }
            Self::Program(program) => kvm_s390_irq::with_pgm(KVM_S390_PROGRAM_INT, program.info()),
            Self::SetPrefix(SetPrefix { address }) => kvm_s390_irq::with_prefix(
                KVM_S390_SIGP_SET_PREFIX,
                kvm_s390_prefix_info { address: address.0 },
            ),
            Self::Restart {} => kvm_s390_irq::of_type(KVM_S390_RESTART),
            Self::ClockComparator {} => kvm_s390_irq::of_type(KVM_S390_INT_CLOCK_COMP),
            Self::CpuTimer {} => kvm_s390_irq::of_type(KVM_S390_INT_CPU_TIMER),
            Self::Emergency(Signal { from }) => kvm_s390_irq::with_emerg(
                KVM_S390_INT_EMERGENCY,
                kvm_s390_emerg_info { code: *from },
            ),
            Self::ExternalCall(Signal { from }) => kvm_s390_irq::with_extcall(
                KVM_S390_INT_EXTERNAL_CALL,
                kvm_s390_extcall_info { code: *from },
            ),
            Self::MachineCheck(check) => check.irq(),
            Self::PfaultInit(Pfault { token }) => ext(KVM_S390_INT_PFAULT_INIT, Number(0), token),
            Self::Warning {} => healthy(machine_check::WARNING),
            Self::Degradation {} => healthy(machine_check::DEGRADATION),
            Self::ExternalDamage(ExternalDamage { code }) => {
                let mcic =
                    machine_check::EXTERNAL_DAMAGE | machine_check::EXTERNAL_DAMAGE_CODE_VALID;
                let irq = healthy(mcic);
                let info = kvm_s390_mchk_info { ext_damage_code: code.0, ..irq.mchk() };
                kvm_s390_irq::with_mchk(KVM_S390_MCHK, info)
            }
            Self::ChannelReport {} => healthy(machine_check::CHANNEL_REPORT_PENDING),
            Self::FloatingMachineCheck(FloatingMachineCheck { mcic, cr14 }) => {
                let channel_report =
                    machine_check::subclasses(machine_check::CHANNEL_REPORT_PENDING);
                let cr14 = cr14.map_or(channel_report, |cr14| cr14.0);
                mchk(mcic.0, cr14)
            }
            Self::Service(Service { parameter }) => {
                ext(KVM_S390_INT_SERVICE, *parameter, &Number(0))
            }
            Self::Io(io) => io.irq(),
            Self::Virtio(Virtio { parameter, token }) => {
                ext(KVM_S390_INT_VIRTIO, *parameter, token)
            }
            Self::PfaultDone(Pfault { token }) => ext(KVM_S390_INT_PFAULT_DONE, Number(0), token),
        }
    }
}

fn mchk(mcic: u64, cr14: u64) -> kvm_s390_irq {
    let info = kvm_s390_mchk_info { cr14, mcic, ..FromZeros::new_zeroed() };
    kvm_s390_irq::with_mchk(KVM_S390_MCHK, info)
}

/// A machine check that leaves everything in the CPU valid.
fn healthy(condition: u64) -> kvm_s390_irq {
    mchk(condition | machine_check::ALL_VALID, machine_check::subclasses(condition))
}

impl Program {
    fn info(&self) -> kvm_s390_pgm_info {
        let length = match self.instruction_length {
            Some(length) => KVM_S390_PGM_FLAGS_ILC_VALID | length,
            None => 0,
        };
        let rewind = if self.no_rewind { KVM_S390_PGM_FLAGS_NO_REWIND } else { 0 };
        kvm_s390_pgm_info {
            trans_exc_code: self.translation_exception.0,
            mon_code: self.monitor_code.0,
            per_address: self.per_address.0,
            data_exc_code: self.data_exception.0,
            code: self.code.0,
            mon_class_nr: self.monitor_class.0,
            per_code: self.per_code.0,
            per_atmid: self.per_atmid.0,
            exc_access_id: self.exception_access.0,
            per_access_id: self.per_access.0,
            op_access_id: self.operand_access.0,
            flags: length | rewind,
            pad: [0; 2],
        }
    }
}

impl MachineCheck {
    fn irq(&self) -> kvm_s390_irq {
        let mut fixed_logout = [0; 16];
        fixed_logout[..8].copy_from_slice(&self.fixed_logout_1.0.to_be_bytes());
        fixed_logout[8..].copy_from_slice(&self.fixed_logout_2.0.to_be_bytes());
        let info = kvm_s390_mchk_info {
            cr14: self.cr14.map_or_else(|| machine_check::subclasses(self.mcic.0), |cr14| cr14.0),
            mcic: self.mcic.0,
            failing_storage_address: self.failing_storage_address.0,
            ext_damage_code: self.external_damage_code.0,
            pad: 0,
            fixed_logout,
        };
        kvm_s390_irq::with_mchk(KVM_S390_MCHK, info)
    }
}

impl Io {
    fn irq(&self) -> kvm_s390_irq {
        let adapter = if self.adapter { 1 << 31 } else { 0 };
        let from_subclass = adapter | u32::from(self.isc) << 27;
        // Of an identification of Linux's making, bits 8 to 15 are the channel
        // subsystem, and 13 and 14 the subchannel set.
        let (id, nr) = (u32::from(self.subchannel_id.0), u32::from(self.subchannel_nr.0));
        let type_ = match self.adapter {
            true => KVM_S390_INT_IO(1, 0, 0, 0),
            false => KVM_S390_INT_IO(0, id >> 8, id >> 1 & 3, nr),
        };
        kvm_s390_irq::with_io(
            type_,
            kvm_s390_io_info {
                subchannel_id: self.subchannel_id.0,
                subchannel_nr: self.subchannel_nr.0,
                io_int_parm: self.parameter.0,
                io_int_word: self.word.map_or(from_subclass, |word| word.0),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Command, FromArgMatches, Subcommand};
    use serde_json::Value;
    use std::collections::BTreeSet;

    const PAGE: &str = include_str!("../../../../docs/control.md");

    /// Each subcommand, with what it means when only what must be given is, as
    /// zero.
    fn all() -> Vec<(Command, Interrupt)> {
        let command = Interrupt::augment_subcommands(Command::new("irq"));
        let subcommands = command.get_subcommands().cloned();
        subcommands
            .map(|subcommand| {
                let required = required(&subcommand).map(|long| format!("--{long}=0"));
                let line = ["irq".to_owned(), subcommand.get_name().to_owned()];
                let matches =
                    command.clone().try_get_matches_from(line.into_iter().chain(required));
                let interrupt = Interrupt::from_arg_matches(&matches.unwrap()).unwrap();
                (subcommand, interrupt)
            })
            .collect()
    }

    /// The options that must be given.
    fn required(subcommand: &Command) -> impl Iterator<Item = &str> {
        let arguments = subcommand.get_arguments().filter(|argument| argument.is_required_set());
        arguments.map(|argument| argument.get_long().unwrap())
    }

    #[test]
    fn options_and_json_have_the_same_fields_and_defaults_and_the_page_has_them_all() {
        for (subcommand, interrupt) in all() {
            let name = subcommand.get_name();
            let row = PAGE.lines().find(|line| {
                line.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{name}`")))
            });
            let row = row.unwrap_or_else(|| panic!("{name} is not on the page"));
            let json = serde_json::to_value(&interrupt).unwrap();
            let mut fields = BTreeSet::from(["type"]);
            for argument in subcommand.get_arguments() {
                let long = argument.get_long().unwrap();
                assert!(row.contains(&format!("`--{long}`")), "{name} --{long}");
                fields.insert(argument.get_id().as_str());
            }
            assert!(json.as_object().unwrap().keys().all(|key| fields.remove(&**key)), "{json}");
            assert!(fields.is_empty(), "{name}: {fields:?}");
            assert_eq!(json["type"], name);
            assert_eq!(serde_json::from_value::<Interrupt>(json).unwrap(), interrupt);

            let given = required(&subcommand)
                .map(|long| (long.replace('-', "_"), 0.into()))
                .chain([("type".to_owned(), name.into())]);
            let given = Value::Object(given.collect());
            assert_eq!(serde_json::from_value::<Interrupt>(given).unwrap(), interrupt);
        }
    }

    #[test]
    fn every_type_of_the_kernel_can_be_injected() {
        let types: BTreeSet<u64> =
            all().iter().map(|(_, interrupt)| interrupt.irq().type_).collect();
        for constant in IRQ_TYPES.constants {
            assert!(types.contains(&constant.value), "{}", constant.name);
        }
        assert!(types.contains(&0), "I/O of subchannel 0.0.0000");
    }

    #[test]
    fn an_io_interrupt_s_type_has_its_subchannel() {
        let io = |json: &str| serde_json::from_str::<Interrupt>(json).unwrap().irq().type_;
        let type_ = io(r#"{"type":"io","subchannel_id":"0xfe07","subchannel_nr":"0xabcd"}"#);
        assert_eq!(type_, u64::from(KVM_S390_INT_IO(0, 0xfe, 3, 0xabcd)));
        let type_ = io(r#"{"type":"io","subchannel_nr":5,"adapter":true}"#);
        assert_eq!(type_, u64::from(KVM_S390_INT_IO_AI_MASK));
    }
}
