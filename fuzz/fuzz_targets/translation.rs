#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    lowcore_testkit::fuzz::translation(bytes);
});
