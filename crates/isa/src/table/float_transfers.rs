//! Loads, stores and moves of floating-point registers.

use super::prelude::*;
use crate::bodies::float::{Fpr, hexadecimal, transfer as float};

family! {
    le      0x78   RxAF  N3  []   |b, o| float::load::<_, u32>(b, o.r1, Mem(o.at));
    ley     0xed64 RxyAF LD  []   |b, o| float::load::<_, u32>(b, o.r1, Mem(o.at));
    ld      0x68   RxAF  N3  []   |b, o| float::load::<_, u64>(b, o.r1, Mem(o.at));
    ldy     0xed65 RxyAF LD  []   |b, o| float::load::<_, u64>(b, o.r1, Mem(o.at));
    ler     0x38   RrF   N3  []   |b, o| float::load::<_, u32>(b, o.r1, Fpr(o.r2));
    ldr     0x28   RrF   N3  []   |b, o| float::load::<_, u64>(b, o.r1, Fpr(o.r2));
    lxr     0xb365 RreX  N3  []   |b, o| float::load_extended(b, o.r1, o.r2);
    ste     0x70   RxAF  N3  []   |b, o| float::store::<_, u32>(b, o.r1, o.at);
    stey    0xed66 RxyAF LD  []   |b, o| float::store::<_, u32>(b, o.r1, o.at);
    std     0x60   RxAF  N3  []   |b, o| float::store::<_, u64>(b, o.r1, o.at);
    stdy    0xed67 RxyAF LD  []   |b, o| float::store::<_, u64>(b, o.r1, o.at);
    lzer    0xb374 RreFL N3  []   |b, o| float::load_zero::<_, u32>(b, o.r1);
    lzdr    0xb375 RreFL N3  []   |b, o| float::load_zero::<_, u64>(b, o.r1);
    lzxr    0xb376 RreXL N3  []   |b, o| float::load_zero_extended(b, o.r1);
    ldgr    0xb3c1 RreFG FPS []   |b, o| float::load::<_, u64>(b, o.r1, Reg(o.r2));
    lgdr    0xb3cd RreGF FPS []   |b, o| float::load_general(b, o.r1, o.r2);
    lpdfr   0xb370 RreF  FPS []   |b, o| float::load_changed(b, float::positive, o.r1, o.r2);
    lndfr   0xb371 RreF  FPS []   |b, o| float::load_changed(b, float::negative, o.r1, o.r2);
    lcdfr   0xb373 RreF  FPS []   |b, o| float::load_changed(b, float::complement, o.r1, o.r2);
    cpsdr   0xb372 RrfBFL FPS []  |b, o| float::copy_sign(b, o.r1, o.r3, o.r2);
    lder    0xb324 RreF  N3  []   |b, o| hexadecimal::lengthen(b, o.r1, Fpr(o.r2));
    lde     0xed24 RxeF  N3  []   |b, o| hexadecimal::lengthen(b, o.r1, Mem(o.at));
    lter    0x32   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u32>(b, |_, value| value, o.r1, o.r2);
    ltdr    0x22   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u64>(b, |_, value| value, o.r1, o.r2);
    lper    0x30   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u32>(b, float::positive, o.r1, o.r2);
    lpdr    0x20   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u64>(b, float::positive, o.r1, o.r2);
    lner    0x31   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u32>(b, float::negative, o.r1, o.r2);
    lndr    0x21   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u64>(b, float::negative, o.r1, o.r2);
    lcer    0x33   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u32>(b, float::complement, o.r1, o.r2);
    lcdr    0x23   RrF   N3  [cc] |b, o| hexadecimal::load_changed::<_, u64>(b, float::complement, o.r1, o.r2);
}
