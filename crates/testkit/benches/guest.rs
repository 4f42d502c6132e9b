//! What instructions cost a guest, on Lowcore's engines and under QEMU's full
//! machine in one run: the same bare-metal program times itself on all.

mod table;

use lowcore_testkit::bare::{Error, Program};
use std::path::Path;

fn main() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Program::build_with(&root.join("benches/guest/costs.S"), &root.join("bare"))?;
    table::print(&program)
}
