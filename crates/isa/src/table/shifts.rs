//! Shifts and rotates.

use super::prelude::*;

family! {
    sll     0x89   RsL   N3  []   |b, o| shift::left_logical::<_, u32>(b, o.r1, o.r1, o.at);
    srl     0x88   RsL   N3  []   |b, o| shift::right_logical::<_, u32>(b, o.r1, o.r1, o.at);
    sla     0x8b   RsL   N3  [cc] |b, o| shift::left::<_, u32>(b, o.r1, o.r1, o.at);
    sra     0x8a   RsL   N3  [cc] |b, o| shift::right::<_, u32>(b, o.r1, o.r1, o.at);
    sllk    0xebdf RsyA  DO  []   |b, o| shift::left_logical::<_, u32>(b, o.r1, o.r3, o.at);
    srlk    0xebde RsyA  DO  []   |b, o| shift::right_logical::<_, u32>(b, o.r1, o.r3, o.at);
    slak    0xebdd RsyA  DO  [cc] |b, o| shift::left::<_, u32>(b, o.r1, o.r3, o.at);
    srak    0xebdc RsyA  DO  [cc] |b, o| shift::right::<_, u32>(b, o.r1, o.r3, o.at);
    sllg    0xeb0d RsyA  N3  []   |b, o| shift::left_logical::<_, u64>(b, o.r1, o.r3, o.at);
    srlg    0xeb0c RsyA  N3  []   |b, o| shift::right_logical::<_, u64>(b, o.r1, o.r3, o.at);
    slag    0xeb0b RsyA  N3  [cc] |b, o| shift::left::<_, u64>(b, o.r1, o.r3, o.at);
    srag    0xeb0a RsyA  N3  [cc] |b, o| shift::right::<_, u64>(b, o.r1, o.r3, o.at);
    sldl    0x8d   RsL   N3  [r1] |b, o| shift::left_logical_double(b, o.r1, o.at);
    srdl    0x8c   RsL   N3  [r1] |b, o| shift::right_logical_double(b, o.r1, o.at);
    slda    0x8f   RsL   N3  [cc r1] |b, o| shift::left_double(b, o.r1, o.at);
    srda    0x8e   RsL   N3  [cc r1] |b, o| shift::right_double(b, o.r1, o.at);
    rll     0xeb1d RsyA  N3  []   |b, o| shift::rotate::<_, u32>(b, o.r1, o.r3, o.at);
    rllg    0xeb1c RsyA  N3  []   |b, o| shift::rotate::<_, u64>(b, o.r1, o.r3, o.at);
}
