//! The table of instructions: mnemonic, operation code, format, facility,
//! rules, body. One line each, by operation code within a family.
//!
//! Rules: `cc` sets the condition code; `p` privileged; `r1`, `r2`, `r3` the
//! register must be even.

use crate::bodies::{
    Imm, ImmU, Mem, MemAligned, Reg, arithmetic as ar, branch, compare, control, logic,
    mem_aligned_signed, mem_aligned_unsigned, mem_signed, mem_unsigned, reg_signed, reg_unsigned,
    shift, transfer as tr,
};
use crate::{Body, Builder, Done, Format, Helper, Link, Row, Rules, format};
use core::marker::PhantomData;
use lowcore_arch::Facility;

const N3: Facility = Facility::N3;
const LD: Facility = Facility::LONG_DISPLACEMENT;
const EI: Facility = Facility::EXTENDED_IMMEDIATE;
const GIE: Facility = Facility::GENERAL_INSTRUCTIONS_EXTENSION;
const EE: Facility = Facility::EXECUTE_EXTENSIONS;
const SCF: Facility = Facility::STORE_CLOCK_FAST;
const FLE: Facility = Facility::STFLE;
const DO: Facility = Facility::DISTINCT_OPERANDS;
/// TOD-clock steering.
const TCS: Facility = Facility(28);

/// The bodies of all rows for one builder.
pub struct Bodies<B>(PhantomData<B>);

macro_rules! rows {
    ($($name:ident $opcode:literal $format:ident $facility:ident [$($rule:ident)*] |$b:ident, $o:ident| $body:expr;)*) => {
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u16)]
        enum Number { $($name,)* }

        /// All instructions, in the order of their numbers.
        pub static ROWS: &[Row] = TABLE;

        const TABLE: &[Row] = &[$(Row {
            number: Number::$name as u16,
            mnemonic: stringify!($name),
            opcode: $opcode,
            format: Format::$format,
            facility: $facility,
            rules: Rules::of(&[$(stringify!($rule)),*], Format::$format),
        },)*];

        impl<B: Builder> Bodies<B> {
            const ALL: [Body<B>; TABLE.len()] = [$({
                fn body<B: Builder>(b: &mut B, raw: u64) -> Done<B> {
                    fn inner<B: Builder>($b: &mut B, $o: format::$format) -> Done<B> {
                        $body
                    }
                    inner(b, raw.into())
                }
                body::<B>
            },)*];

            /// The body of a row.
            #[inline]
            #[must_use]
            pub fn of(row: &Row) -> Body<B> {
                let all: &[Body<B>; TABLE.len()] = &Self::ALL;
                all[usize::from(row.number)]
            }
        }
    };
}

