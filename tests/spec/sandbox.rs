//! What a provider gets to see, and what it costs the others: nothing.

use insta::assert_json_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest, request_sid};

#[tokio::test]
async fn a_provider_gets_one_typed_request() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo", &sid, "").start();
    let digits = "0".repeat(32);
    let answer = host
        .twilio()
        .form(
            "/incoming-sms",
            &[
                ("phone", NUMBER),
                ("body", "hello"),
                ("secondary_address", "12345"),
            ],
        )
        .add_on(&sid)
        .request_sid(&request_sid(1))
        .header("x-twilio-addonversionsid", &format!("XC{digits}"))
        .header("x-twilio-addoninstallsid", &format!("XD{digits}"))
        .header("x-twilio-addonconfigurationsid", &format!("XE{digits}"))
        .send()
        .await;
    let mut seen = answer.json()["results"].clone();
    let left = seen["deadline_ms"].take().as_u64().unwrap();
    assert!((1..=800).contains(&left), "{left}");
    assert_json_snapshot!(seen, @r#"
    {
      "integration_point": "incoming-sms",
      "address": {
        "kind": "e164",
        "e164": "+12125550123",
        "raw": "+12125550123"
      },
      "secondary_address": null,
      "body": null,
      "sids": {
        "account": "AC05b3911315a1322d1dede66eed740000",
        "add_on": "XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "add_on_version": "XC00000000000000000000000000000000",
        "add_on_install": "XD00000000000000000000000000000000",
        "add_on_configuration": "XE00000000000000000000000000000000",
        "request": "XR00000000000000000000000000000001"
      },
      "attempt": 1,
      "deadline_ms": null,
      "fields": []
    }
    "#);
}

#[tokio::test]
async fn every_call_is_a_fresh_instance() {
    let sid = add_on_sid('a');
    let host = TestHost::with("count", &sid, "").start();
    for _ in 0..20 {
        let answer = host.twilio().lookup(&sid, NUMBER).send().await;
        assert_eq!(answer.json()["results"]["calls"], 1);
    }
}

#[tokio::test]
async fn many_calls_at_once_are_answered_each_with_its_own_number() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo", &sid, "").start();
    let twilio = host.twilio();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..64 {
        let number = format!("+121255501{n:02}");
        let call = twilio.lookup(&sid, &number);
        calls.spawn(async move { (number, call.send().await) });
    }
    while let Some(done) = calls.join_next().await {
        let (number, answer) = done.unwrap();
        assert_eq!(answer.json()["results"]["address"]["e164"], number.as_str());
    }
}

#[tokio::test]
async fn a_component_that_leads_out_of_the_plugin_directory_is_not_opened() {
    let sid = add_on_sid('a');
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("echo.wasm");
    std::fs::copy(guest("echo"), &target).unwrap();
    let builder = TestHost::with("echo", &sid, "");
    let link = builder.path().join("plugins/echo.wasm");
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let host = builder.start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    assert!(
        host.log().contains("leads out of the plugin directory"),
        "{}",
        host.log()
    );
}

#[tokio::test]
async fn a_pipe_or_a_directory_under_a_components_name_does_not_hold_up_the_start() {
    for make in [make_pipe, make_directory] {
        let sid = add_on_sid('a');
        let builder = TestHost::with("echo", &sid, "");
        let path = builder.path().join("plugins/echo.wasm");
        std::fs::remove_file(&path).unwrap();
        make(&path);
        let host = builder.start();
        assert!(
            host.log().contains("is not a regular file"),
            "{}",
            host.log()
        );
    }
}

fn make_pipe(path: &std::path::Path) {
    let status = std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

fn make_directory(path: &std::path::Path) {
    std::fs::create_dir(path).unwrap();
}

#[tokio::test]
async fn a_pinned_component_is_served_only_with_its_own_bytes() {
    let sid = add_on_sid('a');
    let hash = jackfield_tests::body_hash(&std::fs::read(guest("echo")).unwrap());
    let host = TestHost::with("echo", &sid, &format!("sha256 = \"{hash}\"")).start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());

    let host = TestHost::with("trap", &sid, &format!("sha256 = \"{hash}\"")).start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    assert!(host.log().contains("pins another"), "{}", host.log());
}

#[tokio::test]
async fn a_core_module_and_a_component_of_another_world_are_refused_with_the_reason() {
    for (wat, reason) in [
        ("(module)", "is not a WebAssembly component"),
        (
            "(component)",
            "does not export `jackfield:addon/lookup@1.0.0`",
        ),
        (
            r#"(component (import "wasi:sockets/network@0.2.0" (instance (export "network" (type (sub resource))))))"#,
            "imports what it is not granted",
        ),
    ] {
        let sid = add_on_sid('a');
        let builder = TestHost::with("echo", &sid, "");
        let bytes = wat::parse_str(wat).unwrap();
        std::fs::write(builder.path().join("plugins/echo.wasm"), bytes).unwrap();
        let host = builder.start();
        assert!(host.log().contains(reason), "{}", host.log());
    }
}
