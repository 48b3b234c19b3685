//! Components of one world, where the other is needed.

use insta::assert_snapshot;
use jackfield_tests::analyst::host;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest, wat_guest};

/// What is said of an add-on that needs another component.
fn said(host: &TestHost) -> String {
    let log = host.log();
    let mut lines = log.lines();
    let said = lines.find_map(|line| line.split_once("exports `")?.1.rsplit_once('`'));
    said.map_or(log.clone(), |(said, _)| format!("exports `{said}`"))
}

#[tokio::test]
async fn a_provider_for_lookups_does_not_serve_recordings() {
    let echo = std::fs::read(guest("echo")).unwrap();
    for component in [echo, wat_guest("crowd")] {
        let host = host(&component).start();
        let said = said(&host).replace("lookup@1.1.0", "lookup@1.0.0");
        insta::allow_duplicates! {
            assert_snapshot!(said, @"exports `jackfield:addon/lookup@1.0.0` for lookups, incoming messages or incoming calls, and its add-on serves recordings, which need `jackfield:addon/analysis@1.1.0`");
        }
    }
}

#[tokio::test]
async fn a_provider_for_recordings_does_not_serve_lookups() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo-recording", &sid, "").start();
    assert_snapshot!(said(&host), @"exports `jackfield:addon/analysis@1.1.0` for recordings, and its add-on serves lookups, incoming messages or incoming calls, which need `jackfield:addon/lookup@1.0.0`");
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
}
