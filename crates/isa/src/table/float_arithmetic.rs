//! Arithmetic and comparison of binary floating point.

use super::prelude::*;
use crate::bodies::float::Fpr;
use crate::bodies::float::arithmetic::{self as float, Change};
use crate::{
    FloatFormat::{Extended, Long, Short},
    FloatOperation::{Add, Divide, Multiply, Subtract},
};

family! {
    aebr    0xb30a RreF  N3  [bfp cc] |b, o| float::arithmetic(b, Add, Short, o.r1, Fpr(o.r2));
    aeb     0xed0a RxeF  N3  [bfp cc] |b, o| float::arithmetic(b, Add, Short, o.r1, Mem(o.at));
    adbr    0xb31a RreF  N3  [bfp cc] |b, o| float::arithmetic(b, Add, Long, o.r1, Fpr(o.r2));
    adb     0xed1a RxeF  N3  [bfp cc] |b, o| float::arithmetic(b, Add, Long, o.r1, Mem(o.at));
    axbr    0xb34a RreX  N3  [bfp cc] |b, o| float::arithmetic(b, Add, Extended, o.r1, Fpr(o.r2));
    sebr    0xb30b RreF  N3  [bfp cc] |b, o| float::arithmetic(b, Subtract, Short, o.r1, Fpr(o.r2));
    seb     0xed0b RxeF  N3  [bfp cc] |b, o| float::arithmetic(b, Subtract, Short, o.r1, Mem(o.at));
    sdbr    0xb31b RreF  N3  [bfp cc] |b, o| float::arithmetic(b, Subtract, Long, o.r1, Fpr(o.r2));
    sdb     0xed1b RxeF  N3  [bfp cc] |b, o| float::arithmetic(b, Subtract, Long, o.r1, Mem(o.at));
    sxbr    0xb34b RreX  N3  [bfp cc] |b, o| float::arithmetic(b, Subtract, Extended, o.r1, Fpr(o.r2));
    meebr   0xb317 RreF  N3  [bfp]    |b, o| float::arithmetic(b, Multiply, Short, o.r1, Fpr(o.r2));
    meeb    0xed17 RxeF  N3  [bfp]    |b, o| float::arithmetic(b, Multiply, Short, o.r1, Mem(o.at));
    mdbr    0xb31c RreF  N3  [bfp]    |b, o| float::arithmetic(b, Multiply, Long, o.r1, Fpr(o.r2));
    mdb     0xed1c RxeF  N3  [bfp]    |b, o| float::arithmetic(b, Multiply, Long, o.r1, Mem(o.at));
    mxbr    0xb34c RreX  N3  [bfp]    |b, o| float::arithmetic(b, Multiply, Extended, o.r1, Fpr(o.r2));
    debr    0xb30d RreF  N3  [bfp]    |b, o| float::arithmetic(b, Divide, Short, o.r1, Fpr(o.r2));
    deb     0xed0d RxeF  N3  [bfp]    |b, o| float::arithmetic(b, Divide, Short, o.r1, Mem(o.at));
    ddbr    0xb31d RreF  N3  [bfp]    |b, o| float::arithmetic(b, Divide, Long, o.r1, Fpr(o.r2));
    ddb     0xed1d RxeF  N3  [bfp]    |b, o| float::arithmetic(b, Divide, Long, o.r1, Mem(o.at));
    dxbr    0xb34d RreX  N3  [bfp]    |b, o| float::arithmetic(b, Divide, Extended, o.r1, Fpr(o.r2));
    mdebr   0xb30c RreF  N3  [bfp]    |b, o| float::multiply_longer(b, Short, o.r1, Fpr(o.r2));
    mdeb    0xed0c RxeF  N3  [bfp]    |b, o| float::multiply_longer(b, Short, o.r1, Mem(o.at));
    mxdbr   0xb307 RreXF N3  [bfp]    |b, o| float::multiply_longer(b, Long, o.r1, Fpr(o.r2));
    mxdb    0xed07 RxeX  N3  [bfp]    |b, o| float::multiply_longer(b, Long, o.r1, Mem(o.at));
    maebr   0xb30e RrdF  N3  [bfp]    |b, o| float::multiply_and_add(b, Short, [o.r1, o.r3], Fpr(o.r2));
    maeb    0xed0e RxfF  N3  [bfp]    |b, o| float::multiply_and_add(b, Short, [o.r1, o.r3], Mem(o.at));
    madbr   0xb31e RrdF  N3  [bfp]    |b, o| float::multiply_and_add(b, Long, [o.r1, o.r3], Fpr(o.r2));
    madb    0xed1e RxfF  N3  [bfp]    |b, o| float::multiply_and_add(b, Long, [o.r1, o.r3], Mem(o.at));
    msebr   0xb30f RrdF  N3  [bfp]    |b, o| float::multiply_and_subtract(b, Short, [o.r1, o.r3], Fpr(o.r2));
    mseb    0xed0f RxfF  N3  [bfp]    |b, o| float::multiply_and_subtract(b, Short, [o.r1, o.r3], Mem(o.at));
    msdbr   0xb31f RrdF  N3  [bfp]    |b, o| float::multiply_and_subtract(b, Long, [o.r1, o.r3], Fpr(o.r2));
    msdb    0xed1f RxfF  N3  [bfp]    |b, o| float::multiply_and_subtract(b, Long, [o.r1, o.r3], Mem(o.at));
    sqebr   0xb314 RreF  N3  [bfp]    |b, o| float::square_root(b, Short, o.r1, Fpr(o.r2));
    sqeb    0xed14 RxeF  N3  [bfp]    |b, o| float::square_root(b, Short, o.r1, Mem(o.at));
    sqdbr   0xb315 RreF  N3  [bfp]    |b, o| float::square_root(b, Long, o.r1, Fpr(o.r2));
    sqdb    0xed15 RxeF  N3  [bfp]    |b, o| float::square_root(b, Long, o.r1, Mem(o.at));
    sqxbr   0xb316 RreX  N3  [bfp]    |b, o| float::square_root(b, Extended, o.r1, Fpr(o.r2));
    diebr   0xb353 RrfBF N3  [bfp cc] |b, o| float::divide_to_integer(b, Short, [o.r1, o.r3, o.r2], o.m4);
    didbr   0xb35b RrfBF N3  [bfp cc] |b, o| float::divide_to_integer(b, Long, [o.r1, o.r3, o.r2], o.m4);
    cebr    0xb309 RreF  N3  [bfp cc] |b, o| float::compare(b, Short, o.r1, Fpr(o.r2));
    ceb     0xed09 RxeF  N3  [bfp cc] |b, o| float::compare(b, Short, o.r1, Mem(o.at));
    cdbr    0xb319 RreF  N3  [bfp cc] |b, o| float::compare(b, Long, o.r1, Fpr(o.r2));
    cdb     0xed19 RxeF  N3  [bfp cc] |b, o| float::compare(b, Long, o.r1, Mem(o.at));
    cxbr    0xb349 RreX  N3  [bfp cc] |b, o| float::compare(b, Extended, o.r1, Fpr(o.r2));
    kebr    0xb308 RreF  N3  [bfp cc] |b, o| float::compare_and_signal(b, Short, o.r1, Fpr(o.r2));
    keb     0xed08 RxeF  N3  [bfp cc] |b, o| float::compare_and_signal(b, Short, o.r1, Mem(o.at));
    kdbr    0xb318 RreF  N3  [bfp cc] |b, o| float::compare_and_signal(b, Long, o.r1, Fpr(o.r2));
    kdb     0xed18 RxeF  N3  [bfp cc] |b, o| float::compare_and_signal(b, Long, o.r1, Mem(o.at));
    kxbr    0xb348 RreX  N3  [bfp cc] |b, o| float::compare_and_signal(b, Extended, o.r1, Fpr(o.r2));
    tceb    0xed10 RxeF  N3  [bfp cc] |b, o| float::test_data_class(b, Short, o.r1, o.at);
    tcdb    0xed11 RxeF  N3  [bfp cc] |b, o| float::test_data_class(b, Long, o.r1, o.at);
    tcxb    0xed12 RxeX  N3  [bfp cc] |b, o| float::test_data_class(b, Extended, o.r1, o.at);
    ltebr   0xb302 RreF  N3  [bfp cc] |b, o| float::load_and_test(b, Short, o.r1, o.r2);
    ltdbr   0xb312 RreF  N3  [bfp cc] |b, o| float::load_and_test(b, Long, o.r1, o.r2);
    ltxbr   0xb342 RreX  N3  [bfp cc] |b, o| float::load_and_test(b, Extended, o.r1, o.r2);
    lpebr   0xb300 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Positive, Short, o.r1, o.r2);
    lpdbr   0xb310 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Positive, Long, o.r1, o.r2);
    lpxbr   0xb340 RreX  N3  [bfp cc] |b, o| float::load_changed(b, Change::Positive, Extended, o.r1, o.r2);
    lnebr   0xb301 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Negative, Short, o.r1, o.r2);
    lndbr   0xb311 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Negative, Long, o.r1, o.r2);
    lnxbr   0xb341 RreX  N3  [bfp cc] |b, o| float::load_changed(b, Change::Negative, Extended, o.r1, o.r2);
    lcebr   0xb303 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Complement, Short, o.r1, o.r2);
    lcdbr   0xb313 RreF  N3  [bfp cc] |b, o| float::load_changed(b, Change::Complement, Long, o.r1, o.r2);
    lcxbr   0xb343 RreX  N3  [bfp cc] |b, o| float::load_changed(b, Change::Complement, Extended, o.r1, o.r2);
}
