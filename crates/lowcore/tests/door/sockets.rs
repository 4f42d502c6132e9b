//! Whose sockets they are, and what may be in their way.

use crate::guest;
use crate::machine::{Folder, Machine, wait_for};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// `lowcore run` of a guest that waits must refuse to run.
fn refused(folder: &Folder, because: &str) {
    let kernel = folder.path().join("waits");
    fs::write(&kernel, guest::waits()).unwrap();
    let kernel = kernel.to_str().unwrap();
    folder.bad(&["run", "--kernel", kernel, "--memory", "2M", "--name", "m"], 2, because);
}

#[test]
fn a_socket_is_its_user_s_alone() {
    let machine = Machine::start("modes", &guest::waits(), "1");
    assert_eq!(mode(&machine.folder.socket("m")), 0o600);
    assert_eq!(mode(&machine.folder.path().join("lowcore")), 0o700);
}

#[test]
fn a_name_in_use_is_refused() {
    let machine = Machine::start("in-use", &guest::waits(), "1");
    refused(
        &machine.folder,
        &format!("a machine named m is running, as process {}", machine.pid()),
    );
    // The one that has it goes on.
    assert_eq!(machine.status()["pid"], machine.pid());
}

#[test]
fn an_abandoned_socket_is_replaced() {
    let machine = Machine::start("abandoned", &guest::waits(), "1");
    let folder = machine.kill();
    assert!(folder.socket("m").exists());
    folder.bad(&["regs", "m"], 2, "no machine named m is running");
    assert_eq!(folder.good(&["ps"]).lines().count(), 1);
    let mut machine = Machine::start_in(folder, &guest::waits(), "1");
    assert_eq!(machine.status()["pid"], machine.pid());
    machine.folder.good(&["stop", "m", "--force"]);
    machine.end();
    assert!(!machine.folder.socket("m").exists());
}

#[test]
fn of_many_that_want_an_abandoned_socket_one_gets_it() {
    let folder = Folder::new("race");
    fs::create_dir(folder.path().join("lowcore")).unwrap();
    fs::set_permissions(folder.path().join("lowcore"), Permissions::from_mode(0o700)).unwrap();
    drop(UnixListener::bind(folder.socket("m")).unwrap());
    let kernel = folder.path().join("waits");
    fs::write(&kernel, guest::waits()).unwrap();
    let kernel = kernel.to_str().unwrap();
    let start = || {
        let arguments = ["run", "--kernel", kernel, "--memory", "2M", "--name", "m"];
        folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut machines: Vec<_> = (0..6).map(|_| start()).collect();
    let mut running: Vec<_> = Vec::new();
    wait_for("all but one to give up", || {
        running = (0..machines.len())
            .filter(|&n| match machines[n].try_wait().unwrap() {
                None => true,
                Some(status) => {
                    assert_eq!(status.code(), Some(2));
                    false
                }
            })
            .collect();
        running.len() <= 1
    });
    assert_eq!(running.len(), 1);
    folder.good(&["stop", "m", "--force"]);
    assert_eq!(machines[running[0]].wait().unwrap().code(), Some(6));
}

#[test]
fn a_machine_that_does_not_start_leaves_no_socket() {
    let folder = Folder::new("no-start");
    let kernel = folder.path().join("waits");
    fs::write(&kernel, guest::waits()).unwrap();
    let arguments =
        ["run", "--kernel", kernel.to_str().unwrap(), "--memory", "99999T", "--name", "m"];
    folder.bad(&arguments, 2, "the host gives no");
    assert!(!folder.socket("m").exists());
}

#[test]
fn what_is_in_the_way_is_told() {
    let folder = Folder::new("in-the-way");
    let sockets = folder.path().join("lowcore");
    fs::write(&sockets, "").unwrap();
    refused(&folder, "is not a folder that only you can enter");
    fs::remove_file(&sockets).unwrap();

    fs::create_dir(&sockets).unwrap();
    fs::set_permissions(&sockets, Permissions::from_mode(0o755)).unwrap();
    refused(&folder, "is not a folder that only you can enter");
    folder.bad(&["ps"], 2, "is not a folder that only you can enter");
    fs::set_permissions(&sockets, Permissions::from_mode(0o700)).unwrap();

    fs::write(folder.socket("m"), "precious").unwrap();
    refused(&folder, "is no socket; remove it");
    assert_eq!(fs::read(folder.socket("m")).unwrap(), b"precious");

    folder.bad(&["run", "--kernel", "x", "--name", "../m"], 2, "a name has 1 to 32 letters");
    folder.bad(&["regs", "nobody"], 2, "no machine named nobody is running");
}

#[test]
fn without_a_folder_of_the_session_there_is_one_among_temporary_files() {
    let folder = Folder::new("temporary");
    let kernel = folder.path().join("waits");
    fs::write(&kernel, guest::waits()).unwrap();
    let outside = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.env_remove("XDG_RUNTIME_DIR").env("TMPDIR", folder.path());
        command
    };
    let arguments = ["run", "--kernel", kernel.to_str().unwrap(), "--memory", "2M", "--name", "m"];
    let mut machine = outside(&arguments).stdout(Stdio::null()).spawn().unwrap();
    let output = |arguments: &[&str]| outside(arguments).output().unwrap();
    wait_for("the door to open", || output(&["regs", "m"]).status.success());
    let sockets = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("lowcore-"))
        .unwrap();
    assert_eq!(mode(&sockets), 0o700);
    assert!(output(&["stop", "m", "--force"]).status.success());
    assert_eq!(machine.wait().unwrap().code(), Some(6));
    assert_eq!(fs::read_dir(&sockets).unwrap().count(), 0);
}
