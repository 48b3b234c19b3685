//! Components of one world, where the other is needed.

use insta::assert_snapshot;
use jackfield_tests::analyst::host;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest, wat_guest};

/// What is said of an add-on that needs another component.
fn said(host: &TestHost) -> String {
    let log = host.log();
    let lines = log.lines().filter(|line| line.contains("exports `"));
    let said = lines.filter_map(|line| line.split_once("exports `"));
    said.map(|(_, said)| format!("exports `{said}\n")).collect()
}

#[tokio::test]
async fn a_provider_for_lookups_does_not_serve_recordings() {
    let echo = std::fs::read(guest("echo")).unwrap();
    for component in [echo, wat_guest("calm")] {
        let host = host(&component).start();
        assert_snapshot!(said(&host), @"");
    }
}

#[tokio::test]
async fn a_provider_for_recordings_does_not_serve_lookups() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo-recording", &sid, "").start();
    assert_snapshot!(said(&host), @"");
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
}
