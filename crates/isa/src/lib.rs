//! The instructions of z/Architecture: one table row and one generic body
//! each; the decoder, disassembler and assembler that follow from the rows.
//!
//! A [`Row`] is data: mnemonic, operation code, format, facility and the
//! rules that are checked before the body runs. Its body is generic over a
//! [`Builder`], so that an interpreter and a compiler share it, and so that
//! the [`effects`] recorder can tell what it touches.
//!
//! ```
//! use lowcore_isa::{assemble, decode, disassemble};
//! let code = assemble("ar %r1,%r2", 0).unwrap();
//! assert_eq!(code.bytes(), [0x1a, 0x12]);
//! let row = decode(code.raw()).unwrap();
//! assert_eq!(row.mnemonic, "ar");
//! assert_eq!(disassemble(code.raw(), 0), "ar %r1,%r2");
//! ```
#![forbid(unsafe_code)]

mod bodies;
mod builder;
mod decode;
pub mod effects;
pub mod facility;
pub mod format;
mod helper;
mod host_float;
mod operand;
mod row;
mod table;
mod text;
mod value;

pub use builder::{Builder, Done, Link, Loaded, Update};
pub use decode::{decode, instruction_length};
pub use format::Format;
pub use helper::{
    ConvertHelper, FixedFormat, FloatFormat, FloatHelper, FloatOperation, Helper, HelperEffects,
    KeyHelper, SpaceHelper, StringHelper, SystemHelper,
};
pub use host_float::{HostFloat, Modifiers};
pub use operand::{Based, Indexed, Long, Place, RegisterLong};
pub use row::{Body, Row, Rules};
pub use table::{Bodies, Dispatch, HandlerOf, Handlers, Instruction, ROWS};
pub use text::{AssemblyError, Code, assemble, disassemble};
pub use value::{Location, Value, Width};
