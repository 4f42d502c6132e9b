//! Integer programs in a guest, beside the host and QEMU.

mod comparison;

fn main() -> Result<(), lowcore_testkit::bare::Error> {
    comparison::run("integer")
}
