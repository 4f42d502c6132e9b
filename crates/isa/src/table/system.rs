//! What the system tells about itself, and its clock.

use super::prelude::*;
use crate::bodies::system;
use lowcore_arch::Facility;

/// Load-program-parameter facility.
const LPP: Facility = Facility::LOAD_PROGRAM_PARAMETER;
/// TOD-clock steering.
const TCS: Facility = Facility::TOD_CLOCK_STEERING;

family! {
    stck    0xb205 S     N3  [cc] |b, o| system::store_clock(b, o.at);
    stckf   0xb27c S     SCF [cc] |b, o| control::store_clock(b, o.at);
    stcke   0xb278 S     N3  [cc] |b, o| control::store_clock_extended(b, o.at);
    ptff    0x0104 E     TCS [cc] |b, _o| system::timing_function(b);
    ecag    0xeb4c RsyA  GIE []   |b, o| system::extract_attribute(b, o.r1, o.at);
    trace   0x99   RsA   N3  [p]  |b, o| system::trace::<_, u32>(b, o.r1, o.r3, o.at);
    tracg   0xeb0f RsyA  N3  [p]  |b, o| system::trace::<_, u64>(b, o.r1, o.r3, o.at);
    mc      0xaf   Si    N3  []   |b, o| system::monitor_call(b, o.at, o.i2);
    lpp     0xb280 S     LPP [p]  |b, o| system::load_program_parameter(b, o.at);
    rp      0xb277 S     N3  [cc] |b, o| system::resume_program(b, o.at);
}
