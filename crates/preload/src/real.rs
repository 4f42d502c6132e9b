//! The functions that this crate replaces, as the next object has them: the
//! C library, or something else that was preloaded behind us.

use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A function that is looked up when first called.
pub struct Real {
    name: &'static CStr,
    address: AtomicPtr<libc::c_void>,
}

impl Real {
    /// The function of this name.
    pub const fn new(name: &'static CStr) -> Self {
        Self { name, address: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// Its address; null if there is none.
    pub fn address(&self) -> *mut libc::c_void {
        let known = self.address.load(Ordering::Relaxed);
        if !known.is_null() {
            return known;
        }
        // SAFETY: the name is a C string. The lookup takes no memory unless
        // it fails.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
        self.address.store(found, Ordering::Relaxed);
        found
    }
}

/// Calls the next object's function: `real!(close(fd: c_int) -> c_int)`. If
/// there is none, the result is what `or` says, with `ENOSYS`.
macro_rules! real {
    ($name:ident ( $($argument:ident : $type:ty),* ) -> $result:ty, or $none:expr) => {{
        static REAL: $crate::real::Real = $crate::real::Real::new(
            match ::std::ffi::CStr::from_bytes_with_nul(
                concat!(stringify!($name), "\0").as_bytes(),
            ) {
                Ok(name) => name,
                Err(_) => panic!(),
            },
        );
        let address = REAL.address();
        if address.is_null() {
            $crate::system::set_errno(libc::ENOSYS);
            $none
        } else {
            type Function = unsafe extern "C" fn($($type),*) -> $result;
            // SAFETY: the C library's function of this name takes these
            // arguments; where it is variadic, callers pass them in the same
            // registers on the hosts that are supported.
            let function = unsafe { std::mem::transmute::<*mut libc::c_void, Function>(address) };
            // SAFETY: the arguments are the client's.
            unsafe { function($($argument),*) }
        }
    }};
}
pub(crate) use real;
