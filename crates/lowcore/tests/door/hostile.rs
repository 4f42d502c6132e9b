//! What else may come in by the door.

use crate::guest;
use crate::machine::{Machine, wait_for};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

/// Says something and hears one line.
fn say(stream: &mut UnixStream, bytes: &[u8]) -> Value {
    stream.write_all(bytes).unwrap();
    hear(stream)
}

fn hear(stream: &UnixStream) -> Value {
    let mut line = String::new();
    BufReader::with_capacity(1, stream).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn error(reply: &Value) -> &str {
    assert_eq!(reply["version"], 1);
    assert!(reply.get("result").is_none());
    assert_eq!(reply["error"]["errno"], Value::Null);
    reply["error"]["message"].as_str().unwrap()
}

/// The door still opens, and the machine is as it was.
fn unharmed(machine: &Machine) {
    assert_eq!(machine.status()["state"], "running");
    assert_eq!(machine.general(0)[0], 0);
}

#[test]
fn a_script_needs_no_more_than_lines_of_json() {
    let machine = Machine::start("script", &guest::waits(), "2");
    let mut stream = machine.connect();
    let status = say(&mut stream, b"{\"command\":\"status\"}\n");
    assert_eq!(status["version"], 1);
    assert_eq!(status["result"]["name"], "m");
    let irq =
        br#"{"version":1,"command":"irq","cpu":0,"interrupt":{"type":"external-call","from":1}}"#;
    assert_eq!(say(&mut stream, &[&irq[..], b"\n"].concat())["result"], serde_json::json!({}));
    let floating = br#"{"command":"irq","interrupt":{"type":"io","isc":"0x3","parameter":12}}"#;
    assert_eq!(say(&mut stream, &[&floating[..], b"\n"].concat())["result"], serde_json::json!({}));
    wait_for("both interruptions", || machine.general(0)[0] == 2);
    let busy =
        b"{\"command\":\"pause\"}\n{\"command\":\"irq\",\"interrupt\":{\"type\":\"stop\"}}\n\
                 {\"command\":\"irq\",\"interrupt\":{\"type\":\"stop\"}}\n";
    assert!(say(&mut stream, busy).get("error").is_none());
    assert!(hear(&stream).get("error").is_none());
    let refused = hear(&stream);
    assert_eq!(refused["error"]["errno"], "EBUSY");
    assert_eq!(refused["error"]["message"], "A stop is already pending.");
    // The last line needs no end.
    stream.write_all(br#"{"command":"regs","cpu":0}"#).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(hear(&stream)["result"]["cpus"][0]["gr"][2], "0x000100000000000c");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

#[test]
fn garbage_is_answered_and_does_no_harm() {
    let machine = Machine::start("garbage", &guest::waits(), "1");
    let mut stream = machine.connect();
    for garbage in [
        &b"\n"[..],
        b"hello\n",
        b"\x00\xff\x80\x1b[2J\n",
        b"{\"command\":\"pause\"\n",
        b"{\"command\":\"status\",\"command\":\"pause\"}}\n",
        b"GET / HTTP/1.1\r\n",
    ] {
        let reply = say(&mut stream, garbage);
        assert!(error(&reply).starts_with("The line is not JSON"), "{reply}");
    }
    let deep = [&b"[".repeat(60_000)[..], b"\n"].concat();
    error(&say(&mut stream, &deep));
    for wrong in [
        &b"{\"command\":\"halt\"}\n"[..],
        b"{\"command\":\"irq\",\"interrupt\":{\"type\":\"restart\",\"cpu\":0}}\n",
        b"{\"command\":\"irq\",\"interrupt\":{\"type\":\"program\",\"code\":65536}}\n",
        b"{\"command\":\"irq\",\"interrupt\":{\"type\":\"io\",\"isc\":8}}\n",
        b"{\"command\":\"irq\",\"interrupt\":{\"type\":\"program\",\"instruction_length\":3}}\n",
        b"{\"command\":\"irq\",\"interrupt\":{}}\n",
        b"{\"command\":\"irq\",\"cpu\":null,\"interrupt\":null}\n",
    ] {
        let reply = say(&mut stream, wrong);
        assert!(error(&reply).starts_with("The request is not understood"), "{reply}");
    }
    assert!(error(&say(&mut stream, b"{\"command\":\"regs\",\"cpu\":9}\n")).contains("no CPU 9"));
    // All on the same connection, which still serves.
    assert!(say(&mut stream, b"{\"command\":\"status\"}\n").get("error").is_none());
    unharmed(&machine);
}

#[test]
fn a_huge_line_is_thrown_away() {
    let machine = Machine::start("huge", &guest::waits(), "1");
    let mut stream = machine.connect();
    let huge = vec![b'x'; 64 << 20];
    stream.write_all(&huge).unwrap();
    let reply = say(&mut stream, b"\n");
    assert!(error(&reply).contains("longer than a request may be"), "{reply}");
    assert!(say(&mut stream, b"{\"command\":\"status\"}\n").get("error").is_none());
    // It was not kept anywhere.
    let status = std::fs::read_to_string(format!("/proc/{}/status", machine.pid())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 48 << 10, "{kib} KiB");
    unharmed(&machine);
}

#[test]
fn half_a_line_and_those_who_do_not_listen_hold_nobody_up() {
    let machine = Machine::start("half", &guest::waits(), "1");
    let mut gone = machine.connect();
    gone.write_all(b"{\"command\":\"pau").unwrap();
    drop(gone);
    let mut waiting = machine.connect();
    waiting.write_all(b"{\"command\":\"pau").unwrap();
    // Asks and asks, and reads nothing: at some time the machine has enough.
    let mut deaf = machine.connect();
    deaf.set_write_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    while deaf.write_all(b"{\"command\":\"regs\"}\n").is_ok() {}
    unharmed(&machine);
    assert!(say(&mut waiting, b"se\"}\n").get("result").is_some());
    assert_eq!(machine.status()["state"], "paused");
}

#[test]
fn nobody_can_keep_others_out() {
    let mut machine = Machine::start("many", &guest::waits(), "1");
    let crowd: Vec<UnixStream> = (0..200).map(|_| machine.connect()).collect();
    unharmed(&machine);
    // The first ones had to go.
    let mut byte = [0];
    assert_eq!((&crowd[0]).read(&mut byte).unwrap(), 0);
    let threads = std::fs::read_dir(format!("/proc/{}/task", machine.pid())).unwrap().count();
    assert!(threads < 60, "{threads} threads");
    // And they do not keep the machine from ending.
    machine.folder.good(&["stop", "m", "--force"]);
    assert_eq!(machine.end().code(), Some(6));
}
