//! `inspect`: what it says of a component is what the host does with it, whatever the
//! component is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use insta::assert_snapshot;
use jackfield_tests::hostile::{Guest, Told, attacks};
use jackfield_tests::{PUBLIC_URL, body_hash, bombs, guest, plugin, run, wat_guest};
use serde_json::Value;
use tempfile::TempDir;

use super::{ENVIRONMENT, text};

/// A directory with a file of these bytes, called `it.wasm`.
fn place(bytes: &[u8]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("it.wasm"), bytes).unwrap();
    directory
}

fn inspect(directory: &Path, arguments: &[&str]) -> Output {
    let arguments = [&["inspect", "it.wasm"], arguments].concat();
    run(&arguments, &ENVIRONMENT, directory)
}

/// What is said of these bytes: the exit status, the table, the document.
fn judged(bytes: &[u8], arguments: &[&str]) -> (Option<i32>, String, Value) {
    let directory = place(bytes);
    let table = inspect(directory.path(), arguments);
    let json = inspect(directory.path(), &[arguments, &["--json"]].concat());
    assert_eq!(json.status.code(), table.status.code());
    for output in [&table, &json] {
        let (said, complaints) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(complaints, "");
        assert!(said.len() < 64 * 1024, "{} bytes", said.len());
        let odd = said
            .chars()
            .find(|c| *c != '\n' && !(' '..='~').contains(c) && !c.is_alphanumeric());
        assert_eq!(odd, None, "{said}");
    }
    let document = serde_json::from_slice(&json.stdout).unwrap();
    (
        table.status.code(),
        text(&table.stdout).to_owned(),
        document,
    )
}

