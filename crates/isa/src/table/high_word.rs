//! The high-word facility: the left halves of general registers as registers
//! of their own.

use super::prelude::*;

family! {
    lbh     0xe3c0 RxyA  DO  []   |b, o| high::load(b, o.r1, mem_signed::<u8, _>(o.at));
    lhh     0xe3c4 RxyA  DO  []   |b, o| high::load(b, o.r1, mem_signed::<u16, _>(o.at));
    lfh     0xe3ca RxyA  DO  []   |b, o| high::load(b, o.r1, Mem(o.at));
    llch    0xe3c2 RxyA  DO  []   |b, o| high::load(b, o.r1, mem_unsigned::<u8, _>(o.at));
    llhh    0xe3c6 RxyA  DO  []   |b, o| high::load(b, o.r1, mem_unsigned::<u16, _>(o.at));
    stch    0xe3c3 RxyA  DO  []   |b, o| high::store::<_, u8>(b, o.r1, o.at);
    sthh    0xe3c7 RxyA  DO  []   |b, o| high::store::<_, u16>(b, o.r1, o.at);
    stfh    0xe3cb RxyA  DO  []   |b, o| high::store::<_, u32>(b, o.r1, o.at);
    ahhhr   0xb9c8 RrfA  DO  [cc] |b, o| high::add(b, o.r1, High(o.r2), High(o.r3));
    ahhlr   0xb9d8 RrfA  DO  [cc] |b, o| high::add(b, o.r1, High(o.r2), Reg(o.r3));
    aih     0xcc8  RilA  DO  [cc] |b, o| high::add(b, o.r1, High(o.r1), Imm(o.i2));
    alhhhr  0xb9ca RrfA  DO  [cc] |b, o| high::add_logical(b, o.r1, High(o.r2), High(o.r3));
    alhhlr  0xb9da RrfA  DO  [cc] |b, o| high::add_logical(b, o.r1, High(o.r2), Reg(o.r3));
    alsih   0xcca  RilA  DO  [cc] |b, o| high::add_logical(b, o.r1, High(o.r1), Imm(o.i2));
    alsihn  0xccb  RilA  DO  []   |b, o| high::add_quietly(b, o.r1, Imm(o.i2));
    shhhr   0xb9c9 RrfA  DO  [cc] |b, o| high::subtract(b, o.r1, High(o.r2), High(o.r3));
    shhlr   0xb9d9 RrfA  DO  [cc] |b, o| high::subtract(b, o.r1, High(o.r2), Reg(o.r3));
    slhhhr  0xb9cb RrfA  DO  [cc] |b, o| high::subtract_logical(b, o.r1, High(o.r2), High(o.r3));
    slhhlr  0xb9db RrfA  DO  [cc] |b, o| high::subtract_logical(b, o.r1, High(o.r2), Reg(o.r3));
    chhr    0xb9cd Rre   DO  [cc] |b, o| compare::signed::<_, u32>(b, High(o.r1), High(o.r2));
    chlr    0xb9dd Rre   DO  [cc] |b, o| compare::signed::<_, u32>(b, High(o.r1), Reg(o.r2));
    chf     0xe3cd RxyA  DO  [cc] |b, o| compare::signed::<_, u32>(b, High(o.r1), Mem(o.at));
    cih     0xccd  RilA  DO  [cc] |b, o| compare::signed::<_, u32>(b, High(o.r1), Imm(o.i2));
    clhhr   0xb9cf Rre   DO  [cc] |b, o| compare::logical::<_, u32>(b, High(o.r1), High(o.r2));
    clhlr   0xb9df Rre   DO  [cc] |b, o| compare::logical::<_, u32>(b, High(o.r1), Reg(o.r2));
    clhf    0xe3cf RxyA  DO  [cc] |b, o| compare::logical::<_, u32>(b, High(o.r1), Mem(o.at));
    clih    0xccf  RilAU DO  [cc] |b, o| compare::logical::<_, u32>(b, High(o.r1), ImmU(o.i2));
    brcth   0xcc6  RilB  DO  []   |b, o| high::branch_on_count(b, o.r1, o.to);
    risbhg  0xec5d RieF  DO  []   |b, o| bits::insert_selected_high(b, o);
    risblg  0xec51 RieF  DO  []   |b, o| bits::insert_selected_low(b, o);
}
