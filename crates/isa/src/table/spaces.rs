//! Address spaces: their control, access across them, translation and its
//! tables.

use super::prelude::*;
use crate::SpaceHelper;
use crate::bodies::space;
use lowcore_arch::Facility;

/// DAT-enhancement facility 1.
const DE1: Facility = Facility::DAT_ENHANCEMENT;
/// Move-with-optional-specifications facility.
const MOS: Facility = Facility::MOVE_WITH_OPTIONAL_SPECIFICATIONS;
/// Enhanced-DAT facility 2.
const ED2: Facility = Facility::ENHANCED_DAT_2;

family! {
    sac     0xb219 S     N3  []   |b, o| space::with_address(b, SpaceHelper::SetSpaceControl, o.at);
    sacf    0xb279 S     N3  []   |b, o| space::with_address(b, SpaceHelper::SetSpaceControl, o.at);
    iac     0xb224 RreL  N3  [cc] |b, o| space::insert_control(b, o.r1);
    mvcp    0xda   SsD   N3  [cc] |b, o| space::move_with_key(b, SpaceHelper::MoveToPrimary, o.first, o.second, o.r3);
    mvcs    0xdb   SsD   N3  [cc] |b, o| space::move_with_key(b, SpaceHelper::MoveToSecondary, o.first, o.second, o.r3);
    mvck    0xd9   SsD   N3  [cc] |b, o| space::move_with_key(b, SpaceHelper::MoveWithKey, o.first, o.second, o.r3);
    mvcsk   0xe50e Sse   N3  []   |b, o| space::move_with_one_key(b, SpaceHelper::MoveWithSourceKey, o.first, o.second);
    mvcdk   0xe50f Sse   N3  []   |b, o| space::move_with_one_key(b, SpaceHelper::MoveWithDestinationKey, o.first, o.second);
    mvcos   0xc80  Ssf   MOS [cc] |b, o| space::move_with_specifications(b, o.first, o.second, o.r3);
    lra     0xb1   RxA   N3  [p cc] |b, o| space::load_real(b, o.r1, o.at, false);
    lray    0xe313 RxyA  LD  [p cc] |b, o| space::load_real(b, o.r1, o.at, false);
    lrag    0xe303 RxyA  N3  [p cc] |b, o| space::load_real(b, o.r1, o.at, true);
    strag   0xe502 Sse   N3  [p]  |b, o| space::store_real(b, o.first, o.second);
    lura    0xb24b Rre   N3  [p]  |b, o| space::load_using_real::<_, u32>(b, o.r1, o.r2);
    lurag   0xb905 Rre   N3  [p]  |b, o| space::load_using_real::<_, u64>(b, o.r1, o.r2);
    stura   0xb246 Rre   N3  [p]  |b, o| space::store_using_real::<_, u32>(b, o.r1, o.r2);
    sturg   0xb925 Rre   N3  [p]  |b, o| space::store_using_real::<_, u64>(b, o.r1, o.r2);
    tprot   0xe501 Sse   N3  [p cc] |b, o| space::with_operand_and_address(b, SpaceHelper::TestProtection, o.first, o.second);
    palb    0xb248 SL    N3  [p]  |b, _o| space::plain(b, SpaceHelper::PurgeAlb);
    ipte    0xb221 RrfAM N3  [p]  |b, o| space::invalidate_page(b, o.r1, o.r2, o.r3, o.m4);
    idte    0xb98e RrfB  DE1 [p]  |b, o| space::invalidate_table(b, o.r1, o.r2, o.r3, o.m4);
    crdte   0xb98f RrfB  ED2 [p cc r1] |b, o| space::compare_and_replace(b, o.r1, o.r2, o.r3, o.m4);
    csp     0xb250 Rre   N3  [p cc r1] |b, o| space::compare_and_purge::<_, u32>(b, o.r1, o.r2);
    cspg    0xb98a Rre   DE1 [p cc r1] |b, o| space::compare_and_purge::<_, u64>(b, o.r1, o.r2);
    epar    0xb226 RreL  N3  []   |b, o| space::extract::<_, u32>(b, SpaceHelper::ExtractPrimary, o.r1);
    esar    0xb227 RreL  N3  []   |b, o| space::extract::<_, u32>(b, SpaceHelper::ExtractSecondary, o.r1);
    esea    0xb99d RreL  N3  [p]  |b, o| space::exchange_authority(b, o.r1);
    tar     0xb24c RreAG N3  [cc] |b, o| space::test_access(b, o.r1, o.r2);
}
