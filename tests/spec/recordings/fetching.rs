//! Audio behind a temporary URL.

use jackfield_tests::recording::{Recording, Shape};
use jackfield_tests::wav::Wav;
use jackfield_tests::{Receiver, Reply, TestHost, body_hash};
use serde_json::Value;
use std::time::Duration;

use super::{CALLBACK, accepted, builder, recording, result};

/// A recording whose audio is at the receiver.
fn fetched(host: &TestHost, receiver: &Receiver) -> Recording {
    let sent = recording(host, receiver).shape(Shape::Form);
    sent.at(&receiver.url("/audio?token=of-a-customer"))
}

/// What is called back where the receiver answers for the audio by these replies.
async fn told(replies: Vec<Reply>, jobs: &str) -> (Value, Receiver) {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").jobs(jobs).start();
    host.keep_secret("of-a-customer");
    receiver.on("/audio", replies);
    accepted(fetched(&host, &receiver).field("Duration", "60000")).await;
    let told = result(&receiver).await.json();
    host.at_rest().await;
    host.cleared().await;
    (told, receiver)
}

#[tokio::test]
async fn audio_that_cannot_be_had_now_is_fetched_again() {
    let wav = Wav::tone(200).bytes();
    let good = || Reply::status(200).body(wav.clone());
    for first in [
        Reply::status(500),
        Reply::status(429),
        Reply::reset_after(0),
        Reply::close(),
        // An end before the announced one.
        good().announced(1_000_000),
    ] {
        let (told, receiver) = told(vec![first, good()], "").await;
        assert_eq!(told["results"]["audio"]["sha256"], body_hash(&wav));
        assert_eq!(told["results"]["attempt"], 1);
        assert_eq!(receiver.seen_at("/audio").len(), 2);
    }
}

#[tokio::test]
async fn audio_that_is_gone_or_too_long_is_a_failure() {
    let long = Reply::status(200).body(vec![0; 70_000]);
    for reply in [
        Reply::status(404),
        Reply::status(403),
        Reply::status(410),
        long,
    ] {
        let (told, receiver) = told(vec![reply], "audio_limit = \"64KiB\"").await;
        assert_eq!(told["error_code"], "audio_unavailable");
        assert_eq!(told["results"], serde_json::json!({}));
        assert_eq!(receiver.seen_at("/audio").len(), 1);
    }
}

#[tokio::test]
async fn audio_that_does_not_come_is_not_waited_for() {
    let wav = Wav::tone(200).bytes();
    let slow = Reply::status(200).body(wav.clone());
    let slow = slow.dribbling(Duration::from_millis(100));
    let good = Reply::status(200).body(wav.clone());
    let (told, receiver) = told(vec![slow, good], "audio_timeout = \"1s\"").await;
    assert_eq!(told["results"]["audio"]["sha256"], body_hash(&wav));
    assert_eq!(receiver.seen_at("/audio").len(), 2);
}

#[tokio::test]
async fn audio_is_fetched_once_and_the_provider_runs_once_however_often_the_result_is_sent() {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").start();
    receiver.on("/audio", [Reply::status(200).body(Wav::tone(200).bytes())]);
    receiver.on(CALLBACK, [Reply::status(500), Reply::status(200)]);
    accepted(fetched(&host, &receiver)).await;
    let jobs = host.at_rest().await;
    assert_eq!((jobs[0].runs, jobs[0].deliveries), (1, 2));
    assert_eq!(receiver.seen_at("/audio").len(), 1);
    let seen = receiver.seen_at(CALLBACK);
    assert_eq!(seen[0].hash(), seen[1].hash());
}