rows! {
    // Loads
    lr      0x18   Rr    N3  []   |b, o| tr::load::<_, u32>(b, o.r1, Reg(o.r2));
    lgr     0xb904 Rre   N3  []   |b, o| tr::load::<_, u64>(b, o.r1, Reg(o.r2));
    lgfr    0xb914 Rre   N3  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    llgfr   0xb916 Rre   N3  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_unsigned::<u32>(o.r2));
    l       0x58   RxA   N3  []   |b, o| tr::load::<_, u32>(b, o.r1, Mem(o.at));
    ly      0xe358 RxyA  LD  []   |b, o| tr::load::<_, u32>(b, o.r1, Mem(o.at));
    lg      0xe304 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, Mem(o.at));
    lgf     0xe314 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_signed::<u32, _>(o.at));
    llgf    0xe316 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_unsigned::<u32, _>(o.at));
    lrl     0xc4d  RilB  GIE []   |b, o| tr::load::<_, u32>(b, o.r1, MemAligned(o.to));
    lgrl    0xc48  RilB  GIE []   |b, o| tr::load::<_, u64>(b, o.r1, MemAligned(o.to));
    lgfrl   0xc4c  RilB  GIE []   |b, o| tr::load::<_, u64>(b, o.r1, mem_aligned_signed::<u32, _>(o.to));
    llgfrl  0xc4e  RilB  GIE []   |b, o| tr::load::<_, u64>(b, o.r1, mem_aligned_unsigned::<u32, _>(o.to));
    lhrl    0xc45  RilB  GIE []   |b, o| tr::load::<_, u32>(b, o.r1, mem_aligned_signed::<u16, _>(o.to));
    lghrl   0xc44  RilB  GIE []   |b, o| tr::load::<_, u64>(b, o.r1, mem_aligned_signed::<u16, _>(o.to));
    llhrl   0xc42  RilB  GIE []   |b, o| tr::load::<_, u32>(b, o.r1, mem_aligned_unsigned::<u16, _>(o.to));
    llghrl  0xc46  RilB  GIE []   |b, o| tr::load::<_, u64>(b, o.r1, mem_aligned_unsigned::<u16, _>(o.to));
    lh      0x48   RxA   N3  []   |b, o| tr::load::<_, u32>(b, o.r1, mem_signed::<u16, _>(o.at));
    lhy     0xe378 RxyA  LD  []   |b, o| tr::load::<_, u32>(b, o.r1, mem_signed::<u16, _>(o.at));
    lgh     0xe315 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_signed::<u16, _>(o.at));
    lb      0xe376 RxyA  LD  []   |b, o| tr::load::<_, u32>(b, o.r1, mem_signed::<u8, _>(o.at));
    lgb     0xe377 RxyA  LD  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_signed::<u8, _>(o.at));
    llc     0xe394 RxyA  EI  []   |b, o| tr::load::<_, u32>(b, o.r1, mem_unsigned::<u8, _>(o.at));
    llgc    0xe390 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_unsigned::<u8, _>(o.at));
    llh     0xe395 RxyA  EI  []   |b, o| tr::load::<_, u32>(b, o.r1, mem_unsigned::<u16, _>(o.at));
    llgh    0xe391 RxyA  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, mem_unsigned::<u16, _>(o.at));
    llgt    0xe317 RxyA  N3  []   |b, o| tr::load_thirty_one(b, o.r1, Mem(o.at));
    llgtr   0xb917 Rre   N3  []   |b, o| tr::load_thirty_one(b, o.r1, Reg(o.r2));
    lbr     0xb926 Rre   EI  []   |b, o| tr::load::<_, u32>(b, o.r1, reg_signed::<u8>(o.r2));
    lgbr    0xb906 Rre   EI  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_signed::<u8>(o.r2));
    lhr     0xb927 Rre   EI  []   |b, o| tr::load::<_, u32>(b, o.r1, reg_signed::<u16>(o.r2));
    lghr    0xb907 Rre   EI  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_signed::<u16>(o.r2));
    llcr    0xb994 Rre   EI  []   |b, o| tr::load::<_, u32>(b, o.r1, reg_unsigned::<u8>(o.r2));
    llgcr   0xb984 Rre   EI  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_unsigned::<u8>(o.r2));
    llhr    0xb995 Rre   EI  []   |b, o| tr::load::<_, u32>(b, o.r1, reg_unsigned::<u16>(o.r2));
    llghr   0xb985 Rre   EI  []   |b, o| tr::load::<_, u64>(b, o.r1, reg_unsigned::<u16>(o.r2));
    lhi     0xa78  RiA   N3  []   |b, o| tr::load::<_, u32>(b, o.r1, Imm(o.i2));
    lghi    0xa79  RiA   N3  []   |b, o| tr::load::<_, u64>(b, o.r1, Imm(o.i2));
    lgfi    0xc01  RilA  EI  []   |b, o| tr::load::<_, u64>(b, o.r1, Imm(o.i2));
    llilf   0xc0f  RilAU EI  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2));
    llihf   0xc0e  RilAU EI  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2 << 32));
    llill   0xa5f  RiAU  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2));
    llilh   0xa5e  RiAU  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2 << 16));
    llihl   0xa5d  RiAU  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2 << 32));
    llihh   0xa5c  RiAU  N3  []   |b, o| tr::load::<_, u64>(b, o.r1, ImmU(o.i2 << 48));
    iill    0xa53  RiAU  N3  []   |b, o| logic::insert_part::<_, u16>(b, o.r1, 0, o.i2);
    iilh    0xa52  RiAU  N3  []   |b, o| logic::insert_part::<_, u16>(b, o.r1, 16, o.i2);
    iihl    0xa51  RiAU  N3  []   |b, o| logic::insert_part::<_, u16>(b, o.r1, 32, o.i2);
    iihh    0xa50  RiAU  N3  []   |b, o| logic::insert_part::<_, u16>(b, o.r1, 48, o.i2);
    iilf    0xc09  RilAU EI  []   |b, o| logic::insert_part::<_, u32>(b, o.r1, 0, o.i2);
    iihf    0xc08  RilAU EI  []   |b, o| logic::insert_part::<_, u32>(b, o.r1, 32, o.i2);
    ic      0x43   RxA   N3  []   |b, o| tr::load::<_, u8>(b, o.r1, Mem(o.at));
    icy     0xe373 RxyA  LD  []   |b, o| tr::load::<_, u8>(b, o.r1, Mem(o.at));
    icm     0xbf   RsB   N3  [cc] |b, o| tr::insert_under_mask(b, o.r1, o.m3, o.at);
    icmy    0xeb81 RsyB  LD  [cc] |b, o| tr::insert_under_mask(b, o.r1, o.m3, o.at);
    icmh    0xeb80 RsyB  N3  [cc] |b, o| tr::insert_under_mask_high(b, o.r1, o.m3, o.at);
    la      0x41   RxA   N3  []   |b, o| tr::load_address(b, o.r1, o.at);
    lay     0xe371 RxyA  LD  []   |b, o| tr::load_address(b, o.r1, o.at);
    larl    0xc00  RilB  N3  []   |b, o| tr::load_address(b, o.r1, o.to);
    lrvr    0xb91f Rre   N3  []   |b, o| tr::load_reversed::<_, u32>(b, o.r1, Reg(o.r2));
    lrvgr   0xb90f Rre   N3  []   |b, o| tr::load_reversed::<_, u64>(b, o.r1, Reg(o.r2));
    lrvh    0xe31f RxyA  N3  []   |b, o| tr::load_reversed::<_, u16>(b, o.r1, Mem(o.at));
    lrv     0xe31e RxyA  N3  []   |b, o| tr::load_reversed::<_, u32>(b, o.r1, Mem(o.at));
    lrvg    0xe30f RxyA  N3  []   |b, o| tr::load_reversed::<_, u64>(b, o.r1, Mem(o.at));
    ltr     0x12   Rr    N3  [cc] |b, o| compare::load_and_test::<_, u32>(b, o.r1, Reg(o.r2));
    ltgr    0xb902 Rre   N3  [cc] |b, o| compare::load_and_test::<_, u64>(b, o.r1, Reg(o.r2));
    ltgfr   0xb912 Rre   N3  [cc] |b, o| compare::load_and_test::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    lt      0xe312 RxyA  EI  [cc] |b, o| compare::load_and_test::<_, u32>(b, o.r1, Mem(o.at));
    ltg     0xe302 RxyA  EI  [cc] |b, o| compare::load_and_test::<_, u64>(b, o.r1, Mem(o.at));
    ltgf    0xe332 RxyA  GIE [cc] |b, o| compare::load_and_test::<_, u64>(b, o.r1, mem_signed::<u32, _>(o.at));
    lcr     0x13   Rr    N3  [cc] |b, o| ar::load_complement::<_, u32>(b, o.r1, Reg(o.r2));
    lcgr    0xb903 Rre   N3  [cc] |b, o| ar::load_complement::<_, u64>(b, o.r1, Reg(o.r2));
    lcgfr   0xb913 Rre   N3  [cc] |b, o| ar::load_complement::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    lpr     0x10   Rr    N3  [cc] |b, o| ar::load_positive::<_, u32>(b, o.r1, Reg(o.r2));
    lpgr    0xb900 Rre   N3  [cc] |b, o| ar::load_positive::<_, u64>(b, o.r1, Reg(o.r2));
    lpgfr   0xb910 Rre   N3  [cc] |b, o| ar::load_positive::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    lnr     0x11   Rr    N3  [cc] |b, o| ar::load_negative::<_, u32>(b, o.r1, Reg(o.r2));
    lngr    0xb901 Rre   N3  [cc] |b, o| ar::load_negative::<_, u64>(b, o.r1, Reg(o.r2));
    lngfr   0xb911 Rre   N3  [cc] |b, o| ar::load_negative::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    lm      0x98   RsA   N3  []   |b, o| tr::load_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    lmy     0xeb98 RsyA  LD  []   |b, o| tr::load_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    lmg     0xeb04 RsyA  N3  []   |b, o| tr::load_multiple::<_, u64>(b, o.r1, o.r3, o.at);
    lmh     0xeb96 RsyA  N3  []   |b, o| tr::load_multiple_high(b, o.r1, o.r3, o.at);

    // Stores
    st      0x50   RxA   N3  []   |b, o| tr::store::<_, u32>(b, o.r1, o.at);
    sty     0xe350 RxyA  LD  []   |b, o| tr::store::<_, u32>(b, o.r1, o.at);
    stg     0xe324 RxyA  N3  []   |b, o| tr::store::<_, u64>(b, o.r1, o.at);
    strl    0xc4f  RilB  GIE []   |b, o| tr::store_aligned::<_, u32>(b, o.r1, o.to);
    stgrl   0xc4b  RilB  GIE []   |b, o| tr::store_aligned::<_, u64>(b, o.r1, o.to);
    sthrl   0xc47  RilB  GIE []   |b, o| tr::store_aligned::<_, u16>(b, o.r1, o.to);
    sth     0x40   RxA   N3  []   |b, o| tr::store::<_, u16>(b, o.r1, o.at);
    sthy    0xe370 RxyA  LD  []   |b, o| tr::store::<_, u16>(b, o.r1, o.at);
    stc     0x42   RxA   N3  []   |b, o| tr::store::<_, u8>(b, o.r1, o.at);
    stcy    0xe372 RxyA  LD  []   |b, o| tr::store::<_, u8>(b, o.r1, o.at);
    stcm    0xbe   RsB   N3  []   |b, o| { let word = b.gr(o.r1); tr::store_under_mask(b, word, o.m3, o.at) };
    stcmy   0xeb2d RsyB  LD  []   |b, o| { let word = b.gr(o.r1); tr::store_under_mask(b, word, o.m3, o.at) };
    stcmh   0xeb2c RsyB  N3  []   |b, o| { let word = b.gr_high(o.r1); tr::store_under_mask(b, word, o.m3, o.at) };
    strvh   0xe33f RxyA  N3  []   |b, o| tr::store_reversed::<_, u16>(b, o.r1, o.at);
    strv    0xe33e RxyA  N3  []   |b, o| tr::store_reversed::<_, u32>(b, o.r1, o.at);
    strvg   0xe32f RxyA  N3  []   |b, o| tr::store_reversed::<_, u64>(b, o.r1, o.at);
    stm     0x90   RsA   N3  []   |b, o| tr::store_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    stmy    0xeb90 RsyA  LD  []   |b, o| tr::store_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    stmg    0xeb24 RsyA  N3  []   |b, o| tr::store_multiple::<_, u64>(b, o.r1, o.r3, o.at);
    stmh    0xeb26 RsyA  N3  []   |b, o| tr::store_multiple_high(b, o.r1, o.r3, o.at);
    mvi     0x92   Si    N3  []   |b, o| tr::move_immediate::<_, u8>(b, o.at, o.i2);
    mviy    0xeb52 SiyU  LD  []   |b, o| tr::move_immediate::<_, u8>(b, o.at, o.i2);
    mvhhi   0xe544 Sil   GIE []   |b, o| tr::move_immediate::<_, u16>(b, o.at, o.i2.cast_unsigned());
    mvhi    0xe54c Sil   GIE []   |b, o| tr::move_immediate::<_, u32>(b, o.at, o.i2.cast_unsigned());
    mvghi   0xe548 Sil   GIE []   |b, o| tr::move_immediate::<_, u64>(b, o.at, o.i2.cast_unsigned());
    mvc     0xd2   SsA   N3  []   |b, o| logic::storage(b, Helper::Move, o);

    // Arithmetic
    ar      0x1a   Rr    N3  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, Reg(o.r2));
    agr     0xb908 Rre   N3  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, Reg(o.r2));
    agfr    0xb918 Rre   N3  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, reg_signed::<u32>(o.r2));
    ark     0xb9f8 RrfA  DO  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r2, Reg(o.r3));
    agrk    0xb9e8 RrfA  DO  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r2, Reg(o.r3));
    a       0x5a   RxA   N3  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    ay      0xe35a RxyA  LD  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    ag      0xe308 RxyA  N3  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, Mem(o.at));
    agf     0xe318 RxyA  N3  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, mem_signed::<u32, _>(o.at));
    ah      0x4a   RxA   N3  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, mem_signed::<u16, _>(o.at));
    ahy     0xe37a RxyA  LD  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, mem_signed::<u16, _>(o.at));
    ahi     0xa7a  RiA   N3  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, Imm(o.i2));
    aghi    0xa7b  RiA   N3  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, Imm(o.i2));
    ahik    0xecd8 RieD  DO  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r3, Imm(o.i2));
    aghik   0xecd9 RieD  DO  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r3, Imm(o.i2));
    afi     0xc29  RilA  EI  [cc] |b, o| ar::add::<_, u32>(b, o.r1, o.r1, Imm(o.i2));
    agfi    0xc28  RilA  EI  [cc] |b, o| ar::add::<_, u64>(b, o.r1, o.r1, Imm(o.i2));
    asi     0xeb6a Siy   GIE [cc] |b, o| ar::add_to_storage::<_, u32>(b, o.at, Imm(o.i2));
    agsi    0xeb7a Siy   GIE [cc] |b, o| ar::add_to_storage::<_, u64>(b, o.at, Imm(o.i2));
    alr     0x1e   Rr    N3  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r1, Reg(o.r2));
    algr    0xb90a Rre   N3  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r1, Reg(o.r2));
    algfr   0xb91a Rre   N3  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r1, reg_unsigned::<u32>(o.r2));
    alrk    0xb9fa RrfA  DO  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r2, Reg(o.r3));
    algrk   0xb9ea RrfA  DO  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r2, Reg(o.r3));
    al      0x5e   RxA   N3  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    aly     0xe35e RxyA  LD  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    alg     0xe30a RxyA  N3  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r1, Mem(o.at));
    algf    0xe31a RxyA  N3  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r1, mem_unsigned::<u32, _>(o.at));
    alfi    0xc2b  RilAU EI  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r1, ImmU(o.i2));
    algfi   0xc2a  RilAU EI  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r1, ImmU(o.i2));
    alhsik  0xecda RieD  DO  [cc] |b, o| ar::add_logical::<_, u32>(b, o.r1, o.r3, Imm(o.i2));
    alghsik 0xecdb RieD  DO  [cc] |b, o| ar::add_logical::<_, u64>(b, o.r1, o.r3, Imm(o.i2));
    alsi    0xeb6e Siy   GIE [cc] |b, o| ar::add_logical_to_storage::<_, u32>(b, o.at, Imm(o.i2));
    algsi   0xeb7e Siy   GIE [cc] |b, o| ar::add_logical_to_storage::<_, u64>(b, o.at, Imm(o.i2));
    alcr    0xb998 Rre   N3  [cc] |b, o| ar::add_with_carry::<_, u32>(b, o.r1, Reg(o.r2));
    alcgr   0xb988 Rre   N3  [cc] |b, o| ar::add_with_carry::<_, u64>(b, o.r1, Reg(o.r2));
    alc     0xe398 RxyA  N3  [cc] |b, o| ar::add_with_carry::<_, u32>(b, o.r1, Mem(o.at));
    alcg    0xe388 RxyA  N3  [cc] |b, o| ar::add_with_carry::<_, u64>(b, o.r1, Mem(o.at));
    sr      0x1b   Rr    N3  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r1, Reg(o.r2));
    sgr     0xb909 Rre   N3  [cc] |b, o| ar::subtract::<_, u64>(b, o.r1, o.r1, Reg(o.r2));
    sgfr    0xb919 Rre   N3  [cc] |b, o| ar::subtract::<_, u64>(b, o.r1, o.r1, reg_signed::<u32>(o.r2));
    srk     0xb9f9 RrfA  DO  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r2, Reg(o.r3));
    sgrk    0xb9e9 RrfA  DO  [cc] |b, o| ar::subtract::<_, u64>(b, o.r1, o.r2, Reg(o.r3));
    s       0x5b   RxA   N3  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    sy      0xe35b RxyA  LD  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    sg      0xe309 RxyA  N3  [cc] |b, o| ar::subtract::<_, u64>(b, o.r1, o.r1, Mem(o.at));
    sgf     0xe319 RxyA  N3  [cc] |b, o| ar::subtract::<_, u64>(b, o.r1, o.r1, mem_signed::<u32, _>(o.at));
    sh      0x4b   RxA   N3  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r1, mem_signed::<u16, _>(o.at));
    shy     0xe37b RxyA  LD  [cc] |b, o| ar::subtract::<_, u32>(b, o.r1, o.r1, mem_signed::<u16, _>(o.at));
    slr     0x1f   Rr    N3  [cc] |b, o| ar::subtract_logical::<_, u32>(b, o.r1, o.r1, Reg(o.r2));
    slgr    0xb90b Rre   N3  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r1, Reg(o.r2));
    slgfr   0xb91b Rre   N3  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r1, reg_unsigned::<u32>(o.r2));
    slrk    0xb9fb RrfA  DO  [cc] |b, o| ar::subtract_logical::<_, u32>(b, o.r1, o.r2, Reg(o.r3));
    slgrk   0xb9eb RrfA  DO  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r2, Reg(o.r3));
    sl      0x5f   RxA   N3  [cc] |b, o| ar::subtract_logical::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    sly     0xe35f RxyA  LD  [cc] |b, o| ar::subtract_logical::<_, u32>(b, o.r1, o.r1, Mem(o.at));
    slg     0xe30b RxyA  N3  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r1, Mem(o.at));
    slgf    0xe31b RxyA  N3  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r1, mem_unsigned::<u32, _>(o.at));
    slfi    0xc25  RilAU EI  [cc] |b, o| ar::subtract_logical::<_, u32>(b, o.r1, o.r1, ImmU(o.i2));
    slgfi   0xc24  RilAU EI  [cc] |b, o| ar::subtract_logical::<_, u64>(b, o.r1, o.r1, ImmU(o.i2));
    slbr    0xb999 Rre   N3  [cc] |b, o| ar::subtract_with_borrow::<_, u32>(b, o.r1, Reg(o.r2));
    slbgr   0xb989 Rre   N3  [cc] |b, o| ar::subtract_with_borrow::<_, u64>(b, o.r1, Reg(o.r2));
    slb     0xe399 RxyA  N3  [cc] |b, o| ar::subtract_with_borrow::<_, u32>(b, o.r1, Mem(o.at));
    slbg    0xe389 RxyA  N3  [cc] |b, o| ar::subtract_with_borrow::<_, u64>(b, o.r1, Mem(o.at));
    mr      0x1c   Rr    N3  [r1] |b, o| ar::multiply(b, o.r1, Reg(o.r2));
    m       0x5c   RxA   N3  [r1] |b, o| ar::multiply(b, o.r1, Mem(o.at));
    mfy     0xe35c RxyA  GIE [r1] |b, o| ar::multiply(b, o.r1, Mem(o.at));
    mlr     0xb996 Rre   N3  [r1] |b, o| ar::multiply_logical(b, o.r1, Reg(o.r2));
    ml      0xe396 RxyA  N3  [r1] |b, o| ar::multiply_logical(b, o.r1, Mem(o.at));
    mlgr    0xb986 Rre   N3  [r1] |b, o| ar::multiply_logical_long(b, o.r1, Reg(o.r2));
    mlg     0xe386 RxyA  N3  [r1] |b, o| ar::multiply_logical_long(b, o.r1, Mem(o.at));
    msr     0xb252 Rre   N3  []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, Reg(o.r2));
    msgr    0xb90c Rre   N3  []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, Reg(o.r2));
    msgfr   0xb91c Rre   N3  []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, reg_signed::<u32>(o.r2));
    ms      0x71   RxA   N3  []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, Mem(o.at));
    msy     0xe351 RxyA  LD  []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, Mem(o.at));
    msg     0xe30c RxyA  N3  []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, Mem(o.at));
    msgf    0xe31c RxyA  N3  []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, mem_signed::<u32, _>(o.at));
    msfi    0xc21  RilA  GIE []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, Imm(o.i2));
    msgfi   0xc20  RilA  GIE []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, Imm(o.i2));
    mh      0x4c   RxA   N3  []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, mem_signed::<u16, _>(o.at));
    mhy     0xe37c RxyA  GIE []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, mem_signed::<u16, _>(o.at));
    mhi     0xa7c  RiA   N3  []   |b, o| ar::multiply_single::<_, u32>(b, o.r1, Imm(o.i2));
    mghi    0xa7d  RiA   N3  []   |b, o| ar::multiply_single::<_, u64>(b, o.r1, Imm(o.i2));
    dr      0x1d   Rr    N3  [r1] |b, o| ar::divide(b, o.r1, Reg(o.r2));
    d       0x5d   RxA   N3  [r1] |b, o| ar::divide(b, o.r1, Mem(o.at));
    dlr     0xb997 Rre   N3  [r1] |b, o| ar::divide_logical(b, o.r1, Reg(o.r2));
    dl      0xe397 RxyA  N3  [r1] |b, o| ar::divide_logical(b, o.r1, Mem(o.at));
    dlgr    0xb987 Rre   N3  [r1] |b, o| ar::divide_logical_long(b, o.r1, Reg(o.r2));
    dlg     0xe387 RxyA  N3  [r1] |b, o| ar::divide_logical_long(b, o.r1, Mem(o.at));
    dsgr    0xb90d Rre   N3  [r1] |b, o| ar::divide_single(b, o.r1, Reg(o.r2));
    dsgfr   0xb91d Rre   N3  [r1] |b, o| ar::divide_single(b, o.r1, reg_signed::<u32>(o.r2));
    dsg     0xe30d RxyA  N3  [r1] |b, o| ar::divide_single(b, o.r1, Mem(o.at));
    dsgf    0xe31d RxyA  N3  [r1] |b, o| ar::divide_single(b, o.r1, mem_signed::<u32, _>(o.at));

    // Logic
    nr      0x14   Rr    N3  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Reg(o.r2));
    ngr     0xb980 Rre   N3  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r1, Reg(o.r2));
    nrk     0xb9f4 RrfA  DO  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r2, Reg(o.r3));
    ngrk    0xb9e4 RrfA  DO  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r2, Reg(o.r3));
    n       0x54   RxA   N3  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Mem(o.at));
    ny      0xe354 RxyA  LD  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Mem(o.at));
    ng      0xe380 RxyA  N3  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r1, Mem(o.at));
    ni      0x94   Si    N3  [cc] |b, o| logic::combine_byte(b, B::and, o.at, o.i2);
    niy     0xeb54 SiyU  LD  [cc] |b, o| logic::combine_byte(b, B::and, o.at, o.i2);
    nill    0xa57  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::and, o.r1, 0, o.i2);
    nilh    0xa56  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::and, o.r1, 16, o.i2);
    nihl    0xa55  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::and, o.r1, 32, o.i2);
    nihh    0xa54  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::and, o.r1, 48, o.i2);
    nilf    0xc0b  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::and, o.r1, 0, o.i2);
    nihf    0xc0a  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::and, o.r1, 32, o.i2);
    nc      0xd4   SsA   N3  [cc] |b, o| logic::storage(b, Helper::And, o);
    or      0x16   Rr    N3  [cc] |b, o| logic::combine::<_, u32>(b, B::or, o.r1, o.r1, Reg(o.r2));
    ogr     0xb981 Rre   N3  [cc] |b, o| logic::combine::<_, u64>(b, B::or, o.r1, o.r1, Reg(o.r2));
    ork     0xb9f6 RrfA  DO  [cc] |b, o| logic::combine::<_, u32>(b, B::or, o.r1, o.r2, Reg(o.r3));
    ogrk    0xb9e6 RrfA  DO  [cc] |b, o| logic::combine::<_, u64>(b, B::or, o.r1, o.r2, Reg(o.r3));
    o       0x56   RxA   N3  [cc] |b, o| logic::combine::<_, u32>(b, B::or, o.r1, o.r1, Mem(o.at));
    oy      0xe356 RxyA  LD  [cc] |b, o| logic::combine::<_, u32>(b, B::or, o.r1, o.r1, Mem(o.at));
    og      0xe381 RxyA  N3  [cc] |b, o| logic::combine::<_, u64>(b, B::or, o.r1, o.r1, Mem(o.at));
    oi      0x96   Si    N3  [cc] |b, o| logic::combine_byte(b, B::or, o.at, o.i2);
    oiy     0xeb56 SiyU  LD  [cc] |b, o| logic::combine_byte(b, B::or, o.at, o.i2);
    oill    0xa5b  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::or, o.r1, 0, o.i2);
    oilh    0xa5a  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::or, o.r1, 16, o.i2);
    oihl    0xa59  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::or, o.r1, 32, o.i2);
    oihh    0xa58  RiAU  N3  [cc] |b, o| logic::combine_part::<_, u16>(b, B::or, o.r1, 48, o.i2);
    oilf    0xc0d  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::or, o.r1, 0, o.i2);
    oihf    0xc0c  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::or, o.r1, 32, o.i2);
    oc      0xd6   SsA   N3  [cc] |b, o| logic::storage(b, Helper::Or, o);
    xr      0x17   Rr    N3  [cc] |b, o| logic::combine::<_, u32>(b, B::xor, o.r1, o.r1, Reg(o.r2));
    xgr     0xb982 Rre   N3  [cc] |b, o| logic::combine::<_, u64>(b, B::xor, o.r1, o.r1, Reg(o.r2));
    xrk     0xb9f7 RrfA  DO  [cc] |b, o| logic::combine::<_, u32>(b, B::xor, o.r1, o.r2, Reg(o.r3));
    xgrk    0xb9e7 RrfA  DO  [cc] |b, o| logic::combine::<_, u64>(b, B::xor, o.r1, o.r2, Reg(o.r3));
    x       0x57   RxA   N3  [cc] |b, o| logic::combine::<_, u32>(b, B::xor, o.r1, o.r1, Mem(o.at));
    xy      0xe357 RxyA  LD  [cc] |b, o| logic::combine::<_, u32>(b, B::xor, o.r1, o.r1, Mem(o.at));
    xg      0xe382 RxyA  N3  [cc] |b, o| logic::combine::<_, u64>(b, B::xor, o.r1, o.r1, Mem(o.at));
    xi      0x97   Si    N3  [cc] |b, o| logic::combine_byte(b, B::xor, o.at, o.i2);
    xiy     0xeb57 SiyU  LD  [cc] |b, o| logic::combine_byte(b, B::xor, o.at, o.i2);
    xilf    0xc07  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::xor, o.r1, 0, o.i2);
    xihf    0xc06  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::xor, o.r1, 32, o.i2);
    xc      0xd7   SsA   N3  [cc] |b, o| logic::storage(b, Helper::ExclusiveOr, o);
    tm      0x91   Si    N3  [cc] |b, o| logic::test_byte(b, o.at, o.i2);
    tmy     0xeb51 SiyU  LD  [cc] |b, o| logic::test_byte(b, o.at, o.i2);
    tmll    0xa71  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 0, o.i2);
    tmlh    0xa70  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 16, o.i2);
    tmhl    0xa73  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 32, o.i2);
    tmhh    0xa72  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 48, o.i2);

    // Shifts
    sll     0x89   RsL   N3  []   |b, o| shift::left_logical::<_, u32>(b, o.r1, o.r1, o.at);
    srl     0x88   RsL   N3  []   |b, o| shift::right_logical::<_, u32>(b, o.r1, o.r1, o.at);
    sla     0x8b   RsL   N3  [cc] |b, o| shift::left::<_, u32>(b, o.r1, o.r1, o.at);
    sra     0x8a   RsL   N3  [cc] |b, o| shift::right::<_, u32>(b, o.r1, o.r1, o.at);
    sllk    0xebdf RsyA  DO  []   |b, o| shift::left_logical::<_, u32>(b, o.r1, o.r3, o.at);
    srlk    0xebde RsyA  DO  []   |b, o| shift::right_logical::<_, u32>(b, o.r1, o.r3, o.at);
    slak    0xebdd RsyA  DO  [cc] |b, o| shift::left::<_, u32>(b, o.r1, o.r3, o.at);
    srak    0xebdc RsyA  DO  [cc] |b, o| shift::right::<_, u32>(b, o.r1, o.r3, o.at);
    sllg    0xeb0d RsyA  N3  []   |b, o| shift::left_logical::<_, u64>(b, o.r1, o.r3, o.at);
    srlg    0xeb0c RsyA  N3  []   |b, o| shift::right_logical::<_, u64>(b, o.r1, o.r3, o.at);
    slag    0xeb0b RsyA  N3  [cc] |b, o| shift::left::<_, u64>(b, o.r1, o.r3, o.at);
    srag    0xeb0a RsyA  N3  [cc] |b, o| shift::right::<_, u64>(b, o.r1, o.r3, o.at);
    sldl    0x8d   RsL   N3  [r1] |b, o| shift::left_logical_double(b, o.r1, o.at);
    srdl    0x8c   RsL   N3  [r1] |b, o| shift::right_logical_double(b, o.r1, o.at);
    slda    0x8f   RsL   N3  [cc r1] |b, o| shift::left_double(b, o.r1, o.at);
    srda    0x8e   RsL   N3  [cc r1] |b, o| shift::right_double(b, o.r1, o.at);
    rll     0xeb1d RsyA  N3  []   |b, o| shift::rotate::<_, u32>(b, o.r1, o.r3, o.at);
    rllg    0xeb1c RsyA  N3  []   |b, o| shift::rotate::<_, u64>(b, o.r1, o.r3, o.at);

    // Comparisons
    cr      0x19   Rr    N3  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), Reg(o.r2));
    cgr     0xb920 Rre   N3  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), Reg(o.r2));
    cgfr    0xb930 Rre   N3  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), reg_signed::<u32>(o.r2));
    c       0x59   RxA   N3  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), Mem(o.at));
    cy      0xe359 RxyA  LD  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), Mem(o.at));
    cg      0xe320 RxyA  N3  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), Mem(o.at));
    cgf     0xe330 RxyA  N3  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), mem_signed::<u32, _>(o.at));
    ch      0x49   RxA   N3  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), mem_signed::<u16, _>(o.at));
    chy     0xe379 RxyA  LD  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), mem_signed::<u16, _>(o.at));
    cgh     0xe334 RxyA  GIE [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), mem_signed::<u16, _>(o.at));
    chi     0xa7e  RiA   N3  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), Imm(o.i2));
    cghi    0xa7f  RiA   N3  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), Imm(o.i2));
    cfi     0xc2d  RilA  EI  [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), Imm(o.i2));
    cgfi    0xc2c  RilA  EI  [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), Imm(o.i2));
    chhsi   0xe554 Sil   GIE [cc] |b, o| compare::signed::<_, u16>(b, Mem(o.at), Imm(o.i2));
    chsi    0xe55c Sil   GIE [cc] |b, o| compare::signed::<_, u32>(b, Mem(o.at), Imm(o.i2));
    cghsi   0xe558 Sil   GIE [cc] |b, o| compare::signed::<_, u64>(b, Mem(o.at), Imm(o.i2));
    crl     0xc6d  RilB  GIE [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), MemAligned(o.to));
    cgrl    0xc68  RilB  GIE [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), MemAligned(o.to));
    cgfrl   0xc6c  RilB  GIE [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), mem_aligned_signed::<u32, _>(o.to));
    chrl    0xc65  RilB  GIE [cc] |b, o| compare::signed::<_, u32>(b, Reg(o.r1), mem_aligned_signed::<u16, _>(o.to));
    cghrl   0xc64  RilB  GIE [cc] |b, o| compare::signed::<_, u64>(b, Reg(o.r1), mem_aligned_signed::<u16, _>(o.to));
    clr     0x15   Rr    N3  [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), Reg(o.r2));
    clgr    0xb921 Rre   N3  [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), Reg(o.r2));
    clgfr   0xb931 Rre   N3  [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), reg_unsigned::<u32>(o.r2));
    cl      0x55   RxA   N3  [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), Mem(o.at));
    cly     0xe355 RxyA  LD  [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), Mem(o.at));
    clg     0xe321 RxyA  N3  [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), Mem(o.at));
    clgf    0xe331 RxyA  N3  [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), mem_unsigned::<u32, _>(o.at));
    clfi    0xc2f  RilAU EI  [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), ImmU(o.i2));
    clgfi   0xc2e  RilAU EI  [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), ImmU(o.i2));
    cli     0x95   Si    N3  [cc] |b, o| compare::logical::<_, u8>(b, Mem(o.at), ImmU(o.i2));
    cliy    0xeb55 SiyU  LD  [cc] |b, o| compare::logical::<_, u8>(b, Mem(o.at), ImmU(o.i2));
    clhhsi  0xe555 SilU  GIE [cc] |b, o| compare::logical::<_, u16>(b, Mem(o.at), ImmU(o.i2));
    clfhsi  0xe55d SilU  GIE [cc] |b, o| compare::logical::<_, u32>(b, Mem(o.at), ImmU(o.i2));
    clghsi  0xe559 SilU  GIE [cc] |b, o| compare::logical::<_, u64>(b, Mem(o.at), ImmU(o.i2));
    clrl    0xc6f  RilB  GIE [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), MemAligned(o.to));
    clgrl   0xc6a  RilB  GIE [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), MemAligned(o.to));
    clgfrl  0xc6e  RilB  GIE [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), mem_aligned_unsigned::<u32, _>(o.to));
    clhrl   0xc67  RilB  GIE [cc] |b, o| compare::logical::<_, u32>(b, Reg(o.r1), mem_aligned_unsigned::<u16, _>(o.to));
    clghrl  0xc66  RilB  GIE [cc] |b, o| compare::logical::<_, u64>(b, Reg(o.r1), mem_aligned_unsigned::<u16, _>(o.to));
    clm     0xbd   RsB   N3  [cc] |b, o| { let word = b.gr(o.r1); compare::under_mask(b, word, o.m3, o.at) };
    clmy    0xeb21 RsyB  LD  [cc] |b, o| { let word = b.gr(o.r1); compare::under_mask(b, word, o.m3, o.at) };
    clmh    0xeb20 RsyB  N3  [cc] |b, o| { let word = b.gr_high(o.r1); compare::under_mask(b, word, o.m3, o.at) };
    clc     0xd5   SsA   N3  [cc] |b, o| logic::storage(b, Helper::Compare, o);
    cs      0xba   RsA   N3  [cc] |b, o| tr::compare_and_swap::<_, u32>(b, o.r1, o.r3, o.at);
    csy     0xeb14 RsyA  LD  [cc] |b, o| tr::compare_and_swap::<_, u32>(b, o.r1, o.r3, o.at);
    csg     0xeb30 RsyA  N3  [cc] |b, o| tr::compare_and_swap::<_, u64>(b, o.r1, o.r3, o.at);
    cds     0xbb   RsA   N3  [cc r1 r3] |b, o| tr::compare_double_and_swap(b, o.r1, o.r3, o.at);
    cdsy    0xeb31 RsyA  LD  [cc r1 r3] |b, o| tr::compare_double_and_swap(b, o.r1, o.r3, o.at);
    cdsg    0xeb3e RsyA  N3  [cc r1 r3] |b, o| tr::compare_double_and_swap_long(b, o.r1, o.r3, o.at);

    // Branches
    bc      0x47   RxB   N3  []   |b, o| branch::on_condition(b, o.m1, o.at);
    bcr     0x07   RrM   N3  []   |b, o| branch::on_condition_register(b, o.m1, o.r2);
    brc     0xa74  RiC   N3  []   |b, o| branch::relative_on_condition(b, o.m1, o.to);
    brcl    0xc04  RilC  N3  []   |b, o| branch::relative_on_condition(b, o.m1, o.to);
    bal     0x45   RxA   N3  []   |b, o| branch::and_link(b, o.r1, o.at, Link::Link);
    balr    0x05   Rr    N3  []   |b, o| branch::and_link_register(b, o.r1, o.r2, Link::Link);
    bas     0x4d   RxA   N3  []   |b, o| branch::and_link(b, o.r1, o.at, Link::Save);
    basr    0x0d   Rr    N3  []   |b, o| branch::and_link_register(b, o.r1, o.r2, Link::Save);
    bras    0xa75  RiB   N3  []   |b, o| branch::relative_and_save(b, o.r1, o.to);
    brasl   0xc05  RilB  N3  []   |b, o| branch::relative_and_save(b, o.r1, o.to);
    bassm   0x0c   Rr    N3  []   |b, o| branch::and_save_and_set_mode(b, o.r1, o.r2);
    bsm     0x0b   Rr    N3  []   |b, o| branch::and_set_mode(b, o.r1, o.r2);
    bct     0x46   RxA   N3  []   |b, o| branch::on_count::<_, u32>(b, o.r1, o.at);
    bctr    0x06   Rr    N3  []   |b, o| branch::on_count_register::<_, u32>(b, o.r1, o.r2);
    bctg    0xe346 RxyA  N3  []   |b, o| branch::on_count::<_, u64>(b, o.r1, o.at);
    bctgr   0xb946 Rre   N3  []   |b, o| branch::on_count_register::<_, u64>(b, o.r1, o.r2);
    brct    0xa76  RiB   N3  []   |b, o| branch::relative_on_count::<_, u32>(b, o.r1, o.to);
    brctg   0xa77  RiB   N3  []   |b, o| branch::relative_on_count::<_, u64>(b, o.r1, o.to);
    bxh     0x86   RsA   N3  []   |b, o| branch::on_index::<_, u32>(b, true, o.r1, o.r3, o.at);
    bxle    0x87   RsA   N3  []   |b, o| branch::on_index::<_, u32>(b, false, o.r1, o.r3, o.at);
    bxhg    0xeb44 RsyA  N3  []   |b, o| branch::on_index::<_, u64>(b, true, o.r1, o.r3, o.at);
    bxleg   0xeb45 RsyA  N3  []   |b, o| branch::on_index::<_, u64>(b, false, o.r1, o.r3, o.at);
    brxh    0x84   Rsi   N3  []   |b, o| branch::relative_on_index::<_, u32>(b, true, o.r1, o.r3, o.to);
    brxle   0x85   Rsi   N3  []   |b, o| branch::relative_on_index::<_, u32>(b, false, o.r1, o.r3, o.to);
    brxhg   0xec44 RieE  N3  []   |b, o| branch::relative_on_index::<_, u64>(b, true, o.r1, o.r3, o.to);
    brxlg   0xec45 RieE  N3  []   |b, o| branch::relative_on_index::<_, u64>(b, false, o.r1, o.r3, o.to);
    crj     0xec76 RieB  GIE []   |b, o| compare::branch_signed::<_, u32>(b, o.r1, Reg(o.r2), o.m3, o.to);
    cgrj    0xec64 RieB  GIE []   |b, o| compare::branch_signed::<_, u64>(b, o.r1, Reg(o.r2), o.m3, o.to);
    cij     0xec7e RieC  GIE []   |b, o| compare::branch_signed::<_, u32>(b, o.r1, Imm(o.i2), o.m3, o.to);
    cgij    0xec7c RieC  GIE []   |b, o| compare::branch_signed::<_, u64>(b, o.r1, Imm(o.i2), o.m3, o.to);
    clrj    0xec77 RieB  GIE []   |b, o| compare::branch_logical::<_, u32>(b, o.r1, Reg(o.r2), o.m3, o.to);
    clgrj   0xec65 RieB  GIE []   |b, o| compare::branch_logical::<_, u64>(b, o.r1, Reg(o.r2), o.m3, o.to);
    clij    0xec7f RieCU GIE []   |b, o| compare::branch_logical::<_, u32>(b, o.r1, ImmU(o.i2), o.m3, o.to);
    clgij   0xec7d RieCU GIE []   |b, o| compare::branch_logical::<_, u64>(b, o.r1, ImmU(o.i2), o.m3, o.to);
    ex      0x44   RxA   N3  [cc] |b, o| branch::execute(b, o.r1, o.at);
    exrl    0xc60  RilB  EE  [cc] |b, o| branch::execute(b, o.r1, o.to);
    svc     0x0a   I     N3  []   |b, o| control::supervisor_call(b, o.i);

    // State that a problem program can see
    ipm     0xb222 RreL  N3  []   |b, o| control::insert_program_mask(b, o.r1);
    spm     0x04   RrL   N3  [cc] |b, o| control::set_program_mask(b, o.r1);
    epsw    0xb98d Rre   N3  []   |b, o| control::extract_psw(b, o.r1, o.r2);
    sar     0xb24e RreAG N3  []   |b, o| control::set_access(b, o.r1, o.r2);
    ear     0xb24f RreGA N3  []   |b, o| control::extract_access(b, o.r1, o.r2);
    cpya    0xb24d RreAA N3  []   |b, o| control::copy_access(b, o.r1, o.r2);
    lam     0x9a   RsAA  N3  []   |b, o| tr::load_access_multiple(b, o.r1, o.r3, o.at);
    lamy    0xeb9a RsyAA LD  []   |b, o| tr::load_access_multiple(b, o.r1, o.r3, o.at);
    stam    0x9b   RsAA  N3  []   |b, o| tr::store_access_multiple(b, o.r1, o.r3, o.at);
    stamy   0xeb9b RsyAA LD  []   |b, o| tr::store_access_multiple(b, o.r1, o.r3, o.at);
    tam     0x010b E     N3  [cc] |b, _o| control::test_addressing_mode(b);
    sam24   0x010c E     N3  []   |b, _o| control::set_addressing_mode(b, 24);
    sam31   0x010d E     N3  []   |b, _o| control::set_addressing_mode(b, 31);
    sam64   0x010e E     N3  []   |b, _o| control::set_addressing_mode(b, 64);
    stck    0xb205 S     N3  [cc] |b, o| control::store_clock(b, o.at);
    stckf   0xb27c S     SCF [cc] |b, o| control::store_clock(b, o.at);
    stcke   0xb278 S     N3  [cc] |b, o| control::store_clock_extended(b, o.at);
    stfle   0xb2b0 S     FLE [cc] |b, o| control::store_facility_list_extended(b, o.at);
    ptff    0x0104 E     TCS [cc] |b, _o| control::only_cc(b, 3);
    spka    0xb20a S     N3  []   |b, o| control::set_key(b, o.at);
    ipk     0xb20b SL    N3  []   |b, _o| control::insert_key(b);

    // Control
    lpsw    0x82   SShort N3 [p cc] |b, o| control::with_place(b, Helper::LoadPsw, o.at, 8);
    lpswe   0xb2b2 S     N3  [p cc] |b, o| control::with_place(b, Helper::LoadPswExtended, o.at, 8);
    ssm     0x80   SShort N3 [p]  |b, o| control::set_system_mask(b, o.at);
    stnsm   0xac   Si    N3  [p]  |b, o| control::store_then_mask(b, B::and, o.at, o.i2);
    stosm   0xad   Si    N3  [p]  |b, o| control::store_then_mask(b, B::or, o.at, o.i2);
    lctl    0xb7   RsAC  N3  [p]  |b, o| control::load_control(b, o.r1, o.r3, o.at);
    lctlg   0xeb2f RsyAC N3  [p]  |b, o| control::load_control_long(b, o.r1, o.r3, o.at);
    stctl   0xb6   RsAC  N3  [p]  |b, o| control::store_control::<_, u32>(b, o.r1, o.r3, o.at);
    stctg   0xeb25 RsyAC N3  [p]  |b, o| control::store_control::<_, u64>(b, o.r1, o.r3, o.at);
    spx     0xb210 S     N3  [p]  |b, o| control::load_to::<_, u32>(b, Helper::SetPrefix, o.at);
    stpx    0xb211 S     N3  [p]  |b, o| control::store_from::<_, u32>(b, Helper::Prefix, o.at);
    stap    0xb212 S     N3  [p]  |b, o| control::store_from::<_, u16>(b, Helper::CpuAddress, o.at);
    stidp   0xb202 S     N3  [p]  |b, o| control::store_from::<_, u64>(b, Helper::CpuId, o.at);
    sck     0xb204 S     N3  [p cc] |b, o| control::load_to::<_, u64>(b, Helper::SetClock, o.at);
    sckpf   0x0107 E     N3  [p]  |b, _o| control::set_clock_programmable_field(b);
    sckc    0xb206 S     N3  [p]  |b, o| control::load_to::<_, u64>(b, Helper::SetClockComparator, o.at);
    stckc   0xb207 S     N3  [p]  |b, o| control::store_from::<_, u64>(b, Helper::ClockComparator, o.at);
    spt     0xb208 S     N3  [p]  |b, o| control::load_to::<_, u64>(b, Helper::SetCpuTimer, o.at);
    stpt    0xb209 S     N3  [p]  |b, o| control::store_from::<_, u64>(b, Helper::CpuTimer, o.at);
    stfl    0xb2b1 S     N3  [p]  |b, _o| control::plain(b, Helper::StoreFacilityList);
    ptlb    0xb20d SL    N3  [p]  |b, _o| control::plain(b, Helper::PurgeTlb);
    sigp    0xae   RsA   N3  [p cc] |b, o| control::signal_processor(b, o.r1, o.r3, o.at);

    // Executed above the CPU
    diag    0x83   RsA   N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    servc   0xb220 Rre   N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    csch    0xb230 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    hsch    0xb231 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    msch    0xb232 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    ssch    0xb233 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stsch   0xb234 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    tsch    0xb235 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    tpi     0xb236 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    sal     0xb237 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    rsch    0xb238 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stcrw   0xb239 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stcps   0xb23a S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    rchp    0xb23b SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    schm    0xb23c SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    chsc    0xb25f RreL  N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    siga    0xb274 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    xsch    0xb276 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stsi    0xb27d S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
}
