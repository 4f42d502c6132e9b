//! Changed instructions are executed as they are now, whoever changed them:
//! a client by plain stores or in bulk, KVM_S390_MEM_OP, another CPU. What a
//! CPU changes itself is in `bare/coherence.S`.

#![expect(clippy::unwrap_used, reason = "what a test needs and lacks fails it")]

use lowcore_arch::Psw;
use lowcore_host::memory::{HostRange, Mapping};
use lowcore_isa::assemble;
use lowcore_jit::{CHOICES, Choice};
use lowcore_kvm::{Accessed, Exit, System, Vcpu, Vm, icptcode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PLAIN: u64 = 0x1_8000_0000;
/// What a CPU executes; the function that changes is elsewhere.
const CALLER: u64 = 0x1_0000;
const FUNCTION: u64 = 0x2_0000;
/// Six bytes of it lie in one page and two in the next.
const ACROSS: u64 = 0x2_3ffa - 2;
/// Sequence number and answer of two CPUs that take turns.
const ASK: u64 = 0x3_0000;
const ANSWER: u64 = 0x3_1000;

struct Guest {
    vm: Vm,
    memory: HostRange,
}

/// Instructions at an address, one after the other.
fn code(mut address: u64, lines: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        let code = assemble(line, address).unwrap_or_else(|error| panic!("{line}: {error}"));
        address += code.bytes().len() as u64;
        bytes.extend_from_slice(code.bytes());
    }
    bytes
}

