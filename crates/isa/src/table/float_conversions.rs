//! Conversions of binary floating point.

use super::prelude::*;
use crate::bodies::float::Fpr;
use crate::bodies::float::conversion as float;
use crate::{
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
    ledbra  0xb344 RrfEF FPE [bfp]    |b, o| float::round(b, Long, Short, o);
    ldxbra  0xb345 RrfEX FPE [bfp]    |b, o| float::round(b, Extended, Long, o);
    lexbra  0xb346 RrfEX FPE [bfp]    |b, o| float::round(b, Extended, Short, o);
    fiebra  0xb357 RrfEF FPE [bfp]    |b, o| float::to_integer(b, Short, o);
    fidbra  0xb35f RrfEF FPE [bfp]    |b, o| float::to_integer(b, Long, o);
    fixbra  0xb347 RrfEX FPE [bfp]    |b, o| float::to_integer(b, Extended, o);
    cefbra  0xb394 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Word, Short, o);
    cdfbra  0xb395 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Word, Long, o);
    cxfbra  0xb396 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, Word, Extended, o);
    cfebra  0xb398 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, Word, o);
    cfdbra  0xb399 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, Word, o);
    cfxbra  0xb39a RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, Word, o);
    cegbra  0xb3a4 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Short, o);
    cdgbra  0xb3a5 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Long, o);
    cxgbra  0xb3a6 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, Doubleword, Extended, o);
    cgebra  0xb3a8 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, Doubleword, o);
    cgdbra  0xb3a9 RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, Doubleword, o);
    cgxbra  0xb3aa RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, Doubleword, o);
    celfbr  0xb390 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Short, o);
    cdlfbr  0xb391 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Long, o);
    cxlfbr  0xb392 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, LogicalWord, Extended, o);
    clfebr  0xb39c RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, LogicalWord, o);
    clfdbr  0xb39d RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, LogicalWord, o);
    clfxbr  0xb39e RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, LogicalWord, o);
    celgbr  0xb3a0 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Short, o);
    cdlgbr  0xb3a1 RrfEFG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Long, o);
    cxlgbr  0xb3a2 RrfEXG FPE [bfp]    |b, o| float::from_fixed(b, LogicalDoubleword, Extended, o);
    clgebr  0xb3ac RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Short, LogicalDoubleword, o);
    clgdbr  0xb3ad RrfEGF FPE [bfp cc] |b, o| float::to_fixed(b, Long, LogicalDoubleword, o);
    clgxbr  0xb3ae RrfEGX FPE [bfp cc] |b, o| float::to_fixed(b, Extended, LogicalDoubleword, o);
}
