//! `lowcore run`.

use crate::door::{self, Door};
use crate::engine::{self, EngineArgs};
use crate::machine::{
    self, Configuration, Console, Control, CpuModel, Kernel, Machine, Program, Trace,
};
use crate::terminal;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a kernel for IBM Z on this terminal
///
/// Ctrl-A x ends the machine, Ctrl-A h tells of other keys. SIGTERM asks the
/// guest to shut down, a second one ends the machine.
///
/// Exit status: 0 the guest has switched itself off; 1 an error of Lowcore's
/// own; 2 bad input; 3 Linux has panicked; 4 the guest waits for ever with all
/// interruptions disabled; 5 the guest takes the same interruption for ever;
/// 6 the machine was ended from outside.
#[derive(clap::Args, Debug)]
pub struct RunArgs {
    /// The kernel: a raw image or ELF
    #[arg(long, value_name = "FILE")]
    kernel: Option<PathBuf>,

    /// The initial ramdisk
    #[arg(long, value_name = "FILE")]
    initrd: Option<PathBuf>,

    /// The kernel's command line
    #[arg(long, value_name = "TEXT")]
    append: Option<String>,

    /// Storage, with a suffix K, M, G or T; a number alone counts MiB
    #[arg(long, value_name = "SIZE", default_value = "512M", value_parser = machine::size::parse)]
    memory: u64,

    /// How many CPUs
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=i64::from(machine::MAX_CPUS)))]
    cpus: u16,

    /// What the guest is told of its CPUs: a model, and facilities switched on
    /// or off; "help" lists both
    #[arg(long, value_name = "MODEL[,FACILITY=on|off]...", default_value = "host")]
    cpu_model: String,

    #[command(flatten)]
    engine: EngineArgs,

    /// The console that the guest has
    #[arg(long, value_enum, default_value_t = Console::Vt220)]
    console: Console,

    /// Let `lowcore irq`, `regs`, `pause` and others reach the machine by this
    /// name
    #[arg(long)]
    name: Option<door::Name>,

    /// Write every exit from the guest to this file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// The exit status for bad input.
const BAD_INPUT: u8 = 2;

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(
        "no guest is given; `cargo xtask guest debian` fetches one and prints the command that \
         runs it"
    )]
    NoGuest,
    #[error("the memory must be a multiple of 1 MiB, and at least that")]
    Memory,
    #[error("{0}")]
    CpuModel(String),
    #[error("the trace file {} cannot be written: {source}", path.display())]
    Trace { path: PathBuf, source: std::io::Error },
    #[error("signals cannot be received: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Name(#[from] door::NameError),
    #[error("nobody can be let in to the machine: {0}")]
    Door(std::io::Error),
    #[error(transparent)]
    Mnemonic(#[from] lowcore_jit::NoSuchMnemonic),
    #[error(transparent)]
    Machine(#[from] machine::Error),
}

impl Error {
    fn status(&self) -> u8 {
        match self {
            Self::Signals(_) | Self::Door(_) => 1,
            Self::Machine(error) if !error.is_bad_input() => 1,
            _ => BAD_INPUT,
        }
    }
}

/// Runs a guest until it ends.
pub fn run(args: &RunArgs) -> ExitCode {
    match start(args) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("lowcore: {error}");
            ExitCode::from(error.status())
        }
    }
}

fn start(args: &RunArgs) -> Result<u8, Error> {
    const MIB: u64 = 1 << 20;
    engine::choose(args.engine)?;
    if args.cpu_model == "help" {
        let vm = engine::system().create_vm().map_err(machine::Error::kvm("KVM_CREATE_VM"))?;
        print!("{}", CpuModel::help(&vm));
        return Ok(0);
    }
    let cpu_model = CpuModel::parse(&args.cpu_model).map_err(Error::CpuModel)?;
    let kernel = args.kernel.as_ref().ok_or(Error::NoGuest)?;
    if args.memory == 0 || !args.memory.is_multiple_of(MIB) {
        return Err(Error::Memory);
    }
    let kernel = Kernel::read(kernel)?;
    let ramdisk = args.initrd.as_deref().map(machine::read).transpose()?;
    let program = Program::new(kernel, ramdisk, args.append.clone(), args.memory)?;
    let trace = args.trace.as_ref().map(|path| {
        Trace::create(path).map_err(|source| Error::Trace { path: path.clone(), source })
    });
    let configuration = Configuration {
        memory: args.memory,
        cpus: args.cpus,
        cpu_model,
        program,
        console: args.console,
        output: Box::new(std::io::stdout()),
        trace: trace.transpose()?,
    };
    let mut door = args.name.as_ref().map(Door::claim).transpose()?;
    // Before there are other threads, which would take the signals.
    let signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGCONT]).map_err(Error::Signals)?;
    let raw = terminal::Raw::enter();
    let machine = Machine::start(configuration)?;
    if let Some(door) = &mut door {
        door.open(machine.control()).map_err(Error::Door)?;
    }
    let control = machine.control();
    std::thread::spawn(move || answer_signals(signals, &control));
    let (input, leave) = (machine.control(), machine.control());
    std::thread::spawn(move || terminal::read(|bytes| input.input(bytes), || leave.end()));
    let ending = machine.wait();
    drop(raw);
    drop(door);
    report(&ending);
    engine::tell();
    Ok(ending.status())
}

/// The first signal asks the guest to shut down, the second ends the machine.
fn answer_signals(mut signals: Signals, control: &Control) {
    let mut asked = false;
    for signal in signals.forever() {
        if signal == SIGCONT {
            terminal::make_raw();
        } else if asked {
            control.end();
        } else {
            asked = true;
            if !control.request_shutdown() {
                say("the guest does not listen to a request to shut down yet; another signal \
                     ends the machine");
            }
        }
    }
}

/// Says something while the guest may have the terminal.
fn say(text: &str) {
    let end = if std::io::stderr().is_terminal() { "\r\n" } else { "\n" };
    let _ = write!(std::io::stderr(), "{end}lowcore: {text}{end}");
}

/// Says how the machine ended, unless that was as it should be.
fn report(ending: &machine::Ending) {
    if ending.status() == 0 {
        return;
    }
    eprintln!("\nlowcore: {ending}");
    if let Some(registers) = ending.registers() {
        eprint!("{registers}");
    }
}
