//! The translation-lookaside buffer: where the pages of address spaces are in
//! the host's memory.
//!
//! A table belongs to an address space, access key and the controls that
//! count in translation. A CPU keeps several, so that it finds its
//! translations again when it comes back from the kernel, from another
//! program or from real mode: a load of control registers or of a PSW only
//! chooses among tables.
//!
//! An entry permits what its tags say: a tag is the page's address if the
//! access may be made without further questions, else [`NEVER`].

mod short;

use crate::Registers;
use crate::translation::{AddressSpace, Located, Origin, is_low_address_protected};
use lowcore_arch::{ControlRegister, bits};
use lowcore_host::memory::Page;
use lowcore_isa::Width;
use lowcore_storage::View;

const PAGE: u64 = 0x1000;
pub(crate) const ENTRIES: usize = 1024;
/// Entries that are emptied together.
const GROUP: usize = ENTRIES / 64;
/// Page-table entries of a segment.
const PAGES_OF_SEGMENT: usize = 256;
const TABLES: usize = 8;

/// A tag that no page address has.
const NEVER: u64 = 1;

/// With a page's address, the tag for stores that are permitted but not in
/// line: into a page that has instructions, or into what low-address
/// protection leaves of one. Nobody who asks for an access in line has this
/// bit. Operating systems have both in their low core, and store there at each
/// interruption.
const WITH_CARE: u64 = 0x800;

/// What tells the translations of one table from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Nothing is kept, as in access-register mode.
    Nothing,
    /// Real addresses, with the access key and bits of control register 0.
    Real(u8, u64),
    /// A space, with the access key and bits of control register 0.
    Virtual(u64, u8, u64),
}

/// Bits of control register 0 that translation and protection depend on.
const CR0_BITS: u64 = ControlRegister::CR0_LOW_ADDRESS_PROTECTION
    | ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE
    | ControlRegister::CR0_STORAGE_PROTECTION_OVERRIDE
    | crate::translation::Features::CR0_EDAT
    | crate::translation::Features::CR0_EXECUTION_PROTECTION;

impl Key {
    /// The key of accesses that count from `origin`.
    pub fn of(origin: Origin, regs: &Registers) -> Self {
        let (key, cr0) = (regs.psw.key(), regs.cr[0] & CR0_BITS);
        match origin {
            Origin::Real => Self::Real(key, cr0),
            Origin::Virtual(AddressSpace::AccessRegister, _) => Self::Nothing,
            Origin::Virtual(space, _) => match space.control_register() {
                Some(control) => Self::Virtual(regs.cr[control], key, cr0),
                None => Self::Nothing,
            },
        }
    }

    /// Whether low-address protection may forbid a store at an address; of a
    /// page, whether it may at its beginning. Private spaces are not told
    /// apart.
    const fn may_protect(self, address: u64) -> bool {
        let (Self::Real(_, cr0) | Self::Virtual(_, _, cr0)) = self else { return true };
        is_low_address_protected(cr0, None, address)
    }

    /// Whether all bytes of a page have the same protection for fetches.
    const fn may_keep_fetches(self, page: u64) -> bool {
        let (Self::Real(key, cr0) | Self::Virtual(_, key, cr0)) = self else { return false };
        page != 0 || key == 0 || cr0 & ControlRegister::CR0_FETCH_PROTECTION_OVERRIDE == 0
    }
}

/// Where one page is. [`layout`](crate::layout) tells compiled code.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Entry {
    pub fetch: u64,
    pub store: u64,
    /// Of the page and its address.
    pub addend: u64,
    pub page: Page,
}

const EMPTY: Entry = Entry { fetch: NEVER, store: NEVER, addend: 0, page: Page::NONE };

/// Where one page of instructions is, as the interpreter counts pages.
#[derive(Clone, Copy)]
struct CodeEntry {
    fetch: u64,
    absolute: u64,
    place: usize,
}

const NO_CODE: CodeEntry = CodeEntry { fetch: NEVER, absolute: 0, place: 0 };
const CODE_ENTRIES: usize = 128;

