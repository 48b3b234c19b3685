//! What a reload would change.

use std::fs;

use jackfield_tests::{TestHost, add_on_sid};

use super::{answers, audit, bytes, done, hash, install, said, status};

fn unwatched() -> TestHost {
    let builder = TestHost::builder().server("watch = false");
    builder
        .add_on_of("it", &add_on_sid('a'), &bytes("echo"), "")
        .start()
}

#[tokio::test]
async fn a_plan_tells_what_a_reload_does_and_changes_nothing() {
    let host = unwatched();
    let diff = |status| said(&host.cli(&["check", "--diff"]), status);
    assert_eq!(diff(0), "a reload would change nothing\n");
    install(&host, &bytes("count"));
    let config = host.path().join("addons.toml");
    let text = fs::read_to_string(&config).unwrap();
    let other = format!(
        "{text}\n[addons.other]\nsid = \"{}\"\ncomponent = \"plugins/it.wasm\"\n",
        add_on_sid('b')
    );
    fs::write(&config, other).unwrap();
    let (echo, count) = (&hash("echo")[..12], &hash("count")[..12]);
    let changes = format!("  it: component {echo} -> {count}\n  other: added {count}\n");
    for _ in 0..2 {
        assert_eq!(diff(0), format!("a reload would change:\n{changes}"));
    }
    assert_eq!(answers(&host).await, "echo");
    assert_eq!(status(&host)["generation"], 1);
    let reloaded = done(&host, &["reload"]);
    assert_eq!(reloaded, format!("taken up (generation 2):\n{changes}"));
    assert_eq!(answers(&host).await, "count");
    assert_eq!(diff(0), "a reload would change nothing\n");
    assert_eq!(done(&host, &["reload"]), "nothing has changed\n");
    assert_eq!(audit(&host, "reload").len(), 2);
}

#[test]
fn a_plan_may_be_of_another_file() {
    let host = unwatched();
    let config = fs::read_to_string(host.path().join("addons.toml")).unwrap();
    let other = host.path().join("other.toml");
    let diff = |status| {
        said(
            &host.cli(&["check", "--diff", "--config", "other.toml"]),
            status,
        )
    };
    fs::write(&other, &config).unwrap();
    assert_eq!(diff(0), "a reload would change nothing\n");
    fs::write(&other, config.replace("addons.it]", "addons.that]")).unwrap();
    let echo = &hash("echo")[..12];
    let changes = format!("a reload would change:\n  that: added {echo}\n  it: removed {echo}\n");
    assert_eq!(diff(0), changes);
    fs::write(&other, format!("{config}\ntimeout = \"1s\"")).unwrap();
    assert_eq!(diff(0), "a reload would change:\n  it: settings\n");
    fs::write(&other, format!("{config}\ntimeout = 1")).unwrap();
    let refused = diff(1);
    assert!(
        refused.contains("a reload would not take up:\n  configuration: "),
        "{refused}"
    );
    assert!(refused.contains("`addons.it.timeout`"), "{refused}");
    assert_eq!(status(&host)["generation"], 1);
}

#[tokio::test]
async fn what_is_no_good_is_told_by_the_plan_by_the_reload_and_by_the_status() {
    let host = unwatched();
    let diff = || said(&host.cli(&["check", "--diff"]), 1);
    fs::remove_file(host.path().join("plugins/it.wasm")).unwrap();
    assert!(diff().contains("it: `plugins/it.wasm` cannot be read"));
    install(&host, b"no component");
    for _ in 0..2 {
        let refused = said(&host.cli(&["reload"]), 1);
        assert!(refused.contains("it: `plugins/it.wasm` is not a WebAssembly component"));
        // What was tried is known.
        let planned = diff();
        assert!(
            planned.contains("it: `plugins/it.wasm` is not a WebAssembly component"),
            "{planned}"
        );
    }
    assert_eq!(answers(&host).await, "echo");
    let it = super::of_it(&host);
    assert_eq!(it["conditions"][0]["state"], "serving-previous");
    assert_eq!(
        (&it["serves"], &it["held"]),
        (&hash("echo").into(), &false.into())
    );
    let refused = audit(&host, "refused");
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0]["new"], it["in_place"]);
    let refused = said(&host.cli(&["approve", "it"]), 1);
    assert!(
        refused.contains("the component in place is no good"),
        "{refused}"
    );
}