/// `lghi %r2,number ; br %r14`.
fn function(number: u16) -> Vec<u8> {
    let mut bytes = code(FUNCTION, &["lghi %r2,0", "bcr 15,%r14"]);
    bytes[2..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

impl Guest {
    fn new(choice: Choice) -> Self {
        let vm = System::with_engines(choice.engines()).create_vm().unwrap();
        let memory = HostRange::of(&Mapping::anonymous(2 << 20).unwrap());
        vm.set_user_memory_region(0, 0, 0, memory.clone()).unwrap();
        Self { vm, memory }
    }

    fn put(&self, address: u64, bytes: &[u8]) {
        self.memory.write(usize::try_from(address).unwrap(), bytes).unwrap();
    }

    fn u64(&self, address: u64) -> u64 {
        let mut bytes = [0; 8];
        self.memory.read(usize::try_from(address).unwrap(), &mut bytes).unwrap();
        u64::from_be_bytes(bytes)
    }

    fn vcpu(&self, id: u64, address: u64) -> Vcpu {
        let vcpu = self.vm.create_vcpu(id).unwrap();
        vcpu.run_page().set_psw(Psw::new(PLAIN, address));
        vcpu
    }
}

/// Runs until the DIAGNOSE that ends a turn; what the function returned.
fn turn(vcpu: &Vcpu) -> u64 {
    let exit = vcpu.run().unwrap();
    let diagnose = Exit::Sieic { icptcode: icptcode::INSTRUCTION, ipa: 0x8300, ipb: 0x0501_0000 };
    assert_eq!(exit, diagnose, "at {:x?}", vcpu.run_page().psw());
    vcpu.run_page().gpr(2)
}

/// Calls the function once a turn.
fn caller(target: u64) -> Vec<u8> {
    let call = format!("brasl %r14,{target:#x}");
    let back = format!("brc 15,{CALLER:#x}");
    code(CALLER, &[&call, "diag %r0,%r0,1281", &back])
}

/// Each of the ways, on each engine.
fn all<T: Copy, const N: usize>(ways: [T; N]) -> impl Iterator<Item = (Choice, T)> {
    CHOICES.into_iter().flat_map(move |choice| ways.map(|way| (choice, way)))
}

/// A way of a client to change storage.
type Change = fn(&Guest, &Vcpu, u64, &[u8]);

const WAYS: [(&str, Change); 5] = [
    ("plain stores", |guest, _, address, bytes| {
        for (at, byte) in (address..).zip(bytes) {
            guest.memory.store_u8(usize::try_from(at).unwrap(), *byte).unwrap();
        }
    }),
    ("a read into it", |guest, _, address, bytes| {
        // As by DMA: a whole page at once.
        let start = address & !0xfff;
        let mut page = vec![0; 0x2000];
        guest.memory.read(usize::try_from(start).unwrap(), &mut page).unwrap();
        let at = usize::try_from(address - start).unwrap();
        page[at..at + bytes.len()].copy_from_slice(bytes);
        guest.put(start, &page);
    }),
    ("MEM_OP of the vcpu", |_, vcpu, address, bytes| {
        let done = vcpu.write_logical(address, bytes, lowcore_kvm::LogicalAccess::default());
        assert_eq!(done.unwrap(), Accessed::Done);
    }),
    ("MEM_OP of the VM", |guest, _, address, bytes| {
        assert_eq!(guest.vm.write_absolute(address, bytes, None).unwrap(), Accessed::Done);
    }),
    ("MEM_OP byte by byte", |guest, _, address, bytes| {
        for (at, byte) in (address..).zip(bytes) {
            assert_eq!(guest.vm.write_absolute(at, &[*byte], None).unwrap(), Accessed::Done);
        }
    }),
];

#[test]
fn what_a_client_changes_between_two_runs_is_executed() {
    for (choice, (name, change)) in all(WAYS) {
        for target in [FUNCTION, ACROSS, CALLER + 0x800] {
            let guest = Guest::new(choice);
            guest.put(CALLER, &caller(target));
            guest.put(target, &function(0));
            let vcpu = guest.vcpu(0, CALLER);
            assert_eq!(turn(&vcpu), 0);
            for number in 1..400 {
                // The immediate alone, or all of it.
                if number % 3 == 0 {
                    change(&guest, &vcpu, target, &function(number));
                } else {
                    change(&guest, &vcpu, target + 2, &number.to_be_bytes());
                }
                assert_eq!(turn(&vcpu), u64::from(number), "{name}, {target:#x}, {choice}");
            }
            // It becomes something else altogether.
            change(&guest, &vcpu, target, &code(target, &["lcgr %r2,%r2", "bcr 15,%r14"]));
            assert_eq!(turn(&vcpu), 399_u64.wrapping_neg(), "{name}, {target:#x}, {choice}");
        }
    }
}

#[test]
fn what_a_client_changes_is_executed_by_two_cpus() {
    for (choice, (name, change)) in all(WAYS) {
        let guest = Guest::new(choice);
        guest.put(CALLER, &caller(FUNCTION));
        guest.put(FUNCTION, &function(0));
        let vcpus = [guest.vcpu(0, CALLER), guest.vcpu(1, CALLER)];
        for number in 0..200 {
            // Each has had the page in its hands, on threads of their own.
            change(&guest, &vcpus[usize::from(number % 2)], FUNCTION, &function(number));
            let results = std::thread::scope(|scope| {
                let runs = [0, 1].map(|n| {
                    let vcpu = &vcpus[n];
                    scope.spawn(move || turn(vcpu))
                });
                runs.map(|run| run.join().unwrap())
            });
            assert_eq!(results, [u64::from(number); 2], "{name}, {choice}");
        }
    }
}

/// Waits until storage has a value; the guest must get there.
fn wait_for(guest: &Guest, address: u64, value: u64, what: &str) {
    const PATIENCE: Duration = Duration::from_secs(60);
    let start = Instant::now();
    while guest.u64(address) != value {
        let found = guest.u64(address);
        assert!(start.elapsed() < PATIENCE, "{what}: {found} instead of {value}");
        std::hint::spin_loop();
        std::thread::yield_now();
    }
}

#[test]
fn mem_op_reaches_instructions_that_are_being_executed() {
    CHOICES.into_iter().for_each(mem_op_reaches_instructions);
}

fn mem_op_reaches_instructions(choice: Choice) {
    // The CPU stores what the function gives, for ever.
    let guest = Guest::new(choice);
    let call = format!("brasl %r14,{FUNCTION:#x}");
    let back = format!("brc 15,{CALLER:#x}");
    let store = format!("stg %r2,{ANSWER:#x}(%r0)");
    guest.put(CALLER, &code(CALLER, &[&call, &store, &back]));
    guest.put(FUNCTION, &function(0));
    let vcpu = guest.vcpu(0, CALLER);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runner = vcpu.clone();
        let over = &over;
        scope.spawn(move || {
            while !over.load(Ordering::Acquire) {
                // A kick ends it.
                let _ = runner.run();
            }
        });
        let changes = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 1..2000_u16 {
                let bytes = number.to_be_bytes();
                let done = guest.vm.write_absolute(FUNCTION + 2, &bytes, None).unwrap();
                assert_eq!(done, Accessed::Done);
                wait_for(&guest, ANSWER, number.into(), "the running CPU");
            }
        }));
        over.store(true, Ordering::Release);
        vcpu.kick();
        changes.unwrap();
    });
}

