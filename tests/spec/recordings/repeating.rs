//! One request, one result: whatever comes again under a request's SID.

use jackfield_tests::recording::{Cover, Shape};
use jackfield_tests::wav::Wav;
use jackfield_tests::{Gate, Reply, TestHost, add_on_sid, request_sid};
use tokio::task::JoinSet;

use super::{CALLBACK, accepted, builder, echo, recording, refused, result};

/// How many requests come at once.
const CROWD: usize = 1_000;

#[tokio::test]
async fn a_request_that_comes_again_is_accepted_again_and_nothing_runs_twice() {
    let (host, receiver) = echo("");
    let gate = Gate::shut();
    receiver.on(CALLBACK, [Reply::status(200).behind(&gate)]);
    // While the first is worked on.
    for _ in 0..3 {
        accepted(recording(&host, &receiver)).await;
    }
    gate.open();
    result(&receiver).await;
    host.at_rest().await;
    // And when it is done.
    for _ in 0..3 {
        accepted(recording(&host, &receiver)).await;
    }
    let jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].runs, jobs[0].deliveries), (1, 1));
    assert_eq!(receiver.seen_at(CALLBACK).len(), 1);
    host.cleared().await;
}

#[tokio::test]
async fn it_is_known_again_after_a_restart() {
    let (mut host, receiver) = echo("");
    accepted(recording(&host, &receiver)).await;
    host.at_rest().await;
    host.restart("TERM");
    accepted(recording(&host, &receiver)).await;
    assert_eq!(host.at_rest().await.len(), 1);
    assert_eq!(receiver.seen_at(CALLBACK).len(), 1);
}

#[tokio::test]
async fn a_genuine_repetition_may_differ_in_what_twilio_makes_anew() {
    let (host, receiver) = echo("");
    let wav = Wav::tone(500).bytes();
    for path in ["/one", "/other"] {
        receiver.on(path, [Reply::status(200).body(wav.clone())]);
    }
    let sent = || recording(&host, &receiver);
    accepted(sent()).await;
    accepted(sent().boundary("another").audio_after(1)).await;
    accepted(sent().cover(Cover::Fields)).await;
    accepted(sent().header("i-twilio-idempotency-token", "another")).await;
    // A temporary URL is another one each time.
    let second = || sent().request_sid(&request_sid(2)).shape(Shape::Form);
    accepted(second().at(&receiver.url("/one?token=1"))).await;
    accepted(second().at(&receiver.url("/other?token=2"))).await;
    accepted(
        second()
            .at(&receiver.url("/one"))
            .callback(&receiver.url("/elsewhere")),
    )
    .await;
    let jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 2);
    assert!(jobs.iter().all(|job| job.runs == 1), "{jobs:?}");
    assert!(receiver.seen_at("/elsewhere").is_empty());
}

#[tokio::test]
async fn other_content_under_the_same_sid_is_refused() {
    let (host, receiver) = echo("grants = { fields = [\"label\"] }");
    let sent = || recording(&host, &receiver);
    accepted(sent()).await;
    for other in [
        sent().audio(&Wav::tone(999)),
        sent().field("label", "other"),
        sent().install("XDffffffffffffffffffffffffffffffff"),
        sent().no_audio().at(&receiver.url("/audio")),
    ] {
        assert_eq!(refused(other).await, (409, "request_reused".into()));
    }
    result(&receiver).await;
    let jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 1);
    host.cleared().await;
}

#[tokio::test]
async fn another_add_ons_request_of_the_same_sid_is_another_request() {
    let receiver = jackfield_tests::Receiver::start();
    let host = builder("echo-recording", &receiver, "");
    let host: TestHost = host.recorder("toil", &add_on_sid('b'), "").start();
    accepted(recording(&host, &receiver)).await;
    let other = host.twilio().recording(&add_on_sid('b'));
    let other = other.request_sid(&request_sid(1));
    accepted(other.callback(&receiver.url(CALLBACK))).await;
    receiver.answered(CALLBACK, 2).await;
    assert_eq!(host.at_rest().await.len(), 2);
}

#[tokio::test]
async fn a_request_without_a_sid_is_served_and_not_remembered() {
    let (host, receiver) = echo("");
    for count in 1..=2 {
        let sent = host.twilio().recording(&add_on_sid('a'));
        accepted(sent.callback(&receiver.url(CALLBACK))).await;
        receiver.answered(CALLBACK, count).await;
    }
    assert_eq!(host.at_rest().await.len(), 2);
}

#[tokio::test]
async fn a_thousand_identical_requests_at_once_are_one_execution() {
    let receiver = jackfield_tests::Receiver::start();
    let host = builder("echo-recording", &receiver, "");
    let host = host.jobs(&format!("uploads = {CROWD}")).start();
    let wav = Wav::tone(20);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        // A crowd takes longer to arrive than so short a recording has time.
        let sent = recording(&host, &receiver).audio(&wav);
        crowd.spawn(sent.field("Duration", "60000").try_send());
    }
    while let Some(answer) = crowd.join_next().await {
        let answer = answer.unwrap().expect("every one is answered");
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].runs, jobs[0].deliveries), (1, 1));
    assert_eq!(receiver.seen_at(CALLBACK).len(), 1);
    host.cleared().await;
}
