//! What proves a recording's request.

use http::StatusCode;
use jackfield_tests::recording::{Cover, Recording, Shape};
use jackfield_tests::{Receiver, TestHost, add_on_sid, request_sid};

use super::{CALLBACK, builder, echo, recording, refused};

const COVERS: [Cover; 3] = [Cover::BodyHash, Cover::Fields, Cover::UrlOnly];

async fn status(recording: Recording) -> StatusCode {
    recording.send().await.status
}

#[tokio::test]
async fn each_policy_believes_what_it_names_and_nothing_else() {
    for (policy, believed) in [
        ("", &[Cover::BodyHash, Cover::Fields][..]),
        ("signature = [\"body-hash\"]", &[Cover::BodyHash]),
        ("signature = [\"signed-fields\"]", &[Cover::Fields]),
        ("signature = [\"url-only\"]", &[Cover::UrlOnly]),
        (
            "signature = [\"body-hash\", \"url-only\"]",
            &[Cover::BodyHash, Cover::UrlOnly],
        ),
        (
            "signature = [\"body-hash\", \"signed-fields\", \"url-only\"]",
            &COVERS,
        ),
    ] {
        let (host, receiver) = echo(policy);
        for (number, cover) in COVERS.into_iter().enumerate() {
            let sent = recording(&host, &receiver).cover(cover);
            let status = status(sent.request_sid(&request_sid(number as u64))).await;
            // A hash in the URL may be there where it is not asked for.
            let hash_too = cover == Cover::BodyHash && believed.contains(&Cover::UrlOnly);
            let expected = match believed.contains(&cover) || hash_too {
                true => StatusCode::ACCEPTED,
                false => StatusCode::FORBIDDEN,
            };
            assert_eq!(status, expected, "{policy}: {cover:?}");
        }
        host.at_rest().await;
    }
}

#[tokio::test]
async fn nothing_is_kept_of_what_nobody_proved() {
    let (host, receiver) = echo("");
    let sent = || recording(&host, &receiver);
    let stranger = || {
        let sent = host.twilio_as(jackfield_tests::ACCOUNT, "not the token");
        let sent = sent.recording(&add_on_sid('a'));
        sent.callback(&receiver.url(CALLBACK))
    };
    for (code, sent) in [
        ("signature_missing", sent().unsigned()),
        ("signature_invalid", stranger()),
        ("signature_invalid", stranger().cover(Cover::Fields)),
        ("signature_invalid", stranger().cover(Cover::UrlOnly)),
        ("signature_invalid", stranger().shape(Shape::Form)),
        ("signature_invalid", stranger().shape(Shape::Json)),
        ("signature_missing", sent().shape(Shape::Form).unsigned()),
    ] {
        assert_eq!(refused(sent).await, (403, code.into()));
    }
    assert!(host.jobs().await.is_empty());
    host.cleared().await;
    assert!(receiver.seen().is_empty());
}

/// The body of a recording, with one text in the place of another of its length.
fn tampered(sent: &Recording, from: &[u8], to: &[u8]) -> Vec<u8> {
    let (_, body) = sent.body();
    let mut bytes: Vec<u8> = body.parts().flatten().collect();
    let at = bytes.windows(from.len()).position(|it| it == from);
    let at = at.expect("the text is there");
    bytes[at..at + from.len()].copy_from_slice(to);
    bytes
}

#[tokio::test]
async fn a_field_that_was_changed_on_the_way_is_noticed() {
    let (host, receiver) = echo("");
    for cover in [Cover::BodyHash, Cover::Fields] {
        let sent = recording(&host, &receiver).cover(cover);
        let bytes = tampered(&sent, CALLBACK.as_bytes(), b"/caIIback");
        let code = match cover {
            Cover::BodyHash => "body_mismatch",
            Cover::Fields | Cover::UrlOnly => "signature_invalid",
        };
        let upload = sent.open_with(bytes).await.unwrap();
        let answer = upload.finish().await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.error_code()),
            (403, code.into())
        );
    }
    assert!(host.jobs().await.is_empty());
    host.cleared().await;
}

#[tokio::test]
async fn audio_that_was_changed_on_the_way_is_noticed_where_the_hash_covers_it() {
    let (host, receiver) = echo("");
    for (cover, code) in [
        (Cover::BodyHash, Some("body_mismatch")),
        (Cover::Fields, None),
    ] {
        let sent = recording(&host, &receiver).cover(cover);
        let bytes = tampered(&sent, b"WAVE", b"EVIL");
        let answer = sent.open_with(bytes).await.unwrap().finish().await.unwrap();
        match code {
            Some(code) => assert_eq!(answer.error_code(), code),
            // What Twilio did not sign, nobody can check.
            None => assert_eq!(answer.status, 202),
        }
    }
    host.at_rest().await;
}

#[tokio::test]
async fn whoever_believes_a_url_alone_is_warned_at_the_start() {
    let receiver = Receiver::start();
    let warned = |toml: &str| {
        let host: TestHost = builder("echo-recording", &receiver, toml).start();
        host.log().contains("url-only")
    };
    assert!(warned("signature = [\"url-only\"]"));
    assert!(!warned(""));
}
