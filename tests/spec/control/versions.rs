//! Going back, and letting versions serve that are held.

use std::fs;

use jackfield_tests::{TestHost, add_on_sid, body_hash, wat_guest};

use super::{
    answers, audit, audited, bytes, done, hash, host, install, of_it, ordered, said, states,
    status, until_answers,
};

/// A component with something in it that means nothing.
fn stamped(component: &[u8], stamp: u8) -> Vec<u8> {
    [component, &[0, 2, 1, stamp]].concat()
}

#[tokio::test]
async fn an_operator_goes_back_and_the_file_in_place_waits_for_approval() {
    let mut host = host("");
    let (echo, count) = (hash("echo"), hash("count"));
    install(&host, &bytes("count"));
    until_answers(&host, "count").await;
    assert_eq!(states(&host), ["on-trial"]);

    let told = done(&host, &["rollback", "it", "--reason", "wrong names"]);
    assert!(
        told.contains(&format!(
            "it: component {} -> {}",
            &count[..12],
            &echo[..12]
        )),
        "{told}"
    );
    for _ in 0..2 {
        assert_eq!(answers(&host).await, "echo");
        let it = of_it(&host);
        assert_eq!(it["conditions"][0]["state"], "serving-previous");
        assert_eq!(it["conditions"][0]["why"], "wrong names");
        assert_eq!(
            (&it["serves"], &it["in_place"]),
            (&echo.clone().into(), &count.clone().into())
        );
        assert_eq!(it["held"], true);
        let shown = done(&host, &["status"]);
        assert!(
            shown.contains("serving previous") && shown.contains("wrong names"),
            "{shown}"
        );
        let refused = said(&host.cli(&["reload"]), 1);
        assert!(refused.contains("it: wrong names"), "{refused}");
        host.restart("TERM");
    }
    let line = ordered(&host, "rollback");
    assert_eq!(
        (&line["old"], &line["new"]),
        (&count.clone().into(), &echo.clone().into())
    );
    assert_eq!(
        (&line["add_on"], &line["why"]),
        (&"it".into(), &"wrong names".into())
    );
    let refused = said(&host.cli(&["rollback", "it"]), 1);
    assert_eq!(
        refused,
        "error: there is no version of `it` to go back to\n"
    );
    assert_eq!(audit(&host, "rollback").len(), 1);

    done(&host, &["approve", "it"]);
    assert_eq!(answers(&host).await, "count");
    assert_eq!(ordered(&host, "approve")["new"], count);
    let refused = said(&host.cli(&["approve", "it"]), 1);
    assert!(
        refused.contains("nothing of `it` waits for approval"),
        "{refused}"
    );
    assert_eq!(audit(&host, "approve").len(), 1);
    let (_, table) = host.stop();
    assert!(table.contains("serving previous"), "{table}");
}

#[tokio::test]
async fn a_file_that_changes_after_a_rollback_is_taken_up() {
    let host = host("");
    install(&host, &bytes("count"));
    until_answers(&host, "count").await;
    done(&host, &["rollback", "it"]);
    assert_eq!(answers(&host).await, "echo");
    install(&host, &stamped(&bytes("count"), 1));
    until_answers(&host, "count").await;
    assert_eq!(states(&host), ["on-trial"]);
    // A version serves first, and is remembered then.
    let earlier = || of_it(&host)["versions"].as_array().unwrap().len();
    host.until("the third is remembered", async || earlier() > 2)
        .await;
    assert_eq!(earlier(), 3);
}

#[tokio::test]
async fn a_broken_configuration_keeps_no_operator_from_going_back() {
    let host = host("");
    install(&host, &bytes("count"));
    until_answers(&host, "count").await;
    fs::write(host.path().join("addons.toml"), "[server]\nlisten = \n[[[").unwrap();
    done(&host, &["rollback", "it"]);
    assert_eq!(answers(&host).await, "echo");
    assert_eq!(states(&host), ["serving-previous"]);
    let refused = said(&host.cli(&["reload"]), 1);
    assert!(refused.contains("addons.toml:2"), "{refused}");
    let shown = done(&host, &["status"]);
    assert!(shown.contains("addons.toml:2"), "{shown}");
}

#[tokio::test]
async fn a_version_that_imports_more_waits_for_approval() {
    let (modest, wants) = (wat_guest("modest"), wat_guest("random"));
    let mut host = TestHost::builder()
        .add_on_of("it", &add_on_sid('a'), &modest, "approve = \"grants\"")
        .server("watch = false")
        .start();
    install(&host, &wants);
    let refused = said(&host.cli(&["reload"]), 1);
    assert!(refused.contains("`wasi:random/random@0.2.0`"), "{refused}");
    for _ in 0..2 {
        let it = of_it(&host);
        assert_eq!(it["serves"], body_hash(&modest));
        assert_eq!(it["in_place"], body_hash(&wants));
        assert_eq!(
            (&it["held"], &it["conditions"][0]["state"]),
            (&true.into(), &"serving-previous".into())
        );
        host.restart("TERM");
    }
    done(&host, &["approve", "it"]);
    assert_eq!(of_it(&host)["serves"], body_hash(&wants));
    ordered(&host, "approve");
    let taken_up = audit(&host, "reload");
    assert_eq!(taken_up.len(), 1, "{taken_up:?}");
    assert_eq!(taken_up[0]["old"], body_hash(&modest));
    assert_eq!(taken_up[0]["new"], body_hash(&wants));
    // It imports no more than the one before.
    let next = stamped(&wants, 1);
    install(&host, &next);
    done(&host, &["reload"]);
    assert_eq!(of_it(&host)["serves"], body_hash(&next));
}

#[tokio::test]
async fn the_audit_log_tells_what_a_start_serves_that_was_not_served_before() {
    let mut host = host("");
    let first = audit(&host, "start");
    assert_eq!(first.len(), 2, "{first:?}");
    assert!(first[0]["why"].as_str().unwrap().starts_with("jackfield "));
    assert_eq!(
        (&first[1]["add_on"], &first[1]["new"]),
        (&"it".into(), &hash("echo").into())
    );
    host.restart("TERM");
    assert_eq!(audit(&host, "start").len(), 3);
    assert_eq!(audited(&host, "drain")["who"]["kind"], "signal");
    done(
        &host,
        &[
            "freeze",
            "--reason",
            "so that nothing is taken up before the restart",
        ],
    );
    install(&host, &bytes("count"));
    host.restart("KILL");
    let lines = audit(&host, "start");
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(
        (&lines[4]["old"], &lines[4]["new"]),
        (&hash("echo").into(), &hash("count").into())
    );
    assert_eq!(status(&host)["generation"], 1);
}
