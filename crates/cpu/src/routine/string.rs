//! Long operations on storage.
//!
//! An operand is gone through page by page. What is done is kept in the
//! registers where an instruction may stop on its way; an exception after
//! that lets the instruction end with condition code 3, or pause, and comes
//! when the instruction is executed again.

mod compression;
mod dictionary;
mod lock;
mod long;
mod page;
mod search;
mod short;
mod sort;
mod translate;

pub use lock::PERFORM_LOCKED_FUNCTIONS;
pub(crate) use short::{combine_and_test as combine, compare, copy, exclusive_or};

use super::Operands;
use super::registers::number;
use crate::{Context, Exception};
use lowcore_isa::StringHelper;
use translate::{Direction, Sizes};

/// Calls a routine of this family.
pub(crate) fn call(
    c: &mut Context<'_>,
    helper: StringHelper,
    operands: &Operands,
) -> Result<u64, Exception> {
    let [first, second, _] = operands.at;
    let [one, other, third, ..] = operands.arguments;
    let (r1, r2) = (number(one), number(other));
    match helper {
        StringHelper::MoveInverse => short::copy_inverse(c, first, second, one)?,
        StringHelper::MoveNumerics => {
            short::combine(c, first, second, one, |a, b| a & 0xf0 | b & 0x0f)?;
        }
        StringHelper::MoveZones => {
            short::combine(c, first, second, one, |a, b| a & 0x0f | b & 0xf0)?;
        }
        StringHelper::MoveLong => long::move_long(c, r1, r2)?,
        StringHelper::MoveLongExtended => long::move_extended(c, r1, r2, third)?,
        StringHelper::MoveLongUnicode => long::move_unicode(c, r1, r2, third)?,
        StringHelper::CompareLong => long::compare_long(c, r1, r2)?,
        StringHelper::CompareLongExtended => long::compare_extended(c, r1, r2, third)?,
        StringHelper::CompareLongUnicode => long::compare_unicode(c, r1, r2, third)?,
        StringHelper::MoveString => search::move_string(c, r1, r2)?,
        StringHelper::CompareString => search::compare_string(c, r1, r2)?,
        StringHelper::SearchString => search::search_string(c, r1, r2)?,
        StringHelper::SearchStringUnicode => search::search_string_unicode(c, r1, r2)?,
        StringHelper::CompareUntilEqual => search::compare_until_equal(c, r1, r2)?,
        StringHelper::Checksum => search::checksum(c, r1, r2)?,
        StringHelper::Translate => translate::translate(c, first, second, one)?,
        StringHelper::TranslateAndTest => {
            translate::translate_and_test(c, first, second, one, Direction::Right)?;
        }
        StringHelper::TranslateAndTestReverse => {
            translate::translate_and_test(c, first, second, one, Direction::Left)?;
        }
        StringHelper::TranslateExtended => translate::translate_extended(c, r1, r2)?,
        StringHelper::TranslateOneToOne
        | StringHelper::TranslateOneToTwo
        | StringHelper::TranslateTwoToOne
        | StringHelper::TranslateTwoToTwo => {
            let sizes = match helper {
                StringHelper::TranslateOneToOne => Sizes { from: 1, to: 1 },
                StringHelper::TranslateOneToTwo => Sizes { from: 1, to: 2 },
                StringHelper::TranslateTwoToOne => Sizes { from: 2, to: 1 },
                _ => Sizes { from: 2, to: 2 },
            };
            translate::translate_characters(c, r1, r2, third & 1 != 0, sizes)?;
        }
        StringHelper::TestExtended => {
            translate::test_extended(c, r1, r2, third, Direction::Right)?;
        }
        StringHelper::TestReverseExtended => {
            translate::test_extended(c, r1, r2, third, Direction::Left)?;
        }
        StringHelper::MovePage => page::move_page(c, r1, r2)?,
        StringHelper::PerformLocked => lock::perform_locked(c, r1, first, r2, second)?,
        StringHelper::CompareSwapAndStore => {
            lock::compare_swap_and_store(c, first, second, r1)?;
        }
        StringHelper::FormCodeword => sort::form_codeword(c, one)?,
        StringHelper::UpdateTree => sort::update_tree(c)?,
        StringHelper::Compression => compression::call(c, r1, r2)?,
    }
    Ok(0)
}
