//! Long operations on storage, strings, translations through tables.

use super::prelude::*;
use crate::StringHelper as S;
use crate::bodies::string;
use lowcore_arch::Facility;

const ETF2: Facility = Facility::EXTENDED_TRANSLATION_2;
const ETF3: Facility = Facility::EXTENDED_TRANSLATION_3;
const PE: Facility = Facility::PARSING_ENHANCEMENT;
const CSS: Facility = Facility::COMPARE_AND_SWAP_AND_STORE;

family! {
    mvcin   0xe8   SsA   N3  []   |b, o| string::storage(b, S::MoveInverse, o.first, o.second);
    mvn     0xd1   SsA   N3  []   |b, o| string::storage(b, S::MoveNumerics, o.first, o.second);
    mvz     0xd3   SsA   N3  []   |b, o| string::storage(b, S::MoveZones, o.first, o.second);
    mvcl    0x0e   Rr    N3  [cc r1 r2] |b, o| string::pairs(b, S::MoveLong, o.r1, o.r2);
    mvcle   0xa8   RsA   N3  [cc r1 r3] |b, o| string::pairs_and_padding(b, S::MoveLongExtended, o.r1, o.r3, o.at);
    mvclu   0xeb8e RsyA  ETF2 [cc r1 r3] |b, o| string::pairs_and_padding(b, S::MoveLongUnicode, o.r1, o.r3, o.at);
    clcl    0x0f   Rr    N3  [cc r1 r2] |b, o| string::pairs(b, S::CompareLong, o.r1, o.r2);
    clcle   0xa9   RsA   N3  [cc r1 r3] |b, o| string::pairs_and_padding(b, S::CompareLongExtended, o.r1, o.r3, o.at);
    clclu   0xeb8f RsyA  ETF2 [cc r1 r3] |b, o| string::pairs_and_padding(b, S::CompareLongUnicode, o.r1, o.r3, o.at);
    mvst    0xb255 Rre   N3  [cc] |b, o| string::strings(b, S::MoveString, o.r1, o.r2);
    clst    0xb25d Rre   N3  [cc] |b, o| string::strings(b, S::CompareString, o.r1, o.r2);
    srst    0xb25e Rre   N3  [cc] |b, o| string::strings(b, S::SearchString, o.r1, o.r2);
    srstu   0xb9be Rre   ETF3 [cc] |b, o| string::strings(b, S::SearchStringUnicode, o.r1, o.r2);
    cuse    0xb257 Rre   N3  [cc r1 r2] |b, o| string::until_equal(b, o.r1, o.r2);
    cksm    0xb241 Rre   N3  [cc r2] |b, o| string::checksum(b, o.r1, o.r2);
    tr      0xdc   SsA   N3  []   |b, o| string::storage(b, S::Translate, o.first, o.second);
    trt     0xdd   SsA   N3  [cc] |b, o| string::translate_and_test(b, S::TranslateAndTest, o.first, o.second);
    trtr    0xd0   SsA   ETF3 [cc] |b, o| string::translate_and_test(b, S::TranslateAndTestReverse, o.first, o.second);
    tre     0xb2a5 Rre   N3  [cc r1] |b, o| string::translate_extended(b, o.r1, o.r2);
    troo    0xb993 RrfC  ETF2 [cc r1] |b, o| string::translate_by_table(b, S::TranslateOneToOne, o.r1, o.r2, o.m3);
    trot    0xb992 RrfC  ETF2 [cc r1] |b, o| string::translate_by_table(b, S::TranslateOneToTwo, o.r1, o.r2, o.m3);
    trto    0xb991 RrfC  ETF2 [cc r1] |b, o| string::translate_by_table(b, S::TranslateTwoToOne, o.r1, o.r2, o.m3);
    trtt    0xb990 RrfC  ETF2 [cc r1] |b, o| string::translate_by_table(b, S::TranslateTwoToTwo, o.r1, o.r2, o.m3);
    trte    0xb9bf RrfC  PE  [cc r1] |b, o| string::translate_by_table(b, S::TestExtended, o.r1, o.r2, o.m3);
    trtre   0xb9bd RrfC  PE  [cc r1] |b, o| string::translate_by_table(b, S::TestReverseExtended, o.r1, o.r2, o.m3);
    mvpg    0xb254 Rre   N3  [cc] |b, o| string::move_page(b, o.r1, o.r2);
    plo     0xee   SsEN  N3  [cc] |b, o| string::perform_locked(b, o.r1, o.second, o.r3, o.fourth);
    csst    0xc82  Ssf   CSS [cc] |b, o| string::compare_swap_and_store(b, o.first, o.second, o.r3);
    cfc     0xb21a S     N3  [cc] |b, o| string::form_codeword(b, o.at);
    upt     0x0102 E     N3  [cc] |b, _o| string::update_tree(b);
    cmpsc   0xb263 Rre   N3  [cc r1 r2] |b, o| string::compression(b, o.r1, o.r2);
}
