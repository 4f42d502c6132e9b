//! The floating-point-control register.

use super::prelude::*;
use crate::bodies::float::control as float;

family! {
    lfpc    0xb29d S     N3  [bfp] |b, o| float::set(b, Mem(o.at));
    sfpc    0xb384 RreL  N3  [bfp] |b, o| float::set(b, Reg(o.r1));
    stfpc   0xb29c S     N3  [bfp] |b, o| float::store(b, o.at);
    efpc    0xb38c RreL  N3  [bfp] |b, o| float::extract(b, o.r1);
    lfas    0xb2bd S     FPS [dfp] |b, o| float::set_and_signal(b, Mem(o.at));
    sfasr   0xb385 RreL  FPS [dfp] |b, o| float::set_and_signal(b, Reg(o.r1));
    srnm    0xb299 S     N3  [bfp] |b, o| float::set_rounding_short(b, o.at);
    srnmb   0xb2b8 S     FPE [bfp] |b, o| float::set_rounding(b, o.at);
    srnmt   0xb2b9 S     FPS [dfp] |b, o| float::set_decimal_rounding(b, o.at);
}
