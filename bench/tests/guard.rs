//! What a request costs, in terms that no machine's speed has a part in, and that the
//! benchmark measures what it says. Whoever makes a request cheaper lowers the bounds.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Allocations of a GET, from the first look at its head to its answer.
const MOST_ALLOCATIONS: f64 = 70.5;
/// The same without a sandbox.
const MOST_NATIVELY: f64 = 48.5;
/// Bytes of a request's state, which are moved about with it.
const MOST_STATE: f64 = 3584.0;
/// What the host answers in the time of a hundred answers of the limit: a third of what it
/// does on a quiet machine.
const LEAST_PERCENT: f64 = 9.0;

fn plugins() -> PathBuf {
    let given = std::env::var_os("JACKFIELD_PLUGINS");
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    given.map_or_else(own, PathBuf::from)
}

/// The first words of the lines that `way` prints, by what they count.
fn way(arguments: &[&str]) -> (f64, f64) {
    let output = Command::new(env!("CARGO_BIN_EXE_way"))
        .args(["200", "--component"])
        .arg(plugins().join("caller_name.wasm"))
        .args(arguments)
        .output()
        .expect("the way starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = |of: &str| {
        let line = text.lines().find(|line| line.contains(of));
        let number = line.and_then(|line| line.split(' ').next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no {of} in `{text}`"))
    };
    (figure("allocations"), figure("bytes of state"))
}

#[test]
fn a_lookup_allocates_no_more_than_it_did() {
    let (sandboxed, state) = way(&[]);
    let (native, _) = way(&["--native"]);
    assert!(sandboxed <= MOST_ALLOCATIONS, "{sandboxed} allocations");
    assert!(native <= MOST_NATIVELY, "{native} allocations natively");
    assert!(
        native < sandboxed,
        "{native} natively, {sandboxed} sandboxed"
    );
    assert!(state <= MOST_STATE, "{state} bytes of state");
}

/// The benchmark fails by itself where an answer is wrong, or where there were more or
/// fewer instances than answers.
#[test]
fn every_answer_is_right_and_has_an_instance_of_its_own_and_the_limit_is_in_sight() {
    let Some(host) = std::env::var_os("JACKFIELD_BIN") else {
        panic!("JACKFIELD_BIN is not set: run `cargo xtask test`");
    };
    let directory = tempfile::tempdir().expect("a directory");
    let report = directory.path().join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_jackfield-bench"))
        .arg("--host")
        .arg(host)
        .arg("--plugins")
        .arg(plugins())
        .arg("--callers")
        .arg(plugins().join("caller-name/data/callers.csv"))
        .arg("--report")
        .arg(&report)
        .args(["--rounds", "3", "--seconds", "0.4", "--warm-up", "0.2"])
        .args(["--only", "bare get", "--only", "jackfield"])
        .output()
        .expect("the benchmark starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = std::fs::read(&report)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .expect("a report");
    let figures = report["figures"].as_array().expect("figures");
    let ratio = figures
        .iter()
        .find(|figure| figure["name"] == "throughput against the limit, GET")
        .and_then(|figure| figure["value"]["median"].as_f64())
        .expect("a ratio");
    assert!(ratio * 100.0 >= LEAST_PERCENT, "{ratio} of the limit");
}
