//! CPU models: what a guest is told of the machine, from all that there is
//! down to what older machines have.

use super::Error;
use lowcore_arch::{Facility, FacilityList};
use lowcore_kvm::Vm;
use std::fmt::Write;

/// A generation of machines.
#[derive(Debug)]
struct Generation {
    name: &'static str,
    /// Four digits.
    machine_type: u16,
    /// What guests know it by.
    marketed: &'static str,
    /// The facilities that came after the generation before.
    new: &'static [u8],
}

/// From old to new. Which facilities each has is what QEMU gives the last
/// models of these names, z10EC.2, z196.2 and zEC12.2, and facility 66, which
/// QEMU does not know and the z196 has.
const GENERATIONS: [Generation; 3] = [
    Generation { name: "z10EC", machine_type: 0x2097, marketed: "IBM System z10 EC", new: &[] },
    Generation {
        name: "z196",
        machine_type: 0x2817,
        marketed: "IBM zEnterprise 196",
        new: &[13, 14, 36, 37, 40, 45, 47, 52, 66, 75, 76, 77, 82],
    },
    Generation {
        name: "zEC12",
        machine_type: 0x2827,
        marketed: "IBM zEnterprise EC12",
        new: &[48, 49, 50, 51, 64, 73, 78],
    },
];

/// The model with everything that there is.
const ALL: &str = "host";
/// The instructions and the mode that every guest has.
const INDISPENSABLE: [Facility; 3] =
    [Facility::N3, Facility::Z_ARCHITECTURE, Facility::Z_ARCHITECTURE_ACTIVE];

/// A CPU model: a generation, or all that there is, and facilities that are
/// switched on and off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuModel {
    /// Its place among the generations.
    generation: Option<usize>,
    switches: Vec<(Facility, bool)>,
}

impl CpuModel {
    /// Reads `MODEL[,FACILITY=on|off]...`. A facility is named or has a
    /// number.
    ///
    /// # Errors
    /// A sentence that says what is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let model = parts.next().unwrap_or_default();
        let is_named = |g: &Generation| {
            let base = model.strip_suffix("-base").unwrap_or(model);
            g.name.eq_ignore_ascii_case(base) || g.marketed.eq_ignore_ascii_case(model)
        };
        let generation = GENERATIONS.iter().position(is_named);
        if generation.is_none() && !model.eq_ignore_ascii_case(ALL) {
            return Err(format!("there is no CPU model \"{model}\"; --cpu-model help lists them"));
        }
        let switches = parts.map(switch).collect::<Result<_, _>>()?;
        Ok(Self { generation, switches })
    }

    /// Makes it the model of a VM, which has no CPUs yet.
    ///
    /// # Errors
    /// [`Error::NoFacility`] if the machine lacks one that is switched on.
    pub(super) fn apply(&self, vm: &Vm) -> Result<(), Error> {
        let all = machine(vm);
        let mut processor = vm.cpu_processor();
        let mut list = all;
        if let Some(n) = self.generation {
            processor.cpuid &= !(0xffff << 16);
            processor.cpuid |= u64::from(GENERATIONS[n].machine_type) << 16;
            list = of_generation(&all, n);
        }
        for (facility, on) in &self.switches {
            if *on && !all.has(*facility) {
                return Err(Error::NoFacility { facility: name(*facility) });
            }
            list = if *on { list.with(*facility) } else { list.without(*facility) };
        }
        processor.fac_list[..4].copy_from_slice(list.doublewords());
        vm.set_cpu_processor(&processor).map_err(Error::kvm("KVM_S390_VM_CPU_PROCESSOR"))
    }

    /// What there is to choose from.
    #[must_use]
    pub fn help(vm: &Vm) -> String {
        let all = machine(vm);
        let mut text = format!("Models:\n  {ALL:<8} all that there is; this if none is chosen\n");
        for (n, generation) in GENERATIONS.iter().enumerate() {
            let lacks = facilities(&all).filter(|f| !of_generation(&all, n).has(*f)).count();
            let Generation { name, marketed, machine_type, .. } = generation;
            // Writing to a string does not fail.
            let _ = write!(text, "  {name:<8} {marketed}, machine type {machine_type:04x}");
            let _ = match lacks {
                0 => writeln!(text),
                _ => writeln!(text, ", without {lacks} of the facilities"),
            };
        }
        text += "Facilities, to be switched as in zEC12,enhanced-dat-2=off or z10EC,45=on:\n";
        for facility in facilities(&all) {
            let since = GENERATIONS.iter().find(|g| g.new.contains(&facility.0));
            let since = since.map_or(String::new(), |g| format!(" (since {})", g.name));
            let _ = writeln!(text, "  {:>3}  {}{since}", facility.0, name(facility));
        }
        text
    }
}

