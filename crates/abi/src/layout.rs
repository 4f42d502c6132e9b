//! Structs that describe themselves.

/// How a field's type is spelled in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CType {
    /// An integer, under the kernel's name for it (`__u32`).
    Integer(&'static str),
    /// `struct` and this name.
    Struct(&'static str),
    /// An array; of no elements where C has a flexible array member.
    Array(&'static CType, usize),
}

/// A type that may be a field of the interface.
pub trait CDeclared {
    /// Its spelling in C.
    const C_TYPE: CType;
}

macro_rules! integers {
    ($($rust:ty => $c:literal),*) => {
        $(impl CDeclared for $rust {
            const C_TYPE: CType = CType::Integer($c);
        })*
    };
}
integers!(u8 => "__u8", u16 => "__u16", u32 => "__u32", u64 => "__u64", i32 => "__s32");

impl<T: CDeclared, const N: usize> CDeclared for [T; N] {
    const C_TYPE: CType = CType::Array(&T::C_TYPE, N);
}

/// One field, or one more name for bytes that other fields cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The kernel's name; `u.io` is the member `io` of the union `u`.
    pub name: &'static str,
    /// Bytes from the start of the struct.
    pub offset: usize,
    /// Size in bytes.
    pub size: usize,
    /// Type, where `declaration` is not given.
    pub c_type: CType,
    /// The whole declaration, where the type does not say it all (a pointer,
    /// a bit field).
    pub declaration: Option<&'static str>,
}

impl Field {
    /// Whether these are bytes that a C compiler leaves between fields.
    #[must_use]
    pub fn is_padding(&self) -> bool {
        self.name.starts_with("_pad")
    }
}

/// One struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The kernel's name.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Fields, in order, which together are every byte of the struct.
    pub fields: &'static [Field],
    /// Members of unions: other readings of the same bytes.
    pub alternatives: &'static [Field],
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! first {
    ($value:expr) => {
        $value
    };
    ($value:expr, $other:expr) => {
        $value
    };
}

/// Declares structs with their layout: `name [size, alignment] { offset field:
/// type, ... } | { offset "C name" getter setter: type, ... }`, the second
/// block naming the members of the kernel's unions.
macro_rules! layouts {
    ($(
        $(#[$meta:meta])*
        $name:ident [$size:literal, $align:literal] {
            $(
                $(#[$field_meta:meta])*
                $offset:literal $field:ident $(as $c_name:literal)? : $ty:ty
                $(=> $declaration:literal)?,
            )*
        } $(| {
            $(
                $(#[$alternative_meta:meta])*
                $alternative_offset:literal $alternative_name:literal
                $get:ident $set:ident : $alternative:ty
                $(=> $alternative_declaration:literal)?,
            )*
        })?
    )*) => {
        $(
            $(#[$meta])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq,
                zerocopy::FromBytes, zerocopy::IntoBytes,
                zerocopy::Immutable, zerocopy::KnownLayout,
            )]
            #[repr(C)]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $ty,)*
            }

            impl Default for $name {
                /// All zero.
                fn default() -> Self {
                    zerocopy::FromZeros::new_zeroed()
                }
            }

            impl $crate::CDeclared for $name {
                const C_TYPE: $crate::CType = $crate::CType::Struct(stringify!($name));
            }

            const _: () = {
                assert!(size_of::<$name>() == $size);
                assert!(align_of::<$name>() == $align);
                $(assert!(core::mem::offset_of!($name, $field) == $offset);)*
                $($(assert!($alternative_offset + size_of::<$alternative>() <= $size);)*)?
            };

            $(
                impl $name {
                    $(
                        $(#[$alternative_meta])*
                        #[must_use]
                        pub fn $get(&self) -> $alternative {
                            use zerocopy::{FromZeros, IntoBytes};
                            let mut value = <$alternative>::new_zeroed();
                            let size = size_of::<$alternative>();
                            value.as_mut_bytes().copy_from_slice(
                                &self.as_bytes()[$alternative_offset..$alternative_offset + size],
                            );
                            value
                        }

                        #[doc = concat!("Stores what [`Self::", stringify!($get), "`] reads.")]
                        pub fn $set(&mut self, value: $alternative) {
                            use zerocopy::IntoBytes;
                            let size = size_of::<$alternative>();
                            self.as_mut_bytes()[$alternative_offset..$alternative_offset + size]
                                .copy_from_slice(value.as_bytes());
                        }
                    )*
                }
            )?
        )*

        pub(crate) const LAYOUTS: &[$crate::Layout] = &[$(
            $crate::Layout {
                name: stringify!($name),
                size: $size,
                align: $align,
                fields: &[$($crate::Field {
                    name: first!($($c_name,)? stringify!($field)),
                    offset: $offset,
                    size: size_of::<$ty>(),
                    c_type: <$ty as $crate::CDeclared>::C_TYPE,
                    declaration: optional!($($declaration)?),
                },)*],
                alternatives: &[$($($crate::Field {
                    name: $alternative_name,
                    offset: $alternative_offset,
                    size: size_of::<$alternative>(),
                    c_type: <$alternative as $crate::CDeclared>::C_TYPE,
                    declaration: optional!($($alternative_declaration)?),
                },)*)?],
            },
        )*];
    };
}
