//! Branches, EXECUTE and SUPERVISOR CALL.

use super::prelude::*;

family! {
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
}
