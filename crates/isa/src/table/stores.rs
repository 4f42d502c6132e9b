//! Stores and moves.

use super::prelude::*;

family! {
    st      0x50   RxA   N3  []   |b, o| transfer::store::<_, u32>(b, o.r1, o.at);
    sty     0xe350 RxyA  LD  []   |b, o| transfer::store::<_, u32>(b, o.r1, o.at);
    stg     0xe324 RxyA  N3  []   |b, o| transfer::store::<_, u64>(b, o.r1, o.at);
    strl    0xc4f  RilB  GIE []   |b, o| transfer::store_aligned::<_, u32>(b, o.r1, o.to);
    stgrl   0xc4b  RilB  GIE []   |b, o| transfer::store_aligned::<_, u64>(b, o.r1, o.to);
    sthrl   0xc47  RilB  GIE []   |b, o| transfer::store_aligned::<_, u16>(b, o.r1, o.to);
    sth     0x40   RxA   N3  []   |b, o| transfer::store::<_, u16>(b, o.r1, o.at);
    sthy    0xe370 RxyA  LD  []   |b, o| transfer::store::<_, u16>(b, o.r1, o.at);
    stc     0x42   RxA   N3  []   |b, o| transfer::store::<_, u8>(b, o.r1, o.at);
    stcy    0xe372 RxyA  LD  []   |b, o| transfer::store::<_, u8>(b, o.r1, o.at);
    stcm    0xbe   RsB   N3  []   |b, o| { let word = b.gr(o.r1); transfer::store_under_mask(b, word, o.m3, o.at) };
    stcmy   0xeb2d RsyB  LD  []   |b, o| { let word = b.gr(o.r1); transfer::store_under_mask(b, word, o.m3, o.at) };
    stcmh   0xeb2c RsyB  N3  []   |b, o| { let word = b.gr_high(o.r1); transfer::store_under_mask(b, word, o.m3, o.at) };
    strvh   0xe33f RxyA  N3  []   |b, o| transfer::store_reversed::<_, u16>(b, o.r1, o.at);
    strv    0xe33e RxyA  N3  []   |b, o| transfer::store_reversed::<_, u32>(b, o.r1, o.at);
    strvg   0xe32f RxyA  N3  []   |b, o| transfer::store_reversed::<_, u64>(b, o.r1, o.at);
    stm     0x90   RsA   N3  []   |b, o| transfer::store_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    stmy    0xeb90 RsyA  LD  []   |b, o| transfer::store_multiple::<_, u32>(b, o.r1, o.r3, o.at);
    stmg    0xeb24 RsyA  N3  []   |b, o| transfer::store_multiple::<_, u64>(b, o.r1, o.r3, o.at);
    stmh    0xeb26 RsyA  N3  []   |b, o| transfer::store_multiple_high(b, o.r1, o.r3, o.at);
    mvi     0x92   Si    N3  []   |b, o| transfer::move_immediate::<_, u8>(b, o.at, o.i2);
    mviy    0xeb52 SiyU  LD  []   |b, o| transfer::move_immediate::<_, u8>(b, o.at, o.i2);
    mvhhi   0xe544 Sil   GIE []   |b, o| transfer::move_immediate::<_, u16>(b, o.at, o.i2.cast_unsigned());
    mvhi    0xe54c Sil   GIE []   |b, o| transfer::move_immediate::<_, u32>(b, o.at, o.i2.cast_unsigned());
    mvghi   0xe548 Sil   GIE []   |b, o| transfer::move_immediate::<_, u64>(b, o.at, o.i2.cast_unsigned());
    mvc     0xd2   SsA   N3  []   |b, o| logic::storage(b, Helper::Move, o);
}
