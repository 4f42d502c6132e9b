//! Storage keys.

use super::prelude::*;
use crate::bodies::key;
use lowcore_arch::Facility;

const EDAT1: Facility = Facility::ENHANCED_DAT_1;
const RRBM: Facility = Facility::RESET_REFERENCE_BITS_MULTIPLE;

family! {
    iske    0xb229 Rre   N3    [p]    |b, o| key::insert(b, o.r1, o.r2);
    ivsk    0xb223 Rre   N3    []     |b, o| key::insert_virtual(b, o.r1, o.r2);
    sske    0xb22b RrfC  N3    [p cc] |b, o| key::set(b, o.r1, o.r2, o.m3);
    rrbe    0xb22a Rre   N3    [p cc] |b, o| key::reset_reference(b, o.r2);
    rrbm    0xb9ae Rre   RRBM  [p]    |b, o| key::reset_references(b, o.r1, o.r2);
    pfmf    0xb9af Rre   EDAT1 [p]    |b, o| key::manage_frame(b, o.r1, o.r2);
    tb      0xb22c Rre   N3    [p cc] |b, o| key::test_block(b, o.r2);
}
