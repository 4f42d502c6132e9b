//! What an instruction touches, found by running its body with a builder that
//! computes nothing and writes down everything.

use crate::{
    Bodies, Builder, Done, FixedFormat, Helper, HostFloat, Link, Loaded, Location, Modifiers, Row,
    Update, Value, Width,
};
use core::convert::Infallible;
use lowcore_arch::ProgramCode;

/// Everything that an instruction may do. Sets of registers have bit `n` for
/// register `n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// General registers read.
    pub reads: u16,
    /// General registers written, wholly or in part.
    pub writes: u16,
    /// Those of them that have their left half written.
    pub left_writes: u16,
    /// Those of them that have less than all written, on the right.
    pub right_writes: u16,
    /// Access registers read.
    pub access_reads: u16,
    /// Access registers written.
    pub access_writes: u16,
    /// Floating-point registers read.
    pub float_reads: u16,
    /// Floating-point registers written, wholly or in part.
    pub float_writes: u16,
    /// The floating-point-control register is read.
    pub reads_fpc: bool,
    /// The floating-point-control register is changed.
    pub changes_fpc: bool,
    /// Control registers read.
    pub control_reads: u16,
    /// Control registers written.
    pub control_writes: u16,
    /// The condition code is read.
    pub reads_cc: bool,
    /// The condition code is set.
    pub sets_cc: bool,
    /// PSW bits other than condition code and address are read.
    pub reads_psw: bool,
    /// PSW bits other than condition code and address are changed.
    pub changes_psw: bool,
    /// The instruction address may become something else than the next
    /// instruction's.
    pub branches: bool,
    /// How far it may branch relative to itself.
    pub relative: Option<i64>,
    /// The most bytes fetched from storage.
    pub loads: u64,
    /// The most bytes stored.
    pub stores: u64,
    /// An access to storage of the body's own comes after it has changed
    /// something: the instruction cannot begin anew at that access.
    pub accesses_late: bool,
    /// It may end with something else than its completion.
    pub may_end: bool,
    /// Program interruptions that the body itself raises.
    pub raises: Vec<ProgramCode>,
    /// The routines called.
    pub helpers: Vec<Helper>,
}

/// The effects of an instruction.
///
/// ```
/// let row = lowcore_isa::decode(0x5a12_3004_0000_0000).unwrap(); // a %r1,4(%r2,%r3)
/// let effects = lowcore_isa::effects::of(row, 0x5a12_3004_0000_0000);
/// assert_eq!((effects.reads, effects.writes), (0b1110, 0b0010));
/// assert_eq!((effects.loads, effects.sets_cc, effects.may_end), (4, true, true));
/// ```
#[must_use]
pub fn of(row: &Row, raw: u64) -> Effects {
    let mut recorder = Recorder(Effects::default());
    let Ok(()) = Bodies::<Recorder>::of(row)(&mut recorder, raw);
    recorder.0
}

struct Recorder(Effects);

type Nothing<T> = Value<Recorder, T>;

const fn nothing<T: Width>() -> Nothing<T> {
    Value(())
}

const NOWHERE: Location<Recorder> = Location { address: Value(()), base: 0 };

impl Recorder {
    fn raise(&mut self, code: ProgramCode) {
        self.0.may_end = true;
        if !self.0.raises.contains(&code) {
            self.0.raises.push(code);
        }
    }

    /// Before an access that may have to begin the instruction anew.
    fn access(&mut self) {
        let Effects { writes, access_writes, float_writes, control_writes, .. } = self.0;
        self.0.accesses_late |= writes | access_writes | float_writes | control_writes != 0
            || self.0.stores != 0
            || self.0.sets_cc
            || self.0.changes_psw
            || self.0.changes_fpc;
    }

    fn fetch(&mut self, bytes: u64) {
        self.0.loads += bytes;
        self.0.may_end = true;
    }

    fn put(&mut self, bytes: u64) {
        self.0.stores += bytes;
        self.0.may_end = true;
    }
}

