//! Storage by logical address: translation, protection, then the access.

use crate::translation::{AddressSpace, Located, Origin, Purpose, Request, locate};
use crate::{Access, At, Context, Exception, Piece, Space};
use lowcore_arch::{ProgramCode, bits};

const PAGE: u64 = 0x1000;

/// Whether an operand lies in one page, so that one check covers it.
#[inline]
const fn in_one_page(address: u64, length: u64) -> bool {
    address & (PAGE - 1) <= PAGE - length
}

impl Context<'_> {
    /// The absolute address of an operand, after the checks of an access to
    /// `length` bytes that stays within its page.
    #[inline]
    pub(crate) fn translate(
        &mut self,
        at: At,
        length: u64,
        access: Access,
    ) -> Result<u64, Exception> {
        if at.space == Space::Operand
            && at.key.is_none()
            && let Some(absolute) = self.tlb.absolute(at.address, access == Access::Store)
        {
            return Ok(absolute);
        }
        self.translate_anew(at, length, access).map(|located| located.absolute)
    }

    /// Where an instruction is.
    pub(crate) fn translate_instruction(&mut self, address: u64) -> Result<Located, Exception> {
        self.translate_anew(At::in_space(address, Space::Instruction), 2, Access::Fetch)
    }

    fn translate_anew(
        &mut self,
        at: At,
        length: u64,
        access: Access,
    ) -> Result<Located, Exception> {
        let origin = self.origin(at);
        let purpose = match (access, at.space) {
            (Access::Store, _) => Purpose::Store,
            (Access::Fetch, Space::Instruction) => Purpose::Instruction,
            (Access::Fetch, _) => Purpose::Fetch,
        };
        let key = at.key.unwrap_or(self.regs.psw.key());
        let request = Request { address: at.address, origin, purpose, key };
        let located = locate(self.view, self.regs, self.config.facilities(), request)?;
        let absolute = located.absolute;
        if !self.view.contains(absolute, 1) {
            return Err(ProgramCode::ADDRESSING.into());
        }
        // What the TLB remembers is recorded already.
        match access {
            Access::Fetch => self.view.reference(absolute),
            Access::Store => {
                self.view.change(absolute);
                if self.watch.needs_stores() {
                    self.watch_store(at, length, origin, located.asce);
                }
            }
        }
        if at.space == Space::Operand && at.key.is_none() {
            self.tlb.keep(self.view, at.address, absolute, access == Access::Store);
        }
        Ok(located)
    }

    /// What the address of an operand counts from.
    fn origin(&self, at: At) -> Origin {
        let psw = self.regs.psw;
        let space = match at.space {
            Space::Operand => return Origin::of_operand(psw, at.base),
            Space::Instruction | Space::Relative => return Origin::of_instructions(psw),
            Space::Real => return Origin::Real,
            Space::AccessRegister => AddressSpace::AccessRegister,
            Space::Primary => AddressSpace::Primary,
            Space::Secondary => AddressSpace::Secondary,
            Space::Home => AddressSpace::Home,
        };
        Origin::Virtual(space, at.base)
    }

    /// The first part of an operand of `length` bytes (at least one) that
    /// lies in one page, after every check of an access to it.
    ///
    /// # Errors
    /// Access exceptions.
    #[inline]
    pub fn piece(&mut self, at: At, length: u64, access: Access) -> Result<Piece, Exception> {
        // The page in which the addressing mode's limit lies ends there, so a
        // piece never wraps.
        let length = length.min(PAGE - (at.address & (PAGE - 1)));
        let absolute = self.translate(at, length, access)?;
        if !self.view.contains(absolute, length) {
            return Err(ProgramCode::ADDRESSING.into());
        }
        Ok(Piece { absolute, length })
    }

    /// Checks that `length` bytes (at most a page) may be stored into, without
    /// storing.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn probe_store(&mut self, at: At, length: u64) -> Result<(), Exception> {
        self.probe(at, length, Access::Store).map(|_| ())
    }

    /// The one or two pieces of an operand of at most a page.
    fn probe(
        &mut self,
        at: At,
        length: u64,
        access: Access,
    ) -> Result<(Piece, Option<Piece>), Exception> {
        let first = self.piece(at, length, access)?;
        if first.length == length {
            return Ok((first, None));
        }
        let rest = at.moved_to(self.wrap(at.address.wrapping_add(first.length)));
        let second = self.piece(rest, length - first.length, access)?;
        Ok((first, Some(second)))
    }

    /// Fetches bytes, at most a page.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn read(&mut self, at: At, buffer: &mut [u8]) -> Result<(), Exception> {
        let (first, second) = self.probe(at, buffer.len() as u64, Access::Fetch)?;
        let (here, behind) = buffer.split_at_mut(bits::index(first.length));
        self.view.read(first.absolute, here)?;
        if let Some(second) = second {
            self.view.read(second.absolute, behind)?;
        }
        Ok(())
    }

    /// Stores bytes, at most a page; nothing is stored on an exception.
    ///
    /// # Errors
    /// Access exceptions.
    pub fn write(&mut self, at: At, buffer: &[u8]) -> Result<(), Exception> {
        let (first, second) = self.probe(at, buffer.len() as u64, Access::Store)?;
        let (here, behind) = buffer.split_at(bits::index(first.length));
        self.view.write(first.absolute, here)?;
        if let Some(second) = second {
            self.view.write(second.absolute, behind)?;
        }
        Ok(())
    }
}

