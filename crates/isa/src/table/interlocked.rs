//! Accesses that other CPUs see as one step.

use super::prelude::*;

family! {
    ts      0x93   SShort N3 [cc] |b, o| interlocked::test_and_set(b, o.at);
    asi     0xeb6a Siy   GIE [cc] |b, o| interlocked::add_immediate::<_, u32>(b, o.at, o.i2);
    agsi    0xeb7a Siy   GIE [cc] |b, o| interlocked::add_immediate::<_, u64>(b, o.at, o.i2);
    alsi    0xeb6e Siy   GIE [cc] |b, o| interlocked::add_logical_immediate::<_, u32>(b, o.at, o.i2);
    algsi   0xeb7e Siy   GIE [cc] |b, o| interlocked::add_logical_immediate::<_, u64>(b, o.at, o.i2);
    ni      0x94   Si    N3  [cc] |b, o| interlocked::combine_immediate(b, Update::And, o.at, o.i2);
    niy     0xeb54 SiyU  LD  [cc] |b, o| interlocked::combine_immediate(b, Update::And, o.at, o.i2);
    oi      0x96   Si    N3  [cc] |b, o| interlocked::combine_immediate(b, Update::Or, o.at, o.i2);
    oiy     0xeb56 SiyU  LD  [cc] |b, o| interlocked::combine_immediate(b, Update::Or, o.at, o.i2);
    xi      0x97   Si    N3  [cc] |b, o| interlocked::combine_immediate(b, Update::Xor, o.at, o.i2);
    xiy     0xeb57 SiyU  LD  [cc] |b, o| interlocked::combine_immediate(b, Update::Xor, o.at, o.i2);
    laa     0xebf8 RsyA  DO  [cc] |b, o| interlocked::load_and_add::<_, u32>(b, o.r1, o.r3, o.at);
    laag    0xebe8 RsyA  DO  [cc] |b, o| interlocked::load_and_add::<_, u64>(b, o.r1, o.r3, o.at);
    laal    0xebfa RsyA  DO  [cc] |b, o| interlocked::load_and_add_logical::<_, u32>(b, o.r1, o.r3, o.at);
    laalg   0xebea RsyA  DO  [cc] |b, o| interlocked::load_and_add_logical::<_, u64>(b, o.r1, o.r3, o.at);
    lan     0xebf4 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u32>(b, Update::And, o.r1, o.r3, o.at);
    lang    0xebe4 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u64>(b, Update::And, o.r1, o.r3, o.at);
    lao     0xebf6 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u32>(b, Update::Or, o.r1, o.r3, o.at);
    laog    0xebe6 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u64>(b, Update::Or, o.r1, o.r3, o.at);
    lax     0xebf7 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u32>(b, Update::Xor, o.r1, o.r3, o.at);
    laxg    0xebe7 RsyA  DO  [cc] |b, o| interlocked::load_and_combine::<_, u64>(b, Update::Xor, o.r1, o.r3, o.at);
    lpd     0xc84  SsfR  DO  [cc r1] |b, o| interlocked::load_pair_disjoint::<_, u32>(b, o.r3, o.first, o.second);
    lpdg    0xc85  SsfR  DO  [cc r1] |b, o| interlocked::load_pair_disjoint::<_, u64>(b, o.r3, o.first, o.second);
    lpq     0xe38f RxyA  N3  [r1] |b, o| interlocked::load_quadword(b, o.r1, o.at);
    stpq    0xe38e RxyA  N3  [r1] |b, o| interlocked::store_quadword(b, o.r1, o.at);
}
