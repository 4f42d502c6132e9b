//! Loads and stores on condition, compare and branch to an address, compare
//! and trap, load and trap.

use super::prelude::*;

family! {
    locr    0xb9f2 RrfC  DO  []   |b, o| conditional::load_register::<_, u32>(b, o.r1, o.r2, o.m3);
    locgr   0xb9e2 RrfC  DO  []   |b, o| conditional::load_register::<_, u64>(b, o.r1, o.r2, o.m3);
    loc     0xebf2 RsyBM DO  []   |b, o| conditional::load::<_, u32>(b, o.r1, o.at, o.m3);
    locg    0xebe2 RsyBM DO  []   |b, o| conditional::load::<_, u64>(b, o.r1, o.at, o.m3);
    stoc    0xebf3 RsyBM DO  []   |b, o| conditional::store::<_, u32>(b, o.r1, o.at, o.m3);
    stocg   0xebe3 RsyBM DO  []   |b, o| conditional::store::<_, u64>(b, o.r1, o.at, o.m3);
    crb     0xecf6 Rrs   GIE []   |b, o| conditional::branch_signed::<_, u32>(b, o.r1, Reg(o.r2), o.m3, o.at);
    cgrb    0xece4 Rrs   GIE []   |b, o| conditional::branch_signed::<_, u64>(b, o.r1, Reg(o.r2), o.m3, o.at);
    cib     0xecfe Ris   GIE []   |b, o| conditional::branch_signed::<_, u32>(b, o.r1, Imm(o.i2), o.m3, o.at);
    cgib    0xecfc Ris   GIE []   |b, o| conditional::branch_signed::<_, u64>(b, o.r1, Imm(o.i2), o.m3, o.at);
    clrb    0xecf7 Rrs   GIE []   |b, o| conditional::branch_logical::<_, u32>(b, o.r1, Reg(o.r2), o.m3, o.at);
    clgrb   0xece5 Rrs   GIE []   |b, o| conditional::branch_logical::<_, u64>(b, o.r1, Reg(o.r2), o.m3, o.at);
    clib    0xecff RisU  GIE []   |b, o| conditional::branch_logical::<_, u32>(b, o.r1, ImmU(o.i2), o.m3, o.at);
    clgib   0xecfd RisU  GIE []   |b, o| conditional::branch_logical::<_, u64>(b, o.r1, ImmU(o.i2), o.m3, o.at);
    crt     0xb972 RrfC  GIE []   |b, o| conditional::trap_signed::<_, u32>(b, o.r1, Reg(o.r2), o.m3);
    cgrt    0xb960 RrfC  GIE []   |b, o| conditional::trap_signed::<_, u64>(b, o.r1, Reg(o.r2), o.m3);
    cit     0xec72 RieA  GIE []   |b, o| conditional::trap_signed::<_, u32>(b, o.r1, Imm(o.i2), o.m3);
    cgit    0xec70 RieA  GIE []   |b, o| conditional::trap_signed::<_, u64>(b, o.r1, Imm(o.i2), o.m3);
    clrt    0xb973 RrfC  GIE []   |b, o| conditional::trap_logical::<_, u32>(b, o.r1, Reg(o.r2), o.m3);
    clgrt   0xb961 RrfC  GIE []   |b, o| conditional::trap_logical::<_, u64>(b, o.r1, Reg(o.r2), o.m3);
    clfit   0xec73 RieAU GIE []   |b, o| conditional::trap_logical::<_, u32>(b, o.r1, ImmU(o.i2), o.m3);
    clgit   0xec71 RieAU GIE []   |b, o| conditional::trap_logical::<_, u64>(b, o.r1, ImmU(o.i2), o.m3);
    clt     0xeb23 RsyB  M1  []   |b, o| conditional::trap_logical::<_, u32>(b, o.r1, Mem(o.at), o.m3);
    clgt    0xeb2b RsyB  M1  []   |b, o| conditional::trap_logical::<_, u64>(b, o.r1, Mem(o.at), o.m3);
    lat     0xe39f RxyA  M1  []   |b, o| conditional::load_and_trap::<_, u32>(b, o.r1, Mem(o.at));
    lgat    0xe385 RxyA  M1  []   |b, o| conditional::load_and_trap::<_, u64>(b, o.r1, Mem(o.at));
    llgfat  0xe39d RxyA  M1  []   |b, o| conditional::load_and_trap::<_, u64>(b, o.r1, mem_unsigned::<u32, _>(o.at));
    llgtat  0xe39c RxyA  M1  []   |b, o| conditional::load_thirty_one_and_trap(b, o.r1, o.at);
    lfhat   0xe3c8 RxyA  M1  []   |b, o| conditional::load_high_and_trap(b, o.r1, o.at);
}
