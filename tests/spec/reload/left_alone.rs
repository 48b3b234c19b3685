//! What is no good changes nothing: it is told once, and left alone until it changes.

use std::fs;
use std::os::unix::fs::MetadataExt;

use jackfield_tests::versions::{Breakage, REFUSED, TIGHT, version};
use jackfield_tests::{TestHost, TestHostBuilder, add_on_sid};

use super::{TERMS, call, first_version, lines, serving, until_served_by, version_of};

const PLUGIN: &str = "plugins/it.wasm";
const OTHER: &str = "plugins/other.wasm";

/// A host with a second add-on, `other`, which version 1 serves as well.
fn with_another() -> TestHostBuilder {
    first_version()
        .server(TIGHT)
        .add_on_of("other", &add_on_sid('b'), &version(1), TERMS)
}

/// Waits until `other` is served by a version.
async fn until_other_is(host: &TestHost, number: u32) {
    let seen = async || version_of(&call(host, &add_on_sid('b')).send().await) == Some(number);
    host.until(&format!("version {number} serves the other"), seen)
        .await;
}

/// The breakage of a name.
fn refused(name: &str) -> &'static Breakage {
    REFUSED.iter().find(|it| it.name == name).unwrap()
}

/// How often it was told that a component of this kind is not taken up.
fn told(host: &TestHost, breakage: &Breakage) -> usize {
    lines(&host.written(), &["not taken up", breakage.said])
}

async fn is_left_alone(name: &str) {
    let breakage = refused(name);
    let host = with_another().start();
    host.put(PLUGIN, breakage.component(1));
    let seen = async || told(&host, breakage) > 0;
    host.until(breakage.name, seen).await;
    assert_eq!(serving(&host).await, Some(1), "{}", breakage.name);
    // Whatever else is taken up, it is not told again.
    for number in 2..4 {
        host.put(OTHER, version(number));
        until_other_is(&host, number).await;
    }
    host.hang_up();
    host.put(OTHER, version(4));
    until_other_is(&host, 4).await;
    let log = host.log();
    assert_eq!(
        lines(&log, &["not taken up"]),
        1,
        "{}:\n{log}",
        breakage.name
    );
    // Another one, broken in the same way, is another matter, and a good one serves.
    host.put(PLUGIN, breakage.component(2));
    host.until(breakage.name, async || told(&host, breakage) > 1)
        .await;
    assert_eq!(serving(&host).await, Some(1), "{}", breakage.name);
    host.put(PLUGIN, version(2));
    until_served_by(&host, 2).await;
}

#[tokio::test]
async fn a_component_that_is_truncated() {
    is_left_alone("truncated").await;
}

#[tokio::test]
async fn a_file_that_is_no_component() {
    is_left_alone("not wasm").await;
}

#[tokio::test]
async fn a_component_of_another_world() {
    is_left_alone("wrong world").await;
}

#[tokio::test]
async fn a_component_that_imports_what_no_host_has() {
    is_left_alone("missing import").await;
}

#[tokio::test]
async fn a_component_that_needs_more_memory_than_it_may_have() {
    is_left_alone("huge memory").await;
}

#[tokio::test]
async fn a_component_that_takes_too_long_to_compile() {
    is_left_alone("bomb of time").await;
}

#[tokio::test]
async fn a_component_that_takes_too_much_memory_to_compile() {
    is_left_alone("bomb of memory").await;
}

#[tokio::test]
async fn a_component_that_traps_when_it_starts() {
    is_left_alone("trap at start").await;
}

#[test]
fn every_breakage_has_its_test() {
    let source = include_str!("left_alone.rs");
    for breakage in REFUSED {
        let call = format!("is_left_alone(\"{}\")", breakage.name);
        assert!(source.contains(&call), "{}", breakage.name);
    }
}

#[tokio::test]
async fn a_bomb_goes_off_once() {
    let host = with_another().start();
    let bomb = refused("bomb of time");
    host.put(PLUGIN, bomb.component(1));
    host.logs("not taken up", 1).await;
    let record = || {
        let quarantine = fs::read_dir(host.path().join(".jackfield/quarantine")).unwrap();
        let records = quarantine.map(|record| record.unwrap().metadata().unwrap().ino());
        records.collect::<Vec<_>>()
    };
    let before = record();
    assert_eq!(before.len(), 1);
    for number in 2..5 {
        // The same bytes under the same name, and another add-on's new component.
        host.put(PLUGIN, bomb.component(1));
        host.put(OTHER, version(number));
        until_other_is(&host, number).await;
        host.hang_up();
    }
    // A second try would have been written down a second time.
    assert_eq!(record(), before);
    assert_eq!(serving(&host).await, Some(1));
}

#[tokio::test]
async fn one_add_ons_broken_component_does_not_hold_back_anothers() {
    let host = with_another().start();
    fs::write(
        host.path().join(PLUGIN),
        refused("wrong world").component(1),
    )
    .unwrap();
    fs::write(host.path().join(OTHER), version(2)).unwrap();
    until_other_is(&host, 2).await;
    host.logs("not taken up", 1).await;
    assert_eq!(serving(&host).await, Some(1));
}

#[tokio::test]
async fn all_or_nothing_holds_everything_back() {
    let host = with_another().server("reload = \"all-or-nothing\"").start();
    // In one step, so that there is no moment at which one of them is good alone.
    host.put("plugins/broken.wasm", refused("wrong world").component(1));
    host.put("plugins/2.wasm", version(2));
    host.configure(|toml| {
        toml.replace(PLUGIN, "plugins/broken.wasm")
            .replace(OTHER, "plugins/2.wasm")
    });
    host.logs("so nothing else was taken up", 1).await;
    assert_eq!(serving(&host).await, Some(1));
    until_other_is(&host, 1).await;
    assert_eq!(
        lines(&host.log(), &[" taken up"]),
        lines(&host.log(), &["not taken up"])
    );
    host.put("plugins/broken.wasm", version(3));
    until_served_by(&host, 3).await;
    until_other_is(&host, 2).await;
}
