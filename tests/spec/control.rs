//! The control channel: who reaches it, what an operator can ask for, and that nothing
//! which arrives there hurts what is served.

mod ending;
mod hand;
mod hostile;
mod plan;
mod socket;
mod versions;

use std::fs;
use std::process::Output;
use std::time::{Duration, Instant};

use jackfield_tests::{Answer, NUMBER, TestHost, add_on_sid, body_hash, guest};
use serde_json::Value;

/// Longer than any change takes to be taken up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A host with the add-on `it`, which `echo` serves.
fn host(toml: &str) -> TestHost {
    let echo = bytes("echo");
    let builder = TestHost::builder().add_on_of("it", &add_on_sid('a'), &echo, toml);
    builder.start()
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(guest(name)).unwrap()
}

fn hash(name: &str) -> String {
    body_hash(&bytes(name))
}

/// Puts a component in the place of the one that serves `it`, in one step.
fn install(host: &TestHost, component: &[u8]) {
    let draft = host.path().join("plugins/draft");
    fs::write(&draft, component).unwrap();
    fs::rename(draft, host.path().join("plugins/it.wasm")).unwrap();
}

async fn lookup(host: &TestHost) -> Answer {
    host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await
}

/// Which guest answers.
async fn answers(host: &TestHost) -> String {
    let answer = lookup(host).await.json();
    let results = &answer["results"];
    match (results["calls"].is_u64(), results["address"].is_object()) {
        (true, _) => "count".to_owned(),
        (_, true) => "echo".to_owned(),
        _ => answer["error_code"].as_str().unwrap_or("nobody").to_owned(),
    }
}

/// Asks until this guest answers.
async fn until_answers(host: &TestHost, expected: &str) {
    let started = Instant::now();
    while answers(host).await != expected {
        assert!(started.elapsed() < PATIENCE, "`{expected}` never answers");
    }
}

/// Runs a verb that succeeds, and returns what it printed.
fn done(host: &TestHost, arguments: &[&str]) -> String {
    said(&host.cli(arguments), 0)
}

/// What a verb printed that ended with this status.
fn said(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

fn status(host: &TestHost) -> Value {
    serde_json::from_str(&done(host, &["status", "--json"])).unwrap()
}

/// The status of `it`.
fn of_it(host: &TestHost) -> Value {
    let status = status(host);
    let addons = status["addons"].as_array().unwrap();
    addons.iter().find(|it| it["name"] == "it").unwrap().clone()
}

/// The states that `it` is in.
fn states(host: &TestHost) -> Vec<String> {
    let it = of_it(host);
    let conditions = it["conditions"].as_array().unwrap();
    let states = conditions.iter().map(|it| it["state"].as_str().unwrap());
    states.map(str::to_owned).collect()
}

/// The lines of the audit log about an event.
fn audit(host: &TestHost, event: &str) -> Vec<Value> {
    let text = fs::read_to_string(host.path().join(".jackfield/audit.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &Value| line["event"] == event)
        .collect()
}

/// The one line of the audit log about an event.
fn audited(host: &TestHost, event: &str) -> Value {
    let lines = audit(host, event);
    assert_eq!(lines.len(), 1, "{event}: {lines:?}");
    assert!(lines[0]["at"].is_string());
    lines[0].clone()
}

/// The same, of an operator's.
fn ordered(host: &TestHost, event: &str) -> Value {
    let line = audited(host, event);
    assert_eq!(line["who"]["kind"], "operator", "{line}");
    assert!(
        line["who"]["uid"].is_u64() && line["who"]["pid"].is_u64(),
        "{line}"
    );
    line
}