struct Table {
    key: Key,
    entries: [Entry; ENTRIES],
    /// The absolute addresses of the entries' pages.
    absolutes: [u64; ENTRIES],
    code: [CodeEntry; CODE_ENTRIES],
    /// A bit for each group of entries, on if one of them may not be empty:
    /// emptying a table costs what was kept in it.
    used: u64,
    /// Whether an entry of `code` may not be empty.
    has_code: bool,
    /// A bit for each index of page-table entries, on if a page of
    /// instructions with it was known since the table was emptied. `code` may
    /// have forgotten it, but not who found something through it.
    code_indexes: [u64; PAGES_OF_SEGMENT / 64],
    /// When the table was in use last, by [`Tlb::turns`].
    turn: u64,
    /// The purge that the table has seen last.
    purge: u64,
    /// Unlike that of any other state of any table: changes when something is
    /// forgotten.
    stamp: u64,
}

impl Table {
    /// It is made on the stack, whose probes nobody else is to pay for.
    #[cold]
    #[inline(never)]
    fn new() -> Box<Self> {
        Box::new(Self {
            key: Key::Nothing,
            entries: [EMPTY; ENTRIES],
            absolutes: [0; ENTRIES],
            code: [NO_CODE; CODE_ENTRIES],
            used: 0,
            has_code: false,
            code_indexes: [0; _],
            turn: 0,
            purge: 0,
            stamp: 0,
        })
    }

    /// Forgets everything if there was a purge since the last time.
    fn see(&mut self, purge: u64, stamps: &mut u64) {
        if self.purge != purge {
            self.clear(stamps);
            self.purge = purge;
        }
    }

    fn clear(&mut self, stamps: &mut u64) {
        *stamps += 1;
        self.stamp = *stamps;
        self.each_used(|group, _| group.fill(EMPTY));
        self.used = 0;
        if core::mem::take(&mut self.has_code) {
            self.code.fill(NO_CODE);
            self.code_indexes = [0; _];
        }
    }

    /// Does something with each group in which an entry may not be empty, and
    /// with its absolute addresses.
    fn each_used(&mut self, mut act: impl FnMut(&mut [Entry], &[u64])) {
        let mut used = self.used;
        while used != 0 {
            let first = GROUP * bits::index(used.trailing_zeros().into());
            act(&mut self.entries[first..][..GROUP], &self.absolutes[first..][..GROUP]);
            used &= used - 1;
        }
    }

    fn keep(&mut self, entry: Entry, absolute: u64) {
        let slot = slot(entry.fetch);
        self.used |= 1 << (slot / GROUP);
        self.entries[slot] = entry;
        self.absolutes[slot] = absolute;
    }
}

/// The entry of the page with an address.
#[inline(always)]
fn slot(address: u64) -> usize {
    bits::index(address / PAGE) % ENTRIES
}

/// A CPU's tables.
pub struct Tlb {
    /// The table of storage operands.
    data: Box<Table>,
    /// The tables that are not for storage operands now.
    parked: Vec<Box<Table>>,
    /// Their keys, one beside the other: they are looked through at each way
    /// into the kernel and out of it.
    keys: Vec<Key>,
    /// The parked table of instructions, if that is not `data`.
    code: Option<usize>,
    code_key: Key,
    /// Counts choices of tables: the parked one that was in use longest ago
    /// gives way.
    turns: u64,
    /// Counts purges: tables that are not in use see them when they are
    /// chosen.
    purges: u64,
    /// The last stamp that a table was given.
    stamps: u64,
    /// The prefix that entries stand for.
    prefix: u32,
    /// The state of slots that entries stand for.
    generation: u64,
    /// The state of keys and tables that entries stand for.
    epoch: u64,
}

impl core::fmt::Debug for Tlb {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tlb").field("data", &self.data.key).finish_non_exhaustive()
    }
}

impl Default for Tlb {
    fn default() -> Self {
        Self {
            data: Table::new(),
            parked: Vec::new(),
            keys: Vec::new(),
            code: None,
            code_key: Key::Nothing,
            turns: 0,
            purges: 0,
            stamps: 0,
            prefix: 0,
            generation: 0,
            epoch: 0,
        }
    }
}

