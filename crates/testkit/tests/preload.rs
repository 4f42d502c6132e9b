//! `lowcore kvm`: programs that know nothing of Lowcore, run under the real
//! command. What a served `/dev/kvm` owes to a process is checked by the C
//! programs in `tests/manners`, each of which says which line is not so.

#![expect(clippy::unwrap_used, reason = "a test ends at what it does not expect")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use lowcore_testkit::command::lowcore;
use lowcore_testkit::cross::{self, Tool};
use serde_json::Value;

const OBJECT: &str = "liblowcore_preload.so";

/// A run that hangs is ended after this long.
const PATIENCE: Duration = Duration::from_secs(240);

/// A folder of this name for a test's files, empty.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("preload").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the C compiler.
fn compile(arguments: &[&dyn AsRef<OsStr>]) {
    let mut compiler = Tool::HostCompiler.command().unwrap();
    compiler.args(arguments.iter().map(|argument| argument.as_ref()));
    cross::output(&mut compiler).unwrap();
}

/// A program of `tests/manners`, compiled once with the s390 types of KVM:
/// tests run at the same time, and one may execute what another asks for.
fn program(name: &str) -> PathBuf {
    static PROGRAMS: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    programs.entry(name.to_string()).or_insert_with(|| build(name)).clone()
}

fn build(name: &str) -> PathBuf {
    static HEADERS: OnceLock<PathBuf> = OnceLock::new();
    let headers = HEADERS.get_or_init(|| {
        let folder = scratch("headers");
        fs::create_dir(folder.join("asm")).unwrap();
        let s390 = cross::s390x_headers().unwrap().join("asm/kvm.h");
        symlink(s390, folder.join("asm/kvm.h")).unwrap();
        folder
    });
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/manners");
    let source = sources.join(format!("{name}.c"));
    let program = scratch(&format!("{name}.build")).join(name);
    compile(&[
        &"-O1",
        &"-g",
        &"-Wall",
        &"-Wextra",
        &"-Werror",
        &"-pthread",
        &"-I",
        headers,
        &"-D_GNU_SOURCE",
        &"-o",
        &program,
        &source,
    ]);
    program
}

/// A program of one line.
fn tiny(folder: &Path, name: &str, source: &str, options: &[&str]) -> PathBuf {
    let (file, program) = (folder.join(format!("{name}.c")), folder.join(name));
    fs::write(&file, source).unwrap();
    let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![&"-o", &program, &file];
    arguments.extend(options.iter().map(|option| option as &dyn AsRef<OsStr>));
    compile(&arguments);
    program
}

