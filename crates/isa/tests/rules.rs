//! What the table says about an instruction, against what its body does.

use lowcore_isa::effects::{self, Effects};
use lowcore_isa::format::{Operand, Parts};
use lowcore_isa::{Format, Helper, KeyHelper, ROWS, Row, SystemHelper};

/// The instruction with registers 2, 4, 6 in its register fields in turn,
/// floating-point registers 8, 9 and 12, 10 as index and 12 as base, and full
/// masks.
fn sample(row: &Row) -> u64 {
    let mut next = 2;
    // Pairs of floating-point registers that share none.
    let mut floats = [8, 9, 12].into_iter();
    row.format.operands().iter().fold(row.template(), |raw, operand| {
        let parts = match operand {
            Operand::Gr(_) | Operand::Ar(_) | Operand::Cr(_) => {
                next += 2;
                Parts { value: next - 2, ..Parts::default() }
            }
            Operand::Fpr(_) | Operand::FprPair(_) => {
                Parts { value: floats.next().unwrap_or_default(), ..Parts::default() }
            }
            Operand::Mask(_) => Parts { value: 15, ..Parts::default() },
            _ => Parts { value: 8, index: 10, base: 12 },
        };
        operand.place(raw, parts)
    })
}

fn set(registers: &[u8]) -> u16 {
    registers.iter().fold(0, |set, r| set | 1 << r)
}

