//! The demonstration's guest: the image in the tree is what its source makes.

use lowcore_testkit::cross::{self, Tool};
use std::path::Path;
use std::process::Command;

#[test]
fn the_image_is_built_from_its_source() {
    for tool in [Tool::Assembler, Tool::Linker, Tool::Objcopy] {
        tool.find().unwrap();
    }
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lowcore/guest");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest.bin");
    cross::output(Command::new("sh").arg(guest.join("build.sh")).arg(&built)).unwrap();
    let built = std::fs::read(built).unwrap();
    let checked_in = std::fs::read(guest.join("guest.bin")).unwrap();
    let difference = built.iter().zip(&checked_in).position(|(built, tree)| built != tree);
    assert!(
        built == checked_in,
        "guest.bin differs from its source (first at {difference:?}); run guest/build.sh"
    );
}
