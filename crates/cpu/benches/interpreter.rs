//! How fast the interpreter executes: a loop of loads, stores and integer
//! arithmetic, and ones of double arithmetic, in guest instructions a second.
#![expect(clippy::unwrap_used, reason = "a failing set-up ends the benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lowcore_arch::{ControlRegister, Psw};
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

const ROUNDS: u32 = 20_000;

/// A loop, its branch included, that ends at a DIAGNOSE. The AFP-register
/// control is one.
struct Loop {
    name: &'static str,
    program: &'static [u8],
    instructions: u64,
    fpc: u32,
}

/// l %r2,0x800 ; ahi %r2,3 ; st %r2,0x800 ; lgr %r4,%r2 ; srlg %r4,%r4,3 ;
/// brct %r1,. ; diag 0x501
const INTEGERS: &[u8] = &[
    0x58, 0x20, 0x08, 0x00, 0xa7, 0x2a, 0x00, 0x03, 0x50, 0x20, 0x08, 0x00, 0xb9, 0x04, 0x00, 0x42,
    0xeb, 0x44, 0x00, 0x03, 0x00, 0x0c, 0xa7, 0x16, 0xff, 0xf5, 0x83, 0x00, 0x05, 0x01,
];

/// adbr %f0,%f1 ; mdbr %f2,%f3 ; sdbr %f0,%f4 ; madbr %f5,%f0,%f2 ;
/// cdbr %f0,%f5 ; brct %r1,. ; diag 0x501
const NUMBERS: &[u8] = &[
    0xb3, 0x1a, 0x00, 0x01, 0xb3, 0x1c, 0x00, 0x23, 0xb3, 0x1b, 0x00, 0x04, 0xb3, 0x1e, 0x50, 0x02,
    0xb3, 0x19, 0x00, 0x05, 0xa7, 0x16, 0xff, 0xf6, 0x83, 0x00, 0x05, 0x01,
];

const LOOPS: [Loop; 3] = [
    Loop { name: "loop", program: INTEGERS, instructions: 6, fpc: 0 },
    Loop { name: "double", program: NUMBERS, instructions: 6, fpc: 0 },
    // Toward zero: not by the host's arithmetic.
    Loop { name: "double by routines", program: NUMBERS, instructions: 6, fpc: 1 },
];

fn interpreter(criterion: &mut Criterion) {
    let memory = Mapping::anonymous(1 << 20).unwrap();
    let storage = Storage::new();
    storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
    let machine = Standalone { storage, ..Standalone::default() };
    let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
    cpu.mailbox.local.lock().start();
    let mut group = criterion.benchmark_group("interpreter");
    for Loop { name, program, instructions, fpc } in LOOPS {
        machine.storage.view().write(0x1_0000, program).unwrap();
        group.throughput(Throughput::Elements(u64::from(ROUNDS) * instructions));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                cpu.regs.gr[1] = u64::from(ROUNDS);
                cpu.regs.cr[0] = ControlRegister::CR0_AFP;
                cpu.regs.fpc = fpc;
                for (n, number) in [1.0_f64, 1.0, 3.0, 1.000_001, 0.5, 2.0].iter().enumerate() {
                    cpu.regs.set_fpr(n, number.to_bits());
                }
                cpu.regs.psw = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0x1_0000);
                assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, interpreter);
criterion_main!(benches);
