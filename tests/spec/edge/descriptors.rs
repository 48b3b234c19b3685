//! File descriptors: what happens when there are none left.

use jackfield_tests::{NUMBER, TestHost, add_on_sid};
use tokio::net::TcpStream;

use crate::operators::page_of;

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
    drop(held);
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_eq!(answer.status, 200);
    let page = page_of(&host, "/metrics").await;
    let failures = page
        .lines()
        .find_map(|line| line.strip_prefix("jackfield_accept_failures_total "));
    assert!(failures.unwrap().parse::<u64>().unwrap() >= 1);
    // However often it was tried meanwhile.
    assert_eq!(host.log().matches(LINE).count(), 1);
}
