//! I/O interrupts and their queues.

use crate::{Delivery, Kind};
use lowcore_arch::{Psw, bits, lowcore};
use std::collections::VecDeque;

/// An I/O interruption (C.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IoInterruption {
    /// The type code of the interface, 0 to 0xfffdffff. Of its fields
    /// (adapter bit, subchannel) nothing is used; it is given back as it came.
    pub kind: u32,
    /// First halfword of the subsystem-identification word.
    pub subchannel_id: u16,
    /// Subchannel number.
    pub subchannel_number: u16,
    /// I/O-interruption parameter.
    pub parameter: u32,
    /// I/O-interruption-identification word.
    pub word: u32,
}

impl IoInterruption {
    /// The interruption subclass, 0 to 7: bits 2-4 of the identification word.
    ///
    /// ```
    /// use lowcore_interrupt::IoInterruption;
    /// let adapter = IoInterruption { word: 0x8000_0000 | 3 << 27, ..Default::default() };
    /// assert_eq!(adapter.subclass(), 3);
    /// ```
    #[must_use]
    pub const fn subclass(&self) -> u8 {
        bits::low8(self.word as u64 >> 27) & 7
    }

    pub(crate) fn delivery(&self, psw: Psw) -> Delivery {
        let mut delivery = Delivery::new(Kind::Io(self.subclass()));
        delivery.store16(lowcore::SUBCHANNEL_ID, self.subchannel_id);
        delivery.store16(lowcore::SUBCHANNEL_NUMBER, self.subchannel_number);
        delivery.store32(lowcore::IO_PARAMETER, self.parameter);
        delivery.store32(lowcore::IO_WORD, self.word);
        delivery.swap_psw(lowcore::IO_OLD_PSW, lowcore::IO_NEW_PSW, psw);
        delivery
    }
}

/// First in, first out, for each interruption subclass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IoQueues([VecDeque<IoInterruption>; 8]);

impl IoQueues {
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(VecDeque::len).sum()
    }

    pub(crate) fn push(&mut self, interruption: IoInterruption) {
        self.0[usize::from(interruption.subclass())].push_back(interruption);
    }

    /// All entries, subclass 0 first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &IoInterruption> {
        self.0.iter().flatten()
    }

    /// Whether the queue of a subclass is empty.
    pub(crate) fn is_empty(&self, subclass: u8) -> bool {
        self.0[usize::from(subclass & 7)].is_empty()
    }

    /// Removes the oldest entry of a subclass.
    pub(crate) fn pop(&mut self, subclass: u8) -> Option<IoInterruption> {
        self.0[usize::from(subclass & 7)].pop_front()
    }

    /// Removes the first entry of `subchannel`, or of any, in a subclass.
    pub(crate) fn remove(
        &mut self,
        subclass: u8,
        subchannel: Option<(u16, u16)>,
    ) -> Option<IoInterruption> {
        let queue = &mut self.0[usize::from(subclass & 7)];
        let position = queue.iter().position(|entry| {
            subchannel.is_none_or(|wanted| wanted == (entry.subchannel_id, entry.subchannel_number))
        })?;
        queue.remove(position)
    }
}
