//! A new version's first calls are watched, and a version that fails them is given up for
//! the one before it.

use jackfield_tests::TestHost;
use jackfield_tests::versions::{Deed, FAILING, REFUSED, version, version_that};

use super::{call, first_version, lines, serving, sid, until_served_by};

const PLUGIN: &str = "plugins/it.wasm";

/// A host whose new versions stand trial for twenty calls, of which two may fail.
fn on_trial() -> TestHost {
    let builder = first_version();
    let trial = "trial = { requests = 20, failures = 3 }";
    builder.toml(&format!("{trial}\ncpu = \"20ms\"")).start()
}

/// Serves version 2 for long enough.
async fn second_stands_its_trial(host: &TestHost) {
    host.put(PLUGIN, version(2));
    until_served_by(host, 2).await;
    for _ in 0..20 {
        assert_eq!(serving(host).await, Some(2));
    }
    host.logs("stood its trial", 1).await;
}

/// Calls until a version serves again that answers, and counts what failed on the way.
async fn failures_until_served_by(host: &TestHost, number: u32) -> usize {
    let mut failures = 0;
    let seen = async || {
        let served = serving(host).await;
        failures += usize::from(served.is_none());
        served == Some(number) && lines(&host.written(), &["went back"]) > 0
    };
    host.until("the version before serves", seen).await;
    failures
}

#[tokio::test]
async fn a_version_that_fails_its_first_calls_is_given_up_for_good() {
    for deed in [Deed::Traps, Deed::Spins] {
        let mut host = on_trial();
        host.put(PLUGIN, version_that(deed, 2));
        let failures = failures_until_served_by(&host, 1).await;
        assert!(failures >= 3, "{failures}:\n{}", host.log());
        let told = lines(&host.log(), &["went back", "3 of its first 3 calls failed"]);
        assert_eq!(told, 1, "{}", host.log());
        // The same bytes again are no change, and neither is a new start.
        host.put(PLUGIN, version_that(deed, 2));
        host.hang_up();
        host.restart("TERM");
        for _ in 0..10 {
            assert_eq!(serving(&host).await, Some(1), "{}", host.log());
        }
        host.put(PLUGIN, version(3));
        until_served_by(&host, 3).await;
        assert_eq!(lines(&host.log(), &["went back"]), 1, "{}", host.log());
    }
}

#[tokio::test]
async fn whatever_loads_and_fails_is_given_up() {
    for breakage in FAILING {
        let host = on_trial();
        host.put(PLUGIN, breakage.component(2));
        let failures = failures_until_served_by(&host, 1).await;
        assert!(failures >= 3, "{}: {failures}", breakage.name);
        let told = lines(&host.log(), &["went back", breakage.said]);
        assert_eq!(told, 1, "{}:\n{}", breakage.name, host.log());
    }
}

#[tokio::test]
async fn a_version_that_stood_its_trial_is_not_given_up_later() {
    let host = on_trial();
    second_stands_its_trial(&host).await;
    // A call that runs out of time, not for the first time, is the provider's own affair.
    host.configure(|toml| format!("{toml}timeout = \"100ms\"\n"));
    host.logs("taken up", 2).await;
    for _ in 0..10 {
        let answer = super::slow_call(&host, 5_000).send().await;
        assert_eq!(answer.error_code(), "timeout");
    }
    assert_eq!(serving(&host).await, Some(2));
    assert_eq!(lines(&host.log(), &["went back"]), 0, "{}", host.log());
}

#[tokio::test]
async fn the_first_version_of_all_has_nothing_to_go_back_to() {
    let host = TestHost::builder()
        .add_on_of("it", &sid(), &version_that(Deed::Traps, 1), super::TERMS)
        .toml("trial = { requests = 20, failures = 3 }")
        .start();
    for _ in 0..10 {
        let answer = call(&host, &sid()).send().await;
        assert_eq!(answer.error_code(), "provider_failed");
    }
    assert_eq!(lines(&host.log(), &["went back"]), 0, "{}", host.log());
}

#[tokio::test]
async fn a_component_that_is_no_good_at_a_start_leaves_the_last_good_one_serving() {
    for breakage in REFUSED.iter().filter(|it| !it.name.starts_with("bomb")) {
        let mut host = on_trial();
        second_stands_its_trial(&host).await;
        host.put(PLUGIN, breakage.component(1));
        host.restart("TERM");
        assert_eq!(serving(&host).await, Some(2), "{}", breakage.name);
        let told = lines(&host.log(), &["not taken up", breakage.said]);
        assert!(told > 0, "{}:\n{}", breakage.name, host.log());
        host.put(PLUGIN, version(3));
        until_served_by(&host, 3).await;
    }
}
