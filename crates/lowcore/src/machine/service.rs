//! SERVICE CALL, and the service signals that answer it.

use super::instruction::{End, Instruction};
use super::sclp::Sccb;
use super::{Guard, Shared};
use lowcore_abi::{KVM_S390_INT_SERVICE, kvm_s390_interrupt};
use lowcore_arch::{ProgramCode, bits, lowcore};
use std::io::Write;

/// Bits of a block's address that must be zero.
const NOT_AN_ADDRESS: u32 = !0x7fff_fff8;
/// The bits of a service signal that say what it is about besides a block.
const EVENTS: u32 = 3;
const EVENT_PENDING: u32 = 1;
/// A block lies within one page.
const PAGE: u64 = 4096;

/// SERVICE CALL: the first register has the command, the second the address
/// of the block, which is an absolute one.
pub(super) fn service_call(
    shared: &Shared,
    state: &mut Guard<'_>,
    instruction: &Instruction<'_>,
) -> End {
    let (r1, r2) = instruction.rre();
    let page = instruction.page();
    let [command, address] = [r1, r2].map(|r| bits::low32(page.gpr(r)));
    let prefix_area = |area: u32| address & lowcore::PREFIX_MASK == area;
    if address & NOT_AN_ADDRESS != 0 || prefix_area(0) || prefix_area(bits::low32(page.prefix())) {
        return End::Program(ProgramCode::SPECIFICATION);
    }
    let at = u64::from(address);
    let mut length = [0; 2];
    if shared.storage.read(at, &mut length).is_err() {
        return End::Program(ProgramCode::ADDRESSING);
    }
    let length = usize::from(u16::from_be_bytes(length));
    let (length, fits) = match PAGE - at % PAGE {
        room if length as u64 > room => (8, false),
        _ => (length, true),
    };
    let mut bytes = vec![0; length];
    if shared.storage.read(at, &mut bytes).is_err() {
        return End::Program(ProgramCode::ADDRESSING);
    }
    let Some(mut sccb) = Sccb::new(bytes) else { return End::Program(ProgramCode::SPECIFICATION) };
    let mut output = Vec::new();
    if fits {
        state.sclp.execute(command, &mut sccb, &mut output);
    } else {
        sccb.set_response(super::sclp::response::BOUNDARY);
    }
    if shared.storage.write(at, sccb.bytes()).is_err() {
        return End::Program(ProgramCode::ADDRESSING);
    }
    if !output.is_empty() {
        state.said.add(&output);
        // The guest writes no more before the signal, so nothing overtakes
        // this, however long the reader takes.
        shared.unlocked(state, instruction.vcpu.id(), || shared.print(&output));
    }
    let pending = state.sclp.event_pending();
    shared.signal(address & !EVENTS, pending);
    End::ConditionCode(0)
}

impl Shared {
    /// Writes to where the console's output goes. A reader that has gone away
    /// does not disturb the guest.
    fn print(&self, bytes: &[u8]) {
        let mut output = self.output.lock();
        let _ = output.write_all(bytes);
        let _ = output.flush();
    }

    /// A service signal about a block and about events, if there is either.
    pub(super) fn service_signal(&self, sccb: u32) {
        let pending = self.state.lock().sclp.event_pending();
        self.signal(sccb, pending);
    }

    fn signal(&self, sccb: u32, event_pending: bool) {
        let parameter = sccb | if event_pending { EVENT_PENDING } else { 0 };
        if parameter == 0 {
            return;
        }
        let signal = kvm_s390_interrupt { type_: KVM_S390_INT_SERVICE, parm: parameter, parm64: 0 };
        // A service signal is never refused.
        let _ = self.vm.interrupt(&signal);
    }
}
