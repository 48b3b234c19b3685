//! Address space: what happens when the system has no more of it.

use jackfield_tests::{Footprint, NUMBER, TestHost, add_on_sid, tenant};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

/// More than a host asks for besides the memory of guests, and less than one of those takes
/// of its address space, in bytes.
const SOME: u64 = 1 << 30;

/// Leaves a host that runs so much more address space than it has, in bytes, or all of it.
fn leave(host: &TestHost, more: Option<u64>) {
    let process = host.process();
    let limit = Rlimit {
        current: more.map(|more| Footprint::of(process).address_space + more),
        maximum: None,
    };
    let process = Pid::from_raw(process.cast_signed());
    prlimit(process, Resource::As, limit).unwrap();
}

#[tokio::test]
async fn a_host_without_address_space_for_a_guest_is_overloaded_until_it_has_some() {
    let host = TestHost::builder()
        .add_on_of("it", &add_on_sid('a'), &tenant(1), "breaker.failures = 1\n")
        .start();
    let twilio = host.twilio();
    let ask = async || twilio.lookup(&add_on_sid('a'), NUMBER).send().await;
    leave(&host, Some(SOME));
    for _ in 0..2 {
        assert_eq!(ask().await.error_code(), "overloaded");
    }
    leave(&host, None);
    assert!(ask().await.error_code().is_null());
}
