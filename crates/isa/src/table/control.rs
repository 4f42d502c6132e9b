//! Control instructions of a CPU.

use super::prelude::*;

family! {
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
}
