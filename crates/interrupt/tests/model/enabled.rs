//! Section C.3, kind by kind.

use super::{Floating, Local};
use lowcore_arch::Psw;

/// The registers that decide.
#[derive(Clone, Copy, Debug)]
pub struct Masks {
    pub psw: Psw,
    pub cr0: u64,
    pub cr6: u64,
    pub cr14: u64,
    pub breaking_event: u64,
}

impl Masks {
    /// Whether the masks allow the kind of this number.
    fn allow(&self, number: u32, local: &Local, floating: &Floating) -> bool {
        let external = self.psw.mask & (1 << 56) != 0;
        let io = self.psw.mask & (1 << 57) != 0;
        let machine_check = self.psw.mask & (1 << 50) != 0;
        match number {
            27 => machine_check,
            24 => {
                let local = local.merged_machine_check().cr14;
                let floating = floating.machine_check().map_or(0, |(cr14, _)| cr14);
                machine_check && self.cr14 & (local | floating) != 0
            }
            21 => external && self.cr0 & 0x4000 != 0,
            20 => external && self.cr0 & 0x2000 != 0,
            19 => external && self.cr0 & 0x0800 != 0,
            18 => external && self.cr0 & 0x0400 != 0,
            15 | 16 => external && self.cr0 & 0x0200 != 0,
            11..=13 => external,
            3..=10 => {
                let isc = 10 - number;
                io && self.cr6 & (0x8000_0000 >> isc) != 0
            }
            25 | 1 | 0 => true,
            _ => false,
        }
    }

    /// The deliverable numbers, ascending.
    pub fn deliverable(&self, local: &Local, floating: &Floating) -> Vec<u32> {
        (0..28)
            .filter(|number| {
                local.numbers().contains(number) || floating.numbers().contains(number)
            })
            .filter(|&number| self.allow(number, local, floating))
            .collect()
    }
}
