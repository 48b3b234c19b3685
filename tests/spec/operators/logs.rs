//! Log lines for programs.

use jackfield_tests::{NUMBER, add_on_sid, request_sid};
use serde_json::Value;

use super::builder;

#[tokio::test]
async fn every_line_is_an_object_with_message_and_fields() {
    let host = builder("echo", "").arg("--log-format").arg("json").start();
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    lookup().request_sid(&request_sid(1)).send().await;
    lookup().unsigned().send().await;
    host.logs("\"not answered\"", 1).await;
    let log = host.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        let time: Result<jiff::Timestamp, _> = line["timestamp"].as_str().unwrap().parse();
        assert!(time.is_ok() && line["message"].is_string(), "{line}");
    }
    let of = |message: &str| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .unwrap()
    };
    let answered = of("answered");
    assert_eq!(answered["level"], "INFO");
    assert_eq!(answered["add_on"], "it");
    assert_eq!(answered["point"], "lookups");
    assert_eq!(answered["request"], request_sid(1));
    assert_eq!(
        (&answered["status"], &answered["code"]),
        (&200.into(), &"success".into())
    );
    assert!(answered["duration_ms"].as_f64().unwrap() > 0.0);
    let refused = of("not answered");
    assert_eq!(
        (&refused["level"], &refused["status"]),
        (&"WARN".into(), &403.into())
    );
}

#[tokio::test]
async fn the_environment_can_say_so_too() {
    let host = builder("echo", "")
        .env("JACKFIELD_LOG_FORMAT", "json")
        .start();
    let log = host.log();
    assert!(log.starts_with("{\"timestamp\":"), "{log}");
}
