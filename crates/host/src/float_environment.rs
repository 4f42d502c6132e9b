//! The host's floating-point environment: rounding mode, what traps, what
//! becomes of subnormal numbers.
//!
//! It belongs to a thread, and the threads that run guests belong to a client,
//! which may have changed it (`fesetround`, `feenableexcept`, `-ffast-math`).
//! Rust's arithmetic, by which guests compute, is only right in the default
//! environment.

use std::arch::asm;

/// The thread's environment as one or two registers have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Environment {
    control: u64,
    /// The exceptions that there were.
    flags: u64,
}

/// Runs `body` in the default environment. Afterwards the thread has the
/// environment that it had, with the flags that it had.
///
/// ```
/// let third = lowcore_host::float_environment::with_default(|| 1.0 / 3.0);
/// assert_eq!(third, 0.333_333_333_333_333_3);
/// ```
pub fn with_default<R>(body: impl FnOnce() -> R) -> R {
    /// Puts the environment back, after a panic as well.
    struct Restore(Environment);

    impl Drop for Restore {
        fn drop(&mut self) {
            if Environment::get() != self.0 {
                self.0.set();
            }
        }
    }

    let found = Environment::get();
    let _restore = Restore(found);
    if found.control != Environment::DEFAULT.control {
        Environment::DEFAULT.set();
    }
    // A call, across which the compiler moves no arithmetic.
    #[inline(never)]
    fn call<R>(body: impl FnOnce() -> R) -> R {
        body()
    }
    call(body)
}

#[cfg(target_arch = "x86_64")]
impl Environment {
    /// All exceptions masked, rounding to nearest, subnormal numbers as they
    /// are.
    const DEFAULT: Self = Self { control: 0x1f80, flags: 0 };
    const FLAGS: u32 = 0x3f;

    fn get() -> Self {
        let mut register = 0u32;
        // SAFETY: `stmxcsr` stores four bytes, at the address of a variable
        // of that size, and does nothing else.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack)) };
        Self { control: (register & !Self::FLAGS).into(), flags: (register & Self::FLAGS).into() }
    }

    fn set(self) {
        #[expect(clippy::cast_possible_truncation, reason = "the register has 32 bits")]
        let register = (self.control | self.flags) as u32;
        // SAFETY: `ldmxcsr` loads four bytes from a variable of that size. The
        // value has no reserved bit, which would fault: it is the default one,
        // or what a client had put there, to which the thread returns.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack, readonly)) };
    }
}

#[cfg(target_arch = "aarch64")]
impl Environment {
    /// No exception traps, rounding to nearest, subnormal numbers as they are.
    const DEFAULT: Self = Self { control: 0, flags: 0 };

    fn get() -> Self {
        let (control, flags);
        // SAFETY: reads two registers that every program may read.
        unsafe {
            asm!("mrs {}, fpcr", "mrs {}, fpsr", out(reg) control, out(reg) flags, options(nomem, nostack));
        }
        Self { control, flags }
    }

    fn set(self) {
        // SAFETY: writes two registers that every program may write, with the
        // default values or with what was read from them.
        unsafe {
            asm!("msr fpcr, {}", "msr fpsr, {}", in(reg) self.control, in(reg) self.flags, options(nomem, nostack));
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::{Environment, with_default};
    use std::hint::black_box;

    /// Rounding up, subnormal numbers flushed, division by zero trapping, and
    /// the flag of an overflow: nothing of it reaches the body, nothing that
    /// the body does comes back.
    #[test]
    fn the_body_sees_the_default_and_the_thread_keeps_its_own() {
        let found = Environment::get();
        let own = Environment { control: 0x1f80 & !0x200 | 0x8000 | 0x40 | 0x4000, flags: 0x08 };
        own.set();
        let computed = with_default(|| {
            let [one, three, tiny, zero] = black_box([1.0f64, 3.0, 1e-310, 0.0]);
            (one / three, tiny / three, one / zero)
        });
        let after = Environment::get();
        found.set();
        assert_eq!(after, own);
        assert_eq!(computed.0.to_bits(), 0x3fd5_5555_5555_5555);
        assert!(computed.1 > 0.0);
        assert_eq!(computed.2, f64::INFINITY);
    }
}
