//! `jackfield version`.

use jackfield_tests::run;
use serde_json::Value;

fn said(arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let output = run(arguments, &[], directory.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_program_tells_how_it_was_built_and_what_it_serves() {
    let told: Value = serde_json::from_str(&said(&["version", "--json"])).unwrap();
    let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
    let all = [
        "version", "commit", "target", "rustc", "wasmtime", "contract",
    ];
    assert_eq!(keys, all);
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert!(told["commit"].is_null() || told["commit"].is_string());
    let os = std::env::consts::OS;
    let target = told["target"].as_str().unwrap();
    assert!(
        target.starts_with(std::env::consts::ARCH) && target.contains(os),
        "{target}"
    );
    assert!(told["rustc"].as_str().unwrap().starts_with("1."));
    let lock = include_str!("../../../Cargo.lock");
    let wasmtime = told["wasmtime"].as_str().unwrap();
    assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{wasmtime}\"\n")));
    let contract = &told["contract"];
    assert_eq!(contract[0]["interface"], "jackfield:addon/lookup@1.0.0");
    assert_eq!(contract[1]["interface"], "jackfield:addon/analysis@1.1.0");
}

#[test]
fn people_are_told_the_same() {
    let told: Value = serde_json::from_str(&said(&["version", "--json"])).unwrap();
    let shown = said(&["version"]);
    for key in ["version", "target", "rustc", "wasmtime"] {
        assert!(shown.contains(told[key].as_str().unwrap()), "{shown}");
    }
    assert!(
        shown.contains("jackfield:addon/lookup@1.0.0 (lookup-provider)"),
        "{shown}"
    );
}
