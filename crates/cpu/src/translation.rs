//! From a logical address to an absolute one: address spaces, access
//! registers, region, segment and page tables, protection. Nothing is
//! remembered here; what a CPU remembers of it is its TLB.

mod access_register;
mod asce;
mod locate;
mod protection;
mod walk;

pub use access_register::{
    NamedSpace, has_primary_authority, has_secondary_authority, look_up, space_of,
};
pub use asce::{AddressSpace, Asce, Table};
pub use locate::{AccessFault, Located, Origin, Request, asce_of, locate};
pub use protection::{Protection, Purpose, identification, is_low_address_protected, key_permits};
pub use walk::{Features, Translation, Untranslated, walk, walk_to_entry};

use lowcore_arch::ProgramCode;
use lowcore_storage::AccessError;

/// Why a table could not be followed to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranslationFault {
    /// A program interruption.
    Program(ProgramCode),
    /// The client's memory behind a table was not accessible.
    Host,
}

impl From<AccessError> for TranslationFault {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Addressing => Self::Program(ProgramCode::ADDRESSING),
            AccessError::Host(_) => Self::Host,
        }
    }
}
