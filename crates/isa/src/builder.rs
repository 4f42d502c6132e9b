//! What an engine offers to the bodies of instructions.

use crate::{FixedFormat, Helper, HostFloat, Location, Modifiers, Value, Width};
use lowcore_arch::ProgramCode;

/// The result of a body: it ended, or something else happened to the
/// instruction.
pub type Done<B> = Result<(), <B as Builder>::Exit>;

/// A loaded or computed value, unless the instruction ended before.
pub type Loaded<B, T> = Result<Value<B, T>, <B as Builder>::Exit>;

/// What BRANCH AND LINK and its kin leave in the link register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// BRANCH AND LINK: in the 24-bit mode also the instruction-length code,
    /// condition code and program mask.
    Link,
    /// BRANCH AND SAVE and its relative forms.
    Save,
    /// BRANCH AND SAVE AND SET MODE: the mode in bit 63 as well.
    SaveMode,
}

/// What an interlocked update does with the value in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Adds to it.
    Add,
    /// ANDs it.
    And,
    /// ORs it.
    Or,
    /// EXCLUSIVE ORs it.
    Xor,
}

impl Update {
    /// What the update makes of a number; the low bits of the result count.
    #[inline(always)]
    #[must_use]
    pub const fn apply(self, old: u64, operand: u64) -> u64 {
        match self {
            Self::Add => old.wrapping_add(operand),
            Self::And => old & operand,
            Self::Or => old | operand,
            Self::Xor => old ^ operand,
        }
    }

    /// What the update makes of `old`.
    #[inline(always)]
    pub fn of<B: Builder, T: Width>(
        self,
        b: &mut B,
        old: Value<B, T>,
        operand: Value<B, T>,
    ) -> Value<B, T> {
        match self {
            Self::Add => b.add(old, operand),
            Self::And => b.and(old, operand),
            Self::Or => b.or(old, operand),
            Self::Xor => b.xor(old, operand),
        }
    }
}

/// An engine's side of an instruction.
///
/// Bodies are written once against this trait. An interpreter implements it
/// over integers and acts at once; a compiler implements it over values of
/// its intermediate language and records what is to be done. So a body never
/// uses Rust control flow on guest values, only on the fields of the
/// instruction. It may use `?`: for an interpreter an `Err` ends the
/// instruction, for a compiler it never occurs, as the exits are in the code
/// that it emits.
///
/// A register number is always below 16.
pub trait Builder: Sized {
    /// A value of a width.
    type Repr<T: Width>: Copy;
    /// A truth value.
    type Bool: Copy;
    /// How an instruction can end early.
    type Exit;

    /// A constant: the low bits of `value`.
    fn constant<T: Width>(&mut self, value: u64) -> Value<Self, T>;

    /// A constant truth value.
    fn constant_bool(&mut self, value: bool) -> Self::Bool;

    // Registers

    /// General register `r`, or its low part.
    fn gr<T: Width>(&mut self, r: u8) -> Value<Self, T>;

    /// Replaces general register `r`, or only its low part.
    fn set_gr<T: Width>(&mut self, r: u8, value: Value<Self, T>);

    /// Bits 0-31 of general register `r`.
    fn gr_high(&mut self, r: u8) -> Value<Self, u32>;

    /// Replaces bits 0-31 of general register `r`.
    fn set_gr_high(&mut self, r: u8, value: Value<Self, u32>);

    /// Puts an address into general register `r`: all of it in the 64-bit
    /// mode, else bits 32-63.
    fn set_gr_address(&mut self, r: u8, address: Value<Self, u64>);

    /// Access register `r`.
    fn ar(&mut self, r: u8) -> Value<Self, u32>;

    /// Replaces access register `r`.
    fn set_ar(&mut self, r: u8, value: Value<Self, u32>);

    /// The leftmost bits of floating-point register `r`: 64, or 32 for an
    /// operand in the short format. Whether the register may be used is a
    /// rule of the row.
    fn fpr<T: Width>(&mut self, r: u8) -> Value<Self, T>;

    /// Replaces the leftmost bits of floating-point register `r`; the others
    /// stay.
    fn set_fpr<T: Width>(&mut self, r: u8, value: Value<Self, T>);

    /// The floating-point-control register.
    fn fpc(&mut self) -> Value<Self, u32>;

    /// Replaces the floating-point-control register. The body has excluded
    /// values that it cannot have.
    fn set_fpc(&mut self, value: Value<Self, u32>);

