//! File descriptors: as many as the system grants are taken, and too few are told.

use std::fs;

use jackfield_tests::{NUMBER, TestHost, add_on_sid};

use super::builder;

/// A command that runs another under limits, as `ulimit` sets them.
fn under(limits: &str) -> Vec<String> {
    let script = format!("{limits} && exec \"$@\"");
    ["sh", "-c", &script, "sh"].map(str::to_owned).into()
}

/// The soft and the hard limit of open files.
fn limits(host: &TestHost) -> [String; 2] {
    let limits = fs::read_to_string(format!("/proc/{}/limits", host.process())).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let mut words = line.unwrap().split_whitespace().skip(3);
    [(); 2].map(|()| words.next().unwrap().to_owned())
}

#[tokio::test]
async fn the_host_takes_all_descriptors_that_it_may_have() {
    let builder = builder().under(under("ulimit -Sn 40 && ulimit -Hn 2000"));
    let host = builder.server("connections = 1000").start();
    assert_eq!(limits(&host), ["2000", "2000"]);
    assert!(!host.log().contains("file descriptors"), "{}", host.log());
    // A component is compiled by a process that may have three, and it was.
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert!(answer.error_code().is_null());
}

#[test]
fn descriptors_that_are_too_few_are_told_with_figures() {
    let host = builder().under(under("ulimit -n 500")).start();
    let said = "500 file descriptors are allowed, and 10000 connections and the add-ons could \
                take 10068: raise the limit (`LimitNOFILE`, `ulimit -Hn`), or set `connections` \
                to 432 at most";
    assert!(host.log().contains(said), "{}", host.log());
    drop(host);
    let builder = builder().under(under("ulimit -n 500"));
    let host = builder.server("connections = 432").start();
    assert!(!host.log().contains("file descriptors"), "{}", host.log());
}