#[test]
fn a_provider_is_told_with_everything_that_an_operator_asks() {
    let bytes = wat_guest("unreachable");
    let (status, table, document) = judged(&bytes, &[]);
    assert_eq!(status, Some(0));
    let hash = body_hash(&bytes);
    assert_snapshot!(table.replace(&hash, "HASH"), @r#"
    file           it.wasm
    size           1.8 KiB (1847 bytes)
    SHA-256        HASH
    kind           component
    world          jackfield:addon/lookup-provider@1.0.0
    imports        jackfield:addon/types@1.0.0  (nothing: the contract's own types)
    exports        jackfield:addon/lookup@1.0.0
    a call starts  1 core instance(s) with 64.0 KiB of memory
    memories       64.0 KiB, growing
    tables         none
    stack          1.0 KiB
    made with      none
    would load     yes, with memory = "16.0 MiB"
    "#);
    assert_eq!(document["sha256"], hash);
    assert_eq!(document["bytes"], bytes.len());
    assert_eq!(document["would_load"], true);
    assert_eq!(document["reason"], Value::Null);
}

#[test]
fn an_import_is_told_with_what_it_needs() {
    let bytes = fs::read(guest("meddler")).unwrap();
    let (status, _, document) = judged(&bytes, &[]);
    assert_eq!(status, Some(0));
    let imports = document["imports"]["first"].as_array().unwrap();
    assert!(imports.len() > 5, "{document:#}");
    for import in imports {
        let needs = import["needs"].as_str().unwrap();
        assert!(needs.starts_with("nothing: "), "{import}");
    }
    for (name, needs) in [
        ("sockets", "not granted by this version"),
        ("unknown-import", "not known"),
    ] {
        let (status, table, document) = judged(&wat_guest(name), &[]);
        assert_eq!(status, Some(1), "{table}");
        let imports = document["imports"]["first"].as_array().unwrap();
        assert!(
            imports.iter().any(|import| import["needs"] == needs),
            "{document:#}"
        );
        let reason = document["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("imports what it is not granted: "),
            "{reason}"
        );
    }
}

#[test]
fn every_attacker_is_told_to_load_if_and_only_if_the_host_serves_it() {
    let guests: BTreeMap<_, _> = attacks().into_iter().map(|a| (a.guest, a.told)).collect();
    assert!(guests.len() > 30);
    for (guest, told) in guests {
        let bytes = match guest {
            Guest::Wat(name) => wat_guest(name),
            made => fs::read(jackfield_tests::guest(made.name())).unwrap(),
        };
        let (status, table, document) = judged(&bytes, &[]);
        let served = told != Told::Code("unavailable");
        assert_eq!(
            status,
            Some(i32::from(!served)),
            "{}: {table}",
            guest.name()
        );
        assert_eq!(document["would_load"], served);
        let worlds = document["worlds"].as_array().unwrap();
        let is_lookup = |world: &Value| {
            let world = world.as_str().unwrap();
            world.starts_with("jackfield:addon/lookup-provider@1.")
        };
        assert!(
            worlds.len() == 1 && worlds.iter().all(is_lookup),
            "{}",
            guest.name()
        );
    }
}

#[test]
fn what_is_damaged_is_told_as_far_as_it_can_be_read() {
    let sound = fs::read(guest("echo")).unwrap();
    let places: Vec<usize> = (0..24).map(|part| sound.len() * part / 24).collect();
    for place in places {
        let (cut, mut flipped) = (&sound[..place], sound.clone());
        flipped[place] ^= 0xff;
        let (status, table, document) = judged(cut, &[]);
        assert_eq!(status, Some(1), "{place}: {table}");
        assert!(document["reason"].is_string());
        // A changed byte may hit a text, and mean nothing.
        let (status, table, _) = judged(&flipped, &[]);
        assert!(matches!(status, Some(0 | 1)), "{place}: {table}");
    }
    for (bytes, kind) in [
        (&b""[..], "unknown"),
        (b"\x7fELF", "unknown"),
        (b"\0asm\x01\0\0\0", "core-module"),
        (b"\0asm\x0d\0\x01\0", "component"),
    ] {
        let (status, _, document) = judged(bytes, &[]);
        assert_eq!((status, document["kind"].as_str()), (Some(1), Some(kind)));
    }
}

#[test]
fn a_bomb_is_told_within_the_limits_of_a_configuration() {
    let bomb = bombs::nested_loops(1_000);
    let directory = place(&bomb);
    let toml = format!("[server]\npublic_url = \"{PUBLIC_URL}\"\ncompile_time = \"1s\"\n");
    fs::write(directory.path().join("addons.toml"), toml).unwrap();
    let output = inspect(directory.path(), &["--config", "addons.toml"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let reason = "no, because it takes longer than 1s to compile (`compile_time`)";
    assert!(text(&output.stdout).contains(reason), "{output:?}");
    // What ended so is remembered, and not tried again.
    let output = inspect(directory.path(), &["--config", "addons.toml"]);
    assert!(
        text(&output.stdout).contains("was not tried again"),
        "{output:?}"
    );
}

/// A component whose names are what a terminal would obey, and whose lists are long.
fn forged() -> Vec<u8> {
    let escape = "\\1b[31m\\c2\\9b2J\\e2\\80\\ae";
    let many: String = (0..5_000)
        .map(|number| format!("(import \"{escape}{number}\" (func))"))
        .collect();
    let producers = format!(
        "(@producers (processed-by \"{escape}\" \"{escape}\") (processed-by \"{}\" \"1\"))",
        "long".repeat(20_000)
    );
    let text = format!(
        "(component {many} (core module {producers} {}) (export \"{escape}\" (func 0)))",
        "(memory 1)".repeat(100)
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn no_name_reaches_the_terminal_as_anything_but_text() {
    let (status, table, document) = judged(&forged(), &[]);
    assert_eq!(status, Some(1));
    let shown = "\\u{1b}[31m\\u{9b}2J\\u{202e}";
    assert!(table.contains(&format!("{shown}0  (not known)")), "{table}");
    assert!(table.contains("and 4936 more"), "{table}");
    assert_eq!(document["imports"]["count"], 5_000);
    assert_eq!(document["imports"]["first"].as_array().unwrap().len(), 64);
    assert_eq!(document["memories"]["count"], 100);
    assert_eq!(document["producers"]["first"][0]["name"], shown);
}

#[test]
fn a_file_may_lie_anywhere_and_nothing_is_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    symlink(plugin("caller_name"), directory.path().join("it.wasm")).unwrap();
    let output = inspect(directory.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_read_is_an_error_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let missing = inspect(directory.path(), &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert_snapshot!(text(&missing.stderr), @r#"error: `it.wasm` cannot be read: No such file or directory (os error 2)"#);
    fs::create_dir(directory.path().join("it.wasm")).unwrap();
    let a_directory = inspect(directory.path(), &["--json"]);
    assert_eq!(a_directory.status.code(), Some(2));
    assert!(a_directory.stdout.is_empty());
    fs::remove_dir(directory.path().join("it.wasm")).unwrap();
    let pipe = directory.path().join("it.wasm");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let a_pipe = inspect(directory.path(), &[]);
    assert_eq!(a_pipe.status.code(), Some(2));
    assert_snapshot!(text(&a_pipe.stderr), @r#"error: `it.wasm` is not a regular file"#);
}

#[test]
fn another_memory_is_another_verdict() {
    let bytes = fs::read(guest("hoard")).unwrap();
    let (status, table, _) = judged(&bytes, &["--memory", "1MiB"]);
    assert_eq!(status, Some(1), "{table}");
    assert!(
        table.contains("and its add-on may have 1.0 MiB: raise `memory`"),
        "{table}"
    );
    let directory = place(&bytes);
    for memory in ["64MB", "1GiB", "much", "0"] {
        let output = inspect(directory.path(), &["--memory", memory]);
        let status = if memory == "64MB" { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(status), "{memory}: {output:?}");
    }
}
