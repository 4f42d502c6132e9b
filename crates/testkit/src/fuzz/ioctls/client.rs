//! The memory of a hostile client: arguments in good and in bad places.

use super::super::{Source, guest};
use lowcore_abi::kvm_userspace_memory_region;
use lowcore_arch::{Psw, bits};
use lowcore_host::memory::ClientMemory;
use zerocopy::IntoBytes;

/// What may be done with a part of a client's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    ReadWrite,
    /// Read only.
    ReadOnly,
}

/// The memory that a hostile client names in its arguments: a reservation of
/// [`Client::SIZE`] bytes, of which only [`Client::PARTS`] are accessible.
#[derive(Debug)]
pub struct Client {
    memory: ClientMemory,
    base: u64,
}

/// Arguments and buffers.
const ARENA: u64 = 0x1_0000;
const ARENA_SIZE: u64 = 0x4000;
/// Where buffers begin in it; arguments lie before them.
const BUFFERS: u64 = 0x1000;
/// Readable zeros, behind a page that is not accessible.
const READ_ONLY: u64 = ARENA + ARENA_SIZE + 0x1000;
/// Storage for guests, between pages that no slot has: that of the slot that
/// every VM starts with, and that of others.
const FIRST: u64 = 0x10_0000;
const FIRST_SIZE: u64 = 0x10_0000;
const OTHERS: u64 = FIRST + FIRST_SIZE + MARGIN;
const OTHERS_SIZE: u64 = 0x30_0000;
const MARGIN: u64 = 0x2000;
const MARGINS: [u64; 3] = [FIRST - MARGIN, FIRST + FIRST_SIZE, OTHERS + OTHERS_SIZE];

/// Where an argument is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a compiler would put it.
    Aligned,
    /// At an odd address.
    Odd,
    /// Before the end of accessible memory.
    AtEnd,
    /// Half of it beyond that end.
    HalfOut,
    /// In memory that cannot be written; zeros.
    ReadOnly,
    /// Where there is nothing.
    Nowhere(u64),
}

impl Place {
    pub(super) fn any(source: &mut Source<'_>) -> Self {
        match source.u8() % 24 {
            0 | 1 => Self::Odd,
            2 | 3 => Self::AtEnd,
            4 => Self::HalfOut,
            5 => Self::ReadOnly,
            6 => Self::Nowhere(source.pick(&[0, 1, 0xff0, !0, !0xfff, 1 << 63, 1 << 47])),
            _ => Self::Aligned,
        }
    }
}

impl Client {
    /// The size of the reservation in bytes.
    pub const SIZE: usize = 0x80_0000;

    /// What is accessible of it: offset, length, access. Nothing else may
    /// ever be mapped between them.
    pub const PARTS: [(usize, usize, Access); 3] = [
        (bits::index(ARENA), bits::index(ARENA_SIZE), Access::ReadWrite),
        (bits::index(READ_ONLY), 0x1000, Access::ReadOnly),
        (
            bits::index(FIRST - MARGIN),
            bits::index(FIRST_SIZE + OTHERS_SIZE + 3 * MARGIN),
            Access::ReadWrite,
        ),
    ];

    /// The client whose reservation is at `base`.
    #[must_use]
    pub const fn new(memory: ClientMemory, base: u64) -> Self {
        Self { memory, base }
    }

    pub(super) const fn memory(&self) -> &ClientMemory {
        &self.memory
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let written = self.memory.write(self.base + offset, bytes);
        assert!(written.is_ok(), "the client's own memory is accessible");
    }

    fn read(&self, offset: u64, length: u64) -> Vec<u8> {
        let mut bytes = vec![0; bits::index(length)];
        let read = self.memory.read(self.base + offset, &mut bytes);
        assert!(read.is_ok(), "the client's own memory is accessible");
        bytes
    }

    /// Brings the memory into the state that every input starts with.
    pub(super) fn clear(&self) {
        self.write(ARENA, &[0; bits::index(ARENA_SIZE)]);
        self.write(FIRST, &vec![0; bits::index(FIRST_SIZE)]);
        for margin in MARGINS {
            self.write(margin, &[0xa7; bits::index(MARGIN)]);
        }
    }

