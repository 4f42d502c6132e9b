//! Interlocked updates of storage.

use crate::{Access, At, Context, Exception};
use lowcore_arch::bits;
use lowcore_isa::{Update, Width};
use lowcore_storage::{AccessError, View};

fn load<T: Width>(view: &View<'_>, absolute: u64) -> Result<u64, AccessError> {
    match T::BITS {
        8 => view.load_u8(absolute).map(u64::from),
        16 => view.load_u16(absolute).map(u64::from),
        32 => view.load_u32(absolute).map(u64::from),
        _ => view.load_u64(absolute),
    }
}

/// `Err` inside is the value found instead of `old`.
fn exchange<T: Width>(
    view: &View<'_>,
    absolute: u64,
    old: u64,
    new: u64,
) -> Result<Result<u64, u64>, AccessError> {
    macro_rules! of {
        ($exchange:ident, $cut:path) => {
            view.$exchange(absolute, $cut(old), $cut(new))
                .map(|swap| swap.map(u64::from).map_err(u64::from))
        };
    }
    match T::BITS {
        8 => of!(compare_exchange_u8, bits::low8),
        16 => of!(compare_exchange_u16, bits::low16),
        32 => of!(compare_exchange_u32, bits::low32),
        _ => view.compare_exchange_u64(absolute, old, new),
    }
}

impl Context<'_> {
    /// Replaces a value in storage by what `update` makes of it and of
    /// `operand`: in one step, with regard to all other CPUs and the client,
    /// if the value lies on an integral boundary. Gives what it was.
    ///
    /// # Errors
    /// Access exceptions of a store; nothing is stored then.
    pub fn fetch_and_update<T: Width>(
        &mut self,
        at: At,
        update: Update,
        operand: u64,
    ) -> Result<u64, Exception> {
        if at.address & (T::BYTES - 1) != 0 {
            return self.update_apart::<T>(at, update, operand);
        }
        let absolute = self.translate(at, T::BYTES, Access::Store)?;
        let mut old = load::<T>(self.view, absolute)?;
        loop {
            match exchange::<T>(self.view, absolute, old, update.apply(old, operand))? {
                Ok(old) => return Ok(old),
                Err(found) => old = found,
            }
        }
    }

    /// The same in a fetch and a store, for a value that need not be updated
    /// in one step.
    #[cold]
    fn update_apart<T: Width>(
        &mut self,
        at: At,
        update: Update,
        operand: u64,
    ) -> Result<u64, Exception> {
        self.probe_store(at, T::BYTES)?;
        let mut buffer = [0; 8];
        let bytes = &mut buffer[..bits::index(T::BYTES)];
        self.read(at, bytes)?;
        let old = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let new = update.apply(old, operand).to_be_bytes();
        bytes.copy_from_slice(&new[8 - bytes.len()..]);
        self.write(at, bytes)?;
        Ok(old)
    }
}
