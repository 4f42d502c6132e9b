//! Prints what a few instructions become: Cranelift's intermediate language
//! and the host's instructions.
//!
//! `cargo run -p lowcore-jit --example region -- "aghi %r1,3" "lg %r2,8(%r1)" "brctg %r5,0x0"`

use lowcore_arch::Psw;
use lowcore_isa::assemble;
use lowcore_jit::region::{Region, Shape, instruction_at};
use lowcore_jit::{Compiler, Extras, Mode};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut page = vec![0; 4096];
    let mut at = 0;
    for text in std::env::args().skip(1) {
        let code = assemble(&text, at as u64).map_err(|error| format!("{text}: {error}"))?;
        let bytes =
            page.get_mut(at..at + code.bytes().len()).ok_or("They do not fit in a page.")?;
        bytes.copy_from_slice(code.bytes());
        at += code.bytes().len();
    }
    let mode = Mode::of(Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0));
    let fetch = |at| Ok::<_, Box<dyn Error>>(instruction_at(&page, at));
    let region = Region::find(0, mode, Shape::default(), fetch)?.ok_or("That is no region.")?;
    let extras = Extras { explains: true, ..Extras::default() };
    let code = Compiler::new()?.compile(&region, extras, 0)?;
    println!("{}", code.text.unwrap_or_default());
    let (instructions, bytes) = (region.instructions.len(), code.bytes.len());
    println!("{instructions} instructions, {bytes} bytes");
    Ok(())
}