    /// Checks the memory next to that which slots may have.
    pub(super) fn check_untouched(&self) {
        for margin in MARGINS {
            let untouched = self.read(margin, MARGIN).iter().all(|&byte| byte == 0xa7);
            assert!(untouched, "memory outside of all slots changed");
        }
    }

    /// Everything in the arena.
    pub(super) fn arena(&self) -> Vec<u8> {
        self.read(ARENA, ARENA_SIZE)
    }

    /// Puts an argument at a place, as far as that can be written, and gives
    /// its address.
    pub(super) fn put(&self, place: Place, bytes: &[u8]) -> u64 {
        self.put_behind(0, place, bytes)
    }

    /// As [`put`](Self::put), where buffers are.
    pub(super) fn put_buffer(&self, place: Place, bytes: &[u8]) -> u64 {
        let most = &bytes[..bytes.len().min(0x2000)];
        self.put_behind(BUFFERS, place, most)
    }

    fn put_behind(&self, start: u64, place: Place, bytes: &[u8]) -> u64 {
        let length = bytes.len() as u64;
        let end = ARENA + ARENA_SIZE;
        let at = match place {
            Place::Aligned => ARENA + start,
            Place::Odd => ARENA + start + 1,
            Place::AtEnd => end - length,
            Place::HalfOut => end - length / 2,
            Place::ReadOnly => return self.base + READ_ONLY,
            Place::Nowhere(address) => return address,
        };
        let room = bits::index(length.min(end - at));
        self.write(at, &bytes[..room]);
        self.base + at
    }

    /// The region of the first slot, which is at guest address 0.
    pub(super) fn whole_slot(&self) -> Vec<u8> {
        let region = kvm_userspace_memory_region {
            memory_size: FIRST_SIZE,
            userspace_addr: self.base + FIRST,
            ..kvm_userspace_memory_region::default()
        };
        region.as_bytes().to_vec()
    }

    /// A region that may have anything wrong, but never memory that is not
    /// the client's to lend.
    pub(super) fn region(&self, source: &mut Source<'_>) -> kvm_userspace_memory_region {
        const MIB: u64 = 0x10_0000;
        let size = source.pick(&[MIB, MIB, MIB, 2 * MIB, 0, 0x1000, MIB + 0x1000, 1, MIB - 1]);
        let pages = u64::from(source.u16()) % ((OTHERS_SIZE - 2 * MIB) / 0x1000);
        let odd = if source.one_in(16) { u64::from(source.u8()) } else { 0 };
        let (userspace_addr, memory_size) = match source.u8() % 12 {
            // Nothing that could ever be accessible.
            0 => (1 << 63, source.number()),
            1 => (source.number() | 1 << 62, size),
            2 => (self.base, 0x1_0000),
            4 | 5 => (self.base + FIRST, FIRST_SIZE),
            3 => (0, source.pick(&[0, 0x1000, u64::MAX - 0xfff, u64::MAX])),
            _ => (self.base + OTHERS + pages * 0x1000 + odd, size),
        };
        let guest_phys_addr = match source.u8() % 4 {
            0 => u64::from(source.u8() % 8) * MIB,
            1 => u64::from(source.u8()) * 0x1000,
            2 => source.number() & !0xfff,
            _ => source.number(),
        };
        let slot = match source.u8() % 8 {
            0 => source.number32(),
            1 => source.pick(&[32766, 32767, 0x1_0000]),
            _ => u32::from(source.u8() % 4),
        };
        kvm_userspace_memory_region {
            slot,
            flags: if source.one_in(8) { source.number32() } else { u32::from(source.u8() & 1) },
            guest_phys_addr,
            memory_size,
            userspace_addr,
        }
    }

    /// Code and new PSWs in the first slot.
    pub(super) fn put_guest(&self, source: &mut Source<'_>) {
        let code = guest::code(source, 24);
        self.write(FIRST + 0x1000, &code);
        for offset in guest::NEW_PSWS {
            let mut psw = guest::psw(source, 2 * FIRST_SIZE);
            if source.one_in(2) {
                psw.addr = 0x1000;
            }
            self.write(FIRST + u64::from(offset), &psw.to_bytes());
        }
        self.write(FIRST + 0x1000 + code.len() as u64, &[0xa7, 0xf4, 0, 0]);
        // Somewhere to go from the start of the slot.
        self.write(FIRST, &Psw::new(0x1_8000_0000, 0x1000).to_bytes());
    }
}