struct Outcome {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// Runs a command to its end.
fn run(command: &mut Command) -> Outcome {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    fn all(stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
        let mut stream = stream;
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }
    let stdout = all(child.stdout.take().unwrap());
    let stderr = all(child.stderr.take().unwrap());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{command:?} did not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Outcome { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// `lowcore kvm` with these arguments.
fn kvm(arguments: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(lowcore());
    command.arg("kvm").args(arguments.iter().map(|argument| argument.as_ref()));
    command.env_remove("LD_PRELOAD").env_remove("LOWCORE_TRACE");
    command
}

/// Runs a program of `tests/manners`, and gives what it wrote on standard
/// error.
fn well_mannered(name: &str, arguments: &[&dyn AsRef<OsStr>]) -> String {
    let program = program(name);
    let mut command = kvm(&[&"--", &program]);
    command.args(arguments.iter().map(|argument| argument.as_ref()));
    let outcome = run(&mut command);
    assert!(
        outcome.status.success() && outcome.stdout == "ok\n",
        "{name}: {}\n{}{}",
        outcome.status,
        outcome.stdout,
        outcome.stderr
    );
    outcome.stderr
}

#[test]
fn a_guest_runs_and_is_interrupted() {
    assert_eq!(well_mannered("guest", &[]), "");
}

#[test]
fn descriptors_are_duplicated_replaced_closed_and_reused() {
    assert_eq!(well_mannered("descriptors", &[]), "");
}

#[test]
fn children_have_descriptors_but_no_guests() {
    assert_eq!(well_mannered("fork", &[]), "");
}

#[test]
fn guests_do_not_survive_exec() {
    let said = well_mannered("exec", &[]);
    assert!(said.contains("does not survive exec"), "{said:?}");
    assert_eq!(said.lines().count(), 1, "{said:?}");
}

#[test]
fn signals_end_runs_and_handlers_may_do_anything() {
    assert_eq!(well_mannered("signals", &[]), "");
}

#[test]
fn bad_pointers_are_errors() {
    assert_eq!(well_mannered("pointers", &[]), "");
}

#[test]
fn the_device_is_served_by_whatever_name() {
    assert_eq!(well_mannered("names", &[&scratch("names")]), "");
}

#[test]
fn threads_share_descriptors() {
    assert_eq!(well_mannered("threads", &[]), "");
}

/// The command refuses: exit status and a sentence with this part.
fn refused(command: &mut Command, status: i32, part: &str) {
    let outcome = run(command);
    assert_eq!(outcome.status.code(), Some(status), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.starts_with("lowcore: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
}

#[test]
fn programs_that_cannot_be_served_are_refused() {
    const EMPTY: &str = "int main(void) { return 0; }\n";
    let folder = scratch("refused");
    let fixed = tiny(&folder, "static", EMPTY, &["-static"]);
    refused(&mut kvm(&[&"--", &fixed]), 2, "statically linked");
    let pie = tiny(&folder, "static-pie", EMPTY, &["-static-pie"]);
    refused(&mut kvm(&[&"--", &pie]), 2, "statically linked");

    // A script is as good as its interpreter.
    let script = folder.join("script");
    fs::write(&script, format!("#!{}\n", fixed.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    refused(&mut kvm(&[&"--", &script]), 2, "statically linked");

    let foreign = folder.join("foreign");
    let mut compiler = Tool::Compiler.command().unwrap();
    let source = folder.join("static.c");
    cross::output(compiler.arg("-o").arg(&foreign).arg(source)).unwrap();
    refused(&mut kvm(&[&"--", &foreign]), 2, "another kind of processor");
}

#[test]
fn programs_that_are_not_there() {
    let folder = scratch("missing");
    let plain = folder.join("plain");
    fs::write(&plain, "text").unwrap();
    refused(&mut kvm(&[&"--", &"no-such-command"]), 127, "no-such-command");
    refused(&mut kvm(&[&"--", &folder.join("nothing")]), 127, "not found");
    refused(&mut kvm(&[&"--", &plain]), 126, "not an executable");
    refused(&mut kvm(&[&"--", &folder]), 126, "not an executable");
    refused(kvm(&[&"--", &"plain"]).env("PATH", &folder), 126, "not an executable");
}

#[test]
fn the_program_is_run_as_it_is() {
    let status = |script: &str| run(&mut kvm(&[&"--", &"sh", &"-c", &script])).status;
    assert_eq!(status("exit 7").code(), Some(7));
    assert_eq!(status("kill -9 $$").signal(), Some(9));
    let arguments = run(&mut kvm(&[&"--", &"printf", &"<%s>", &"a b", &"-x", &"--trace", &"--"]));
    assert_eq!(arguments.stdout, "<a b><-x><--trace><-->");
    // Scripts are started by their interpreters, or by the shell.
    let folder = scratch("scripts");
    for (name, text) in [("first", "#! /bin/sh -e\necho $0"), ("second", "echo $0")] {
        let script = folder.join(name);
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let outcome = run(&mut kvm(&[&"--", &script]));
        assert_eq!(outcome.stdout, format!("{}\n", script.display()), "{}", outcome.stderr);
    }
}

#[test]
fn other_preloaded_objects_stay() {
    const OTHER: &str = "#include <stdio.h>\n\
        __attribute__((constructor)) static void start(void) { puts(\"other\"); }\n";
    let folder = scratch("other");
    let other = tiny(&folder, "other.so", OTHER, &["-shared", "-fPIC"]);
    let program = tiny(
        &folder,
        "show",
        "#include <stdio.h>\n#include <stdlib.h>\n\
         int main(void) { puts(getenv(\"LD_PRELOAD\")); return 0; }\n",
        &[],
    );
    let outcome = run(kvm(&[&"--", &program]).env("LD_PRELOAD", &other));
    let (first, objects) = outcome.stdout.trim_end().split_once('\n').unwrap();
    assert_eq!(first, "other");
    let (ours, kept) = objects.split_once(':').unwrap();
    assert!(ours.ends_with(OBJECT), "{ours}");
    assert_eq!(Path::new(kept), other);
}

#[test]
fn the_command_finds_its_object() {
    let built = lowcore().parent().unwrap();
    let folder = scratch("installed");
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    let command = bin.join("lowcore");
    fs::copy(lowcore(), &command).unwrap();
    let object = [built.join(OBJECT), built.join("deps").join(OBJECT)];
    let object = object.iter().find(|object| object.is_file()).unwrap();
    let guest = program("guest");

    for place in ["bin", "bin/deps", "lib/lowcore"] {
        let place = folder.join(place);
        refused(Command::new(&command).args(["kvm", "--", "true"]), 2, OBJECT);
        fs::create_dir_all(&place).unwrap();
        fs::copy(object, place.join(OBJECT)).unwrap();
        let outcome = run(Command::new(&command).args(["kvm", "--"]).arg(&guest));
        assert_eq!(outcome.stdout, "ok\n", "{}: {}", place.display(), outcome.stderr);
        fs::remove_file(place.join(OBJECT)).unwrap();
    }
}

/// The shared object's functions must not be the command's own.
#[test]
fn the_command_is_not_interposed() {
    let symbols = cross::output(Command::new("nm").arg("--defined-only").arg(lowcore())).unwrap();
    for line in symbols.lines() {
        let name = line.rsplit(' ').next().unwrap();
        assert!(!["open", "open64", "close", "ioctl", "sigaction"].contains(&name), "{line}");
    }
}

fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    match serde_json::from_str(&text) {
        Ok(Value::Array(events)) => events,
        other => panic!("{other:?} of\n{text}"),
    }
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["name"] == name).collect()
}

#[test]
fn a_trace_as_json() {
    let trace = scratch("json").join("guest.json");
    fs::write(&trace, "of an earlier run").unwrap();
    let outcome = run(&mut kvm(&[&"--trace", &trace, &"--", &program("guest")]));
    assert_eq!(outcome.stdout, "ok\n", "{}", outcome.stderr);
    let events = events(&trace);

    let name = named(&events, "process_name");
    assert_eq!(name.len(), 1);
    assert_eq!(name[0]["args"]["name"], "guest");
    let calls: Vec<&Value> = events.iter().filter(|event| event["ph"] == "X").collect();
    for event in &calls {
        assert!(event["ts"].as_f64().unwrap() > 0.0, "{event}");
        assert!(event["dur"].as_f64().unwrap() >= 0.0, "{event}");
        assert_eq!(event["pid"], name[0]["pid"]);
    }

    let version = named(&events, "KVM_GET_API_VERSION");
    assert_eq!(version[0]["args"]["result"], 12);
    assert_eq!(version[0]["args"]["object"], "system");
    let extension = named(&events, "KVM_CHECK_EXTENSION");
    assert_eq!(extension[0]["args"]["cap"], "KVM_CAP_S390_INJECT_IRQ");
    let region = named(&events, "KVM_SET_USER_MEMORY_REGION");
    assert_eq!(region[0]["args"]["memory_size"], "0x100000");

    let runs = named(&events, "KVM_RUN");
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[0]["args"]["exit_reason"], "KVM_EXIT_S390_SIEIC");
    assert_eq!(runs[0]["args"]["icptcode"], "0x4");
    assert_eq!(runs[0]["args"]["ipa"], "0x8300");
    assert_eq!(runs[0]["args"]["psw_addr"], "0x100c");
    assert_eq!(runs[0]["cat"], "vcpu 0");

    let irqs = named(&events, "KVM_S390_IRQ");
    assert_eq!(irqs.len(), 3);
    let argument = |n: usize, field: &str| irqs[n]["args"][field].clone();
    let (emergency, refused, restart) =
        (irqs.iter().position(|irq| irq["args"]["result"] == 0).unwrap(), 1, 2);
    assert_eq!(argument(emergency, "type"), "KVM_S390_INT_EMERGENCY");
    assert_eq!(argument(refused, "code"), "0x4d");
    assert_eq!(argument(refused, "result"), -1);
    assert_eq!(argument(refused, "errno"), "EINVAL");
    assert_eq!(argument(restart, "type"), "KVM_S390_RESTART");
    // The restart came from another thread, while the last run lasted.
    assert_ne!(irqs[restart]["tid"], runs[2]["tid"]);
    let span = |event: &Value| {
        let start = event["ts"].as_f64().unwrap();
        (start, start + event["dur"].as_f64().unwrap())
    };
    let ((start, end), (injected, _)) = (span(runs[2]), span(irqs[restart]));
    assert!(start < injected && injected < end, "{start} {injected} {end}");

    assert_eq!(named(&events, "ioctl 0xaefe")[0]["args"]["errno"], "ENOTTY");
}

#[test]
fn a_trace_as_text() {
    let trace = scratch("text").join("guest.txt");
    let outcome = run(&mut kvm(&[&"--trace", &trace, &"--", &program("guest")]));
    assert_eq!(outcome.stdout, "ok\n", "{}", outcome.stderr);
    let text = fs::read_to_string(&trace).unwrap();
    let line = |part: &str| {
        text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}\n{text}"))
    };
    let refused = line("= EINVAL");
    assert!(refused.contains("vcpu 0 fd"), "{refused}");
    assert!(refused.contains("KVM_S390_IRQ type=KVM_S390_INT_EMERGENCY code=0x4d = EINVAL <0."));
    assert!(line("KVM_RUN").contains("exit_reason=KVM_EXIT_S390_SIEIC icptcode=0x4 ipa=0x8300"));
    assert!(line("KVM_CREATE_VCPU").contains(" id=0 = "));
    assert!(text.lines().all(|line| line.ends_with('>')), "{text}");
}

#[test]
fn a_trace_of_several_processes() {
    let trace = scratch("processes").join("fork.json");
    let outcome = run(&mut kvm(&[&"--trace", &trace, &"--", &program("fork")]));
    assert_eq!(outcome.stdout, "ok\n", "{}", outcome.stderr);
    let events = events(&trace);
    let processes = named(&events, "process_name");
    // The program, two children and a grandchild. The child of `_Fork` has no
    // heap to note its calls with; the one that borrows its parent's memory
    // and the shell make none.
    assert_eq!(processes.len(), 4, "{processes:?}");
    let inherited: Vec<_> = events.iter().filter(|event| event["cat"] == "inherited").collect();
    assert!(!inherited.is_empty());
    for event in inherited {
        assert_eq!(event["args"]["errno"], "EIO");
        assert_ne!(event["pid"], processes[0]["pid"]);
    }
    // No event is told twice.
    let mut seen: Vec<String> = events.iter().map(Value::to_string).collect();
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn a_trace_of_a_program_that_is_killed() {
    let trace = scratch("killed").join("killed.json");
    let outcome = run(&mut kvm(&[&"--trace", &trace, &"--", &program("killed")]));
    assert_eq!(outcome.status.signal(), Some(9), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.stdout, "ok\n");
    assert!(named(&events(&trace), "KVM_RUN").len() > 10);
}

#[test]
fn a_trace_that_cannot_be_written() {
    let path = scratch("unwritable").join("no/such/folder/trace.json");
    refused(&mut kvm(&[&"--trace", &path, &"--", &"true"]), 2, "cannot be written");
}
