//! File descriptors: what happens when there are none left.

use jackfield_tests::{NUMBER, TestHost, add_on_sid};
use tokio::net::TcpStream;

use crate::operators::count_of;

/// More than a host needs by itself, and fewer than the connections of the test.
const LIMIT: usize = 128;

#[tokio::test]
async fn without_descriptors_nothing_is_accepted_and_with_some_everything_is_again() {
    let host = TestHost::with("echo", &add_on_sid('a'), "")
        .toml("[operators]\nlisten = \"127.0.0.1:0\"\n")
        .under(vec![
            "prlimit".to_owned(),
            format!("--nofile={LIMIT}:{LIMIT}"),
        ])
        .start();
    let mut held = Vec::new();
    for _ in 0..LIMIT {
        held.push(TcpStream::connect(host.address()).await.unwrap());
    }
    const LINE: &str = " a connection could not be accepted";
    host.logs(LINE, 1).await;
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    // Whoever was accepted is answered, and whoever waits once there is room.
    let (first, last) = (held.remove(0), held.pop().unwrap());
    assert_eq!(lookup().send_over(first).await.status, 200);
    drop(held);
    assert_eq!(lookup().send_over(last).await.status, 200);
    assert_eq!(lookup().send().await.status, 200);
    let failures = async |listener, reason| {
        let labels = format!("{{listener=\"{listener}\",reason=\"{reason}\"}}");
        count_of(&host, &format!("jackfield_accept_failures_total{labels}")).await
    };
    assert!(failures("public", "descriptors").await >= 1);
    assert_eq!(failures("public", "other").await, 0);
    assert_eq!(failures("operators", "descriptors").await, 0);
    // However often it was tried meanwhile.
    assert_eq!(host.log().matches(LINE).count(), 1);
}
