//! Calls that run while everything is replaced around them.

use futures_util::future::{Either, select};
use jackfield_tests::versions::version;
use jackfield_tests::{Answer, TestHost};
use tokio::task::JoinHandle;

use super::{TERMS, call, lines, serving, sid, slow_call, until_told, version_of};

/// Longer than a reload takes.
const LONG: u32 = 4_000;

/// A host whose add-on runs one call at a time, while so many others wait.
fn one_at_a_time(queue: u32) -> TestHost {
    TestHost::builder()
        .add_on_of("it", &sid(), &version(1), TERMS)
        .toml(&format!(
            "timeout = \"15s\"\nconcurrency = 1\nqueue = {queue}"
        ))
        .start()
}

/// A call that takes long, and that has begun: of two at once, the one that is not turned
/// away. A short one that asked whether it runs could have been in its place.
async fn running(host: &TestHost) -> JoinHandle<Answer> {
    let [one, two] = [(); 2].map(|()| tokio::spawn(slow_call(host, LONG).send()));
    let (Either::Left((turned_away, running)) | Either::Right((turned_away, running))) =
        select(one, two).await;
    assert_eq!(turned_away.unwrap().error_code(), "overloaded");
    running
}

#[tokio::test]
async fn a_call_that_runs_counts_after_a_reload_and_is_answered_by_its_own_version() {
    let host = one_at_a_time(0);
    let old = running(&host).await;
    host.put("plugins/it.wasm", version(2));
    host.logs("taken up", 1).await;
    let turned_away = call(&host, &sid()).send().await;
    assert_eq!(turned_away.error_code(), "overloaded");
    assert!(!old.is_finished());
    assert_eq!(version_of(&old.await.unwrap()), Some(1));
    assert_eq!(serving(&host).await, Some(2));
}

#[tokio::test]
async fn a_call_after_a_reload_waits_for_one_from_before_it() {
    let host = one_at_a_time(0);
    let old = running(&host).await;
    host.put("plugins/it.wasm", version(2));
    host.configure(|toml| toml.replace("queue = 0", "queue = 1"));
    let taken_up = async || lines(&host.written(), &[" taken up", "it"]) >= 2;
    host.until("both are taken up", taken_up).await;
    let next = call(&host, &sid()).send().await;
    assert_eq!(version_of(&next), Some(2), "{}", next.text());
    assert!(old.is_finished(), "it did not wait");
    assert_eq!(version_of(&old.await.unwrap()), Some(1));
}

#[tokio::test]
async fn a_call_of_an_add_on_that_is_removed_meanwhile_is_answered() {
    let host = one_at_a_time(0);
    let old = running(&host).await;
    host.configure(|toml| toml.split("[addons.").next().unwrap().to_owned());
    until_told(&host, &sid(), Some("addon_unknown")).await;
    assert!(!old.is_finished());
    assert_eq!(version_of(&old.await.unwrap()), Some(1));
}
