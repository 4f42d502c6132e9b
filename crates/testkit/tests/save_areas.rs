//! What a guest has computed in floating-point registers is in the areas where
//! machine checks and store status save registers, on every engine.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::{ControlRegister, Facility, FacilityList, Psw, lowcore};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone, Status, StatusForm, store_status};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_interrupt::{LocalInterrupt, MachineCheck};
use lowcore_isa::assemble;
use lowcore_jit::{CHOICES, Choice};
use lowcore_storage::Storage;
use std::sync::Arc;
use std::time::Duration;

/// Real mode, 64-bit addressing, enabled for machine checks.
const ENABLED: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING | 1 << 50;
const MASKED: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;
const START: u64 = 0x1_0000;
const HANDLER: u64 = 0x1_1000;
const NUMBERS: u64 = 0x8000;
/// The machine-check extended save area.
const EXTENDED: u64 = 0x1_8000;
/// System damage, and that vector registers are valid.
const DAMAGE: u64 = 1 << 63 | 1 << 38;

struct Guest {
    machine: Standalone,
    cpu: Cpu,
}

impl Guest {
    /// A CPU that computes 1/3, the root of 3 and the extended root of 2, sets
    /// the rounding mode, does what `lines` say and branches back to the first
    /// of them. Its machine checks lead to a DIAGNOSE.
    fn new(choice: Choice, lines: &[&str]) -> Self {
        let memory = Mapping::anonymous(1 << 20).unwrap();
        let storage = Storage::new();
        storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
        let machine = Standalone {
            storage,
            facilities: FacilityList::default().with(Facility::VECTOR),
            ..Standalone::default()
        };
        {
            let view = machine.storage.view();
            for (at, number) in (NUMBERS..).step_by(8).zip([1.0_f64, 3.0, 2.0]) {
                view.write(at, &number.to_be_bytes()).unwrap();
            }
            let mut at = START;
            let mut put = |line: &str| {
                let code = assemble(line, at).unwrap_or_else(|error| panic!("{line}: {error}"));
                view.write(at, code.bytes()).unwrap();
                at += code.bytes().len() as u64;
                at
            };
            let mut again = START;
            for line in [
                "ld %f1,0(%r1)",
                "ld %f3,8(%r1)",
                "ldr %f15,%f1",
                "ddbr %f15,%f3",
                "sqdbr %f7,%f3",
                "lxdb %f8,16(%r1)",
                "sqxbr %f8,%f8",
                "srnm 1",
                "lzdr %f0",
            ] {
                again = put(line);
            }
            for line in lines {
                put(line);
            }
            put(&format!("brc 15,{again:#x}"));
            let handler = Psw::new(MASKED, HANDLER);
            view.write(lowcore::MACHINE_CHECK_NEW_PSW.into(), &handler.to_bytes()).unwrap();
            view.write(HANDLER, &[0x83, 0x00, 0x05, 0x01]).unwrap();
            view.store_u64(lowcore::EXTENDED_SAVE_AREA.into(), EXTENDED).unwrap();
        }
        let mut cpu = Cpu::with_engine(Arc::new(Mailbox::new(0)), choice.engines().engine());
        cpu.mailbox.local.lock().start();
        cpu.regs.psw = Psw::new(ENABLED, START);
        cpu.regs.gr[1] = NUMBERS;
        cpu.regs.cr[0] = ControlRegister::CR0_AFP;
        Self { machine, cpu }
    }

    /// Runs until a machine check that another thread injects.
    fn run(&mut self) {
        let mailbox = Arc::clone(&self.cpu.mailbox);
        let injector = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            let check = MachineCheck { code: DAMAGE, ..MachineCheck::default() };
            mailbox.inject(LocalInterrupt::MachineCheck(check)).unwrap();
        });
        let exit = self.cpu.run(&self.machine);
        injector.join().unwrap();
        assert_eq!(exit, Intercept::Instruction { ipa: 0x8300, ipb: 0x0501_0000 });
    }

    fn u64(&self, at: u64) -> u64 {
        self.machine.storage.view().load_u64(at).unwrap()
    }

    /// The floating-point registers and the control register saved at a base.
    fn saved(&self, base: u64) -> ([u64; 16], u32) {
        let fpr = |n| self.u64(base + u64::from(lowcore::FPR_SAVE) + 8 * n as u64);
        let fpc = self.machine.storage.view().load_u32(base + u64::from(lowcore::FPC_SAVE));
        (core::array::from_fn(fpr), fpc.unwrap())
    }
}

/// What the guest has computed but for register 0.
fn expected() -> [u64; 16] {
    let mut fpr = [0; 16];
    fpr[1] = 1.0_f64.to_bits();
    fpr[3] = 3.0_f64.to_bits();
    fpr[7] = 3.0_f64.sqrt().to_bits();
    // The root of 2 in 113 bits.
    (fpr[8], fpr[10]) = (0x3fff_6a09_e667_f3bc, 0xc908_b2fb_1366_ea95);
    fpr[15] = (1.0_f64 / 3.0).to_bits();
    fpr
}

/// What the lines do to register 0 is a `count`, and they leave this rounding
/// mode.
fn check(choice: Choice, lines: &[&str], mode: u32, count: impl Fn(u64) -> bool) {
    let mut guest = Guest::new(choice, lines);
    guest.run();
    let (mut fpr, fpc) = (expected(), 0x0008_0000 | mode);
    fpr[0] = guest.cpu.regs.fpr(0);
    assert!(count(fpr[0]), "{choice}: {:x}", fpr[0]);
    assert_eq!(guest.saved(0), (fpr, fpc), "{choice}: machine check");
    // All vector registers, whose left halves these are.
    for (n, number) in (0..).zip(fpr) {
        let saved = [guest.u64(EXTENDED + 16 * n), guest.u64(EXTENDED + 16 * n + 8)];
        assert_eq!(saved, [number, 0], "{choice}: vector register {n}");
    }
    assert_ne!(guest.u64(lowcore::MACHINE_CHECK_CODE.into()) & 1 << 38, 0, "{choice}");
    let status = Status::from(&guest.cpu.regs);
    let view = guest.machine.storage.view();
    for (form, base) in [(StatusForm::Absolute, 0), (StatusForm::At(0x4_1200), 0x4_0000)] {
        view.write(base + u64::from(lowcore::FPR_SAVE), &[0xff; 0x120]).unwrap();
        store_status(&status, &view, form).unwrap();
        assert_eq!(guest.saved(base), (fpr, fpc), "{choice}: {form:?}");
    }
}

#[test]
fn numbers_that_stay() {
    for choice in CHOICES {
        check(choice, &["ahi %r2,1"], 1, |count| count == 0);
    }
}

/// The interrupt comes in the midst of sums.
#[test]
fn a_number_that_changes() {
    for choice in CHOICES {
        let many = |count| f64::from_bits(count) >= 1000.0;
        check(choice, &["adbr %f0,%f1"], 1, many);
        // To nearest: on the host's arithmetic.
        check(choice, &["srnm 0", "adbr %f0,%f1"], 0, many);
    }
}
