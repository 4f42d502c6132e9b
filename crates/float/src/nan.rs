//! Results that are NaNs because an operand is.
//!
//! Source: SA22-7832, chapter 19, the figures of results per instruction.

use crate::control::Controls;
use crate::format::Format;
use crate::outcome::Outcome;

/// The outcome if one of the operands is a NaN: the first signaling one, made
/// quiet, with an invalid-operation exception; else the first quiet one.
#[inline]
pub(crate) fn propagate<F: Format, const N: usize>(
    operands: [F; N],
    controls: Controls,
) -> Option<Outcome<F>> {
    if let Some(signaling) = operands.into_iter().find(|datum| datum.is_signaling()) {
        return Some(Outcome::invalid(quiet(signaling), controls));
    }
    let nan = operands.into_iter().find(|datum| datum.is_nan())?;
    Some(Outcome::exact(nan, controls))
}

/// The outcome of loading the NaN `source` as `value`, which is quiet.
#[inline]
pub(crate) fn loaded<S: Format, V>(source: S, value: V, controls: Controls) -> Outcome<V> {
    if source.is_signaling() {
        Outcome::invalid(value, controls)
    } else {
        Outcome::exact(value, controls)
    }
}

/// The NaN with its quiet bit set.
#[inline]
pub(crate) fn quiet<F: Format>(nan: F) -> F {
    F::from_bits(nan.bits() | F::QUIET)
}
