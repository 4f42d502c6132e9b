//! The same second opinion for the supervisor state: QEMU's full machine,
//! with a bare program that executes case after case. Cases and results lie
//! in the machine's storage, which is a file.

use super::{Error, ends_emulator, mnemonic};
use crate::cross::{self, Tool};
use crate::ins::{Case, Outcome, STORAGE_SIZE, State, name_of};
use lowcore_arch::{ProgramCode, Psw, bits};
use lowcore_isa::instruction_length;
use std::path::{Path, PathBuf};

/// The bare program.
const PROGRAM: &str = include_str!("system.c");

/// Where the program expects cases and puts results.
const CASES: usize = 0x2a_0000;
const RESULTS: usize = 0x24_0000;

/// QEMU's full machine.
pub struct System {
    folder: PathBuf,
}

impl Drop for System {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Why the machine cannot check a case; `None` if it can.
#[must_use]
pub fn obstacle(case: &Case, outcome: &Outcome) -> Option<&'static str> {
    let own =
        ["stap", "stidp", "stfl", "stfle", "stck", "stckf", "stcke", "ptff", "ecag", "spt", "stpt"];
    match outcome.end.as_deref() {
        Some("intercept") => Some("is executed above the CPU"),
        Some(end) if end.starts_with("sigp") || end.starts_with("set-clock") => {
            Some("concerns other CPUs")
        }
        _ if ends_emulator(case, outcome) => Some("would end the emulator"),
        None if own.contains(&mnemonic(case)) => Some("depends on the machine"),
        _ => None,
    }
}

impl System {
    /// Builds the bare program.
    ///
    /// # Errors
    /// A missing tool, above all.
    pub fn new() -> Result<Self, Error> {
        let name = format!("lowcore-system-{}", std::process::id());
        let system = Self { folder: std::env::temp_dir().join(name) };
        std::fs::create_dir_all(&system.folder)?;
        let source = system.folder.join("system.c");
        std::fs::write(&source, PROGRAM)?;
        let mut compiler = Tool::Compiler.command()?;
        compiler.args(["-O2", "-march=z10", "-msoft-float", "-ffreestanding", "-nostdlib"]);
        compiler.args(["-static", "-no-pie", "-fno-pie", "-fno-stack-protector"]);
        compiler.args(["-Wl,-Ttext=0x280000", "-Wl,--build-id=none", "-o"]);
        cross::output(compiler.arg(system.program()).arg(source))?;
        Ok(system)
    }

    fn program(&self) -> PathBuf {
        self.folder.join("system.elf")
    }

    /// Executes all cases, as many on one machine as it has room for, and
    /// gives what each did.
    ///
    /// # Errors
    /// If the emulator cannot be started, fails or stops early.
    pub fn run(&self, cases: &[Case]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(cases.len());
        let mut rest = cases;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(fitting(rest));
            outcomes.extend(self.run_together(now)?);
            rest = later;
        }
        Ok(outcomes)
    }

    /// Executes cases on one machine.
    fn run_together(&self, cases: &[Case]) -> Result<Vec<Outcome>, Error> {
        let mut words = vec![cases.len() as u64];
        for case in cases {
            write_case(&mut words, case);
        }
        let mut storage = vec![0; bits::index(STORAGE_SIZE)];
        let room = storage.get_mut(CASES..CASES + words.len() * 8).ok_or(Error::Answer)?;
        for (chunk, word) in room.chunks_exact_mut(8).zip(&words) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        let file = self.folder.join("storage");
        std::fs::write(&file, storage)?;
        cross::output(&mut self.machine(&file)?)?;
        let storage = std::fs::read(&file)?;
        let (words, _) = storage.get(RESULTS..).ok_or(Error::Answer)?.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_be_bytes(*word));
        if words.next() != Some(cases.len() as u64) {
            return Err(Error::Answer);
        }
        cases.iter().map(|case| read_result(case, &mut words).ok_or(Error::Answer)).collect()
    }

    fn machine(&self, file: &Path) -> Result<std::process::Command, Error> {
        let mut emulator = Tool::SystemEmulator.command()?;
        emulator.args(["-machine", "s390-ccw-virtio,memory-backend=storage", "-cpu", "max"]);
        emulator.arg("-object").arg(format!(
            "memory-backend-file,id=storage,size={STORAGE_SIZE},share=on,mem-path={}",
            file.display()
        ));
        emulator.args(["-m", &format!("{}M", STORAGE_SIZE >> 20), "-smp", "1", "-nodefaults"]);
        emulator.args(["-display", "none", "-no-reboot", "-kernel"]).arg(self.program());
        Ok(emulator)
    }
}

