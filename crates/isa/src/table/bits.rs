//! Rotated and selected bits, the leftmost one, counts of ones.

use super::prelude::*;

family! {
    risbg   0xec55 RieF  GIE [cc] |b, o| bits::insert_selected(b, o, true);
    risbgn  0xec59 RieF  M1  []   |b, o| bits::insert_selected(b, o, false);
    rnsbg   0xec54 RieF  GIE [cc] |b, o| bits::combine_selected(b, B::and, u64::MAX, o);
    rosbg   0xec56 RieF  GIE [cc] |b, o| bits::combine_selected(b, B::or, 0, o);
    rxsbg   0xec57 RieF  GIE [cc] |b, o| bits::combine_selected(b, B::xor, 0, o);
    flogr   0xb983 Rre   EI  [cc r1] |b, o| bits::find_leftmost_one(b, o.r1, o.r2);
    popcnt  0xb9e1 Rre   DO  [cc] |b, o| bits::population_count(b, o.r1, o.r2);
}
