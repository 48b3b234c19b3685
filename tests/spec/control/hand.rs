//! Pausing and freezing.

use std::fs;
use std::time::{Duration, Instant};

use jackfield_tests::{NUMBER, TestHost, add_on_sid};
use serde_json::json;

use super::{
    answers, audit, bytes, done, host, install, lookup, of_it, ordered, said, states, status,
    until_answers,
};

const REASON: &str = "the vendor is down";

#[tokio::test]
async fn a_paused_add_on_is_not_called_after_a_restart_either_and_its_neighbour_is() {
    let (it, other) = (add_on_sid('a'), add_on_sid('b'));
    let mut host = TestHost::builder()
        .add_on_of("it", &it, &bytes("echo"), "")
        .add_on_of("other", &other, &bytes("count"), "")
        .start();
    done(&host, &["pause", "it", "--reason", REASON]);
    for _ in 0..2 {
        let answer = lookup(&host).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error_code()),
            (200, json!("paused"))
        );
        let answer = host.twilio().lookup(&other, NUMBER).send().await;
        assert_eq!(answer.json()["results"]["calls"], 1, "{}", answer.text());
        let paused = &of_it(&host)["conditions"][0];
        assert_eq!(
            (&paused["state"], &paused["reason"]),
            (&json!("paused"), &json!(REASON))
        );
        let shown = done(&host, &["status"]);
        assert!(
            shown.contains("PAUSED") && shown.contains(REASON),
            "{shown}"
        );
        host.restart("TERM");
    }
    let log = host.log();
    assert!(
        log.contains("WARN paused add_on=\"it\" reason=\"the vendor is down\""),
        "{log}"
    );
    done(&host, &["resume", "it"]);
    assert_eq!(answers(&host).await, "echo");
    assert_eq!(states(&host), ["ready"]);
    let paused = ordered(&host, "pause");
    assert_eq!(
        (&paused["add_on"], &paused["why"]),
        (&json!("it"), &json!(REASON))
    );
    assert_eq!(ordered(&host, "resume")["add_on"], "it");
    let refused = said(&host.cli(&["resume", "it"]), 1);
    assert_eq!(refused, "error: `it` is not paused\n");
    let (_, table) = host.stop();
    assert!(table.contains("PAUSED"), "{table}");
}

#[tokio::test]
async fn a_paused_add_on_answers_what_the_operator_gave() {
    let mut host = host("fallback = { mood = \"fallback\" }");
    done(&host, &["pause", "it", "--reason", REASON]);
    assert_eq!(
        lookup(&host).await.json()["results"],
        json!({ "mood": "fallback" })
    );
    fs::write(
        host.path().join("answer.json"),
        "{ \"mood\" : \"unknown\" }",
    )
    .unwrap();
    done(
        &host,
        &["pause", "it", "--answer", "answer.json", "--reason", REASON],
    );
    for _ in 0..2 {
        let answer = lookup(&host).await;
        assert!(answer.error_code().is_null());
        assert_eq!(answer.json()["results"], json!({ "mood": "unknown" }));
        host.restart("KILL");
    }
    // A pause that is refused leaves the one before as it was.
    let long = format!("{{\"mood\":\"{}\"}}", "x".repeat(32 * 1024));
    for (text, complaint) in [
        ("[1]", "the answer is no JSON object"),
        (
            &long,
            "the answer is no JSON object of at most 32 KiB: it is longer",
        ),
    ] {
        fs::write(host.path().join("answer.json"), text).unwrap();
        let pause = [
            "pause",
            "it",
            "--answer",
            "answer.json",
            "--reason",
            "other",
        ];
        let refused = said(&host.cli(&pause), 1);
        assert!(refused.contains(complaint), "{refused}");
    }
    fs::write(host.path().join("answer.json"), "mood").unwrap();
    let pause = [
        "pause",
        "it",
        "--answer",
        "answer.json",
        "--reason",
        "other",
    ];
    let refused = said(&host.cli(&pause), 2);
    assert!(refused.contains("`answer.json` holds no JSON"), "{refused}");
    assert_eq!(of_it(&host)["conditions"][0]["reason"], REASON);
    assert_eq!(audit(&host, "pause").len(), 2);
}

#[tokio::test]
async fn a_pause_needs_a_reason_and_an_add_on() {
    let host = host("");
    let long = "x".repeat(501);
    for (addon, reason, complaint) in [
        ("it", "", "a reason is needed"),
        ("it", " \n ", "a reason is needed"),
        ("it", &long, "a reason is needed, of at most 500 characters"),
        ("its", REASON, "there is no add-on `its`"),
        ("../it", REASON, "there is no add-on `../it`"),
    ] {
        let refused = said(&host.cli(&["pause", addon, "--reason", reason]), 1);
        assert!(refused.contains(complaint), "{refused}");
    }
    said(&host.cli(&["pause", "it"]), 2);
    assert_eq!(states(&host), ["ready"]);
    assert!(audit(&host, "pause").is_empty());
    assert_eq!(answers(&host).await, "echo");
}

#[tokio::test]
async fn a_frozen_host_takes_up_no_file_until_it_is_thawed() {
    let mut host = host("");
    done(&host, &["freeze", "--reason", "incident 17"]);
    install(&host, &bytes("count"));
    // Many times as long as a change takes to be taken up otherwise.
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(1_500) {
        assert_eq!(answers(&host).await, "echo");
    }
    assert_eq!(status(&host)["frozen"]["reason"], "incident 17");
    let shown = done(&host, &["status"]);
    assert!(
        shown.contains("FROZEN") && shown.contains("incident 17"),
        "{shown}"
    );
    done(&host, &["thaw"]);
    until_answers(&host, "count").await;
    assert!(status(&host)["frozen"].is_null());
    assert_eq!(ordered(&host, "freeze")["why"], "incident 17");
    ordered(&host, "thaw");

    done(&host, &["freeze", "--reason", "incident 18"]);
    host.restart("TERM");
    assert_eq!(status(&host)["frozen"]["reason"], "incident 18");
    assert!(
        host.log()
            .contains("WARN frozen: files that change are not taken up")
    );
    install(&host, &bytes("echo"));
    // What an operator asks for is done all the same.
    let reloaded = done(&host, &["reload"]);
    assert!(reloaded.contains("it: component"), "{reloaded}");
    assert_eq!(answers(&host).await, "echo");
}