/// How many of the first cases there is room for, with their results; one at
/// least.
fn fitting(cases: &[Case]) -> usize {
    /// Words of a case and of a result, but for storage and keys.
    const FIXED: usize = 76;
    /// Words that a result may have for storage: the most that one
    /// instruction changes, and more than all others do.
    const CHANGES: usize = 0x1000;
    const CASE_ROOM: usize = (0x2f_e000 - CASES) / 8;
    const RESULT_ROOM: usize = (0x28_0000 - RESULTS) / 8;
    let (mut words, mut results) = (0, CHANGES);
    let fits = cases.iter().take_while(|case| {
        words += FIXED + case.code.bytes().len() + case.before.storage.len();
        words += case.keyed_pages().count();
        results += FIXED + case.outcome.state.storage.len() + case.keyed_pages().count();
        words < CASE_ROOM && results < RESULT_ROOM
    });
    fits.count().max(1)
}

/// Two access registers in a word.
fn pairs(ar: &[u32; 16]) -> impl Iterator<Item = u64> {
    ar.chunks_exact(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1]))
}

fn write_case(words: &mut Vec<u64>, case: &Case) {
    let State { psw, gr, ar, fpr, fpc, cr, prefix, clock_comparator, todpr, storage, keys } =
        &case.before;
    let bytes: Vec<u64> = (psw.addr..)
        .zip(case.code.bytes())
        .chain(storage.iter().map(|(at, byte)| (*at, byte)))
        .map(|(at, byte)| at << 8 | u64::from(*byte))
        .collect();
    words.extend([psw.mask, psw.addr]);
    words.extend(gr);
    words.extend(cr);
    words.extend([u64::from(*prefix), *clock_comparator, u64::from(*todpr)]);
    words.extend(pairs(ar));
    words.extend(fpr);
    words.push(u64::from(*fpc));
    let keys: Vec<u64> = case
        .keyed_pages()
        .map(|page| page | u64::from(keys.get(&page).copied().unwrap_or(0)))
        .collect();
    let counts = [bytes.len() as u64, keys.len() as u64];
    words.push(u64::from(case.outcome.state.prefix));
    words.extend(counts);
    words.extend(bytes);
    words.extend(keys);
}

fn read_result(case: &Case, words: &mut impl Iterator<Item = u64>) -> Option<Outcome> {
    let mut take = || words.next();
    let (code, length) = (take()?, take()?);
    let old = Psw::new(take()?, take()?);
    let mut state = State { psw: old, ..State::default() };
    for gr in &mut state.gr {
        *gr = take()?;
    }
    for cr in &mut state.cr {
        *cr = take()?;
    }
    state.prefix = bits::low32(take()?);
    state.clock_comparator = take()?;
    state.todpr = bits::low32(take()?);
    for pair in state.ar.chunks_exact_mut(2) {
        let word = take()?;
        pair.copy_from_slice(&[bits::high32(word), bits::low32(word)]);
    }
    for fpr in &mut state.fpr {
        *fpr = take()?;
    }
    let (fpc, data) = (take()?, take()?);
    state.fpc = bits::low32(fpc);
    for _ in 0..take()? {
        let word = take()?;
        state.storage.insert(word >> 8, bits::low8(word));
    }
    for page in case.keyed_pages() {
        state.keys.insert(page, bits::low8(take()?));
    }
    let here = case.before.psw.addr;
    let own_length = u64::from(instruction_length(case.code.raw()));
    let end = if code >= 0x1_0000 {
        Some(format!("svc-{}", code & 0xff))
    } else {
        let code = ProgramCode(bits::low16(code));
        let after = old.wrap(here.wrapping_add(own_length));
        let trap = old.wrap(old.addr.wrapping_sub(length));
        let is_trap = code == ProgramCode::OPERATION && trap != here;
        // The next instruction cannot even be fetched.
        let is_lost = code == ProgramCode::ADDRESSING && old.addr != after;
        if is_trap || is_lost {
            state.psw.addr = trap;
            None
        } else {
            let data = if code == ProgramCode::DATA { format!("-{data:x}") } else { String::new() };
            Some(name_of(code) + &data)
        }
    };
    Some(Outcome { end, state })
}
