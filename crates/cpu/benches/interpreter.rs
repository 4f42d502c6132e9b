//! How fast the interpreter executes: a loop of loads, stores and arithmetic,
//! in guest instructions a second.
#![expect(clippy::unwrap_used, reason = "a failing set-up ends the benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lowcore_arch::Psw;
use lowcore_cpu::{Cpu, Intercept, Mailbox, Standalone};
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_storage::Storage;
use std::sync::Arc;

const ROUNDS: u32 = 20_000;

fn interpreter(criterion: &mut Criterion) {
    // 0: l %r2,0x800 ; ahi %r2,3 ; st %r2,0x800 ; lgr %r4,%r2 ;
    // srlg %r4,%r4,3 ; brct %r1,0 ; diag 0x501
    let program: [u8; 30] = [
        0x58, 0x20, 0x08, 0x00, 0xa7, 0x2a, 0x00, 0x03, 0x50, 0x20, 0x08, 0x00, 0xb9, 0x04, 0x00,
        0x42, 0xeb, 0x44, 0x00, 0x03, 0x00, 0x0c, 0xa7, 0x16, 0xff, 0xf5, 0x83, 0x00, 0x05, 0x01,
    ];
    let memory = Mapping::anonymous(1 << 20).unwrap();
    let storage = Storage::new();
    storage.set_slot(0, 0, HostRange::of(&memory), false).unwrap();
    storage.view().write(0x1_0000, &program).unwrap();
    let machine = Standalone { storage, ..Standalone::default() };
    let mut cpu = Cpu::new(Arc::new(Mailbox::new(0)));
    cpu.mailbox.local.lock().start();
    let mut group = criterion.benchmark_group("interpreter");
    group.throughput(Throughput::Elements(u64::from(ROUNDS) * 6));
    group.bench_function("loop", |bencher| {
        bencher.iter(|| {
            cpu.regs.gr[1] = u64::from(ROUNDS);
            cpu.regs.psw = Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0x1_0000);
            assert!(matches!(cpu.run(&machine), Intercept::Instruction { .. }));
        });
    });
    group.finish();
}

criterion_group!(benches, interpreter);
criterion_main!(benches);
