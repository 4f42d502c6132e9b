//! Conversions of binary floating point.

use super::prelude::*;
use crate::bodies::float::Fpr;
use crate::bodies::float::conversion as float;
use crate::{
    Modifiers,
    FixedFormat::{Doubleword, LogicalDoubleword, LogicalWord, Word},
    FloatFormat::{Extended, Long, Short},
};

family! {
    ldebr   0xb304 RreF  N3  [bfp]    |b, o| float::lengthen(b, Short, Long, o.r1, Fpr(o.r2));
    ldeb    0xed04 RxeF  N3  [bfp]    |b, o| float::lengthen(b, Short, Long, o.r1, Mem(o.at));
    lxdbr   0xb305 RreXF N3  [bfp]    |b, o| float::lengthen(b, Long, Extended, o.r1, Fpr(o.r2));
    lxdb    0xed05 RxeX  N3  [bfp]    |b, o| float::lengthen(b, Long, Extended, o.r1, Mem(o.at));
    lxebr   0xb306 RreXF N3  [bfp]    |b, o| float::lengthen(b, Short, Extended, o.r1, Fpr(o.r2));
    lxeb    0xed06 RxeX  N3  [bfp]    |b, o| float::lengthen(b, Short, Extended, o.r1, Mem(o.at));
    ledbra  0xb344 RrfEF FPE [bfp]    |b, o| float::round(b, Long, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    ldxbra  0xb345 RrfEX FPE [bfp]    |b, o| float::round(b, Extended, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    lexbra  0xb346 RrfEX FPE [bfp]    |b, o| float::round(b, Extended, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    fiebra  0xb357 RrfEF FPE [bfp]    |b, o| float::to_integer(b, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    fidbra  0xb35f RrfEF FPE [bfp]    |b, o| float::to_integer(b, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    fixbra  0xb347 RrfEX FPE [bfp]    |b, o| float::to_integer(b, Extended, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cefbra  0xb394 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Word, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cdfbra  0xb395 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Word, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cxfbra  0xb396 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, Word, Extended, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cfebra  0xb398 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, Word, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cfdbra  0xb399 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, Word, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cfxbra  0xb39a RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, Word, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cegbra  0xb3a4 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cdgbra  0xb3a5 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cxgbra  0xb3a6 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Extended, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cgebra  0xb3a8 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, Doubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cgdbra  0xb3a9 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, Doubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cgxbra  0xb3aa RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, Doubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    celfbr  0xb390 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cdlfbr  0xb391 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cxlfbr  0xb392 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Extended, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clfebr  0xb39c RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, LogicalWord, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clfdbr  0xb39d RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, LogicalWord, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clfxbr  0xb39e RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, LogicalWord, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    celgbr  0xb3a0 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Short, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cdlgbr  0xb3a1 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Long, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    cxlgbr  0xb3a2 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Extended, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clgebr  0xb3ac RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, LogicalDoubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clgdbr  0xb3ad RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, LogicalDoubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
    clgxbr  0xb3ae RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, LogicalDoubleword, o.r1, o.r2, Modifiers { m3: o.m3, m4: o.m4 });
}
