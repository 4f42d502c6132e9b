//! Storage keys for the client: KVM_S390_GET_SKEYS and KVM_S390_SET_SKEYS.

use crate::gaccess::PAGE;
use crate::{Error, Vm};
use lowcore_abi::KVM_S390_SKEYS_MAX;
use lowcore_arch::StorageKey;

impl Vm {
    /// The storage keys of `count` pages from page number `start` on
    /// (`KVM_S390_GET_SKEYS`); `None` if no key was ever set, for which the
    /// ioctl returns `KVM_S390_GET_SKEYS_NONE`.
    ///
    /// # Errors
    /// [`Error::StorageKeys`] (EINVAL) for no or more than
    /// `KVM_S390_SKEYS_MAX` pages, [`Error::ClientMemory`] (EFAULT) for a page
    /// that does not exist.
    pub fn get_skeys(&self, start: u64, count: u64) -> Result<Option<Vec<u8>>, Error> {
        if !self.inner.storage.keys_used() {
            return Ok(None);
        }
        check_count(count)?;
        let view = self.inner.storage.view();
        (0..count)
            .map(|n| view.key(address(start, n)?).map(|key| key.0))
            .collect::<Option<Vec<u8>>>()
            .map(Some)
            .ok_or(Error::ClientMemory)
    }

    /// Sets the storage keys of pages from page number `start` on
    /// (`KVM_S390_SET_SKEYS`), up to the first that fails.
    ///
    /// # Errors
    /// As [`Vm::get_skeys`], and [`Error::StorageKeys`] (EINVAL) for a key
    /// with its lowest bit one.
    pub fn set_skeys(&self, start: u64, keys: &[u8]) -> Result<(), Error> {
        check_count(keys.len() as u64)?;
        let storage = &self.inner.storage;
        storage.view().use_keys();
        for (n, &key) in (0..).zip(keys) {
            let at = address(start, n).ok_or(Error::ClientMemory)?;
            if storage.key(at).is_none() {
                return Err(Error::ClientMemory);
            }
            if key & 1 != 0 {
                return Err(Error::StorageKeys);
            }
            storage.set_key(at, StorageKey(key));
        }
        Ok(())
    }
}

fn check_count(count: u64) -> Result<(), Error> {
    if (1..=KVM_S390_SKEYS_MAX).contains(&count) { Ok(()) } else { Err(Error::StorageKeys) }
}

/// The absolute address of a page, if there can be one.
fn address(start: u64, n: u64) -> Option<u64> {
    start.checked_add(n)?.checked_mul(PAGE)
}
