//! The C clients of `tests/clients`: programs that know the kernel's headers
//! and nothing of ours, run under `lowcore kvm`. Each checks a part of the
//! specification from outside; what it prints names the section.
//!
//! They are compiled by the host's compiler. A folder of ours that holds only
//! a link `asm/kvm.h` to the s390 one comes first on the include path, and
//! gives them the layout of the s390 interface.

use std::env;
use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

/// The s390 part of the kernel's interface.
const HEADER: &str = "/usr/s390x-linux-gnu/include/asm/kvm.h";
/// Longer than any client needs: each has a watchdog of its own.
const HANG_GUARD: Duration = Duration::from_secs(1500);

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients")
}

/// A folder of this test's own.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients")
}

/// The include folder, made once a run.
static INCLUDE: LazyLock<PathBuf> = LazyLock::new(|| {
    assert!(
        Path::new(HEADER).exists(),
        "{HEADER} is missing: the clients need the Debian package linux-libc-dev-s390x-cross."
    );
    let include = scratch().join("include");
    let link = include.join("asm/kvm.h");
    fs::create_dir_all(link.parent().expect("asm")).expect("the include folder");
    if fs::read_link(&link).ok().as_deref() != Some(Path::new(HEADER)) {
        let _ = fs::remove_file(&link);
        symlink(HEADER, &link).expect("the link to asm/kvm.h");
    }
    include
});

/// The command, built if it is older than its sources.
static LOWCORE: LazyLock<PathBuf> = LazyLock::new(|| {
    // target/<profile>/deps/clients-<hash>
    let test = env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("the profile's folder").to_path_buf();
    if let Some(cargo) = env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "-p", "lowcore", "-p", "lowcore-preload"]);
        build.current_dir(sources());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        if let Some(target) = profile.parent() {
            build.env("CARGO_TARGET_DIR", target);
        }
        assert!(build.status().expect("cargo").success(), "lowcore does not build");
    }
    let command = profile.join("lowcore");
    assert!(command.exists(), "{} is missing", command.display());
    command
});

fn compile(client: &str) -> PathBuf {
    let program = scratch().join(client);
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"])
        .arg("-I")
        .arg(&*INCLUDE)
        .args(["-I", "lib", "-o"])
        .arg(&program)
        .arg(format!("{client}.c"))
        .args(["lib/lc.c", "lib/irq.c", "lib/check.c", "lib/runner.c"])
        .current_dir(sources());
    let output = compiler.output().expect("a C compiler `cc`");
    assert!(output.status.success(), "{client}.c: {}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Runs a client and fails with what it printed unless all its checks passed.
fn run(client: &str) {
    let mut child = Command::new(&*LOWCORE)
        .args(["kvm", "--"])
        .arg(compile(client))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lowcore kvm");
    let mut stdout = child.stdout.take().expect("stdout");
    let mut stderr = child.stderr.take().expect("stderr");
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).map(|_| text)
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.read_to_end(&mut text);
        let _ = sender.send(text);
    });
    let Ok(text) = receiver.recv_timeout(HANG_GUARD) else {
        let _ = child.kill();
        let _ = child.wait();
        panic!("{client} neither finished nor was ended by its watchdog");
    };
    let status = child.wait().expect("the client's status");
    let text = String::from_utf8_lossy(&text);
    let errors = errors.join().expect("stderr").expect("stderr");
    print!("{text}");
    let summary = text.lines().last().unwrap_or_default();
    assert!(
        status.success() && summary.ends_with(", 0 failed") && !summary.contains(" 0 passed"),
        "{client} ended with {status}:\n{text}{}",
        String::from_utf8_lossy(&errors),
    );
}

macro_rules! clients {
    ($($client:ident)*) => {
        /// Every client that this file runs.
        const CLIENTS: &[&str] = &[$(stringify!($client)),*];
        $(
            #[test]
            fn $client() {
                run(stringify!($client));
            }
        )*
    };
}

clients! {
    debug
    flic
    inject
    interrupt
    irq_state
    loops
    lowcore
    machine_check
    masks
    memory
    merge
    priority
    registers
    resets
    run_entry
    sigp
    stop
    storm
    system
    wait
}

#[test]
fn every_client_is_run() {
    let mut files: Vec<String> = fs::read_dir(sources())
        .expect("tests/clients")
        .filter_map(|entry| {
            let path = entry.expect("tests/clients").path();
            let client = path.extension().is_some_and(|extension| extension == "c");
            client.then(|| path.file_stem().expect("name").to_string_lossy().into_owned())
        })
        .collect();
    files.sort();
    assert_eq!(files, CLIENTS);
}

/// A client must fail when what it sees is not what it expects: here each of
/// its injections has a wrong bit.
#[test]
fn a_client_can_fail() {
    let output = Command::new(&*LOWCORE)
        .args(["kvm", "--"])
        .arg(compile("irq_state"))
        .env("LC_CORRUPT", "1")
        .output()
        .expect("lowcore kvm");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("expected") && !text.ends_with(", 0 failed\n"), "{text}");
}
