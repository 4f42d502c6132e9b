//! A machine that a test runs, in a folder for sockets of its own.

use serde_json::Value;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take on a busy host.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder, removed at the end of a test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lc-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn socket(&self, name: &str) -> PathBuf {
        self.0.join("lowcore").join(format!("{name}.sock"))
    }

    /// The command, with its sockets in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lowcore"));
        command.args(arguments).env("XDG_RUNTIME_DIR", &self.0).stdin(Stdio::null());
        command
    }

    /// Runs the command to its end: status, output, errors.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let stderr = text(stderr);
        assert!(!stderr.contains("panicked"), "{stderr}");
        (status.code().unwrap(), text(stdout), stderr)
    }

    /// Runs a command that must succeed and say nothing but `stdout`.
    pub fn good(&self, arguments: &[&str]) -> String {
        let (status, stdout, stderr) = self.run(arguments);
        assert_eq!((status, &*stderr), (0, ""), "{arguments:?}");
        stdout
    }

    /// Runs a command that must fail.
    pub fn bad(&self, arguments: &[&str], status: i32, because: &str) {
        let (was, stdout, stderr) = self.run(arguments);
        assert_eq!((was, &*stdout), (status, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(because), "{arguments:?}: {stderr}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running machine named `m`.
pub struct Machine {
    pub folder: Folder,
    child: Child,
}

impl Machine {
    /// Runs an image and waits until its door is open.
    pub fn start(name: &str, image: &[u8], cpus: &str) -> Self {
        Self::start_in(Folder::new(name), image, cpus)
    }

    pub fn start_in(folder: Folder, image: &[u8], cpus: &str) -> Self {
        let machine = Self::spawn(folder, image, cpus, Stdio::null());
        wait_for("the door to open", || machine.folder.run(&["regs", "m"]).0 == 0);
        machine
    }

    /// Runs an image, with its console somewhere.
    pub fn spawn(folder: Folder, image: &[u8], cpus: &str, console: Stdio) -> Self {
        let kernel = folder.path().join("kernel");
        std::fs::write(&kernel, image).unwrap();
        let kernel = kernel.to_str().unwrap();
        let arguments =
            ["run", "--kernel", kernel, "--memory", "2M", "--cpus", cpus, "--name", "m"];
        let mut command = folder.command(&arguments);
        let child = command.stdout(console).stderr(Stdio::null()).spawn().unwrap();
        Self { folder, child }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.folder.socket("m")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What `lowcore ps` says of it.
    pub fn status(&self) -> Value {
        let list: Value = serde_json::from_str(&self.folder.good(&["ps", "--json"])).unwrap();
        list[0].clone()
    }

    /// The state of a CPU.
    pub fn cpu_state(&self, cpu: usize) -> String {
        self.status()["cpus"][cpu]["state"].as_str().unwrap().to_owned()
    }

    /// All registers of a CPU.
    pub fn registers(&self, cpu: usize) -> Value {
        let cpu = cpu.to_string();
        let text = self.folder.good(&["regs", "m", "--cpu", &cpu, "--json"]);
        let list: Value = serde_json::from_str(&text).unwrap();
        list["cpus"][0].clone()
    }

    /// The first general registers of a CPU.
    pub fn general(&self, cpu: usize) -> [u64; 5] {
        let registers = self.registers(cpu);
        std::array::from_fn(|n| number(&registers["gr"][n]))
    }

    /// Waits for the end.
    pub fn end(&mut self) -> ExitStatus {
        let mut ended = None;
        wait_for("the machine to end", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    /// Ends its process as nothing can that would clean up.
    pub fn kill(mut self) -> Folder {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, Folder(PathBuf::new()))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
