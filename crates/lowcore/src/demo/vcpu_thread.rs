//! A vcpu and the thread that runs it.

use super::machine::Trouble;
use lowcore_abi::kvm_s390_irq;
use lowcore_arch::Psw;
use lowcore_kvm::{Errno, Error, Injector, Vcpu};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How a KVM_RUN ended, from its result and the run page.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The error number, if it failed.
    pub errno: Option<Errno>,
    /// `KVM_EXIT_*`.
    pub reason: u32,
    /// Intercept code of a SIEIC exit.
    pub icptcode: u8,
    /// First halfword of the intercepted instruction.
    pub ipa: u16,
    /// The rest of it.
    pub ipb: u32,
    /// The PSW.
    pub psw: Psw,
}

impl Outcome {
    /// Whether a request to leave ended the run.
    pub fn is_interrupted(&self) -> bool {
        self.errno == Some(Error::Interrupted.errno())
    }
}

/// A vcpu whose KVM_RUN calls another thread makes, one for each
/// [`VcpuThread::enter`].
pub struct VcpuThread {
    /// The vcpu. While its thread is in KVM_RUN everything but injection
    /// waits for that, as with the kernel.
    pub vcpu: Vcpu,
    injector: Injector,
    enter: Sender<()>,
    outcomes: Receiver<Outcome>,
}

impl VcpuThread {
    /// Starts the thread; it does nothing yet.
    pub fn new(vcpu: Vcpu) -> Result<Self, Trouble> {
        let injector = vcpu.injector();
        let (enter, entries) = channel();
        let (ended, outcomes) = channel();
        let runner = vcpu.clone();
        std::thread::Builder::new()
            .name(format!("vcpu {}", vcpu.id()))
            .spawn(move || run(&runner, &entries, &ended))
            .map_err(|error| Trouble::Thread(error.to_string()))?;
        Ok(Self { vcpu, injector, enter, outcomes })
    }

    /// Lets the thread call KVM_RUN once.
    pub fn enter(&self) {
        // The thread ends only when this sender is dropped.
        let _ = self.enter.send(());
    }

    /// Waits until KVM_RUN has returned.
    pub fn outcome(&self, patience: Duration) -> Result<Outcome, Trouble> {
        self.outcomes
            .recv_timeout(patience)
            .map_err(|_| Trouble::NoAnswer(patience, "KVM_RUN did not return".into()))
    }

    /// Makes KVM_RUN return.
    pub fn kick(&self) {
        self.vcpu.kick();
    }

    /// Injects a local interrupt, from the calling thread.
    pub fn inject(&self, irq: &kvm_s390_irq) -> Result<(), Error> {
        self.injector.inject(irq)
    }

    /// The PSW in the run page.
    pub fn psw(&self) -> Psw {
        self.vcpu.run_page().psw()
    }

    /// Sets the PSW for the next KVM_RUN.
    pub fn set_psw(&self, psw: Psw) {
        self.vcpu.run_page().set_psw(psw);
    }

    /// The interrupts that are pending for this CPU. Only outside KVM_RUN.
    pub fn pending(&self) -> Vec<kvm_s390_irq> {
        self.vcpu.get_irq_state()
    }
}

fn run(vcpu: &Vcpu, entries: &Receiver<()>, ended: &Sender<Outcome>) {
    while entries.recv().is_ok() {
        let errno = vcpu.run().err().map(Error::errno);
        let page = vcpu.run_page();
        let (icptcode, ipa, ipb) = page.sieic();
        let outcome =
            Outcome { errno, reason: page.exit_reason(), icptcode, ipa, ipb, psw: page.psw() };
        if ended.send(outcome).is_err() {
            return;
        }
    }
}