macro_rules! sized_accesses {
    ($($size:literal $int:ty: $load:ident $store:ident;)*) => {
        impl Context<'_> {
            $(
                #[doc = concat!("Fetches ", $size, " bytes; atomic when aligned.")]
                ///
                /// # Errors
                /// Access exceptions.
                #[inline]
                pub fn $load(&mut self, at: At) -> Result<$int, Exception> {
                    if in_one_page(at.address, $size) {
                        let absolute = self.translate(at, $size, Access::Fetch)?;
                        return Ok(self.view.$load(absolute)?);
                    }
                    let mut bytes = [0; $size];
                    self.read(at, &mut bytes)?;
                    Ok(<$int>::from_be_bytes(bytes))
                }

                #[doc = concat!("Stores ", $size, " bytes; atomic when aligned.")]
                ///
                /// # Errors
                /// Access exceptions; nothing is stored then.
                #[inline]
                pub fn $store(&mut self, at: At, value: $int) -> Result<(), Exception> {
                    if in_one_page(at.address, $size) {
                        let absolute = self.translate(at, $size, Access::Store)?;
                        return Ok(self.view.$store(absolute, value)?);
                    }
                    self.write(at, &value.to_be_bytes())
                }
            )*
        }
    };
}

sized_accesses! {
    1 u8: load_u8 store_u8;
    2 u16: load_u16 store_u16;
    4 u32: load_u32 store_u32;
    8 u64: load_u64 store_u64;
    16 u128: load_u128 store_u128;
}

macro_rules! compare_and_swaps {
    ($($int:ty: $name:ident $absolute:ident;)*) => {
        impl Context<'_> {
            $(
                /// Compares and swaps atomically. `at` must be aligned to the
                /// operand: the caller checks that first. `Err` inside is the
                /// value found when it was not `old`.
                ///
                /// # Errors
                /// Access exceptions of a store.
                #[inline]
                pub fn $name(
                    &mut self,
                    at: At,
                    old: $int,
                    new: $int,
                ) -> Result<Result<$int, $int>, Exception> {
                    let length = size_of::<$int>() as u64;
                    let absolute = self.translate(at, length, Access::Store)?;
                    Ok(self.view.$absolute(absolute, old, new)?)
                }
            )*
        }
    };
}

compare_and_swaps! {
    u8: compare_and_swap_u8 compare_exchange_u8;
    u16: compare_and_swap_u16 compare_exchange_u16;
    u32: compare_and_swap_u32 compare_exchange_u32;
    u64: compare_and_swap_u64 compare_exchange_u64;
    u128: compare_and_swap_u128 compare_exchange_u128;
}
