//! The service signal: one word, two parts (C.12).

/// Bits that announce events.
const EVENTS: u32 = 0x0000_0003;
/// Bits that hold an SCCB address.
const SCCB: u32 = 0xffff_fff8;

/// The pending service signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServiceSignal {
    word: u32,
    sccb_pending: bool,
}

impl ServiceSignal {
    /// Events accumulate; an SCCB address is taken only if there is none yet,
    /// else dropped; bit 4 is always dropped. The SCCB part becomes pending
    /// even when no address came, and then delivers parameter 0.
    pub(crate) fn merge(&mut self, parameter: u32) {
        self.word |= parameter & EVENTS;
        if self.word & SCCB == 0 {
            self.word |= parameter & SCCB;
            self.sccb_pending = true;
        }
    }

    pub(crate) fn event_pending(&self) -> bool {
        self.word & EVENTS != 0
    }

    pub(crate) fn sccb_pending(&self) -> bool {
        self.sccb_pending
    }

    /// The whole word, whichever part is pending.
    pub(crate) fn word(&self) -> u32 {
        self.word
    }

    /// Takes the event part: its bits alone.
    pub(crate) fn take_event(&mut self) -> u32 {
        let events = self.word & EVENTS;
        self.word &= !EVENTS;
        events
    }

    /// Takes the SCCB part: the whole word, event bits included.
    pub(crate) fn take_sccb(&mut self) -> u32 {
        core::mem::take(self).word
    }
}
