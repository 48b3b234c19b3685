//! Providers that bring no result: whoever waits is told why.

use insta::assert_snapshot;
use jackfield_tests::recording::Shape;
use jackfield_tests::wav::Wav;
use jackfield_tests::{Gate, Receiver, Reply, TestHost, add_on_sid, request_sid};
use serde_json::Value;
use std::time::{Duration, Instant};

use super::{CALLBACK, accepted, builder, recording, result};

/// A provider that is never left alone, however often it fails.
const TERMS: &str = "grants = { fields = [\"act\"] }\nbreaker = { failures = 0 }\n\
                     trial = { requests = 0 }\nreply_limit = \"1MiB\"\n";
/// So that one that loops is soon stopped.
const BRIEF: &str = "cpu = \"500ms\"";

fn mischief(toml: &str) -> (TestHost, Receiver) {
    let receiver = Receiver::start();
    let host = builder("mischief-recording", &receiver, &format!("{TERMS}{toml}"));
    (host.start(), receiver)
}

#[tokio::test]
async fn a_failure_is_called_back_as_an_error_in_the_envelope() {
    let (host, receiver) = mischief("");
    accepted(recording(&host, &receiver).field("act", "panic")).await;
    let told = result(&receiver).await;
    let kept = told.body.unwrap().kept.unwrap();
    assert_snapshot!(String::from_utf8(kept.to_vec()).unwrap(), @r#"{"phone_number":null,"results":{},"error_code":"provider_failed","message":"the provider failed","request_sid":"XR00000000000000000000000000000001","retryable":false}"#);
    let jobs = host.at_rest().await;
    assert_eq!((jobs[0].state.as_str(), jobs[0].runs), ("done", 1));
    host.cleared().await;
}

#[tokio::test]
async fn every_failure_has_its_code() {
    let (host, receiver) = mischief(BRIEF);
    for (number, (act, code)) in [
        ("panic", "provider_failed"),
        ("abort", "provider_failed"),
        ("too-large-a-piece", "provider_failed"),
        ("loop", "out_of_cpu"),
        ("loop-after-reading", "out_of_cpu"),
        ("grow", "out_of_memory"),
        ("nothing", "reply_malformed"),
        ("array", "reply_malformed"),
        ("two-objects", "reply_malformed"),
        ("unfinished", "reply_malformed"),
        ("no-utf8", "reply_malformed"),
        ("text-without-end", "reply_too_long"),
        ("spaces-without-end", "reply_too_long"),
        ("refuse-caller-error", "audio_unsupported"),
        ("refuse-no-result", "nobody_speaks"),
        ("refuse-retry", "busy"),
        ("refuse-late", "changed_its_mind"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/{act}");
        let sent = recording(&host, &receiver).callback(&receiver.url(&path));
        let sent = sent.request_sid(&request_sid(number as u64));
        accepted(sent.field("act", act)).await;
        let told = receiver.answered(&path, 1).await[0].json();
        assert_eq!(told["error_code"], code, "{act}");
        assert_eq!(told["results"], serde_json::json!({}), "{act}");
        assert_eq!(told["request_sid"], request_sid(number as u64), "{act}");
    }
    host.at_rest().await;
    host.cleared().await;
}

#[tokio::test]
async fn a_failure_has_the_shape_that_the_add_on_has_for_it() {
    let shape =
        "envelope = \"verbatim\"\non_error = { failed = \"{code}\", of = \"{request_sid}\" }";
    let (host, receiver) = mischief(shape);
    accepted(recording(&host, &receiver).field("act", "panic")).await;
    let told = result(&receiver).await.json();
    let expected = serde_json::json!({"failed": "provider_failed", "of": request_sid(1)});
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_provider_has_ten_times_the_duration_and_then_a_failure_is_sent() {
    let (host, receiver) = mischief("cpu = \"60s\"");
    let started = Instant::now();
    let sent = recording(&host, &receiver).field("act", "loop");
    accepted(sent.field("Duration", "200")).await;
    let told = result(&receiver).await.json();
    let took = started.elapsed();
    assert_eq!(told["error_code"], "timeout");
    let (least, most) = (Duration::from_millis(1_900), Duration::from_secs(5));
    assert!(took >= least && took < most, "{took:?}");
}

#[tokio::test]
async fn audio_that_does_not_come_in_time_is_a_failure_as_well() {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").start();
    let gate = Gate::shut();
    receiver.on("/audio", [Reply::status(200).behind(&gate)]);
    let sent = recording(&host, &receiver).field("Duration", "150");
    accepted(sent.shape(Shape::Form).at(&receiver.url("/audio"))).await;
    assert_eq!(
        result(&receiver).await.json()["error_code"],
        "recording_late"
    );
}

#[tokio::test]
async fn an_add_on_that_is_paused_works_on_its_recordings_afterwards() {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").start();
    let paused = host.cli(&["pause", "echo-recording", "--reason", "to see"]);
    assert!(paused.status.success());
    accepted(recording(&host, &receiver).field("Duration", "60000")).await;
    let put_off = async || host.jobs().await[0].why.is_some();
    host.until("it is put off", put_off).await;
    assert_eq!(host.jobs().await[0].runs, 0);
    assert!(host.cli(&["resume", "echo-recording"]).status.success());
    let told: Value = result(&receiver).await.json();
    assert_eq!(told["error_code"], Value::Null);
    assert_eq!(told["results"]["attempt"], 1);
}

#[tokio::test]
async fn a_provider_that_fails_holds_up_no_other() {
    let receiver = Receiver::start();
    let terms = format!("{TERMS}concurrency = 2\n");
    let host = builder("mischief-recording", &receiver, &terms);
    let host = host
        .recorder("echo-recording", &add_on_sid('b'), "")
        .start();
    for number in 0..20 {
        let sent = recording(&host, &receiver).callback(&receiver.url("/slow"));
        let sent = sent.request_sid(&request_sid(number));
        accepted(sent.audio(&Wav::tone(60_000)).field("act", "loop")).await;
    }
    let other = host.twilio().recording(&add_on_sid('b'));
    accepted(other.callback(&receiver.url(CALLBACK))).await;
    result(&receiver).await;
    assert!(receiver.seen_at("/slow").len() < 20);
}