/// The facilities of the machine.
fn machine(vm: &Vm) -> FacilityList {
    let [a, b, c, d, ..] = vm.cpu_machine().fac_mask;
    FacilityList::from_doublewords([a, b, c, d])
}

/// The facilities in a list.
fn facilities(list: &FacilityList) -> impl Iterator<Item = Facility> {
    (0..=u8::MAX).map(Facility).filter(|facility| list.has(*facility))
}

/// Those of `all` that did not come after a generation.
fn of_generation(all: &FacilityList, n: usize) -> FacilityList {
    let later = GENERATIONS[n + 1..].iter().flat_map(|generation| generation.new);
    later.fold(*all, |list, number| list.without(Facility(*number)))
}

/// The name of a facility, or its number.
fn name(facility: Facility) -> String {
    let named = Facility::NAMED.iter().find(|(named, _)| *named == facility);
    named.map_or_else(|| facility.0.to_string(), |(_, name)| spelt(name))
}

/// A name as people write it.
fn spelt(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// Reads `FACILITY=on|off`.
fn switch(text: &str) -> Result<(Facility, bool), String> {
    let parts = text.split_once('=').and_then(|(facility, value)| match value {
        "on" => Some((facility, true)),
        "off" => Some((facility, false)),
        _ => None,
    });
    let (wanted, on) = parts.ok_or_else(|| {
        format!("\"{text}\" is no change of a model; write for example enhanced-dat-2=off")
    })?;
    let named = Facility::NAMED.iter().find(|(_, name)| spelt(name) == wanted);
    let facility = named.map(|(facility, _)| *facility).or(wanted.parse().ok().map(Facility));
    let facility = facility
        .ok_or_else(|| format!("there is no facility \"{wanted}\"; --cpu-model help lists them"))?;
    if !on && INDISPENSABLE.contains(&facility) {
        return Err(format!("no guest runs without {wanted}"));
    }
    Ok((facility, on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lowcore_kvm::System;

    /// The type and the facilities that a guest is told.
    fn told(model: &str) -> Result<(u64, FacilityList), Error> {
        let vm = System::new().create_vm().expect("a VM");
        CpuModel::parse(model).expect("a model").apply(&vm)?;
        let processor = vm.cpu_processor();
        let [a, b, c, d, ..] = processor.fac_list;
        Ok((processor.cpuid >> 16 & 0xffff, FacilityList::from_doublewords([a, b, c, d])))
    }

    #[test]
    fn older_machines_have_fewer_facilities() {
        let vm = System::new().create_vm().expect("a VM");
        let all = machine(&vm);
        assert_eq!(told("host").expect("all"), (0x2827, all));
        assert_eq!(told("zEC12").expect("all"), (0x2827, all));
        let mut before = all;
        for (model, machine_type, lacks, has) in
            [("Z196", 0x2817, [49, 78], [45, 13]), ("z10EC-base", 0x2097, [45, 13], [34, 8])]
        {
            let (told, list) = told(model).expect("a model");
            assert_eq!(told, machine_type, "{model}");
            assert!(lacks.iter().all(|n| before.has(Facility(*n)) && !list.has(Facility(*n))));
            assert!(has.iter().all(|n| list.has(Facility(*n))), "{model}");
            before = list;
        }
    }

    #[test]
    fn facilities_are_switched_by_name_and_number() {
        let (_, list) = told("z10EC,45=on,enhanced-dat-1=off").expect("a model");
        assert!(list.has(Facility(45)) && !list.has(Facility(8)) && !list.has(Facility(49)));
        let error = told("host,vector=on").expect_err("no vectors").to_string();
        assert!(error.contains("has no facility vector"), "{error}");
    }

    #[test]
    fn what_is_no_model_is_refused_with_a_sentence() {
        for (text, because) in [
            ("", "no CPU model \"\""),
            ("z99", "no CPU model \"z99\""),
            ("host,vector", "no change of a model"),
            ("host,vector=maybe", "no change of a model"),
            ("host,warp=on", "no facility \"warp\""),
            ("host,256=off", "no facility \"256\""),
            ("host,z-architecture=off", "no guest runs without"),
            ("host,2=off", "no guest runs without"),
        ] {
            let error = CpuModel::parse(text).expect_err(text);
            assert!(error.contains(because), "{text}: {error}");
        }
    }

    #[test]
    fn help_lists_what_can_be_chosen() {
        let help = CpuModel::help(&System::new().create_vm().expect("a VM"));
        for line in ["host", "z10EC", "z196", "zEC12", " 78  enhanced-dat-2 (since zEC12)"] {
            assert!(help.contains(line), "{help}");
        }
        assert!(!help.contains("vector"), "{help}");
    }
}
