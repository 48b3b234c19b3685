//! Receivers that do not take a result at once, and get the same bytes until they do.

use std::time::{Duration, Instant};

use jackfield_tests::{Gate, Receiver, Reply, Seen, TestHost};
use tokio::task::LocalSet;

use super::{CALLBACK, accepted, builder, recording};

/// Longer than an attempt may take here.
const TOO_LONG: Duration = Duration::from_secs(60);

/// A host whose provider never reports the same twice, and whose attempts are short.
fn host(receiver: &Receiver) -> TestHost {
    let builder = builder("toil", receiver, "");
    builder.jobs("callback_timeout = \"500ms\"").start()
}

/// Answers one recording's callback by these replies, and returns all calls once the last
/// of them has succeeded.
async fn delivered(replies: Vec<Reply>) -> (Vec<Seen>, TestHost) {
    let receiver = Receiver::start();
    let host = host(&receiver);
    let count = replies.len();
    receiver.on(CALLBACK, replies);
    // Time enough, however short the recording is.
    accepted(recording(&host, &receiver).field("Duration", "60000")).await;
    let what = "the last of them succeeds";
    let seen = receiver
        .wait_for(what, |seen| seen.iter().any(Seen::is_delivered))
        .await;
    let jobs = host.at_rest().await;
    assert_eq!((jobs[0].state.as_str(), jobs[0].runs), ("done", 1));
    assert_eq!(jobs[0].deliveries as usize, count);
    assert_eq!(
        receiver.seen().len(),
        count,
        "nothing comes after a success"
    );
    host.cleared().await;
    (seen, host)
}

/// Whether all that came whole is the same, and what did not is a part of it.
fn are_the_same(seen: &[Seen]) -> bool {
    let kept = |it: &Seen| it.body.as_ref().and_then(|body| body.kept.clone());
    let whole = seen.iter().find(|it| it.is_delivered()).and_then(kept);
    let whole = whole.expect("a short body");
    seen.iter()
        .all(|it| whole.starts_with(&kept(it).unwrap_or_default()))
}

#[tokio::test]
async fn a_result_is_sent_again_until_it_is_taken_whatever_went_wrong() {
    let late = Reply::status(200).late(TOO_LONG);
    let elsewhere = Reply::redirect(302, "https://evil.example.com/");
    let ways = [
        ("500", Reply::status(500)),
        ("503", Reply::status(503)),
        ("404", Reply::status(404)),
        ("401", Reply::status(401)),
        ("429", Reply::status(429)),
        ("a redirect that is not followed", elsewhere),
        ("a reset before anything is read", Reply::reset_after(0)),
        ("a reset in the middle", Reply::reset_after(20)),
        ("the end without an answer", Reply::close()),
        ("silence", Reply::silence()),
        ("a success that comes too late", late),
    ];
    let all_at_once = LocalSet::new();
    let ways = ways.map(|(name, first)| {
        all_at_once.spawn_local(async move {
            let (seen, _host) = delivered(vec![first, Reply::status(200)]).await;
            assert_eq!(seen.len(), 2, "{name}");
            assert!(are_the_same(&seen), "{name}");
        })
    });
    let ended = async {
        for way in ways {
            way.await.unwrap();
        }
    };
    all_at_once.run_until(ended).await;
}

#[tokio::test]
async fn the_pauses_between_attempts_grow() {
    let failures = vec![Reply::status(500); 3];
    let replies = [failures, vec![Reply::status(200)]].concat();
    let (seen, _) = delivered(replies).await;
    assert!(are_the_same(&seen));
    let pauses: Vec<_> = seen
        .windows(2)
        .map(|pair| pair[1].arrived - pair[0].arrived)
        .collect();
    for (pause, least) in pauses.iter().zip([500, 1_000, 2_000]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
}

#[tokio::test]
async fn every_kind_of_success_is_one() {
    for status in [200, 201, 202, 204, 299] {
        let (seen, _) = delivered(vec![Reply::status(status)]).await;
        assert_eq!(seen.len(), 1, "{status}");
    }
    // Whatever the answer's body is, and however slowly it comes.
    let chatty = Reply::status(200).body("x".repeat(100_000));
    assert_eq!(delivered(vec![chatty]).await.0.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_reads_slowly_gets_all_of_it() {
    let sips = Reply::status(200).sipping(Duration::from_millis(50));
    assert_eq!(delivered(vec![sips]).await.0.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_told_to_end_waits_for_the_answer_that_is_under_way() {
    let receiver = Receiver::start();
    let mut host = builder("toil", &receiver, "").start();
    let gate = Gate::shut();
    receiver.on(CALLBACK, [Reply::status(200).behind(&gate)]);
    accepted(recording(&host, &receiver)).await;
    receiver
        .wait_for("it is called back", |seen| seen.iter().any(Seen::is_whole))
        .await;
    let open = gate.clone();
    let started = Instant::now();
    let opened = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        open.open();
    });
    tokio::task::block_in_place(|| host.restart("TERM"));
    opened.await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    let jobs = host.at_rest().await;
    assert_eq!((jobs[0].state.as_str(), jobs[0].deliveries), ("done", 1));
    assert_eq!(receiver.seen().len(), 1);
}
