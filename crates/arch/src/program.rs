//! Program-interruption codes (manual, chapter 6, "Program Interruption").

/// A program-interruption code: 16 bits, of which 0x80 is the PER bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProgramCode(pub u16);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:expr;)*) => {
        impl ProgramCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The manual's name of the code, its PER bit aside.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self.without_per().0 {
                    $($code => stringify!($name),)*
                    0 => "none",
                    _ => "unassigned",
                }
            }
        }
    };
}

codes! {
    /// Operation exception.
    OPERATION = 0x01;
    /// Privileged-operation exception.
    PRIVILEGED_OPERATION = 0x02;
    /// Execute exception.
    EXECUTE = 0x03;
    /// Protection exception.
    PROTECTION = 0x04;
    /// Addressing exception.
    ADDRESSING = 0x05;
    /// Specification exception.
    SPECIFICATION = 0x06;
    /// Data exception.
    DATA = 0x07;
    /// Fixed-point-overflow exception.
    FIXED_POINT_OVERFLOW = 0x08;
    /// Fixed-point-divide exception.
    FIXED_POINT_DIVIDE = 0x09;
    /// Segment-translation exception.
    SEGMENT_TRANSLATION = 0x10;
    /// Page-translation exception.
    PAGE_TRANSLATION = 0x11;
    /// Translation-specification exception.
    TRANSLATION_SPECIFICATION = 0x12;
    /// Special-operation exception.
    SPECIAL_OPERATION = 0x13;
    /// Operand exception.
    OPERAND = 0x15;
    /// Trace-table exception.
    TRACE_TABLE = 0x16;
    /// ASN-translation-specification exception.
    ASN_TRANSLATION_SPECIFICATION = 0x17;
    /// Vector-processing exception.
    VECTOR_PROCESSING = 0x1b;
    /// Space-switch event.
    SPACE_SWITCH = 0x1c;
    /// AFX-translation exception.
    AFX_TRANSLATION = 0x20;
    /// ASX-translation exception.
    ASX_TRANSLATION = 0x21;
    /// LX-translation exception.
    LX_TRANSLATION = 0x22;
    /// EX-translation exception.
    EX_TRANSLATION = 0x23;
    /// Primary-authority exception.
    PRIMARY_AUTHORITY = 0x24;
    /// Secondary-authority exception.
    SECONDARY_AUTHORITY = 0x25;
    /// LFX-translation exception.
    LFX_TRANSLATION = 0x26;
    /// LSX-translation exception.
    LSX_TRANSLATION = 0x27;
    /// ALET-specification exception.
    ALET_SPECIFICATION = 0x28;
    /// ALEN-translation exception.
    ALEN_TRANSLATION = 0x29;
    /// ALE-sequence exception.
    ALE_SEQUENCE = 0x2a;
    /// ASTE-validity exception.
    ASTE_VALIDITY = 0x2b;
    /// ASTE-sequence exception.
    ASTE_SEQUENCE = 0x2c;
    /// Extended-authority exception.
    EXTENDED_AUTHORITY = 0x2d;
    /// LSTE-sequence exception.
    LSTE_SEQUENCE = 0x2e;
    /// ASTE-instance exception.
    ASTE_INSTANCE = 0x2f;
    /// Stack-full exception.
    STACK_FULL = 0x30;
    /// Stack-empty exception.
    STACK_EMPTY = 0x31;
    /// Stack-specification exception.
    STACK_SPECIFICATION = 0x32;
    /// Stack-type exception.
    STACK_TYPE = 0x33;
    /// Stack-operation exception.
    STACK_OPERATION = 0x34;
    /// ASCE-type exception.
    ASCE_TYPE = 0x38;
    /// Region-first-translation exception.
    REGION_FIRST_TRANSLATION = 0x39;
    /// Region-second-translation exception.
    REGION_SECOND_TRANSLATION = 0x3a;
    /// Region-third-translation exception.
    REGION_THIRD_TRANSLATION = 0x3b;
    /// Monitor event.
    MONITOR = 0x40;
    /// Crypto-operation exception.
    CRYPTO_OPERATION = 0x119;
}

impl ProgramCode {
    /// The PER-event bit, alone or together with another code.
    pub const PER: Self = Self(0x80);

    /// The code with the PER bit removed.
    #[must_use]
    pub const fn without_per(self) -> Self {
        Self(self.0 & !Self::PER.0)
    }

    /// Whether the PER bit is one.
    #[must_use]
    pub const fn has_per(self) -> bool {
        self.0 & Self::PER.0 != 0
    }

    /// Whether the interruption nullifies the instruction, so that its old
    /// PSW designates the instruction itself (manual, figure 6-2; for codes
    /// that the manual lets a machine suppress, Linux's choice).
    #[must_use]
    pub const fn is_nullifying(self) -> bool {
        matches!(
            self.without_per().0,
            0x10 | 0x11 | 0x16 | 0x20..=0x27 | 0x29..=0x34 | 0x38..=0x3b | 0x119
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ProgramCode;

    #[test]
    fn names() {
        assert_eq!(ProgramCode(0x84).name(), "PROTECTION");
        assert_eq!(ProgramCode(0).name(), "none");
        assert_eq!(ProgramCode(0x7f00).name(), "unassigned");
    }
}
