//! `jackfield jobs`, `jackfield status` and `jackfield call`, as an operator uses them.

use std::process::Output;

use jackfield_tests::wav::Wav;
use jackfield_tests::{Receiver, Reply, TestHost, request_sid};
use serde_json::Value;

use super::{CALLBACK, accepted, builder, recording, result};

/// What a command printed, once its exit status was this one.
fn printed(output: &Output, status: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    out + &err
}

/// A host with one job that is done and one dead letter, of requests 1 and 2.
async fn operated() -> (TestHost, Receiver) {
    let receiver = Receiver::start();
    let host = builder("toil", &receiver, "").start();
    accepted(recording(&host, &receiver)).await;
    host.at_rest().await;
    receiver.on(CALLBACK, [Reply::status(404)]);
    let sent = recording(&host, &receiver).request_sid(&request_sid(2));
    accepted(sent.field("Duration", "150")).await;
    host.at_rest().await;
    (host, receiver)
}

fn listed(host: &TestHost, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["jobs", "list", "--json"], arguments].concat();
    let told = printed(&host.cli(&arguments), 0);
    let told: Value = serde_json::from_str(&told).unwrap();
    told.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_by_state_and_by_add_on_without_what_they_are_about() {
    let (host, receiver) = operated().await;
    let all = listed(&host, &[]);
    assert_eq!(all.len(), 2);
    assert_eq!(
        (&all[0]["state"], &all[1]["state"]),
        (&"done".into(), &"dead".into())
    );
    assert_eq!(listed(&host, &["--state", "dead"]), [all[1].clone()]);
    assert_eq!(listed(&host, &["--addon", "toil"]), all);
    let table = printed(&host.cli(&["jobs", "list"]), 0);
    for text in ["toil", "done", "dead", all[1]["id"].as_str().unwrap()] {
        assert!(table.contains(text), "{table}");
    }
    let shown = printed(
        &host.cli(&["jobs", "show", all[1]["id"].as_str().unwrap()]),
        0,
    );
    assert!(
        shown.contains(&request_sid(2)) && shown.contains("404"),
        "{shown}"
    );
    for text in [table, shown] {
        assert!(!text.contains(&receiver.origin()), "{text}");
    }
    for (arguments, status, said) in [
        (
            &["jobs", "list", "--state", "lost"][..],
            2,
            "possible values",
        ),
        (
            &["jobs", "list", "--addon", "other"],
            1,
            "no add-on `other`",
        ),
        (&["jobs", "show", &"0".repeat(32)], 1, "there is no job"),
    ] {
        let refused = printed(&host.cli(arguments), status);
        assert!(refused.contains(said), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_retried_and_dropped_by_their_names() {
    let (host, receiver) = operated().await;
    let dead = || listed(&host, &["--state", "dead"]);
    let id = dead()[0]["id"].as_str().unwrap().to_owned();
    receiver.on(CALLBACK, [Reply::status(200)]);
    printed(&host.cli(&["jobs", "retry", &id]), 0);
    assert_eq!(host.at_rest().await[1].state, "done");
    assert!(dead().is_empty());
    let refused = printed(&host.cli(&["jobs", "drop", &id]), 1);
    assert!(refused.contains("is not a dead letter"), "{refused}");
    receiver.on(CALLBACK, [Reply::status(404)]);
    let sent = recording(&host, &receiver).request_sid(&request_sid(3));
    accepted(sent.field("Duration", "150")).await;
    host.at_rest().await;
    let id = dead()[0]["id"].as_str().unwrap().to_owned();
    printed(&host.cli(&["jobs", "drop", &id]), 0);
    assert_eq!(listed(&host, &[]).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_counts_jobs_and_tells_how_long_results_took() {
    let (host, _receiver) = operated().await;
    let status = printed(&host.cli(&["status", "--json"]), 0);
    let status: Value = serde_json::from_str(&status).unwrap();
    let jobs = &status["jobs"];
    assert_eq!(jobs["store"], "SQLite");
    assert_eq!(jobs["sealed"], false);
    let of_it = &jobs["addons"][0];
    assert_eq!(of_it["addon"], "toil");
    assert_eq!((&of_it["done"], &of_it["dead"]), (&1.into(), &1.into()));
    // Of a second of audio, in seconds.
    assert_eq!(of_it["pace"]["of"], 1);
    let median = of_it["pace"]["median"].as_f64().unwrap();
    assert!(median > 0.0 && median < 10.0, "{median}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_send_a_recording() {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").start();
    let wav = Wav::tone(300).bytes();
    host.put("call.wav", &wav);
    let url = receiver.url(CALLBACK);
    let environment = [
        ("ACCOUNT_SID", jackfield_tests::ACCOUNT),
        ("AUTH_TOKEN", jackfield_tests::TOKEN),
    ];
    let arguments = [
        "call",
        "--addon",
        "echo-recording",
        "--audio",
        "call.wav",
        "--callback",
        &url,
        "--to",
        host.address(),
    ];
    let said = printed(
        &jackfield_tests::run(&arguments, &environment, host.path()),
        0,
    );
    assert!(said.contains("202"), "{said}");
    let told = result(&receiver).await.json()["results"].clone();
    assert_eq!(told["audio"]["sha256"], jackfield_tests::body_hash(&wav));
}
