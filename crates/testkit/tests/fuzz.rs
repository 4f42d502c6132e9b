//! Hostile input, for a bounded time. `cargo xtask fuzz` goes on for longer.

mod reservation;

use lowcore_testkit::fuzz::{self, Stop, campaign};
use std::cell::Cell;
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
    let completed = Cell::new(0);
    let target = |bytes: &[u8]| completed.set(completed.get() + fuzz::interpreter(bytes));
    let report = campaign("interpreter", &target, &corpus("interpreter"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
    // Guests that never get anywhere test little.
    let completed = completed.get();
    assert!(completed > 2 * report.inputs, "{report:?}: {completed} instructions");
}

#[test]
fn translation() {
    let completed = Cell::new(0);
    let target = |bytes: &[u8]| completed.set(completed.get() + fuzz::translation(bytes));
    let report = campaign("translation", &target, &corpus("translation"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
    let completed = completed.get();
    assert!(completed > report.inputs, "{report:?}: {completed} instructions");
}

#[test]
fn delivery() {
    let report = campaign("delivery", &fuzz::delivery, &corpus("delivery"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
}

#[test]
fn together() {
    let client = reservation::client();
    let runs = Cell::new(0);
    let target = |bytes: &[u8]| runs.set(runs.get() + fuzz::together(bytes, &client));
    let report = campaign("together", &target, &corpus("together"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
    assert!(runs.get() > report.inputs, "{report:?}: {} runs", runs.get());
}

#[test]
fn ioctls() {
    let client = reservation::client();
    let (calls, succeeded) = (Cell::new(0), Cell::new(0));
    let target = |bytes: &[u8]| {
        let (called, did) = fuzz::ioctls(bytes, &client);
        calls.set(calls.get() + called);
        succeeded.set(succeeded.get() + did);
    };
    let report = campaign("ioctls", &target, &corpus("ioctls"), TIME);
    assert!(report.inputs > 0 && report.corpus > 0, "{report:?}");
    // A client whose calls all fail tests little.
    let (calls, succeeded) = (calls.get(), succeeded.get());
    assert!(succeeded > calls / 4, "{report:?}: {succeeded} of {calls} ioctls succeeded");
}
