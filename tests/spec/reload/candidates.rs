//! Versions beside the one that serves: a canary answers a part of the customers, a
//! shadow is compared and never heard.

use std::fs;
use std::time::{Duration, Instant};

use jackfield_tests::versions::{Deed, version, version_that};
use jackfield_tests::{TestHost, TestHostBuilder};

use super::{call, first_version, lines, serving, sid, version_of};

const CANARY: &str = "canary = { component = \"plugins/beside.wasm\", percent = 50 }";
const SHADOW: &str = "shadow = { component = \"plugins/beside.wasm\" }";
const CUSTOMERS: u32 = 200;

/// A host whose add-on has another component beside its own.
fn beside(component: &[u8], toml: &str) -> TestHostBuilder {
    let builder = first_version().toml(toml);
    fs::write(builder.path().join("plugins/beside.wasm"), component).unwrap();
    builder
}

/// The version that a customer is served by.
async fn served(host: &TestHost, customer: u32) -> Option<u32> {
    let customer = format!("XD{customer:032x}");
    let call = call(host, &sid()).header("x-twilio-addoninstallsid", &customer);
    version_of(&call.send().await)
}

#[tokio::test]
async fn a_canary_answers_its_part_of_the_customers_and_always_the_same_ones() {
    let mut host = beside(&version(2), CANARY).start();
    let mut first = Vec::new();
    for customer in 0..CUSTOMERS {
        first.push(served(&host, customer).await.unwrap());
    }
    let chosen = first.iter().filter(|version| **version == 2).count();
    assert!((70..=130).contains(&chosen), "{chosen} of {CUSTOMERS}");
    assert_eq!(
        serving(&host).await,
        Some(1),
        "nobody's calls are the main one's"
    );
    // A new main version moves nobody, and neither does a start.
    host.put("plugins/it.wasm", version(3));
    super::until_served_by(&host, 3).await;
    host.restart("TERM");
    for (customer, before) in (0..CUSTOMERS).zip(first) {
        let now = served(&host, customer).await.unwrap();
        assert_eq!(now == 2, before == 2, "customer {customer}");
    }
}

async fn is_given_up(host: &TestHost) {
    let mut failures = 0;
    let calm = async || {
        let mut failed = 0;
        for customer in 0..20 {
            failed += usize::from(served(host, customer).await != Some(1));
        }
        failures += failed;
        failed == 0
    };
    host.until("the main version serves everybody", calm).await;
    assert!(failures <= 3, "{failures}:\n{}", host.log());
    // The host goes back first, and tells then.
    host.logs("went back", 1).await;
    let told = lines(&host.log(), &["went back", "calls failed"]);
    assert_eq!(told, 1, "{}", host.log());
}

#[tokio::test]
async fn a_canary_that_fails_is_given_up_and_its_customers_go_on() {
    let trial = "trial = { requests = 20, failures = 3 }";
    let toml = format!("{CANARY}\n{trial}");
    let mut host = beside(&version_that(Deed::Traps, 2), &toml).start();
    is_given_up(&host).await;
    host.restart("TERM");
    for customer in 0..20 {
        assert_eq!(served(&host, customer).await, Some(1));
    }
    // One that was changed is heard, and may fail in turn.
    host.put("plugins/beside.wasm", version(3));
    let heard = async || {
        let mut versions = Vec::new();
        for customer in 0..20 {
            versions.push(served(&host, customer).await.unwrap());
        }
        versions.contains(&3)
    };
    host.until("the new canary answers", heard).await;
}

#[tokio::test]
async fn a_canary_that_comes_with_a_reload_is_on_trial_as_well() {
    let host = first_version().start();
    host.put("plugins/beside.wasm", version_that(Deed::Traps, 2));
    let trial = "trial = { requests = 20, failures = 3 }";
    host.configure(|toml| format!("{toml}\n{CANARY}\n{trial}\n"));
    host.logs("taken up", 1).await;
    is_given_up(&host).await;
}

#[tokio::test]
async fn a_shadow_is_never_heard() {
    for component in [
        version(2),
        version_that(Deed::Traps, 2),
        b"no component".to_vec(),
    ] {
        let host = beside(&component, SHADOW).start();
        for _ in 0..50 {
            assert_eq!(serving(&host).await, Some(1), "{}", host.log());
        }
    }
}

#[tokio::test]
async fn a_shadow_that_spins_holds_nobody_up() {
    let spin = Duration::from_secs(2);
    let terms = format!("{SHADOW}\ncpu = \"2s\"\ntimeout = \"2s\"\nconcurrency = 2\nqueue = 8");
    let host = beside(&version_that(Deed::Spins, 2), &terms).start();
    let mut taken = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        assert_eq!(serving(&host).await, Some(1), "{}", host.log());
        taken.push(started.elapsed());
    }
    taken.sort_unstable();
    println!(
        "beside a shadow that spins: p50 {:?}, slowest {:?}",
        taken[25], taken[49]
    );
    assert!(taken[49] < spin / 2, "{:?}", taken[49]);
}
