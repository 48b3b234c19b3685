//! See `src/greeting.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|case: &[u8]| jackfield_fuzz::greeting::holds(case));
