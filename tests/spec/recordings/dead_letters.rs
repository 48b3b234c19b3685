//! What is given up, and what an operator can do with it.

use std::time::Duration;

use jackfield_tests::{Job, Receiver, Reply, TestHost, request_sid};

use super::{CALLBACK, accepted, builder, recording};

/// A host with one dead letter, whose receiver takes nothing for now.
async fn undeliverable(toml: &str) -> (TestHost, Receiver, Job) {
    let receiver = Receiver::start();
    let host = builder("toil", &receiver, "").jobs(toml).start();
    receiver.on(CALLBACK, [Reply::status(500)]);
    accepted(recording(&host, &receiver).field("Duration", "150")).await;
    let mut jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 1);
    (host, receiver, jobs.remove(0))
}

#[tokio::test]
async fn a_result_that_nobody_takes_until_the_deadline_is_a_dead_letter() {
    let (host, receiver, job) = undeliverable("").await;
    assert_eq!(job.state, "dead");
    assert_eq!(job.result.as_deref(), Some("answer"));
    assert_eq!(job.runs, 1);
    let why = job.why.unwrap();
    assert!(why.contains("answered 500"), "{why}");
    let seen = receiver.seen();
    assert!(seen.len() >= 2, "{}", seen.len());
    let took = seen[seen.len() - 1].arrived - seen[0].arrived;
    // Ten times its duration, and an attempt.
    assert!(took <= Duration::from_secs(3), "{took:?}");
    // It is kept with everything that is needed.
    assert_eq!(host.spooled().len(), 1);
    assert!(host.log().contains("a dead letter"));
}

#[tokio::test]
async fn it_is_there_after_a_restart_and_delivered_when_it_is_retried() {
    let (mut host, receiver, job) = undeliverable("").await;
    host.restart("KILL");
    assert_eq!(host.jobs().await[0].state, "dead");
    receiver.on(CALLBACK, [Reply::status(200)]);
    host.job("retry", &job.id).await.unwrap();
    let jobs = host.at_rest().await;
    assert_eq!((jobs[0].state.as_str(), jobs[0].runs), ("done", 1));
    let seen = receiver.seen();
    let (last, before) = seen.split_last().unwrap();
    assert!(last.is_delivered());
    assert!(before.iter().all(|it| it.hash() == last.hash()));
    host.cleared().await;
}

#[tokio::test]
async fn one_that_is_dropped_is_forgotten_with_its_files() {
    let (host, receiver, job) = undeliverable("").await;
    host.job("drop", &job.id).await.unwrap();
    assert!(host.jobs().await.is_empty());
    host.cleared().await;
    // Nor is its request known any more.
    receiver.on(CALLBACK, [Reply::status(200)]);
    accepted(recording(&host, &receiver).field("Duration", "150")).await;
    assert_eq!(host.at_rest().await[0].state, "done");
}

#[tokio::test]
async fn a_request_that_comes_again_does_not_wake_a_dead_letter() {
    let (host, receiver, job) = undeliverable("").await;
    let called = receiver.seen().len();
    accepted(recording(&host, &receiver).field("Duration", "150")).await;
    let jobs = host.at_rest().await;
    assert_eq!(jobs, [job]);
    assert_eq!(receiver.seen().len(), called);
}

#[tokio::test]
async fn nothing_but_a_dead_letter_is_retried_or_dropped() {
    let receiver = Receiver::start();
    let host = builder("toil", &receiver, "").start();
    accepted(recording(&host, &receiver)).await;
    let done = host.at_rest().await.remove(0);
    for verb in ["retry", "drop"] {
        for (id, code) in [
            (done.id.as_str(), "not_dead"),
            ("00000000000000000000000000000000", "job_unknown"),
            ("it", "body_malformed"),
        ] {
            let refused = host.job(verb, id).await.unwrap_err();
            assert_eq!(refused["error"]["code"], code, "{verb}");
        }
    }
    assert_eq!(host.jobs().await, [done]);
}

#[tokio::test]
async fn each_is_kept_for_as_long_as_the_operator_wants_it() {
    let (host, receiver, _) = undeliverable("keep_dead = \"1s\"\nkeep = \"1s\"").await;
    receiver.on(CALLBACK, [Reply::status(200)]);
    let sent = recording(&host, &receiver).request_sid(&request_sid(2));
    accepted(sent).await;
    let gone = async || host.jobs().await.is_empty() && host.spooled().is_empty();
    host.until("nothing is kept any more", gone).await;
}
