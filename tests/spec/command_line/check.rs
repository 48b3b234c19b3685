//! `check --json`: one document for programs. Its shape is what docs/operations.md says.

use std::fs;
use std::process::Output;

use insta::assert_snapshot;
use jackfield_tests::{PUBLIC_URL, add_on_sid, guest, run};
use serde_json::Value;
use tempfile::TempDir;

use super::{ENVIRONMENT, text};

/// A directory with a sound component and a broken one.
fn directory(add_ons: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let plugins = directory.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    fs::copy(guest("echo"), plugins.join("echo.wasm")).unwrap();
    fs::write(plugins.join("broken.wasm"), "not wasm \u{1b}[31m").unwrap();
    let toml = format!("[server]\npublic_url = \"{PUBLIC_URL}\"\n{add_ons}");
    fs::write(directory.path().join("addons.toml"), toml).unwrap();
    directory
}

fn add_on(name: &str, digit: char, keys: &str) -> String {
    let sid = add_on_sid(digit);
    format!("\n[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"plugins/{name}.wasm\"\n{keys}\n")
}

fn check(directory: &TempDir) -> Output {
    run(&["check", "--json"], &ENVIRONMENT, directory.path())
}

/// The document that was printed, in which what depends on the machine has a name.
fn document(output: &Output) -> String {
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    for add_on in document["add_ons"].as_array_mut().unwrap() {
        if add_on["sha256"].is_string() {
            assert_eq!(add_on["sha256"].as_str().unwrap().len(), 64);
            add_on["sha256"] = "HASH".into();
        }
    }
    format!("{document:#}")
}

#[test]
fn a_good_configuration_is_one_document_of_add_ons() {
    let keys = "path = { lookups = \"/echo\" }\nfields = { body = { header = \"X-Body\" } }";
    let output = check(&directory(&add_on("echo", 'a', keys)));
    assert_eq!(output.status.code(), Some(0));
    assert_snapshot!(document(&output), @r#"
    {
      "ok": true,
      "errors": [],
      "warnings": [
        "`addons.echo.fields` reads `x-body`: Twilio's signature covers no header, so whoever repeats a request can change it"
      ],
      "add_ons": [
        {
          "name": "echo",
          "sid": "XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "paths": [
            {
              "integration_point": "lookups",
              "path": "/echo"
            }
          ],
          "component": "plugins/echo.wasm",
          "sha256": "HASH",
          "state": "ready",
          "reason": null
        }
      ]
    }
    "#);
}

#[test]
fn a_component_that_is_broken_is_in_the_document_with_its_reason() {
    let add_ons = [add_on("echo", 'a', ""), add_on("broken", 'b', "")];
    let directory = directory(&add_ons.concat());
    let output = check(&directory);
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["ok"], false);
    assert_eq!(document["errors"], Value::Array(Vec::new()));
    assert_snapshot!(format!("{:#}", document["add_ons"][0]), @r#"
    {
      "name": "broken",
      "sid": "XBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "paths": [
        {
          "integration_point": "lookups",
          "path": "/lookups"
        },
        {
          "integration_point": "incoming-sms",
          "path": "/incoming-sms"
        },
        {
          "integration_point": "incoming-voice-call",
          "path": "/incoming-voice-call"
        }
      ],
      "component": "plugins/broken.wasm",
      "sha256": null,
      "state": "unavailable",
      "reason": "`plugins/broken.wasm` is not a WebAssembly component: failed to parse WebAssembly module: magic header not detected: bad magic number - expected=[ 0x0, 0x61, 0x73, 0x6d, ] actual=[ 0x6e, 0x6f, 0x74, 0x20, ] (at offset 0x0)"
    }
    "#);
    assert_eq!(document["add_ons"][1]["state"], "ready");
    // What the table says beside it is the same.
    let output = run(&["check"], &ENVIRONMENT, directory.path());
    let reason = document["add_ons"][0]["reason"].as_str().unwrap();
    // By now it is known that it does not compile.
    let first = reason.split(';').next().unwrap();
    assert!(text(&output.stderr).contains(first), "{output:?}");
}

#[test]
fn mistakes_are_in_the_document_with_their_places() {
    let keys = "timeout = \"5m\"\nbreaker = { pauses = \"1s\" }";
    let output = check(&directory(&add_on("echo", 'a', keys)));
    assert_eq!(output.status.code(), Some(1));
    let keys = "timeout = \"5m\" # ä\nfields = { phone = [\"é\", \"\"] }";
    let twice = check(&directory(&add_on("echo", 'a', keys)));
    assert_eq!(twice.status.code(), Some(1));
    assert_snapshot!(document(&output), @r#"
    {
      "ok": false,
      "errors": [
        {
          "file": "addons.toml",
          "line": 8,
          "column": 13,
          "key": "addons.echo.breaker.pauses",
          "problem": "there is no such key",
          "help": "did you mean `pause`? the keys here are failures, pause, longest_pause"
        }
      ],
      "warnings": [],
      "add_ons": []
    }
    "#);
    assert_snapshot!(document(&twice), @r#"
    {
      "ok": false,
      "errors": [
        {
          "file": "addons.toml",
          "line": 7,
          "column": 11,
          "key": "addons.echo.timeout",
          "problem": "expected a duration from 5ms to 15s, found `5m`",
          "help": "write a number and its unit, as in \"800ms\", \"5s\" or \"2m\""
        },
        {
          "file": "addons.toml",
          "line": 8,
          "column": 20,
          "key": "addons.echo.fields.phone",
          "problem": "expected a parameter's name, found an empty text",
          "help": "write the name that was registered with Twilio, or remove the key"
        }
      ],
      "warnings": [],
      "add_ons": []
    }
    "#);
}

#[test]
fn a_literal_token_is_not_in_the_document() {
    let token = "b5d4c1f0e8a94d2c9f7e6b3a21088776";
    let account = "[accounts.AC05b3911315a1322d1dede66eed740000]";
    for tokens in [
        format!("[\"{token}\"]"),
        format!("[{{ env = \"{token}\" }}]"),
    ] {
        let output = check(&directory(&format!("{account}\nauth_tokens = {tokens}\n")));
        assert_eq!(output.status.code(), Some(1));
        assert!(!text(&output.stdout).contains(token), "{output:?}");
    }
}

#[test]
fn a_question_that_cannot_be_asked_has_no_document() {
    let directory = directory("");
    fs::write(directory.path().join(".env"), "this is no variable").unwrap();
    let output = check(&directory);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        output.stdout.is_empty() && !output.stderr.is_empty(),
        "{output:?}"
    );
}
