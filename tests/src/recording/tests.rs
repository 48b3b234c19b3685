use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::twilio::{body_hash, sign};
use crate::{ACCOUNT, PUBLIC_URL, TOKEN, add_on_sid};

const CALLBACK: &str = "https://api.twilio.com/callback?token=1";

fn twilio(address: &str) -> Twilio {
    Twilio::new(
        address,
        ACCOUNT,
        TOKEN,
        Arc::new(Mutex::new(BTreeSet::new())),
    )
}

fn recording() -> Recording {
    twilio("127.0.0.1:1")
        .recording(&add_on_sid('a'))
        .callback(CALLBACK)
}

/// A request as the host gets it: target, headers, body.
fn received(recording: &Recording) -> (String, String, Vec<u8>) {
    let (content_type, body) = recording.body();
    let head = recording.request(&content_type, &body).raw_head();
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    (target, head, body.parts().flatten().collect())
}

fn signature(head: &str) -> &str {
    let mut lines = head.lines();
    let found = lines.find_map(|line| line.strip_prefix("x-twilio-signature: "));
    found.unwrap()
}

#[test]
fn every_family_has_its_own_names() {
    let names = |naming: Naming| {
        let fields = recording().named(naming).fields();
        let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
        fields.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names(Naming::Reference),
        format!(
            "Size=16044 Duration=1000 Format=SIGNED_16BIT_SLINEAR Channels=1 SampleSize=2 \
             SampleRate=8000 callback={CALLBACK}"
        )
    );
    assert_eq!(
        names(Naming::Sample),
        format!("duration=1 format=audio/x-wav channels=1 callback={CALLBACK}")
    );
    assert_eq!(
        names(Naming::Vendor),
        format!(
            "size=16044 duration=1000 format=audio/x-wav channels=1 \
             media_sid=RE0123456789abcdef0123456789abcdef callback_url={CALLBACK}"
        )
    );
}

#[test]
fn a_hash_covers_the_whole_body() {
    let (target, head, body) = received(&recording());
    assert_eq!(
        target,
        format!("/recordings?bodySHA256={}", body_hash(&body))
    );
    assert_eq!(
        signature(&head),
        sign(TOKEN, &format!("{PUBLIC_URL}{target}"), &[])
    );
    let audio = Wav::tone(1_000).bytes();
    assert!(body.windows(audio.len()).any(|part| part == audio));
}

#[test]
fn fields_are_covered_as_those_of_a_form() {
    for shape in [Shape::Multipart, Shape::Form] {
        let recording = recording().cover(Cover::Fields).shape(shape);
        let (target, head, _) = received(&recording);
        let url = format!("{PUBLIC_URL}/recordings");
        assert_eq!(target, "/recordings");
        assert_eq!(signature(&head), sign(TOKEN, &url, &recording.fields()));
        assert_ne!(signature(&head), sign(TOKEN, &url, &[]));
    }
}

#[test]
fn url_only_covers_the_url_and_unsigned_nothing() {
    let (_, head, _) = received(&recording().cover(Cover::UrlOnly));
    assert_eq!(
        signature(&head),
        sign(TOKEN, &format!("{PUBLIC_URL}/recordings"), &[])
    );
    let (_, head, _) = received(&recording().unsigned());
    assert!(!head.contains("x-twilio-signature"));
}

#[test]
fn a_url_stands_in_the_place_of_the_audio() {
    let at = recording()
        .shape(Shape::Json)
        .at("https://media.example.com/1");
    let (_, _, body) = received(&at);
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["URL"], "https://media.example.com/1");
    assert_eq!(body["Duration"], "1000");
    let (_, _, body) = received(&at.shape(Shape::Multipart));
    assert!(!String::from_utf8(body).unwrap().contains("AudioData"));
}

#[test]
fn fields_and_parts_are_changed_at_will() {
    let changed = recording()
        .field("Duration", "-1")
        .without_field("callback")
        .boundary("B")
        .audio_after(1);
    let (_, head, body) = received(&changed);
    assert!(head.contains("content-type: multipart/form-data; boundary=B\r\n"));
    let body = String::from_utf8_lossy(&body).into_owned();
    let places = ["Size", "AudioData", "Duration"].map(|name| body.find(name).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    assert!(!body.contains("callback"));
}

/// A server that reads so many bytes, and then sends an answer and reads on, or closes
/// where there is none. It returns what it read.
async fn server(reads: u64, answer: &'static str) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        (&mut connection)
            .take(reads)
            .read_to_end(&mut read)
            .await
            .unwrap();
        if !answer.is_empty() {
            connection.write_all(answer.as_bytes()).await.unwrap();
            // It breaks off where the client leaves in the middle of its request.
            let _ = connection.read_to_end(&mut read).await;
        }
        read
    });
    (address, served)
}

#[tokio::test]
async fn a_body_is_sent_up_to_a_place_and_then_to_its_end() {
    const ANSWER: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
    let large = recording().large(Large::new(1, 300_000));
    let (_, head, body) = received(&large);
    let length = (head.len() + "content-length: 300886\r\n".len() + body.len()) as u64;
    let (address, served) = server(length, ANSWER).await;
    let mut upload = Recording {
        twilio: twilio(&address.to_string()),
        ..large
    }
    .open()
    .await
    .unwrap();
    upload.send_to(100_001).await.unwrap();
    assert_eq!(upload.sent(), 100_001);
    assert_eq!(upload.length(), body.len() as u64);
    let answer = upload.finish().await.unwrap();
    assert_eq!(answer.status, 202);
    assert!(served.await.unwrap().ends_with(&body));
}

#[tokio::test]
async fn an_early_answer_is_heard_and_none_is_an_error() {
    const ANSWER: &str = "HTTP/1.1 413 Too Long\r\ncontent-length: 2\r\n\r\n{}";
    let large = Large::new(1, 50_000_000);
    let (address, served) = server(20_000, ANSWER).await;
    let there = twilio(&address.to_string()).recording(&add_on_sid('a'));
    let answer = there.large(large).send().await;
    assert_eq!(answer.shown(), "413 Payload Too Large\n{}");
    assert!(served.await.unwrap().len() < 50_000_000);
    let (address, _served) = server(20_000, "").await;
    let there = twilio(&address.to_string()).recording(&add_on_sid('a'));
    assert!(there.large(large).try_send().await.is_err());
}
