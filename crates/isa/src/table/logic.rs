//! Bitwise logic.

use super::prelude::*;

family! {
    nr      0x14   Rr    N3  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Reg(o.r2));
    ngr     0xb980 Rre   N3  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r1, Reg(o.r2));
    nrk     0xb9f4 RrfA  DO  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r2, Reg(o.r3));
    ngrk    0xb9e4 RrfA  DO  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r2, Reg(o.r3));
    n       0x54   RxA   N3  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Mem(o.at));
    ny      0xe354 RxyA  LD  [cc] |b, o| logic::combine::<_, u32>(b, B::and, o.r1, o.r1, Mem(o.at));
    ng      0xe380 RxyA  N3  [cc] |b, o| logic::combine::<_, u64>(b, B::and, o.r1, o.r1, Mem(o.at));
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
    xilf    0xc07  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::xor, o.r1, 0, o.i2);
    xihf    0xc06  RilAU EI  [cc] |b, o| logic::combine_part::<_, u32>(b, B::xor, o.r1, 32, o.i2);
    xc      0xd7   SsA   N3  [cc] |b, o| logic::storage(b, Helper::ExclusiveOr, o);
    tm      0x91   Si    N3  [cc] |b, o| logic::test_byte(b, o.at, o.i2);
    tmy     0xeb51 SiyU  LD  [cc] |b, o| logic::test_byte(b, o.at, o.i2);
    tmll    0xa71  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 0, o.i2);
    tmlh    0xa70  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 16, o.i2);
    tmhl    0xa73  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 32, o.i2);
    tmhh    0xa72  RiAU  N3  [cc] |b, o| logic::test_part(b, o.r1, 48, o.i2);
}
