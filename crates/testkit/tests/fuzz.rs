//! Hostile input, for a bounded time. `cargo xtask fuzz` goes on for longer.

mod reservation;

use lowcore_testkit::fuzz::{self, Stop, campaign};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time for each target, unless `LOWCORE_FUZZ_SECONDS` says otherwise.
const TIME: Stop = Stop::After(Duration::from_secs(3));

/// Inputs that are always tried; cargo-fuzz starts from them too.
fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name)
}

#[test]
fn interpreter() {
    let report = campaign("interpreter", &fuzz::interpreter, &corpus("interpreter"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
}

#[test]
fn delivery() {
    let report = campaign("delivery", &fuzz::delivery, &corpus("delivery"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
}

#[test]
fn ioctls() {
    let client = reservation::client();
    let target = |bytes: &[u8]| fuzz::ioctls(bytes, &client);
    let report = campaign("ioctls", &target, &corpus("ioctls"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
}
