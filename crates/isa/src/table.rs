//! The table of instructions: mnemonic, operation code, format, facility,
//! rules, body. One line each, in families by subject.
//!
//! Rules: `cc` sets the condition code; `p` privileged; `r1`, `r2`, `r3` the
//! register must be even; `bfp`, `dfp` without the AFP-register control there is
//! a data exception. What floating-point registers must be follows from the
//! format.
//!
//! A row becomes a type that is an [`Instruction`]. An engine says with
//! [`Dispatch`] what it makes of such a type, and gets one of these for each
//! row from [`Handlers`], at compile time.

use crate::{Body, Builder, Done, Row};
use core::marker::PhantomData;

/// An instruction as a type: what the table says, and its body.
pub trait Instruction: 'static {
    /// What the table says. The number is given in [`ROWS`] only.
    const ROW: Row;
    /// The fields of its format, from the left-aligned instruction.
    type Operands: Copy + From<u64>;

    /// Its body. The rules of the row have been checked.
    ///
    /// # Errors
    /// The builder's way to end an instruction early.
    fn execute<B: Builder>(b: &mut B, operands: Self::Operands) -> Done<B>;
}

/// What an engine makes of instructions.
pub trait Dispatch: Sized {
    /// What stands for an instruction at run time: mostly a function pointer.
    type Handler: Copy;
    /// Gives the handler of an instruction.
    type Of<I: Instruction>: HandlerOf<Self>;
}

/// Gives one handler; see [`Dispatch::Of`].
pub trait HandlerOf<D: Dispatch> {
    /// The handler.
    const HANDLER: D::Handler;
}

/// The handlers of all rows for one engine.
pub struct Handlers<D>(PhantomData<D>);

impl<D: Dispatch> Handlers<D> {
    /// The handler of a row.
    #[inline]
    #[must_use]
    pub fn of(row: &Row) -> D::Handler {
        let all: &[D::Handler; COUNT] = &Self::ALL;
        all[usize::from(row.number)]
    }
}

/// The bodies of all rows for one builder, as functions of the left-aligned
/// instruction.
pub struct Bodies<B>(PhantomData<B>);

impl<B: Builder> Bodies<B> {
    /// The body of a row.
    #[inline]
    #[must_use]
    pub fn of(row: &Row) -> Body<B> {
        Handlers::<Self>::of(row)
    }
}

/// See [`Bodies`].
pub struct BodyOf<I>(PhantomData<I>);

impl<B: Builder> Dispatch for Bodies<B> {
    type Handler = Body<B>;
    type Of<I: Instruction> = BodyOf<I>;
}

impl<B: Builder, I: Instruction> HandlerOf<Bodies<B>> for BodyOf<I> {
    const HANDLER: Body<B> = |b, raw| I::execute(b, raw.into());
}

/// The rows of one family.
macro_rules! family {
    ($($name:ident $opcode:literal $format:ident $facility:ident [$($rule:ident)*] |$b:ident, $o:ident| $body:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`")]
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            pub enum $name {}

            impl super::Instruction for $name {
                const ROW: crate::Row = crate::Row {
                    number: 0,
                    mnemonic: stringify!($name),
                    opcode: $opcode,
                    format: crate::Format::$format,
                    facility: $facility,
                    rules: crate::Rules::of(&[$(stringify!($rule)),*], crate::Format::$format),
                };
                type Operands = crate::format::$format;

                #[inline(always)]
                fn execute<B: crate::Builder>($b: &mut B, $o: Self::Operands) -> crate::Done<B> {
                    $body
                }
            }
        )*

        pub(super) const ROWS: &[crate::Row] = &[$(<$name as super::Instruction>::ROW),*];

        pub(super) struct Family<D>(core::marker::PhantomData<D>);

        impl<D: super::Dispatch> Family<D> {
            pub(super) const HANDLERS: [D::Handler; ROWS.len()] =
                [$(<D::Of<$name> as super::HandlerOf<D>>::HANDLER),*];
        }
    };
}

/// What the families' files use.
mod prelude {
    pub(super) use crate::bodies::{
        Imm, ImmU, Mem, MemAligned, Reg, arithmetic, bits, branch, compare, conditional, control,
        high, high::High, hint, interlocked, logic, mem_aligned_signed, mem_aligned_unsigned,
        mem_signed, mem_unsigned, reg_signed, reg_unsigned, shift, transfer,
    };
    pub(super) use crate::{Helper, Link, Update};
    use lowcore_arch::Facility;

    pub(super) const N3: Facility = Facility::N3;
    pub(super) const LD: Facility = Facility::LONG_DISPLACEMENT;
    pub(super) const EI: Facility = Facility::EXTENDED_IMMEDIATE;
    pub(super) const GIE: Facility = Facility::GENERAL_INSTRUCTIONS_EXTENSION;
    pub(super) const EE: Facility = Facility::EXECUTE_EXTENSIONS;
    pub(super) const SCF: Facility = Facility::STORE_CLOCK_FAST;
    pub(super) const FLE: Facility = Facility::STFLE;
    pub(super) const FPE: Facility = Facility::FLOATING_POINT_EXTENSION;
    pub(super) const FPS: Facility = Facility::FLOATING_POINT_SUPPORT;
    pub(super) const DO: Facility = Facility::DISTINCT_OPERANDS;
    pub(super) const M1: Facility = Facility::MISCELLANEOUS_INSTRUCTION_EXTENSIONS;
}

macro_rules! families {
    ($($family:ident)*) => {
        $(pub mod $family;)*

        const COUNT: usize = 0 $(+ $family::ROWS.len())*;

        const TABLE: [Row; COUNT] = {
            let mut rows = [loads::ROWS[0]; COUNT];
            let mut number: u16 = 0;
            $(
                let mut i = 0;
                while i < $family::ROWS.len() {
                    rows[number as usize] = Row { number, ..$family::ROWS[i] };
                    number += 1;
                    i += 1;
                }
            )*
            rows
        };

        impl<D: Dispatch> Handlers<D> {
            const ALL: [D::Handler; COUNT] = {
                let mut handlers = [loads::Family::<D>::HANDLERS[0]; COUNT];
                let mut number = 0;
                $(
                    let mut i = 0;
                    while i < $family::ROWS.len() {
                        handlers[number] = $family::Family::<D>::HANDLERS[i];
                        number += 1;
                        i += 1;
                    }
                )*
                handlers
            };
        }
    };
}

families! {
    loads
    stores
    float_transfers
    float_control
    float_arithmetic
    float_conversions
    arithmetic
    logic
    shifts
    comparisons
    branches
    high_word
    bits
    conditional
    interlocked
    hints
    state
    control
    keys
    system
    spaces
    linkage
    strings
    conversions
    above
}

/// All instructions, in the order of their numbers.
pub static ROWS: &[Row] = &TABLE;
