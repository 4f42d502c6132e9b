//! A guest that a test talks to.

use lowcore_testkit::command::lowcore;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A guest that says nothing of what is waited for is ended after this long,
/// which is much on a slow machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(900);

/// `lowcore run` with pipes for a console.
pub struct Session {
    child: Child,
    output: Receiver<Vec<u8>>,
    /// What was read and not given out yet.
    pending: String,
    begin: Instant,
}

impl Session {
    /// Starts a guest.
    pub fn start(kernel: &Path, ramdisk: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(lowcore())
            .arg("run")
            .arg("--kernel")
            .arg(kernel)
            .arg("--initrd")
            .arg(ramdisk)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for mut stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    if sender.send(buffer[..count].to_vec()).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, output, pending: String::new(), begin: Instant::now() }
    }

    /// Types something.
    pub fn send(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Everything up to a text.
    pub fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.pending.find(text) {
                let rest = self.pending.split_off(at + text.len());
                return std::mem::replace(&mut self.pending, rest);
            }
            assert!(self.receive(), "the guest ended before it said {text:?}:\n{}", self.pending);
        }
    }

    /// Waits for more output; false at its end.
    fn receive(&mut self) -> bool {
        let left = PATIENCE.saturating_sub(self.begin.elapsed());
        match self.output.recv_timeout(left) {
            Ok(bytes) => {
                self.pending += &String::from_utf8_lossy(&bytes);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("the guest takes longer than {PATIENCE:?}; it said:\n{}", self.pending);
            }
        }
    }

    /// Waits until the guest is off. Its exit status and what it still said.
    pub fn end(mut self) -> (Option<i32>, String) {
        while self.receive() {}
        let status = self.child.wait().unwrap();
        (status.code(), std::mem::take(&mut self.pending))
    }

    /// The process that runs it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub fn ask_to_shut_down(&self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