    /// Control register `r`.
    fn cr(&mut self, r: u8) -> Value<Self, u64>;

    /// Replaces control register `r`.
    fn set_cr(&mut self, r: u8, value: Value<Self, u64>);

    /// Replaces bits 32-63 of control register `r`.
    fn set_cr_low(&mut self, r: u8, value: Value<Self, u32>);

    /// Bits 0-63 of the PSW.
    fn psw_mask(&mut self) -> Value<Self, u64>;

    /// The system mask: bits 0-7 of the PSW.
    fn system_mask(&mut self) -> Value<Self, u64>;

    /// The program mask: four bits.
    fn program_mask(&mut self) -> Value<Self, u64>;

    /// Replaces the program mask by the low four bits of a value.
    fn set_program_mask(&mut self, mask: Value<Self, u64>);

    // Arithmetic

    /// Sum.
    fn add<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// Difference.
    fn sub<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// Sum, and whether it overflowed as signed numbers.
    fn add_signed<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, Self::Bool);

    /// Difference, and whether it overflowed as signed numbers.
    fn sub_signed<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, Self::Bool);

    /// Sum, and whether there was a carry out of the leftmost bit.
    fn add_carry<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, Self::Bool);

    /// Difference, and whether there was a borrow.
    fn sub_borrow<T: Width>(
        &mut self,
        a: Value<Self, T>,
        b: Value<Self, T>,
    ) -> (Value<Self, T>, Self::Bool);

    /// Low half of the product.
    fn mul<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// High half of the product of unsigned 64-bit numbers.
    fn mul_high(&mut self, a: Value<Self, u64>, b: Value<Self, u64>) -> Value<Self, u64>;

    /// Signed quotient and remainder. The body has excluded a zero divisor
    /// and an overflow.
    fn div_signed(
        &mut self,
        a: Value<Self, u64>,
        b: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>);

    /// Unsigned quotient and remainder. The body has excluded a zero divisor.
    fn div_unsigned(
        &mut self,
        a: Value<Self, u64>,
        b: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>);

    /// Quotient and remainder of the 128-bit number `high`, `low`. The body
    /// has excluded a divisor that is not above `high`.
    fn div_wide(
        &mut self,
        high: Value<Self, u64>,
        low: Value<Self, u64>,
        divisor: Value<Self, u64>,
    ) -> (Value<Self, u64>, Value<Self, u64>);

    // Logic and shifts

    /// Bitwise and.
    fn and<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// Bitwise or.
    fn or<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// Bitwise exclusive or.
    fn xor<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Value<Self, T>;

    /// Shifts left; the amount counts modulo the width.
    fn shift_left<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T>;

    /// Shifts right, zeros coming in; the amount counts modulo the width.
    fn shift_right<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T>;

    /// Shifts right, signs coming in; the amount counts modulo the width.
    fn shift_right_signed<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T>;

    /// Rotates left; the amount counts modulo the width.
    fn rotate_left<T: Width>(
        &mut self,
        value: Value<Self, T>,
        amount: Value<Self, u64>,
    ) -> Value<Self, T>;

    /// The number of zeros on the left: 64 for zero.
    fn leading_zeros(&mut self, value: Value<Self, u64>) -> Value<Self, u64>;

    // Widths

    /// To a wider type, zeros on the left; to a narrower one, cut.
    fn zero_extend<T: Width, U: Width>(&mut self, value: Value<Self, T>) -> Value<Self, U>;

    /// To a wider type, signs on the left.
    fn sign_extend<T: Width, U: Width>(&mut self, value: Value<Self, T>) -> Value<Self, U>;

    // Truth

    /// Whether the values are equal.
    fn equal<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Self::Bool;

    /// Whether `a` is below `b` as signed numbers.
    fn below_signed<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Self::Bool;

    /// Whether `a` is below `b` as unsigned numbers.
    fn below<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>) -> Self::Bool;

    /// Not.
    fn not(&mut self, a: Self::Bool) -> Self::Bool;

    /// Both.
    fn both(&mut self, a: Self::Bool, b: Self::Bool) -> Self::Bool;

    /// Either.
    fn either(&mut self, a: Self::Bool, b: Self::Bool) -> Self::Bool;

    /// `yes` if `condition`, else `no`.
    fn select<T: Width>(
        &mut self,
        condition: Self::Bool,
        yes: Value<Self, T>,
        no: Value<Self, T>,
    ) -> Value<Self, T>;

    // Condition code. Each is a recipe that a compiler may keep unevaluated.

    /// The condition code, 0 to 3.
    fn cc(&mut self) -> Value<Self, u64>;

    /// Whether the condition code is one of those that the four mask bits
    /// select (8 for 0, 4 for 1, 2 for 2, 1 for 3).
    fn cc_in(&mut self, mask: u8) -> Self::Bool;

    /// Sets the condition code to the low two bits of a value.
    fn set_cc(&mut self, cc: Value<Self, u64>);

    /// 0 zero, 1 negative, 2 positive.
    fn set_cc_sign<T: Width>(&mut self, result: Value<Self, T>);

    /// 3 on overflow, else 0 zero, 1 negative, 2 positive.
    fn set_cc_sign_or_overflow<T: Width>(&mut self, result: Value<Self, T>, overflow: Self::Bool);

    /// 0 zero, 1 not zero, plus 2 with a carry.
    fn set_cc_carry<T: Width>(&mut self, result: Value<Self, T>, carry: Self::Bool);

    /// 0 zero, 1 not zero.
    fn set_cc_not_zero<T: Width>(&mut self, result: Value<Self, T>);

    /// 0 equal, 1 first low, 2 first high, as signed numbers.
    fn set_cc_compare_signed<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>);

    /// 0 equal, 1 first low, 2 first high, as unsigned numbers.
    fn set_cc_compare<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>);

    /// Of a number of the short or long format: 0 zero, 1 less, 2 greater, 3 a
    /// NaN.
    fn set_cc_float<T: Width>(&mut self, number: Value<Self, T>);

    /// Of two numbers of the short or long format: 0 equal, 1 first low, 2
    /// first high, 3 unordered.
    fn set_cc_float_compare<T: Width>(&mut self, a: Value<Self, T>, b: Value<Self, T>);

    /// TEST UNDER MASK of storage, over the bits that `mask` selects: 0 all
    /// zero or none selected; 1 mixed; 3 all ones.
    fn set_cc_mixed<T: Width>(&mut self, value: Value<Self, T>, mask: u64);

    /// TEST UNDER MASK of registers, over the bits that `mask` selects: 0 all
    /// zero or none selected; 1 mixed, leftmost zero; 2 mixed, leftmost one;
    /// 3 all ones.
    fn set_cc_under_mask<T: Width>(&mut self, value: Value<Self, T>, mask: u64);

    // Storage

    /// The effective address of a storage operand: index plus base plus
    /// displacement, where register 0 adds nothing, cut to the addressing
    /// mode.
    fn effective(&mut self, x: u8, b: u8, displacement: i64) -> Location<Self>;

    /// The address `bytes` away from the instruction (for EXECUTE, from its
    /// target), cut to the addressing mode.
    fn relative(&mut self, bytes: i64) -> Location<Self>;

    /// The location `bytes` further on, cut to the addressing mode.
    fn beyond(&mut self, at: Location<Self>, bytes: u64) -> Location<Self>;

    /// Fetches a value.
    fn load<T: Width>(&mut self, at: Location<Self>) -> Loaded<Self, T>;

    /// Stores a value; nothing is stored if any byte of it cannot be.
    fn store<T: Width>(&mut self, at: Location<Self>, value: Value<Self, T>) -> Done<Self>;

    /// Checks that `bytes` may be stored into.
    fn probe_store(&mut self, at: Location<Self>, bytes: u64) -> Done<Self>;

    /// Fetches up to 16 consecutive values and hands them to `each` with
    /// their numbers, after all of them were fetched.
    fn load_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        each: impl FnMut(&mut Self, u8, Value<Self, T>),
    ) -> Done<Self>;

    /// Stores up to 16 consecutive values, which `each` gives by their
    /// numbers; none is stored if any byte cannot be.
    fn store_many<T: Width>(
        &mut self,
        at: Location<Self>,
        count: u8,
        each: impl FnMut(&mut Self, u8) -> Value<Self, T>,
    ) -> Done<Self>;

    /// Compares the value in storage with `old` and replaces it by `new` if
    /// equal, atomically. Gives what was in storage, and whether it was
    /// equal. The body has checked the alignment.
    #[expect(clippy::type_complexity, reason = "a pair in a result needs no name")]
    fn compare_and_swap<T: Width>(
        &mut self,
        at: Location<Self>,
        old: Value<Self, T>,
        new: Value<Self, T>,
    ) -> Result<(Value<Self, T>, Self::Bool), Self::Exit>;

    /// The same with 16 bytes, each value in its high and low halves.
    #[expect(clippy::type_complexity, reason = "a pair in a result needs no name")]
    fn compare_and_swap_wide(
        &mut self,
        at: Location<Self>,
        old: [Value<Self, u64>; 2],
        new: [Value<Self, u64>; 2],
    ) -> Result<([Value<Self, u64>; 2], Self::Bool), Self::Exit>;

    /// Replaces the value in storage by what `update` makes of it with
    /// `operand`, in one step where it is aligned to its width. Gives what
    /// was in storage.
    fn fetch_and_update<T: Width>(
        &mut self,
        at: Location<Self>,
        update: Update,
        operand: Value<Self, T>,
    ) -> Loaded<Self, T>;

    /// Fetches 16 bytes in one step: their high and low halves. The body has
    /// checked the alignment.
    fn load_quadword(&mut self, at: Location<Self>) -> Result<[Value<Self, u64>; 2], Self::Exit>;

    /// Stores 16 bytes in one step. The body has checked the alignment.
    fn store_quadword(&mut self, at: Location<Self>, value: [Value<Self, u64>; 2]) -> Done<Self>;

    /// Other CPUs see what this CPU did before as done before what it does
    /// from here on (manual, chapter 5, "CPU Serialization").
    fn serialize(&mut self);

    // Control flow

    /// Ends the instruction with a program interruption if `condition`.
    /// What was done before stays done.
    fn raise_if(&mut self, condition: Self::Bool, code: ProgramCode) -> Done<Self>;

    /// Ends the instruction with a data exception of this data-exception code
    /// if `condition`. What was done before stays done.
    fn raise_data_if(&mut self, condition: Self::Bool, code: u8) -> Done<Self>;

    /// Ends the instruction with a fixed-point-overflow exception if
    /// `overflow` and the program mask says so.
    fn raise_overflow(&mut self, overflow: Self::Bool) -> Done<Self>;

    /// Does `then` if `condition`. Values made in `then` stay in it.
    fn when(
        &mut self,
        condition: Self::Bool,
        then: impl FnOnce(&mut Self) -> Done<Self>,
    ) -> Done<Self>;

    /// Branches to an address if `condition`.
    fn branch_if(&mut self, condition: Self::Bool, target: Value<Self, u64>);

    /// Branches `bytes` away from the instruction if `condition`.
    fn branch_relative_if(&mut self, condition: Self::Bool, bytes: i64);

    /// Puts the address of the next instruction into a link register.
    fn link(&mut self, r: u8, form: Link);

    /// Performs an operation on numbers with the host's own arithmetic, raises
    /// the flag of an inexact result, and gives the result. With nothing, the
    /// body is to do all of it by a routine.
    ///
    /// Where the host's arithmetic does not do, an engine gives the
    /// instruction up to begin it anew with a builder that gives nothing; or
    /// it asks elsewhere for the result, unless the instruction ends in a data
    /// exception.
    ///
    /// There are three operands at most.
    fn float<T: Width, U: Width>(
        &mut self,
        operation: HostFloat,
        operands: &[Value<Self, T>],
    ) -> Result<Option<Value<Self, U>>, Self::Exit>;

    /// The same for CONVERT TO FIXED and CONVERT TO LOGICAL. Gives the integer,
    /// on the right of a doubleword, and the number that the condition code is
    /// of: the operand, or a NaN if no integer is the operand rounded.
    #[expect(clippy::type_complexity, reason = "a pair in a result needs no name")]
    fn float_to_fixed<T: Width>(
        &mut self,
        to: FixedFormat,
        modifiers: Modifiers,
        operand: Value<Self, T>,
    ) -> Result<Option<(Value<Self, u64>, Value<Self, T>)>, Self::Exit>;

    /// Tells that the routine called next reads and writes these general
    /// registers itself (bit `n` for register `n`): it was given their
    /// numbers.
    fn uses(&mut self, reads: u16, writes: u16);

    /// The same of floating-point registers.
    fn uses_float(&mut self, reads: u16, writes: u16);

    /// Calls a shared routine. `at` are its storage operands, three at most,
    /// `arguments` its other operands, six at most; the result is what
    /// [`Helper`] says, or 0.
    fn call(
        &mut self,
        helper: Helper,
        at: &[Location<Self>],
        arguments: &[Value<Self, u64>],
    ) -> Loaded<Self, u64>;
}
