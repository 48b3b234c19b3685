use std::io;
use std::sync::atomic::AtomicBool;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;
use crate::twilio::{Answer, body_hash};
use crate::wav::Large;
use crate::{Body, wire};

/// A POST of a text to a path, with further headers, each of which ends its own line.
fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n");
    (head + body).into_bytes()
}

async fn ask(receiver: &Receiver, raw: &[u8]) -> io::Result<Answer> {
    let mut connection = TcpStream::connect(receiver.address).await?;
    connection.write_all(raw).await?;
    wire::answer(&mut connection).await
}

async fn status_of(receiver: &Receiver, raw: &[u8]) -> u16 {
    ask(receiver, raw).await.unwrap().status.as_u16()
}

#[tokio::test]
async fn everything_is_noted_however_often_it_comes() {
    let receiver = Receiver::start();
    for _ in 0..2 {
        assert_eq!(
            status_of(&receiver, &post("/jobs/1?a=b", "x-a: 1\r\n", "{\"a\":1}")).await,
            200
        );
    }
    let seen = receiver.answered("/jobs/1", 2).await;
    assert_eq!(seen.len(), 2);
    for seen in seen {
        assert_eq!(
            (seen.method.as_str(), seen.target.to_string()),
            ("POST", "/jobs/1?a=b".to_owned())
        );
        assert_eq!(seen.header("x-a"), Some("1"));
        assert_eq!(seen.hash(), Some(body_hash(b"{\"a\":1}").as_str()));
        assert_eq!(seen.json()["a"], 1);
        assert!(seen.is_delivered());
    }
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn replies_come_in_turn_and_the_last_one_stays() {
    let receiver = Receiver::start();
    receiver.on(
        "/a",
        [Reply::status(500), Reply::status(404), Reply::status(204)],
    );
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(status_of(&receiver, &post("/a", "", "x")).await);
    }
    assert_eq!(statuses, [500, 404, 204, 204]);
    assert_eq!(status_of(&receiver, &post("/b", "", "x")).await, 200);
    assert!(
        receiver.seen_at("/a")[..2]
            .iter()
            .all(|it| !it.is_delivered())
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_whole() {
    let receiver = Receiver::start();
    let mut connection = TcpStream::connect(receiver.address).await.unwrap();
    let head = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nfour";
    connection.write_all(head).await.unwrap();
    receiver
        .wait_for("the head is there", |seen| seen.len() == 1)
        .await;
    drop(connection);
    let seen = receiver
        .wait_for("it ends", |seen| seen[0].body.is_some())
        .await;
    let body = seen[0].body.clone().unwrap();
    assert_eq!((body.length, body.whole), (4, false));
    assert!(seen[0].hash().is_none() && !seen[0].is_delivered());
}

#[tokio::test]
async fn a_connection_is_reset_or_closed_without_an_answer() {
    let receiver = Receiver::start();
    receiver.on("/reset", [Reply::reset_after(4)]);
    receiver.on("/close", [Reply::close()]);
    let body = "x".repeat(100_000);
    let reset = ask(&receiver, &post("/reset", "", &body))
        .await
        .unwrap_err();
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
    let closed = ask(&receiver, &post("/close", "", "four"))
        .await
        .unwrap_err();
    assert_eq!(closed.kind(), io::ErrorKind::UnexpectedEof);
    assert!(receiver.seen_at("/close")[0].is_whole());
    assert!(receiver.seen().iter().all(|it| it.answered().is_none()));
}

#[tokio::test]
async fn an_answer_waits_for_its_gate_and_silence_for_nothing() {
    let receiver = Receiver::start();
    let gate = Gate::shut();
    receiver.on("/a", [Reply::status(200).behind(&gate)]);
    receiver.on("/b", [Reply::silence()]);
    let (held, silent) = (post("/a", "", "x"), post("/b", "", "x"));
    let (mut held, mut silent) = (
        std::pin::pin!(ask(&receiver, &held)),
        std::pin::pin!(ask(&receiver, &silent)),
    );
    let read = receiver.wait_for("both are read", |seen| {
        seen.iter().filter(|it| it.is_whole()).count() == 2
    });
    tokio::select! {
        _ = &mut held => panic!("the gate is shut"),
        _ = &mut silent => panic!("nothing is to be said"),
        _ = read => {}
    }
    gate.open();
    tokio::select! {
        answer = &mut held => assert_eq!(answer.unwrap().status, 200),
        _ = &mut silent => panic!("nothing is to be said"),
    }
}

#[tokio::test]
async fn an_early_answer_leaves_the_body_unread() {
    let receiver = Receiver::start();
    receiver.on("/a", [Reply::status(503).early()]);
    let head = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    assert_eq!(status_of(&receiver, head).await, 503);
    assert!(receiver.answered("/a", 1).await[0].body.is_none());
}

#[tokio::test]
async fn credentials_are_demanded() {
    let receiver = Receiver::start();
    receiver.on("/a", [Reply::status(204).demanding("AC1", "secret")]);
    let refused = ask(&receiver, &post("/a", "", "x")).await.unwrap();
    assert_eq!(refused.status, 401);
    assert!(refused.headers.contains_key("www-authenticate"));
    let brought = format!("authorization: {}\r\n", reply::basic("AC1", "secret"));
    assert_eq!(brought, "authorization: Basic QUMxOnNlY3JldA==\r\n");
    assert_eq!(status_of(&receiver, &post("/a", &brought, "x")).await, 204);
}

#[tokio::test]
async fn what_happens_at_the_head_and_behind_the_answer_happens_there() {
    let receiver = Receiver::start();
    let (early, late) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (at_head, then) = (Arc::clone(&early), Arc::clone(&late));
    let gate = Gate::shut();
    let reply = Reply::status(200)
        .behind(&gate)
        .at_head(move || at_head.store(true, Ordering::SeqCst))
        .then(move || then.store(true, Ordering::SeqCst));
    receiver.on("/a", [reply]);
    let request = post("/a", "", "x");
    let mut answer = std::pin::pin!(ask(&receiver, &request));
    let read = receiver.wait_for("it is read", |seen| seen.iter().any(Seen::is_whole));
    tokio::select! {
        _ = &mut answer => panic!("the gate is shut"),
        _ = read => {}
    }
    assert!(early.load(Ordering::SeqCst) && !late.load(Ordering::SeqCst));
    gate.open();
    answer.await.unwrap();
    receiver.answered("/a", 1).await;
    assert!(late.load(Ordering::SeqCst));
}

#[tokio::test]
async fn audio_is_served_whole_or_torn_or_slowly() {
    let receiver = Receiver::start();
    let large = Large::new(5, 300_000);
    let audio = || {
        let mut body = Body::default();
        body.make(large);
        body
    };
    receiver.on("/whole", [Reply::status(200).body(audio())]);
    receiver.on(
        "/torn",
        [Reply::status(200).body(audio()).announced(300_001)],
    );
    receiver.on(
        "/slow",
        [Reply::status(200)
            .body("slow")
            .dribbling(Duration::from_millis(1))],
    );
    receiver.on("/elsewhere", [Reply::redirect(302, "http://example.com/")]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes();
    let whole = ask(&receiver, &get("/whole")).await.unwrap();
    assert_eq!(body_hash(&whole.body), large.hash());
    let torn = ask(&receiver, &get("/torn")).await.unwrap_err();
    assert_eq!(torn.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(ask(&receiver, &get("/slow")).await.unwrap().text(), "slow");
    let elsewhere = ask(&receiver, &get("/elsewhere")).await.unwrap();
    assert_eq!(elsewhere.headers["location"], "http://example.com/");
}

/// Says something over TLS, as a client that knows this authority.
async fn ask_tls(receiver: &Receiver, authority: &Authority) -> io::Result<Answer> {
    let directory = tempfile::tempdir().unwrap();
    let pem = authority.write(directory.path());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(pem).unwrap())
        .unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(receiver.address).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    stream.write_all(&post("/a", "", "x")).await?;
    wire::answer(&mut stream).await
}

#[tokio::test]
async fn a_certificate_is_good_for_its_names_while_it_lasts_and_for_those_who_know_its_signer() {
    let authority = Authority::new();
    let good = Receiver::with_tls(authority.server(&["127.0.0.1"]));
    assert!(good.url("/a").starts_with("https://127.0.0.1:"));
    assert_eq!(ask_tls(&good, &authority).await.unwrap().status, 200);
    assert!(good.answered("/a", 1).await[0].is_delivered());
    for (receiver, known) in [
        (
            Receiver::with_tls(authority.server(&["example.com"])),
            &authority,
        ),
        (
            Receiver::with_tls(authority.expired(&["127.0.0.1"])),
            &authority,
        ),
        (good, &Authority::new()),
    ] {
        let before = receiver.seen().len();
        assert!(ask_tls(&receiver, known).await.is_err());
        assert_eq!(receiver.seen().len(), before);
    }
}

#[tokio::test]
#[should_panic(expected = "it comes: that never happened")]
async fn waiting_ends() {
    let receiver = Receiver::start();
    let patience = Duration::from_millis(20);
    receiver
        .wait_for_within(patience, "it comes", |seen| !seen.is_empty())
        .await;
}
