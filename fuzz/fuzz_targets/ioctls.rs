#![no_main]

#[path = "../../crates/testkit/tests/reservation/mod.rs"]
mod reservation;

use lowcore_testkit::fuzz::{Client, ioctls};
use std::sync::OnceLock;

static CLIENT: OnceLock<Client> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ioctls(bytes, CLIENT.get_or_init(reservation::client));
});
