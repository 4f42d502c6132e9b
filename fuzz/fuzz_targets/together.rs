#![no_main]

#[path = "../../crates/testkit/tests/reservation/mod.rs"]
mod reservation;

use lowcore_testkit::fuzz::{Client, together};
use std::sync::OnceLock;

static CLIENT: OnceLock<Client> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    together(bytes, CLIENT.get_or_init(reservation::client));
});
