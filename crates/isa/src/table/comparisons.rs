//! Comparisons, and COMPARE AND SWAP.

use super::prelude::*;

family! {
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
    cs      0xba   RsA   N3  [cc] |b, o| transfer::compare_and_swap::<_, u32>(b, o.r1, o.r3, o.at);
    csy     0xeb14 RsyA  LD  [cc] |b, o| transfer::compare_and_swap::<_, u32>(b, o.r1, o.r3, o.at);
    csg     0xeb30 RsyA  N3  [cc] |b, o| transfer::compare_and_swap::<_, u64>(b, o.r1, o.r3, o.at);
    cds     0xbb   RsA   N3  [cc r1 r3] |b, o| transfer::compare_double_and_swap(b, o.r1, o.r3, o.at);
    cdsy    0xeb31 RsyA  LD  [cc r1 r3] |b, o| transfer::compare_double_and_swap(b, o.r1, o.r3, o.at);
    cdsg    0xeb3e RsyA  N3  [cc r1 r3] |b, o| transfer::compare_double_and_swap_long(b, o.r1, o.r3, o.at);
}