/// Two CPUs: one changes the function of the other and asks for a call, then
/// waits for the answer and compares. `between` serialises the other before
/// the call.
fn cpus_take_turns(choice: Choice, between: &[&str], rounds: u64) {
    const CHANGER: u64 = 0x1_8000;
    let guest = Guest::new(choice);
    guest.put(FUNCTION, &function(0));
    guest.put(ACROSS, &function(0));
    // r1: the last question; r6 counts rounds.
    let mut lines = vec![
        "lghi %r1,0".to_string(),
        format!("lg %r3,{ASK:#x}(%r0)"),
        "cgr %r3,%r1".to_string(),
        format!("brc 8,{:#x}", CALLER + 4),
        "lgr %r1,%r3".to_string(),
    ];
    lines.extend(between.iter().map(ToString::to_string));
    lines.extend([
        format!("brasl %r14,{FUNCTION:#x}"),
        "lgr %r5,%r2".to_string(),
        format!("brasl %r14,{ACROSS:#x}"),
        "sllg %r5,%r5,16(%r0)".to_string(),
        "ogr %r5,%r2".to_string(),
        format!("stg %r5,{ANSWER:#x}(%r0)"),
        format!("brc 15,{:#x}", CALLER + 4),
    ]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    guest.put(CALLER, &code(CALLER, &lines));
    // The changer: r1 is the number; the answer must be number << 16 | number.
    let lines = [
        "aghi %r1,1".to_string(),
        format!("larl %r3,{FUNCTION:#x}"),
        "sth %r1,2(%r3)".to_string(),
        format!("larl %r3,{ACROSS:#x}"),
        "sth %r1,2(%r3)".to_string(),
        "sllg %r4,%r1,16(%r0)".to_string(),
        "ogr %r4,%r1".to_string(),
        format!("stg %r1,{ASK:#x}(%r0)"),
        "bcr 15,%r0".to_string(),
        format!("lg %r5,{ANSWER:#x}(%r0)"),
        "cgr %r5,%r6".to_string(),
        format!("brc 8,{:#x}", CHANGER + 42),
        "lgr %r6,%r5".to_string(),
        "cgr %r5,%r4".to_string(),
        format!("brc 7,{:#x}", CHANGER + 72),
        format!("brctg %r7,{CHANGER:#x}"),
        "diag %r0,%r0,1281".to_string(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let bytes = code(CHANGER, &lines);
    assert_eq!(bytes.len(), 76, "the branches count on it");
    guest.put(CHANGER, &bytes);
    let (callee, changer) = (guest.vcpu(0, CALLER), guest.vcpu(1, CHANGER));
    changer.run_page().set_gpr(7, rounds);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (runner, over) = (callee.clone(), &over);
        scope.spawn(move || {
            while !over.load(Ordering::Acquire) {
                let _ = runner.run();
            }
        });
        let (guard, asker) = (changer.clone(), changer.clone());
        let asking = scope.spawn(move || asker.run());
        let start = Instant::now();
        while !asking.is_finished() && start.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_millis(1));
        }
        guard.kick();
        let exit = asking.join().unwrap();
        over.store(true, Ordering::Release);
        callee.kick();
        let page = changer.run_page();
        let (expected, answer) = (page.gpr(4), page.gpr(5));
        assert!(exit.is_ok(), "{between:?}: no end after {} rounds", page.gpr(1));
        assert_eq!(answer, expected, "{between:?}: round {}", page.gpr(1));
        assert_eq!((page.gpr(1), page.gpr(7)), (rounds, 0), "{between:?}");
    });
}

#[test]
fn what_another_cpu_changes_is_executed_after_serialization() {
    for choice in CHOICES {
        cpus_take_turns(choice, &["bcr 15,%r0"], 3000);
        cpus_take_turns(choice, &["bcr 14,%r0"], 1000);
        // A locked update of anything.
        cpus_take_turns(choice, &["lghi %r8,0", "lghi %r9,0", "cs %r8,%r9,2304(%r0)"], 1000);
        cpus_take_turns(choice, &["ptlb"], 500);
    }
}
