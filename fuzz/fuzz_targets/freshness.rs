//! See `src/freshness.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|case: &[u8]| jackfield_fuzz::freshness::holds(case));
