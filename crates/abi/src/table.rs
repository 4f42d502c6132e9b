//! Constants that know their names.

/// One constant of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The kernel's name.
    pub name: &'static str,
    /// Value, widened with zeros.
    pub value: u64,
}

/// Constants that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// What they are, in a few words.
    pub title: &'static str,
    /// Width of the type they have in this crate, in bits.
    pub bits: u32,
    /// The constants.
    pub constants: &'static [Constant],
}

impl Table {
    /// The name of the first constant with this value.
    #[must_use]
    pub fn name_of(&self, value: u64) -> Option<&'static str> {
        self.constants.iter().find(|constant| constant.value == value).map(|constant| constant.name)
    }
}

/// Declares constants and the tables that hold their names: `static TABLE:
/// type, "title" { NAME = value; ... }`. A block after it adds names that
/// traces show but no Rust code needs as constants.
macro_rules! constants {
    ($(
        $(#[$table_meta:meta])*
        static $table:ident: $ty:ty, $title:literal {
            $($(#[$meta:meta])* $name:ident = $value:expr;)*
        } $(and {
            $($other:ident = $other_value:literal;)*
        })?
    )*) => {
        $(
            $($(#[$meta])* pub const $name: $ty = $value;)*

            $(#[$table_meta])*
            pub const $table: $crate::Table = $crate::Table {
                title: $title,
                bits: <$ty>::BITS,
                constants: &[$($crate::Constant {
                    name: stringify!($name),
                    value: $name as u64,
                },)* $($($crate::Constant {
                    name: stringify!($other),
                    value: $other_value,
                },)*)?],
            };
        )*

        pub(crate) const TABLES: &[$crate::Table] = &[$($table),*];
    };
}