macro_rules! accesses {
    ($($type:ty: $load:ident $store:ident;)*) => {$(
        /// Loads the integer at `address`, if that is aligned and its page
        /// is known to be fetchable.
        #[inline(always)]
        pub fn $load(&self, address: u64) -> Option<$type> {
            const MASK: u64 = !(PAGE - 1) | (size_of::<$type>() as u64 - 1);
            let entry = self.data.entry(address);
            if address & MASK != entry.fetch {
                return None;
            }
            Some(<$type>::from_be(entry.page.$load(address).ok()?))
        }

        /// Stores the integer at `address`, if that is aligned and its page
        /// is known to be storable. Gives whether it did.
        #[inline(always)]
        pub fn $store(&self, address: u64, value: $type) -> bool {
            const MASK: u64 = !(PAGE - 1) | (size_of::<$type>() as u64 - 1);
            let entry = self.data.entry(address);
            address & MASK == entry.store && entry.page.$store(address, value.to_be()).is_ok()
        }
    )*};
}

impl Table {
    #[inline(always)]
    fn entry(&self, address: u64) -> &Entry {
        // Always inside.
        &self.entries[slot(address)]
    }
}

impl Tlb {
    accesses! {
        u8: load_u8 store_u8;
        u16: load_u16 store_u16;
        u32: load_u32 store_u32;
        u64: load_u64 store_u64;
    }

    /// The page of `count` aligned values at `address`, if all of them lie in
    /// it and it permits the access.
    #[inline]
    fn page_of<T: Width>(&self, address: u64, count: usize, store: bool) -> Option<Page> {
        let entry = self.data.entry(address);
        let tag = if store { entry.store } else { entry.fetch };
        let inside = (address & (PAGE - 1)) + count as u64 * T::BYTES <= PAGE;
        let fits = address & (!(PAGE - 1) | (T::BYTES - 1)) == tag;
        (fits && inside).then_some(entry.page)
    }

    /// Loads consecutive words or doublewords, if they are aligned and in a
    /// page that is known to be fetchable. Gives whether it did.
    #[inline]
    pub fn load_many<T: Width>(&self, address: u64, values: &mut [u64]) -> bool {
        let Some(page) = self.page_of::<T>(address, values.len(), false) else { return false };
        (address..).step_by(bits::index(T::BYTES)).zip(values).all(|(at, value)| {
            let loaded = if T::BITS == 64 {
                page.load_u64(at).map(u64::from_be)
            } else {
                page.load_u32(at).map(|word| u32::from_be(word).into())
            };
            loaded.map(|loaded| *value = loaded).is_ok()
        })
    }

    /// Stores consecutive words or doublewords, if they are aligned and in a
    /// page that is known to be storable. Gives whether it did.
    #[inline]
    pub fn store_many<T: Width>(&self, address: u64, values: &[u64]) -> bool {
        let Some(page) = self.page_of::<T>(address, values.len(), true) else { return false };
        (address..).step_by(bits::index(T::BYTES)).zip(values).all(|(at, value)| {
            if T::BITS == 64 {
                page.store_u64(at, value.to_be()).is_ok()
            } else {
                page.store_u32(at, bits::low32(*value).to_be()).is_ok()
            }
        })
    }

    /// Compares and swaps at an aligned address, if its page is known to be
    /// storable. Gives what was found, and whether that was `old`.
    #[inline]
    pub fn compare_and_swap<T: Width>(
        &self,
        address: u64,
        old: u64,
        new: u64,
    ) -> Option<(u64, bool)> {
        let page = self.page_of::<T>(address, 1, true)?;
        macro_rules! swap {
            ($name:ident, $type:ty, $cut:path) => {{
                let swap = page.$name(address, $cut(old).to_be(), $cut(new).to_be()).ok()?;
                let equal = swap.is_ok();
                let (Ok(found) | Err(found)) = swap;
                (u64::from(<$type>::from_be(found)), equal)
            }};
        }
        Some(match T::BITS {
            8 => swap!(compare_exchange_u8, u8, bits::low8),
            16 => swap!(compare_exchange_u16, u16, bits::low16),
            32 => swap!(compare_exchange_u32, u32, bits::low32),
            _ => swap!(compare_exchange_u64, u64, core::convert::identity),
        })
    }

    /// Begins a slice: forgets what does not hold any more. Gives whether the
    /// slots have changed.
    pub fn begin(&mut self, view: &View<'_>) -> bool {
        let (generation, epoch) = (view.generation(), view.epoch());
        let slots_changed = self.generation != generation;
        if slots_changed || self.epoch != epoch {
            self.purge();
            (self.generation, self.epoch) = (generation, epoch);
        }
        slots_changed
    }

