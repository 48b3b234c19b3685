//! Address space: what happens when the system has no more of it.

use std::fs;
use std::process::Command;

use jackfield_tests::{NUMBER, TestHost, add_on_sid, tenant};

/// More than a host asks for besides the memory of guests, and less than one of those takes
/// of its address space, in bytes.
const SOME: u64 = 1 << 30;

/// Limits the address space of a host that runs.
fn limit(host: &TestHost, space: &str) {
    let process = host.process().to_string();
    let space = format!("--as={space}:");
    let limited = Command::new("prlimit")
        .args(["--pid", &process, &space])
        .status();
    assert!(limited.unwrap().success());
}

/// The address space that a host has taken, in bytes.
fn taken(host: &TestHost) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", host.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_host_without_address_space_for_a_guest_is_overloaded_until_it_has_some() {
    let host = TestHost::builder()
        .add_on_of("it", &add_on_sid('a'), &tenant(1), "breaker.failures = 1\n")
        .start();
    let twilio = host.twilio();
    let ask = async || twilio.lookup(&add_on_sid('a'), NUMBER).send().await;
    limit(&host, &(taken(&host) + SOME).to_string());
    for _ in 0..2 {
        assert_eq!(ask().await.error_code(), "overloaded");
    }
    limit(&host, "unlimited");
    assert!(ask().await.error_code().is_null());
}
