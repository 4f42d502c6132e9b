//! `cargo xtask header`: the C header of crates/abi.

use std::fs;

use crate::cargo;
use crate::error::Error;

/// Writes the header. A test of crates/testkit says whether it is current.
pub fn run() -> Result<(), Error> {
    let path = cargo::workspace().join("crates/abi/include/lowcore-kvm.h");
    let mut text = String::new();
    // A String takes everything.
    let _ = lowcore_abi::header::write(&mut text);
    if fs::read_to_string(&path).is_ok_and(|current| current == text) {
        println!("{} is current.", path.display());
        return Ok(());
    }
    fs::write(&path, text).map_err(|source| Error::File {
        path: path.clone(),
        action: "written",
        source,
    })?;
    println!("{} has been written.", path.display());
    Ok(())
}
