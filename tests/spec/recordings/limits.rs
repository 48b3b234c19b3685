//! How much, how long and how many: what is beyond is refused, and leaves nothing.

use std::time::Duration;

use jackfield_tests::wav::{Large, Wav};
use jackfield_tests::{Receiver, TestHost, request_sid};

use super::{accepted, builder, recording, refused, result};

fn limited(jobs: &str) -> (TestHost, Receiver) {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "").jobs(jobs).start();
    (host, receiver)
}

/// The spool's files, those in the making as well.
async fn comes_to_nothing(host: &TestHost) {
    let nothing = async || host.spooled().is_empty();
    host.until("nothing is left in the spool", nothing).await;
    assert!(host.jobs().await.is_empty());
}

#[tokio::test]
async fn audio_over_its_limit_is_refused_while_it_arrives() {
    let (host, receiver) = limited("audio_limit = \"64KiB\"");
    let exactly = vec![7; 64 * 1024];
    accepted(recording(&host, &receiver).bytes(exactly.clone())).await;
    result(&receiver).await;
    let one_more = [exactly, vec![7]].concat();
    let sent = || recording(&host, &receiver).request_sid(&request_sid(2));
    assert_eq!(
        refused(sent().bytes(one_more)).await,
        (413, "audio_too_long".into())
    );
    // Long before all of it is there.
    let upload = sent()
        .large(Large::new(1, 50_000_000))
        .open()
        .await
        .unwrap();
    let answer = upload.finish().await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.error_code()),
        (413, "audio_too_long".into())
    );
    host.at_rest().await;
    host.cleared().await;
}

#[tokio::test]
async fn texts_over_their_limit_are_refused() {
    let (host, receiver) = limited("");
    let long = "x".repeat(300 * 1024);
    let sent = recording(&host, &receiver).field("Note", &long);
    assert_eq!(refused(sent).await, (413, "body_too_long".into()));
    comes_to_nothing(&host).await;
}

#[tokio::test]
async fn a_recording_that_breaks_off_leaves_nothing() {
    let (host, receiver) = limited("");
    let sent = recording(&host, &receiver).audio(&Wav::tone(30_000));
    let mut upload = sent.open().await.unwrap();
    upload.send_to(upload.length() / 2).await.unwrap();
    let arrives = async || !host.spooled().is_empty();
    host.until("audio arrives", arrives).await;
    drop(upload);
    comes_to_nothing(&host).await;
}

#[tokio::test]
async fn a_recording_that_stands_still_is_not_waited_for() {
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, "");
    let host = host.server("body_timeout = \"300ms\"").start();
    let mut upload = recording(&host, &receiver).open().await.unwrap();
    upload.send_to(upload.length() / 2).await.unwrap();
    let answer = upload.answer().await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.error_code()),
        (408, "body_too_slow".into())
    );
    comes_to_nothing(&host).await;
}

#[tokio::test]
async fn a_recording_that_trickles_has_a_time_for_all_of_it() {
    let (host, receiver) = limited("audio_timeout = \"1s\"");
    let mut upload = recording(&host, &receiver).open().await.unwrap();
    let mut place = 0;
    let trickled = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            place += 100;
            if upload.send_to(place).await.is_err() || place >= upload.length() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    trickled.await.expect("it is ended long before");
    assert!(upload.sent() < upload.length());
    comes_to_nothing(&host).await;
}

#[tokio::test]
async fn no_more_recordings_arrive_at_once_than_may() {
    let (host, receiver) = limited("uploads = 2");
    let sent = |number| recording(&host, &receiver).request_sid(&request_sid(number));
    let mut uploads = Vec::new();
    for number in 0..2 {
        let mut upload = sent(number).open().await.unwrap();
        upload.send_to(upload.length() - 8).await.unwrap();
        uploads.push(upload);
    }
    let both = async || host.spooled().len() == 2;
    host.until("both arrive", both).await;
    let answer = sent(2).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.error_code()),
        (503, "busy".into())
    );
    assert_eq!(answer.headers["retry-after"], "1");
    for upload in uploads {
        assert_eq!(upload.finish().await.unwrap().status, 202);
    }
    accepted(sent(2)).await;
    assert_eq!(host.at_rest().await.len(), 3);
}

#[tokio::test]
async fn all_files_together_have_a_limit() {
    let (host, receiver) = limited("spool_limit = \"1MiB\"");
    let sent = recording(&host, &receiver).bytes(vec![7; 1_200_000]);
    let answer = sent.send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.error_code()),
        (503, "not_kept".into())
    );
    comes_to_nothing(&host).await;
    accepted(recording(&host, &receiver)).await;
    result(&receiver).await;
}
