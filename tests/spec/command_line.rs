//! The verbs besides `serve`: what they do, what they say, and their exit status.

mod check;
mod generated;
mod inspect;
mod observe;
mod verify;

use std::process::{Command, Output};

use insta::assert_snapshot;
use jackfield_tests::{ACCOUNT, NUMBER, TOKEN, TestHost, add_on_sid, run};
use serde_json::Value;

const GRANTS: &str = "grants = { fields = [\"body\", \"other\", \"*\"] }";
const ENVIRONMENT: [(&str, &str); 2] = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];

fn host() -> TestHost {
    TestHost::with("echo", &add_on_sid('a'), GRANTS).start()
}

fn call(host: &TestHost, arguments: &[&str]) -> Output {
    let common = [
        "call",
        "--to",
        host.address(),
        "--addon",
        "echo",
        "--phone",
        NUMBER,
    ];
    run(&[&common, arguments].concat(), &ENVIRONMENT, host.path())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The answer that `call` printed below the heads of request and response.
fn answer(output: &Output) -> Value {
    let said = text(&output.stdout);
    let start = said.find("\n{").unwrap_or_else(|| panic!("{output:?}"));
    serde_json::from_str(&said[start..]).unwrap()
}

#[test]
fn a_call_is_signed_and_answered_whatever_carries_its_parameters() {
    let host = host();
    for method in ["get", "form", "json"] {
        let output = call(
            &host,
            &[
                "--method",
                method,
                "--via",
                "incoming-sms",
                "--body",
                "it's 5 & 6 = 11 €",
                "--other",
                "12345",
                "--param",
                "plan=a=b",
                "--param",
                "plan2=",
            ],
        );
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let seen = &answer(&output)["results"];
        assert_eq!(seen["integration_point"], "incoming-sms");
        assert_eq!(seen["address"]["e164"], NUMBER);
        assert_eq!(seen["body"], "it's 5 & 6 = 11 €");
        assert_eq!(seen["secondary_address"]["raw"], "12345");
        let fields = seen["fields"].to_string();
        assert!(
            fields.contains(r#"["plan","a=b"],["plan2",""]"#),
            "{fields}"
        );
    }
}

#[test]
fn a_call_travels_as_the_add_on_takes_it() {
    let host = TestHost::with("echo", &add_on_sid('a'), "methods = [\"json\"]").start();
    let output = call(&host, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = call(&host, &["--method", "get"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(answer(&output)["error_code"], "method_mismatch");
}

#[test]
fn a_call_that_brings_no_answer_has_another_exit_status() {
    let host = TestHost::with("trap", &add_on_sid('a'), "").start();
    let common = [
        "call",
        "--to",
        host.address(),
        "--addon",
        "trap",
        "--phone",
        NUMBER,
    ];
    let output = run(&common, &ENVIRONMENT, host.path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(answer(&output)["error_code"], "provider_failed");

    let others_token = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", "another")];
    let output = run(&common, &others_token, host.path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(answer(&output)["error_code"], "signature_invalid");
}

#[test]
fn a_call_that_cannot_be_made_says_why() {
    let host = host();
    let arguments = ["call", "--addon", "ecko", "--phone", NUMBER];
    let output = run(&arguments, &ENVIRONMENT, host.path());
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(text(&output.stderr), @"error: there is no add-on `ecko`; there is echo");

    let arguments = [
        "call",
        "--to",
        "127.0.0.1:1",
        "--addon",
        "echo",
        "--phone",
        NUMBER,
    ];
    let output = run(&arguments, &ENVIRONMENT, host.path());
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(text(&output.stderr), @"error: no host listens on 127.0.0.1:1: start one with `jackfield serve`: Connection refused (os error 111)");
}

#[test]
fn the_curl_command_that_a_call_prints_makes_it() {
    let host = host();
    for method in ["get", "form", "json"] {
        let message = "it's \"quoted\" & $HOME `id` \\ %41 €";
        let output = call(&host, &["--method", method, "--curl", "--body", message]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let command = text(&output.stdout);
        assert_eq!(command.lines().count(), 1, "{command}");
        let made = Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let answer: Value = serde_json::from_slice(&made.stdout).unwrap();
        assert_eq!(answer["results"]["body"], message, "{method}: {answer}");
        // A command can be repeated as long as it is not changed.
        let tampered = command.replace("2125550123", "2125550124");
        assert_ne!(tampered, command);
        let made = Command::new("sh").args(["-c", &tampered]).output().unwrap();
        let answer: Value = serde_json::from_slice(&made.stdout).unwrap();
        let code = answer["error_code"].as_str().unwrap_or_default();
        assert!(
            ["signature_invalid", "body_mismatch"].contains(&code),
            "{answer}"
        );
    }
}
