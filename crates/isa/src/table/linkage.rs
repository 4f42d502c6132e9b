//! Linkage between programs and address spaces: address-space numbers,
//! program calls, the linkage stack.

use super::prelude::*;
use crate::SpaceHelper;
use crate::bodies::space;

family! {
    lasp    0xe500 Sse   N3  [p cc] |b, o| space::with_operand_and_address(b, SpaceHelper::LoadSpaceParameters, o.first, o.second);
    ssar    0xb225 RreL  N3  []   |b, o| space::with_value(b, SpaceHelper::SetSecondary, o.r1);
    pc      0xb218 S     N3  []   |b, o| space::program_call(b, o.at);
    pr      0x0101 E     N3  [cc] |b, _o| space::program_return(b);
    pt      0xb228 Rre   N3  []   |b, o| space::with_values(b, SpaceHelper::ProgramTransfer, o.r1, o.r2);
    bakr    0xb240 Rre   N3  []   |b, o| space::branch_and_link(b, SpaceHelper::BranchAndStack, o.r1, o.r2);
    bsa     0xb25a Rre   N3  []   |b, o| space::branch_and_link(b, SpaceHelper::BranchAndSetAuthority, o.r1, o.r2);
    bsg     0xb258 Rre   N3  []   |b, o| space::branch_and_link(b, SpaceHelper::BranchInSubspaceGroup, o.r1, o.r2);
    ereg    0xb249 Rre   N3  []   |b, o| space::extract_stacked::<_, u32>(b, o.r1, o.r2);
    eregg   0xb90e Rre   N3  []   |b, o| space::extract_stacked::<_, u64>(b, o.r1, o.r2);
    esta    0xb24a Rre   N3  [cc] |b, o| space::extract_stacked_state(b, o.r1, o.r2);
    msta    0xb247 RreL  N3  []   |b, o| space::modify_stacked_state(b, o.r1);
    trap2   0x01ff E     N3  []   |b, _o| space::trap(b);
    trap4   0xb2ff S     N3  []   |b, o| space::trap_with_address(b, o.at);
}