/// Operations on values have no effects.
macro_rules! pure {
    ($($name:ident $(<$($width:ident),*>)? ($($kind:ty),*) -> $result:ty = $value:expr;)*) => {
        $(fn $name $(<$($width: Width),*>)? (&mut self, $(_: $kind),*) -> $result {
            $value
        })*
    };
}

impl Builder for Recorder {
    type Repr<T: Width> = ();
    type Bool = ();
    type Exit = Infallible;

    pure! {
        constant<T>(u64) -> Nothing<T> = nothing();
        constant_bool(bool) -> () = ();
        add<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        sub<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        add_signed<T>(Nothing<T>, Nothing<T>) -> (Nothing<T>, ()) = (nothing(), ());
        sub_signed<T>(Nothing<T>, Nothing<T>) -> (Nothing<T>, ()) = (nothing(), ());
        add_carry<T>(Nothing<T>, Nothing<T>) -> (Nothing<T>, ()) = (nothing(), ());
        sub_borrow<T>(Nothing<T>, Nothing<T>) -> (Nothing<T>, ()) = (nothing(), ());
        mul<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        mul_high(Nothing<u64>, Nothing<u64>) -> Nothing<u64> = nothing();
        div_signed(Nothing<u64>, Nothing<u64>) -> (Nothing<u64>, Nothing<u64>) = (nothing(), nothing());
        div_unsigned(Nothing<u64>, Nothing<u64>) -> (Nothing<u64>, Nothing<u64>) = (nothing(), nothing());
        div_wide(Nothing<u64>, Nothing<u64>, Nothing<u64>) -> (Nothing<u64>, Nothing<u64>) = (nothing(), nothing());
        and<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        or<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        xor<T>(Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        shift_left<T>(Nothing<T>, Nothing<u64>) -> Nothing<T> = nothing();
        shift_right<T>(Nothing<T>, Nothing<u64>) -> Nothing<T> = nothing();
        shift_right_signed<T>(Nothing<T>, Nothing<u64>) -> Nothing<T> = nothing();
        rotate_left<T>(Nothing<T>, Nothing<u64>) -> Nothing<T> = nothing();
        leading_zeros(Nothing<u64>) -> Nothing<u64> = nothing();
        zero_extend<T, U>(Nothing<T>) -> Nothing<U> = nothing();
        sign_extend<T, U>(Nothing<T>) -> Nothing<U> = nothing();
        equal<T>(Nothing<T>, Nothing<T>) -> () = ();
        below_signed<T>(Nothing<T>, Nothing<T>) -> () = ();
        below<T>(Nothing<T>, Nothing<T>) -> () = ();
        not(()) -> () = ();
        both((), ()) -> () = ();
        either((), ()) -> () = ();
        select<T>((), Nothing<T>, Nothing<T>) -> Nothing<T> = nothing();
        relative(i64) -> Location<Self> = NOWHERE;
        beyond(Location<Self>, u64) -> Location<Self> = NOWHERE;
    }

    fn gr<T: Width>(&mut self, r: u8) -> Nothing<T> {
        self.0.reads |= 1 << r;
        nothing()
    }

    fn set_gr<T: Width>(&mut self, r: u8, _: Nothing<T>) {
        self.0.writes |= 1 << r;
        if T::BITS < 64 {
            self.0.right_writes |= 1 << r;
        } else {
            self.0.left_writes |= 1 << r;
        }
    }

    fn gr_high(&mut self, r: u8) -> Nothing<u32> {
        self.gr(r)
    }

    fn set_gr_high(&mut self, r: u8, _: Nothing<u32>) {
        self.0.writes |= 1 << r;
        self.0.left_writes |= 1 << r;
    }

    fn set_gr_address(&mut self, r: u8, address: Nothing<u64>) {
        self.set_gr(r, address);
    }

    fn ar(&mut self, r: u8) -> Nothing<u32> {
        self.0.access_reads |= 1 << r;
        nothing()
    }

    fn set_ar(&mut self, r: u8, _: Nothing<u32>) {
        self.0.access_writes |= 1 << r;
    }

    fn fpr<T: Width>(&mut self, r: u8) -> Nothing<T> {
        self.0.float_reads |= 1 << r;
        nothing()
    }

    fn set_fpr<T: Width>(&mut self, r: u8, _: Nothing<T>) {
        self.0.float_writes |= 1 << r;
    }

    fn fpc(&mut self) -> Nothing<u32> {
        self.0.reads_fpc = true;
        nothing()
    }

    fn set_fpc(&mut self, _: Nothing<u32>) {
        self.0.changes_fpc = true;
    }

    fn cr(&mut self, r: u8) -> Nothing<u64> {
        self.0.control_reads |= 1 << r;
        nothing()
    }

    fn set_cr(&mut self, r: u8, _: Nothing<u64>) {
        self.0.control_writes |= 1 << r;
    }

    fn set_cr_low(&mut self, r: u8, _: Nothing<u32>) {
        self.0.control_writes |= 1 << r;
    }

    fn psw_mask(&mut self) -> Nothing<u64> {
        self.0.reads_psw = true;
        nothing()
    }

    fn system_mask(&mut self) -> Nothing<u64> {
        self.0.reads_psw = true;
        nothing()
    }

    fn program_mask(&mut self) -> Nothing<u64> {
        self.0.reads_psw = true;
        nothing()
    }

    fn set_program_mask(&mut self, _: Nothing<u64>) {
        self.0.changes_psw = true;
    }

    fn cc(&mut self) -> Nothing<u64> {
        self.0.reads_cc = true;
        nothing()
    }

    fn cc_in(&mut self, _: u8) {
        self.0.reads_cc = true;
    }

    fn set_cc(&mut self, _: Nothing<u64>) {
        self.0.sets_cc = true;
    }

    fn set_cc_sign<T: Width>(&mut self, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_sign_or_overflow<T: Width>(&mut self, _: Nothing<T>, (): ()) {
        self.0.sets_cc = true;
    }

    fn set_cc_carry<T: Width>(&mut self, _: Nothing<T>, (): ()) {
        self.0.sets_cc = true;
    }

    fn set_cc_not_zero<T: Width>(&mut self, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_compare_signed<T: Width>(&mut self, _: Nothing<T>, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_compare<T: Width>(&mut self, _: Nothing<T>, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_float<T: Width>(&mut self, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_float_compare<T: Width>(&mut self, _: Nothing<T>, _: Nothing<T>) {
        self.0.sets_cc = true;
    }

    fn set_cc_mixed<T: Width>(&mut self, _: Nothing<T>, _: u64) {
        self.0.sets_cc = true;
    }

    fn set_cc_under_mask<T: Width>(&mut self, _: Nothing<T>, _: u64) {
        self.0.sets_cc = true;
    }

    fn effective(&mut self, x: u8, b: u8, _: i64) -> Location<Self> {
        for r in [x, b] {
            if r != 0 {
                self.0.reads |= 1 << r;
            }
        }
        Location { base: b, ..NOWHERE }
    }

    fn load<T: Width>(&mut self, _: Location<Self>) -> Loaded<Self, T> {
        self.access();
        self.fetch(T::BYTES);
        Ok(nothing())
    }

    fn store<T: Width>(&mut self, _: Location<Self>, _: Nothing<T>) -> Done<Self> {
        self.access();
        self.put(T::BYTES);
        Ok(())
    }

    fn probe_store(&mut self, _: Location<Self>, _: u64) -> Done<Self> {
        self.0.may_end = true;
        Ok(())
    }

    fn load_many<T: Width>(
        &mut self,
        _: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8, Nothing<T>),
    ) -> Done<Self> {
        self.fetch(T::BYTES * u64::from(count));
        (0..count).for_each(|i| each(self, i, nothing()));
        Ok(())
    }

    fn store_many<T: Width>(
        &mut self,
        _: Location<Self>,
        count: u8,
        mut each: impl FnMut(&mut Self, u8) -> Nothing<T>,
    ) -> Done<Self> {
        self.put(T::BYTES * u64::from(count));
        for i in 0..count {
            each(self, i);
        }
        Ok(())
    }

    fn compare_and_swap<T: Width>(
        &mut self,
        _: Location<Self>,
        _: Nothing<T>,
        _: Nothing<T>,
    ) -> Result<(Nothing<T>, ()), Infallible> {
        self.access();
        self.fetch(T::BYTES);
        self.put(T::BYTES);
        Ok((nothing(), ()))
    }

    fn compare_and_swap_wide(
        &mut self,
        _: Location<Self>,
        _: [Nothing<u64>; 2],
        _: [Nothing<u64>; 2],
    ) -> Result<([Nothing<u64>; 2], ()), Infallible> {
        self.fetch(16);
        self.put(16);
        Ok(([nothing(); 2], ()))
    }

    fn fetch_and_update<T: Width>(
        &mut self,
        _: Location<Self>,
        _: Update,
        _: Nothing<T>,
    ) -> Loaded<Self, T> {
        self.fetch(T::BYTES);
        self.put(T::BYTES);
        Ok(nothing())
    }

    fn load_quadword(&mut self, _: Location<Self>) -> Result<[Nothing<u64>; 2], Infallible> {
        self.fetch(16);
        Ok([nothing(); 2])
    }

    fn store_quadword(&mut self, _: Location<Self>, _: [Nothing<u64>; 2]) -> Done<Self> {
        self.put(16);
        Ok(())
    }

    fn serialize(&mut self) {}

    fn raise_if(&mut self, (): (), code: ProgramCode) -> Done<Self> {
        self.raise(code);
        Ok(())
    }

    fn raise_data_if(&mut self, (): (), _: u8) -> Done<Self> {
        self.raise(ProgramCode::DATA);
        Ok(())
    }

    fn raise_overflow(&mut self, (): ()) -> Done<Self> {
        self.raise(ProgramCode::FIXED_POINT_OVERFLOW);
        Ok(())
    }

    fn when(&mut self, (): (), then: impl FnOnce(&mut Self) -> Done<Self>) -> Done<Self> {
        then(self)
    }

    fn branch_if(&mut self, (): (), _: Nothing<u64>) {
        self.0.branches = true;
    }

    fn branch_relative_if(&mut self, (): (), bytes: i64) {
        self.0.relative = Some(bytes);
        self.0.branches = true;
    }

    fn link(&mut self, r: u8, _: Link) {
        self.0.writes |= 1 << r;
        self.0.left_writes |= 1 << r;
        self.0.reads_cc = true;
        self.0.reads_psw = true;
    }

    /// What the routine does is all that there is.
    fn float<T: Width, U: Width>(
        &mut self,
        _: HostFloat,
        _: &[Nothing<T>],
    ) -> Result<Option<Nothing<U>>, Infallible> {
        self.access();
        Ok(None)
    }

    fn float_to_fixed<T: Width>(
        &mut self,
        _: FixedFormat,
        _: Modifiers,
        _: Nothing<T>,
    ) -> Result<Option<(Nothing<u64>, Nothing<T>)>, Infallible> {
        self.access();
        Ok(None)
    }

    fn uses(&mut self, reads: u16, writes: u16) {
        self.0.reads |= reads;
        self.0.writes |= writes;
        self.0.left_writes |= writes;
    }

    fn uses_float(&mut self, reads: u16, writes: u16) {
        self.0.float_reads |= reads;
        self.0.float_writes |= writes;
    }

    fn call(
        &mut self,
        helper: Helper,
        _: &[Location<Self>],
        _: &[Nothing<u64>],
    ) -> Loaded<Self, u64> {
        let effects = helper.effects();
        self.0.loads += effects.loads;
        self.0.stores += effects.stores;
        self.0.sets_cc |= effects.sets_cc;
        self.0.changes_psw |= effects.changes_psw;
        self.0.branches |= effects.branches;
        self.0.reads_fpc |= effects.changes_fpc;
        self.0.changes_fpc |= effects.changes_fpc;
        self.0.may_end |= effects.may_end;
        self.0.helpers.push(helper);
        Ok(nothing())
    }
}
