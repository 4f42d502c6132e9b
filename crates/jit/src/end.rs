//! How compiled code tells its caller how the instruction ended.

use lowcore_arch::{ProgramCode, bits};
use lowcore_cpu::{Detail, Exception};

/// It completed.
pub const COMPLETED: u64 = 0;

/// An exception that the host's side has kept ends it.
pub const KEPT: u64 = 1 << 32;

/// Where the data-exception code is.
const DATA_SHIFT: u32 = 16;

/// A program interruption: its code, which is never zero.
pub fn program(code: ProgramCode) -> u64 {
    code.0.into()
}

/// A data exception with its data-exception code.
pub fn data(code: u8) -> u64 {
    program(ProgramCode::DATA) | u64::from(code) << DATA_SHIFT
}

/// What compiled code returned as the engine's result. `kept` gives the
/// exception that was kept.
pub fn result(end: u64, kept: impl FnOnce() -> Exception) -> Result<(), Exception> {
    if end == COMPLETED {
        return Ok(());
    }
    if end == KEPT {
        return Err(kept());
    }
    let code = ProgramCode(bits::low16(end));
    let detail = match code {
        ProgramCode::DATA => Detail::Data(bits::low8(end >> DATA_SHIFT)),
        _ => Detail::None,
    };
    Err(Exception::Program { code, detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let result = |end| result(end, || Exception::Intercept);
        assert_eq!(result(COMPLETED), Ok(()));
        assert_eq!(result(KEPT), Err(Exception::Intercept));
        let code = ProgramCode::FIXED_POINT_OVERFLOW;
        assert_eq!(result(program(code)), Err(code.into()));
        let detail = Detail::Data(0xff);
        let exception = Exception::Program { code: ProgramCode::DATA, detail };
        assert_eq!(result(data(0xff)), Err(exception));
    }
}
