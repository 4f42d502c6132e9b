//! A trace of exits: a line each.

use lowcore_kvm::{Error, Exit, Vcpu};
use parking_lot::Mutex;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Where exits are noted.
#[derive(Debug)]
pub struct Trace {
    start: Instant,
    file: Mutex<BufWriter<File>>,
}

impl Trace {
    /// Makes a new file.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let file = Mutex::new(BufWriter::new(File::create(path)?));
        Ok(Self { start: Instant::now(), file })
    }

    /// Notes how a KVM_RUN has ended.
    pub(super) fn exit(&self, vcpu: &Vcpu, outcome: &Result<Exit, Error>) {
        let page = vcpu.run_page();
        let psw = page.psw();
        let mut file = self.file.lock();
        let seconds = self.start.elapsed().as_secs_f64();
        let what = match outcome {
            Ok(Exit::Sieic { icptcode, ipa, ipb }) => {
                let r1 = page.gpr(usize::from(ipa >> 4 & 15));
                let r3 = page.gpr(usize::from(ipa & 15));
                format!("intercept {icptcode:02x} {ipa:04x} {ipb:08x} ({r1:x}, {r3:x})")
            }
            Ok(exit) => format!("{exit:?}"),
            Err(error) => format!("{error:?}"),
        };
        // A trace that cannot be written must not end the guest.
        let _ = writeln!(
            file,
            "{seconds:11.6} cpu {} {what} psw {:016x} {:016x}",
            vcpu.id(),
            psw.mask,
            psw.addr
        );
        let _ = file.flush();
    }
}
