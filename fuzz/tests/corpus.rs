//! What was written by hand and what fuzzers kept, tried again: each case, and each beginning
//! of it.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_fuzz::{TARGETS, Target};

/// The most that all cases together may take in the repository, in bytes.
const MOST: usize = 300 * 1024;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The cases of a directory, by their names.
fn cases(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| (path.display().to_string(), fs::read(&path).unwrap());
    paths.into_iter().map(read).collect()
}

/// Tries all cases of a target. A broken claim panics, under the name of the case.
fn replay(target: &Target) {
    for (name, case) in cases(&corpus().join(target.name)) {
        for end in 0..=case.len() {
            let held = std::panic::catch_unwind(|| (target.holds)(&case[..end]));
            assert!(
                held.is_ok(),
                "{name}: it does not hold of the first {end} bytes"
            );
        }
    }
}

#[test]
fn every_claim_holds_of_what_was_kept() {
    std::thread::scope(|scope| {
        for target in &TARGETS {
            scope.spawn(|| replay(target));
        }
    });
}

#[test]
fn every_target_has_a_corpus_and_a_program_and_nothing_else_has() {
    let expected: BTreeSet<String> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    let stems = |directory: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(directory).unwrap();
        let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        entries.map(|entry| stem(entry.unwrap().path())).collect()
    };
    assert_eq!(stems(&corpus()), expected);
    assert_eq!(stems(&corpus().with_file_name("fuzz_targets")), expected);
    let manifest = fs::read_to_string(corpus().with_file_name("Cargo.toml")).unwrap();
    for target in &TARGETS {
        assert!(
            manifest.contains(&format!("name = \"fuzz-{}\"", target.name)),
            "{}",
            target.name
        );
        assert!(
            cases(&corpus().join(target.name)).len() >= 5,
            "{}",
            target.name
        );
    }
}

#[test]
fn the_corpus_stays_small() {
    let sizes = TARGETS
        .iter()
        .flat_map(|target| cases(&corpus().join(target.name)));
    let size: usize = sizes.map(|(_, case)| case.len()).sum();
    assert!(size < MOST, "{size} bytes");
}