    /// Goes over to an epoch that this CPU has begun itself, having purged
    /// what it had to. If another CPU has begun one meanwhile, that is seen
    /// when the next slice begins.
    pub fn adopt(&mut self, epoch: u64) {
        if self.epoch.wrapping_add(1) == epoch {
            self.epoch = epoch;
        }
    }

    /// The keys of storage operands and instructions for the registers as they
    /// are.
    fn keys_for(regs: &Registers, is_watched: bool) -> (Key, Key) {
        let data =
            if is_watched { Key::Nothing } else { Key::of(Origin::of_operand(regs.psw, 0), regs) };
        (data, Key::of(Origin::of_instructions(regs.psw), regs))
    }

    /// Whether the tables are those for the registers as they are: what was
    /// loaded into a control register may be of no concern.
    #[must_use]
    pub fn is_chosen_for(&self, regs: &Registers, is_watched: bool) -> bool {
        regs.prefix == self.prefix
            && Self::keys_for(regs, is_watched) == (self.data.key, self.code_key)
    }

    /// Chooses the tables for the registers as they are.
    pub fn choose(&mut self, regs: &Registers, is_watched: bool) {
        if regs.prefix != self.prefix {
            // Entries have absolute addresses.
            self.purge();
            self.prefix = regs.prefix;
        }
        let (data, code) = Self::keys_for(regs, is_watched);
        self.turns += 1;
        self.data.turn = self.turns;
        if data != self.data.key {
            let found = self.park(data);
            core::mem::swap(&mut self.data, &mut self.parked[found]);
            self.keys[found] = self.parked[found].key;
            self.data.turn = self.turns;
        }
        self.code_key = code;
        self.code = (code != data).then(|| self.park(code));
        if let Some(code) = self.code {
            self.parked[code].turn = self.turns;
        }
    }

    /// Whether instructions are in the space of storage operands.
    #[inline(always)]
    pub fn instructions_are_with_operands(&self) -> bool {
        self.code.is_none()
    }

    /// The parked table with a key, empty if it is new.
    fn park(&mut self, key: Key) -> usize {
        if let Some(found) = self.keys.iter().position(|of| *of == key) {
            self.parked[found].see(self.purges, &mut self.stamps);
            return found;
        }
        let found = if self.parked.len() < TABLES {
            self.parked.push(Table::new());
            self.keys.push(Key::Nothing);
            self.parked.len() - 1
        } else {
            let turns = self.parked.iter().map(|table| table.turn);
            turns.zip(0..).min().map_or(0, |(_, oldest)| oldest)
        };
        self.parked[found].clear(&mut self.stamps);
        self.parked[found].purge = self.purges;
        self.parked[found].key = key;
        self.keys[found] = key;
        found
    }

    /// Forgets everything.
    pub fn purge(&mut self) {
        self.purges += 1;
        self.data.see(self.purges, &mut self.stamps);
        if let Some(code) = self.code {
            self.parked[code].see(self.purges, &mut self.stamps);
        }
    }

    /// Forgets the space that an address-space-control element like this one
    /// designates: with that origin and type of its table.
    pub fn purge_space(&mut self, asce: u64) {
        const ORIGIN_AND_TYPE: u64 = !0xfff | 0xc;
        for table in self.parked.iter_mut().chain(Some(&mut self.data)) {
            if let Key::Virtual(of, ..) = table.key
                && (of ^ asce) & ORIGIN_AND_TYPE == 0
            {
                table.clear(&mut self.stamps);
            }
        }
    }

    /// Forgets the pages whose page-table entries have this index, in every
    /// space.
    pub fn purge_index(&mut self, index: u64) {
        let (first, code) =
            (bits::index(index) % PAGES_OF_SEGMENT, bits::index(index) % CODE_ENTRIES);
        for table in self.parked.iter_mut().chain(Some(&mut self.data)) {
            for entry in table.entries[first..].iter_mut().step_by(PAGES_OF_SEGMENT) {
                *entry = EMPTY;
            }
            if table.code_indexes[first / 64] >> (first % 64) & 1 != 0 {
                table.code[code] = NO_CODE;
                self.stamps += 1;
                table.stamp = self.stamps;
            }
        }
    }