fn is_register_range(row: &Row) -> bool {
    let name = row.mnemonic;
    ["lm", "stm", "lam", "stam", "lct", "stct", "ereg", "trac"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Registers that an instruction uses without naming them, to read and to
/// write.
fn implicit(row: &Row) -> (u16, u16) {
    match row.mnemonic {
        "ipk" => (0, set(&[2])),
        "stfle" => (set(&[0]), set(&[0])),
        "sckpf" => (set(&[0]), 0),
        "tb" => (0, set(&[0])),
        "ectg" => (0, set(&[0, 1])),
        "ptff" => (set(&[0, 1]), 0),
        // It loads its base register.
        "rp" => (0, set(&[12])),
        "mvst" | "clst" | "srst" | "srstu" | "tre" | "mvpg" => (set(&[0]), 0),
        "cuse" | "troo" | "trot" | "trto" | "trtt" | "trte" | "trtre" => (set(&[0, 1]), 0),
        "trt" | "trtr" => (set(&[1, 2]), set(&[1, 2])),
        // What else depends on register 0.
        "plo" => (set(&[0, 1, 3, 5]), set(&[3, 5])),
        "csst" => (set(&[0, 1, 3]), set(&[3])),
        "cfc" => (set(&[1, 2, 3]), set(&[1, 2, 3])),
        "upt" => (set(&[0, 1, 4, 5]), set(&[0, 1, 2, 3, 5])),
        "cmpsc" => (set(&[0, 1]), set(&[1])),
        "mvcsk" | "mvcdk" => (set(&[0, 1]), 0),
        "mvcos" => (set(&[0]), 0),
        "pc" => (u16::MAX, set(&[3, 4, 14])),
        "pr" => (0, 0x7ffc),
        // The odd registers of pairs.
        "esta" => (0, set(&[3])),
        "msta" => (set(&[3]), 0),
        "crdte" => (set(&[7]), 0),
        _ => (0, 0),
    }
}

fn each(check: impl Fn(&Row, u64, &Effects)) {
    for row in ROWS {
        let raw = sample(row);
        check(row, raw, &effects::of(row, raw));
    }
}

#[test]
fn the_condition_code_is_set_where_the_row_says_so() {
    each(|row, _, effects| {
        assert_eq!(effects.sets_cc, row.rules.sets_cc, "{}", row.mnemonic);
    });
}

/// Engines begin an instruction anew where an access has to be looked at
/// more closely.
#[test]
fn nothing_is_changed_before_the_last_access() {
    each(|row, _, effects| {
        assert!(!effects.accesses_late, "{} changes something before an access", row.mnemonic);
    });
}

#[test]
fn only_named_registers_are_written() {
    each(|row, _, effects| {
        let mut named = implicit(row).1;
        let mut fields = 0;
        for operand in row.format.operands() {
            if let Operand::Gr(_) = operand {
                fields += 1;
                // A field whose number must be even names a pair.
                let r = fields * 2;
                named |= set(&[r]);
                if row.rules.even != 0 {
                    named |= set(&[r + 1]);
                }
                if is_register_range(row) {
                    named |= set(&[2, 3, 4]);
                }
            }
        }
        let extra = effects.writes & !named;
        assert_eq!(extra, 0, "{} writes registers {extra:016b}", row.mnemonic);
    });
}

#[test]
fn only_named_registers_are_read() {
    each(|row, raw, effects| {
        let mut named = implicit(row).0;
        let mut fields = 0;
        for operand in row.format.operands() {
            let parts = operand.parts(raw);
            match operand {
                Operand::Ar(_) | Operand::Cr(_) => fields += 1,
                Operand::Gr(_) => {
                    fields += 1;
                    let r = fields * 2;
                    named |= set(&[r]);
                    if row.rules.even != 0
                        || is_register_range(row)
                        || row.mnemonic.starts_with("bx")
                        || row.mnemonic.starts_with("brx")
                        || row.mnemonic == "sigp"
                    {
                        named |= set(&[r + 1]);
                    }
                }
                Operand::Indexed(_)
                | Operand::IndexedLong(_)
                | Operand::Based(_)
                | Operand::BasedLong(_)
                | Operand::Length(_)
                | Operand::RegisterLength(_)
                | Operand::ShortLength(..) => {
                    named |= set(&[u8::try_from(parts.base).unwrap()]);
                    named |= 1 << (parts.index & 15);
                }
                _ => {}
            }
        }
        let extra = effects.reads & !named;
        assert_eq!(extra, 0, "{} reads registers {extra:016b}", row.mnemonic);
    });
}

#[test]
fn only_named_floating_point_registers_are_used() {
    each(|row, raw, effects| {
        let mut named = 0;
        let (mut additional, mut unpaired) = (0, 0);
        for operand in row.format.operands() {
            let (at, pair) = match *operand {
                Operand::Fpr(at) => (at, false),
                Operand::FprPair(at) => (at, true),
                _ => continue,
            };
            let r = u8::try_from(operand.parts(raw).value).unwrap();
            named |= set(&[r]);
            additional |= 0b1001 << (60 - at);
            if pair {
                named |= set(&[r + 2]);
                unpaired |= 0b0010 << (60 - at);
            }
        }
        let used = effects.float_reads | effects.float_writes;
        assert_eq!(used & !named, 0, "{} uses registers {used:016b}", row.mnemonic);
        assert_eq!(used == 0, named == 0, "{}", row.mnemonic);
        let rules = row.rules;
        assert_eq!((rules.additional, rules.unpaired), (additional, unpaired), "{}", row.mnemonic);
        // What depends on the control register, or changes it, is no move.
        let controls = effects.reads_fpc || effects.changes_fpc;
        let is_execute = effects.helpers.contains(&Helper::Execute);
        assert!(!controls || is_execute || rules.needs_afp != 0, "{}", row.mnemonic);
    });
}

#[test]
fn pairs_are_even_where_bodies_use_the_next_register() {
    each(|row, _, effects| {
        // BRANCH ON INDEX and SIGNAL PROCESSOR take an odd register by
        // setting its last bit.
        let sets_bit = row.mnemonic.contains("bx")
            || row.mnemonic.starts_with("brx")
            || row.mnemonic == "sigp";
        // Whether these use pairs depends on register 0; CHECKSUM has one in
        // its second field only; these two name no registers.
        let special = ["plo", "csst", "cksm", "cfc", "upt"].contains(&row.mnemonic);
        // Their pairs are checked after what must be said before; the second
        // of two pairs by the routine.
        let late = ["esta", "msta", "pc", "pr", "ereg", "eregg"].contains(&row.mnemonic);
        if is_register_range(row) || sets_bit || special || late {
            return;
        }
        let r1_pair = (effects.reads | effects.writes) & set(&[3]) != 0;
        let r3_pair = (effects.reads | effects.writes) & set(&[5]) != 0;
        assert_eq!(row.rules.even.count_ones() == 2, r3_pair, "{}", row.mnemonic);
        assert_eq!(row.rules.even != 0, r1_pair, "{}", row.mnemonic);
    });
}

#[test]
fn what_changes_the_machine_is_privileged() {
    /// Helpers that a problem program may call.
    const FOR_ALL: &[Helper] = &[
        Helper::Move,
        Helper::And,
        Helper::Or,
        Helper::ExclusiveOr,
        Helper::Compare,
        Helper::Execute,
        Helper::SupervisorCall,
        Helper::SetAddressingMode,
        Helper::AddressingMode,
        Helper::BranchAndSetMode,
        Helper::Clock,
        Helper::StoreClockExtended,
        Helper::StoreFacilityListExtended,
        Helper::System(SystemHelper::UniqueClock),
        Helper::System(SystemHelper::CpuAttribute),
        Helper::System(SystemHelper::Monitor),
        Helper::System(SystemHelper::ResumeProgram),
        // They check the problem state's authority themselves.
        Helper::SetKey,
        Helper::InsertKey,
        Helper::Key(KeyHelper::InsertVirtual),
        Helper::System(SystemHelper::Timing),
    ];
    each(|row, _, effects| {
        let control = effects.control_reads != 0
            || effects.control_writes != 0
            || effects.helpers.iter().any(|helper| {
                let is_long =
                    matches!(helper, Helper::String(_) | Helper::Convert(_) | Helper::Float(_));
                let is_semi =
                    matches!(helper, Helper::Space(space) if space.is_for_problem_state());
                // EXTRACT CPU TIME is for all, STORE CPU TIMER is not.
                let is_time = row.mnemonic == "ectg" && *helper == Helper::CpuTimer;
                !is_long && !is_semi && !is_time && !FOR_ALL.contains(helper)
            });
        assert_eq!(control, row.rules.privileged, "{}", row.mnemonic);
    });
}

#[test]
fn only_branches_branch() {
    each(|row, _, effects| {
        let is_hint = ["bpp", "bprp"].contains(&row.mnemonic);
        let by_name = row.mnemonic.starts_with('b') && !is_hint
            || row.mnemonic.starts_with("ex")
            || row.mnemonic.starts_with("lpsw")
            || ["rp", "pc", "pr", "pt", "trap2", "trap4"].contains(&row.mnemonic)
            || matches!(row.format, Format::RieB | Format::RieC | Format::RieCU)
            || matches!(row.format, Format::Rrs | Format::Ris | Format::RisU);
        assert_eq!(effects.branches, by_name, "{}", row.mnemonic);
    });
}

#[test]
fn storage_is_touched_in_the_operands_size() {
    // Bytes fetched and stored, by the manual's description of each.
    for (mnemonic, loads, stores) in [
        ("l", 4, 0),
        ("lg", 8, 0),
        ("lgh", 2, 0),
        ("llgc", 1, 0),
        ("ic", 1, 0),
        ("icm", 4, 0),
        ("st", 0, 4),
        ("stg", 0, 8),
        ("sth", 0, 2),
        ("stc", 0, 1),
        ("stcm", 0, 4),
        ("lm", 12, 0),
        ("lmg", 24, 0),
        ("stmg", 0, 24),
        ("lctlg", 24, 0),
        ("mvhhi", 0, 2),
        ("mvghi", 0, 8),
        ("asi", 4, 4),
        ("ni", 1, 1),
        ("tm", 1, 0),
        ("cs", 4, 4),
        ("cdsg", 16, 16),
        ("laa", 4, 4),
        ("laxg", 8, 8),
        ("oi", 1, 1),
        ("ts", 1, 1),
        ("lpq", 16, 0),
        ("stpq", 0, 16),
        ("loc", 4, 0),
        ("stocg", 0, 8),
        ("lmd", 24, 0),
        ("llhh", 2, 0),
        ("stch", 0, 1),
        ("clgt", 8, 0),
        ("pfd", 0, 0),
        ("laey", 0, 0),
        ("mvc", 256, 256),
        ("la", 0, 0),
        ("bc", 0, 0),
        ("sllg", 0, 0),
        ("lpswe", 16, 0),
        ("stck", 0, 8),
        ("stap", 0, 2),
    ] {
        let row = ROWS.iter().find(|row| row.mnemonic == mnemonic).unwrap();
        let effects = effects::of(row, sample(row));
        assert_eq!((effects.loads, effects.stores), (loads, stores), "{mnemonic}");
        assert!(effects.may_end || loads + stores == 0, "{mnemonic}");
    }
}
