//! A machine: storage, CPUs in threads of their own, a service processor with
//! a console, and a channel subsystem without devices. It talks to its guest
//! only through the public interface of `lowcore-kvm`, as any client could.
//!
//! One lock, [`State`], stands for the machine. A CPU's thread holds it except
//! while it is in KVM_RUN, waits, or writes to the console. Who wants to touch
//! a CPU from another thread holds it first ([`Shared::hold`]): its thread then
//! finishes what it is at and does not enter KVM_RUN again.

mod channel;
mod cpu_model;
mod cpus;
mod diagnose;
mod ending;
mod error;
mod instruction;
mod ipl;
mod loader;
mod number;
mod operator;
mod parameter_block;
mod registers;
mod sclp;
mod service;
mod sigp;
pub mod size;
mod storage;
mod trace;

pub use cpu_model::CpuModel;
pub use cpus::Doing;
pub use ending::Ending;
pub use error::Error;
pub use ipl::Program;
pub use loader::{Kernel, read};
pub use number::Number;
pub use operator::Refused;
pub use registers::Registers;
pub use sclp::Console;
pub use trace::Trace;

use crate::engine;
use channel::ChannelSubsystem;
use cpus::Cpu;
use lowcore_abi::{KVM_CAP_S390_CSS_SUPPORT, kvm_enable_cap};
use lowcore_kvm::{Flic, MAX_VCPUS, Vm};
use parameter_block::ParameterBlock;
use parking_lot::{Condvar, Mutex, MutexGuard};
use sclp::Sclp;
use std::io::Write;
use std::sync::Arc;
use storage::Storage;

/// The most CPUs of a machine.
pub const MAX_CPUS: u32 = MAX_VCPUS;

/// What a machine is made of.
pub struct Configuration {
    /// Storage in bytes, a multiple of MiB.
    pub memory: u64,
    /// How many CPUs, 1 to [`MAX_CPUS`].
    pub cpus: u16,
    /// What its guest is told of it.
    pub cpu_model: CpuModel,
    /// What it runs.
    pub program: Program,
    /// The console that the guest has.
    pub console: Console,
    /// Where the console's output goes.
    pub output: Box<dyn Write + Send>,
    /// Where every exit is noted.
    pub trace: Option<Trace>,
}

/// A running machine. It ends when its guest does, when [`Control::end`] is
/// called, or when this value is dropped.
pub struct Machine {
    shared: Arc<Shared>,
}

/// What the threads of a machine share.
struct Shared {
    vm: Vm,
    flic: Flic,
    storage: Storage,
    program: Program,
    cpus: Vec<Cpu>,
    state: Mutex<State>,
    /// Something in the state has changed that a thread may wait for.
    changed: Condvar,
    output: Mutex<Box<dyn Write + Send>>,
    trace: Option<Trace>,
}

/// What the lock of the machine protects.
struct State {
    cpus: Vec<cpus::CpuState>,
    paused: bool,
    ending: Option<Ending>,
    sclp: Sclp,
    channel: ChannelSubsystem,
    /// Where the guest wants to be loaded from the next time.
    parameters: Option<ParameterBlock>,
    /// What the guest has said on its console of late.
    said: ending::Said,
}

type Guard<'a> = MutexGuard<'a, State>;

impl Machine {
    /// Makes a machine, loads its program and starts its first CPU.
    ///
    /// # Errors
    /// What the host did not give; nothing is left behind.
    pub fn start(configuration: Configuration) -> Result<Self, Error> {
        let Configuration { memory, cpus, cpu_model, program, console, output, trace } =
            configuration;
        let storage = Storage::new(memory)?;
        let vm = engine::system().create_vm().map_err(Error::kvm("KVM_CREATE_VM"))?;
        vm.set_user_memory_region(0, 0, 0, storage.range())
            .map_err(Error::kvm("KVM_SET_USER_MEMORY_REGION"))?;
        cpu_model.apply(&vm)?;
        let flic = vm.create_flic().map_err(Error::kvm("KVM_CREATE_DEVICE"))?;
        let vcpus = (0..cpus)
            .map(|id| vm.create_vcpu(id.into()).map(Cpu::new))
            .collect::<Result<Vec<_>, _>>()
            .map_err(Error::kvm("KVM_CREATE_VCPU"))?;
        if let Some(first) = vcpus.first() {
            let css = kvm_enable_cap { cap: KVM_CAP_S390_CSS_SUPPORT, ..Default::default() };
            first.vcpu.enable_cap(&css).map_err(Error::kvm("KVM_ENABLE_CAP"))?;
        }
        let sclp = Sclp::new(sclp::Configuration { memory, cpus, console });
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                cpus: vcpus.iter().map(|_| cpus::CpuState::default()).collect(),
                paused: false,
                ending: None,
                sclp,
                channel: ChannelSubsystem::default(),
                parameters: None,
                said: ending::Said::default(),
            }),
            vm,
            flic,
            storage,
            program,
            cpus: vcpus,
            changed: Condvar::new(),
            output: Mutex::new(output),
            trace,
        });
        shared.load(&mut shared.state.lock())?;
        let machine = Self { shared };
        for id in 0..cpus {
            let shared = Arc::clone(&machine.shared);
            std::thread::Builder::new()
                .name(format!("cpu {id}"))
                .spawn(move || cpus::run(&shared, id))
                .map_err(Error::Thread)?;
        }
        Ok(machine)
    }

    /// A handle for other threads.
    pub fn control(&self) -> Control {
        Control { shared: Arc::clone(&self.shared) }
    }

    /// Waits until the machine has ended, and says how. Its threads end by
    /// themselves; one that writes to a console that nobody reads may take its
    /// time.
    pub fn wait(&self) -> Ending {
        let mut state = self.shared.state.lock();
        loop {
            match &state.ending {
                Some(ending) => return ending.clone(),
                None => self.shared.changed.wait(&mut state),
            }
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.shared.end(&mut self.shared.state.lock(), Ending::Told);
    }
}

/// A handle to a running machine, for any thread. Its calls do nothing once
/// the machine has ended.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    /// Types on the guest's console.
    pub fn input(&self, bytes: &[u8]) {
        self.shared.state.lock().sclp.input(bytes);
        self.shared.service_signal(0);
    }

    /// Asks the guest to shut down. Whether it listens to such requests.
    pub fn request_shutdown(&self) -> bool {
        let listens = self.shared.state.lock().sclp.quiesce();
        self.shared.service_signal(0);
        listens
    }

    /// Ends the machine, whatever its guest does.
    pub fn end(&self) {
        self.shared.end(&mut self.shared.state.lock(), Ending::Told);
    }
}

impl Shared {
    /// Ends the machine, unless it has ended before.
    fn end(&self, state: &mut State, ending: Ending) {
        if state.ending.is_none() {
            state.ending = Some(ending);
            self.kick_all();
            self.changed.notify_all();
        }
    }
}