    /// Forgets the rights to store into a page of storage.
    pub fn forget_stores(&mut self, absolute: u64) {
        for table in self.parked.iter_mut().chain(Some(&mut self.data)) {
            table.each_used(|group, absolutes| {
                for (entry, of) in group.iter_mut().zip(absolutes) {
                    if *of == absolute {
                        entry.store = NEVER;
                    }
                }
            });
        }
    }

    /// The absolute address of an operand whose page is known to permit the
    /// access.
    #[inline]
    pub fn absolute(&self, address: u64, store: bool) -> Option<u64> {
        let entry = self.data.entry(address);
        let absolute = self.data.absolutes[slot(address)];
        let (page, offset) = (address & !(PAGE - 1), address & (PAGE - 1));
        let permits = if store {
            entry.store == page
                || entry.store == page | WITH_CARE && !self.data.key.may_protect(address)
        } else {
            entry.fetch == page
        };
        permits.then_some(absolute | offset)
    }

    /// Remembers that a page of storage operands may be fetched from, and if
    /// `store` stored into.
    pub fn keep(&mut self, view: &View<'_>, address: u64, absolute: u64, store: bool) {
        let (page, absolute) = (address & !(PAGE - 1), absolute & !(PAGE - 1));
        let key = self.data.key;
        if !key.may_keep_fetches(page) {
            return;
        }
        let Some((range, offset)) = view.host_page(absolute) else { return };
        #[expect(unsafe_code, reason = "where a page is shared")]
        // SAFETY: the slots do not change while there is a view, and an entry
        // is used only by those who have one, after `begin` has dropped the
        // entries of other generations.
        let host = unsafe { range.page(offset) };
        let Some(host) = host else { return };
        let old = *self.data.entry(page);
        let is_same = self.data.absolutes[slot(page)] == absolute;
        let store = if store && !key.may_protect(page) && view.store_freely(absolute) {
            page
        } else if store {
            page | WITH_CARE
        } else if old.fetch == page && is_same {
            old.store
        } else {
            NEVER
        };
        let entry = Entry { fetch: page, store, addend: host.addend(page), page: host };
        self.data.keep(entry, absolute);
    }

    fn code_table(&mut self) -> &mut Table {
        match self.code {
            Some(parked) => &mut self.parked[parked],
            None => &mut self.data,
        }
    }

    /// The absolute address of a page of instructions, and where the engine
    /// has it, if it is known.
    #[inline]
    pub fn code(&mut self, address: u64) -> Option<(u64, usize)> {
        let page = address & !(PAGE - 1);
        let entry = self.code_table().code[bits::index(page / PAGE) % CODE_ENTRIES];
        (entry.fetch == page).then_some((entry.absolute, entry.place))
    }

    /// Remembers where a page of instructions is, and where the engine has it.
    /// Gives whether it did.
    pub fn keep_code(&mut self, address: u64, located: &Located, place: usize) -> bool {
        let page = address & !(PAGE - 1);
        if self.code_key == Key::Nothing || !self.code_key.may_keep_fetches(page) {
            return false;
        }
        let table = self.code_table();
        // Pages of larger frames have no page-table entries.
        let index = bits::index(page / PAGE) % PAGES_OF_SEGMENT;
        let has_entry = located.translation.size == PAGE;
        table.code_indexes[index / 64] |= u64::from(has_entry) << (index % 64);
        table.has_code = true;
        table.code[bits::index(page / PAGE) % CODE_ENTRIES] =
            CodeEntry { fetch: page, absolute: located.absolute & !(PAGE - 1), place };
        true
    }

    /// The state of the table of instructions: as long as it is the same,
    /// what was found through it holds.
    #[must_use]
    pub fn code_stamp(&self) -> u64 {
        match self.code {
            Some(parked) => self.parked[parked].stamp,
            None => self.data.stamp,
        }
    }

    /// Where the entries of the table of operands are, for compiled code:
    /// until the next [`choose`](Self::choose). See [`layout`](crate::layout).
    #[must_use]
    pub fn operand_entries(&self) -> *const u8 {
        self.data.entries.as_ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::{CODE_ENTRIES, PAGE, Tlb};
    use crate::Registers;
    use crate::translation::{Located, Translation};
    use lowcore_arch::{ControlRegister, Psw};

    const FIRST: u64 = 0x1_0000;
    const SECOND: u64 = 0x2_0000;
    const ADDRESS: u64 = 0x12_3000;

    /// Instructions are fetched from the space of a segment table.
    fn choose(tlb: &mut Tlb, asce: u64) {
        let mut regs = Registers { psw: Psw::new(Psw::DAT, 0), ..Registers::default() };
        regs.cr[1] = asce;
        tlb.choose(&regs, false);
    }

    fn keep(tlb: &mut Tlb, address: u64, size: u64) {
        let translation = Translation { size, ..Translation::real(address) };
        assert!(tlb.keep_code(address, &Located { absolute: address, asce: None, translation }, 0));
    }

    #[test]
    fn control_registers_count_where_accesses_do() {
        const HOME: u64 = 3 << 46;
        let mut tlb = Tlb::default();
        let mut regs = Registers { psw: Psw::new(Psw::DAT | HOME, 0), ..Registers::default() };
        (regs.cr[1], regs.cr[13]) = (FIRST, SECOND);
        tlb.choose(&regs, false);
        assert!(tlb.is_chosen_for(&regs, false));
        assert!(!tlb.is_chosen_for(&regs, true), "watched stores are not in line");
        regs.cr[1] = SECOND;
        assert!(tlb.is_chosen_for(&regs, false), "nothing is in the primary space");
        regs.cr[13] = FIRST;
        assert!(!tlb.is_chosen_for(&regs, false));
        tlb.choose(&regs, false);
        regs.cr[0] ^= ControlRegister::CR0_LOW_ADDRESS_PROTECTION;
        assert!(!tlb.is_chosen_for(&regs, false));
        tlb.choose(&regs, false);
        regs.prefix = 0x2000;
        assert!(!tlb.is_chosen_for(&regs, false));
    }

    #[test]
    fn a_space_is_forgotten_by_the_origin_and_type_of_its_table() {
        let mut tlb = Tlb::default();
        for asce in [FIRST, SECOND] {
            choose(&mut tlb, asce);
            keep(&mut tlb, ADDRESS, PAGE);
        }
        let stamp = tlb.code_stamp();
        // The length of the table and the private-space control do not count.
        tlb.purge_space(FIRST | 0x103);
        assert!(tlb.code(ADDRESS).is_some());
        assert_eq!(tlb.code_stamp(), stamp);
        choose(&mut tlb, FIRST);
        assert!(tlb.code(ADDRESS).is_none());
        choose(&mut tlb, SECOND);
        tlb.purge_space(SECOND | 0x4);
        assert!(tlb.code(ADDRESS).is_some(), "the type of the table counts");
        tlb.purge_space(SECOND);
        assert!(tlb.code(ADDRESS).is_none());
        assert_ne!(tlb.code_stamp(), stamp);
    }

    #[test]
    fn what_was_found_through_a_page_table_entry_holds_until_it_is_invalidated() {
        let mut tlb = Tlb::default();
        choose(&mut tlb, FIRST);
        keep(&mut tlb, ADDRESS, 1 << 20);
        let stamp = tlb.code_stamp();
        tlb.purge_index(ADDRESS / PAGE);
        assert_eq!(tlb.code_stamp(), stamp, "a large frame has no such entry");
        assert!(tlb.code(ADDRESS).is_some());
        keep(&mut tlb, ADDRESS, PAGE);
        tlb.purge_index(ADDRESS / PAGE + 1);
        assert_eq!(tlb.code_stamp(), stamp);
        // The table has another page in the place.
        keep(&mut tlb, ADDRESS + CODE_ENTRIES as u64 * PAGE, PAGE);
        assert!(tlb.code(ADDRESS).is_none());
        tlb.purge_index(ADDRESS / PAGE);
        assert_ne!(tlb.code_stamp(), stamp);
    }

    #[test]
    fn the_space_that_was_used_longest_ago_gives_way() {
        let mut tlb = Tlb::default();
        choose(&mut tlb, FIRST);
        keep(&mut tlb, ADDRESS, PAGE);
        for other in 0..100 {
            choose(&mut tlb, SECOND + (other << 12));
            keep(&mut tlb, ADDRESS, PAGE);
            choose(&mut tlb, FIRST);
            assert!(tlb.code(ADDRESS).is_some());
        }
        choose(&mut tlb, SECOND);
        assert!(tlb.code(ADDRESS).is_none());
    }
}
