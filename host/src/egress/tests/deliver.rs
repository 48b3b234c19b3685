//! What is delivered, and when that is known.

mod bodies;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http_body_util::{Empty, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::authority::Authority;
use super::client::{AMPLE, Client, SHORT, kind};
use super::server::{Forbidden, Server, Wire, head};
use crate::egress::*;
use bodies::{Pieces, Repeated};

const MIB: u64 = 1024 * 1024;
const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const UNAUTHORIZED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nwhat";
const ERROR: &[u8] = b"HTTP/1.1 500 Error\r\nContent-Length: 4\r\n\r\noops";

fn post<B>(body: B, length: u64) -> Post<B> {
    Post {
        content_type: HeaderValue::from_static("application/json"),
        length,
        body,
        authorization: None,
        time: AMPLE,
    }
}

/// More than the buffers of both ends hold.
fn large() -> Post<Repeated> {
    post(Repeated::of(64 * MIB), 64 * MIB)
}

/// Reads as many bytes as were announced, and no more.
async fn body(wire: &mut Wire, head: &str) -> Vec<u8> {
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split('\r').next().unwrap().parse().unwrap();
    let mut body = Vec::new();
    wire.take(length).read_to_end(&mut body).await.unwrap();
    body
}

#[tokio::test]
async fn a_delivery_is_the_bytes_their_length_and_who_signs_in() {
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    let server = Server::plain(move |mut wire| {
        let kept = Arc::clone(&kept);
        async move {
            let head = head(&mut wire).await;
            let body = body(&mut wire, &head).await;
            kept.lock().unwrap().push((head, body));
            wire.write_all(NO_CONTENT).await.unwrap();
        }
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let pieces = Pieces::of(["", "{\"a\"", "", ":1", "}", ""]);
    let signed = Post {
        authorization: Some(Basic::new("AC1", &"token".into()).unwrap()),
        ..post(pieces, 7)
    };
    let url = server.url("/callback?sid=1#x");
    assert_eq!(client.post(&url, signed).await.unwrap(), 204);
    let empty = post(Empty::<Bytes>::new(), 0);
    assert_eq!(client.post(&url, empty).await.unwrap(), 204);
    let expected = |length: u8, authorization: &str| {
        format!(
            "POST /callback?sid=1 HTTP/1.1\r\nhost: server.example:{}\r\n\
             user-agent: jackfield/{}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n{authorization}\r\n",
            server.port(),
            env!("CARGO_PKG_VERSION"),
        )
    };
    let signed = expected(7, "authorization: Basic QUMxOnRva2Vu\r\n");
    let unsigned = expected(0, "");
    let received = received.lock().unwrap();
    let expected = [(signed, b"{\"a\":1}".to_vec()), (unsigned, Vec::new())];
    assert_eq!(*received, expected);
}

#[tokio::test]
async fn a_large_delivery_arrives_whole() {
    let authority = Authority::new();
    let identity = authority.vouch_for("server.example");
    let server = Server::secure(&identity, |mut wire| async move {
        let head = head(&mut wire).await;
        let body = body(&mut wire, &head).await;
        assert!(body.iter().all(|byte| *byte == Repeated::BYTE));
        if body.len() as u64 == 64 * MIB {
            wire.write_all(OK).await.unwrap();
        }
        let _ = wire.shutdown().await;
    })
    .await;
    let rule = format!("https://server.example:{}", server.port());
    let client = Client::trusting(
        std::slice::from_ref(&rule),
        &["127.0.0.1"],
        &authority.known(),
    );
    assert_eq!(
        client.post(&format!("{rule}/"), large()).await.unwrap(),
        200
    );
}

#[tokio::test]
async fn a_status_that_is_none_of_success_says_whether_another_try_makes_sense() {
    for (status, is_passing) in [
        (301, true),
        (302, true),
        (303, true),
        (307, true),
        (308, true),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (408, true),
        (413, false),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let forbidden = Forbidden::at([127, 0, 0, 1], 0);
        let elsewhere = format!("http://server.example:{}", forbidden.port());
        let answer = format!("HTTP/1.1 {status} Said\r\nLocation: {elsewhere}/\r\n\r\n");
        let server = Server::answering(answer).await;
        let client = Client::of(&[server.rule(), elsewhere]);
        let delivered = client
            .post(&server.url("/"), post(Full::from("{}"), 2))
            .await;
        let error = delivered.unwrap_err();
        assert_eq!(kind(&error), ("status", is_passing), "{status}");
        assert_eq!(error.status().unwrap().as_u16(), status);
        forbidden.was_left_alone();
    }
}

/// Answers as soon as it has the head, and hangs up on what is still on its way.
async fn in_a_hurry(mut wire: Wire, answer: &[u8]) {
    head(&mut wire).await;
    wire.write_all(answer).await.unwrap();
    let _ = wire.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_early_is_heard_even_if_the_server_hangs_up() {
    for (answer, status, is_passing) in [(UNAUTHORIZED, 401, false), (ERROR, 500, true)] {
        let server = Server::plain(move |wire| in_a_hurry(wire, answer)).await;
        let client = Client::of(&[server.rule()]);
        for _ in 0..50 {
            let error = client.post(&server.url("/"), large()).await.unwrap_err();
            assert_eq!(kind(&error), ("status", is_passing), "{error}");
            assert_eq!(error.status().unwrap(), status);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_early_is_heard_within_tls_as_well() {
    let authority = Authority::new();
    let identity = authority.vouch_for("server.example");
    let server = Server::secure(&identity, |wire| in_a_hurry(wire, UNAUTHORIZED)).await;
    let rule = format!("https://server.example:{}", server.port());
    let client = Client::trusting(
        std::slice::from_ref(&rule),
        &["127.0.0.1"],
        &authority.known(),
    );
    for _ in 0..20 {
        let error = client.post(&format!("{rule}/"), large()).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 401);
    }
}

#[tokio::test]
async fn success_before_all_was_sent_counts_once_all_was_sent() {
    let server = Server::plain(|mut wire| async move {
        let head = head(&mut wire).await;
        wire.write_all(OK).await.unwrap();
        body(&mut wire, &head).await;
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let delivered = client.post(&server.url("/"), large()).await;
    assert_eq!(delivered.unwrap(), 200);
    let server = Server::plain(|wire| in_a_hurry(wire, OK)).await;
    let client = Client::of(&[server.rule()]);
    let error = client.post(&server.url("/"), large()).await.unwrap_err();
    assert_eq!(kind(&error), ("unfinished", true), "{error}");
}

#[tokio::test]
async fn success_is_success_however_slowly_the_rest_of_the_answer_comes() {
    let server = Server::plain(|mut wire| async move {
        let head = head(&mut wire).await;
        body(&mut wire, &head).await;
        wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha")
            .await
            .unwrap();
        std::future::pending().await
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let delivered = client
        .post(&server.url("/"), post(Full::from("{}"), 2))
        .await;
    assert_eq!(delivered.unwrap(), 200);
    let server = Server::plain(|mut wire| async move {
        let head = head(&mut wire).await;
        body(&mut wire, &head).await;
        wire.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while wire.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let delivered = client
        .post(&server.url("/"), post(Full::from("{}"), 2))
        .await;
    assert_eq!(delivered.unwrap(), 200);
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_more_is_given_up() {
    let server = Server::plain(|mut wire| async move {
        head(&mut wire).await;
        std::future::pending::<()>().await;
        drop(wire);
    })
    .await;
    let client = Client::of(&[server.rule()]).idle(SHORT);
    for delivery in [large(), post(Repeated::of(2), 2)] {
        let error = client.post(&server.url("/"), delivery).await.unwrap_err();
        assert_eq!(kind(&error), ("stalled", true), "{error}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_slow_and_goes_on_is_waited_for_until_the_time_is_over() {
    const PAUSE: Duration = Duration::from_millis(10);
    let server = Server::plain(|mut wire| async move {
        head(&mut wire).await;
        let mut piece = vec![0; 64 * 1024];
        while wire.read(&mut piece).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await;
    let time = Duration::from_secs(2);
    let client = Client::of(&[server.rule()]).idle(time / 2);
    let delivery = Post { time, ..large() };
    let error = client.post(&server.url("/"), delivery).await.unwrap_err();
    assert_eq!(kind(&error), ("late", true), "{error}");
    assert_eq!(error.to_string(), "`server.example` was not done within 2s");
}

#[tokio::test]
async fn what_cannot_be_read_to_its_announced_end_is_not_delivered() {
    for (pieces, length) in [
        (Pieces::of(["ab", "c"]), 4),
        (Pieces::of(["ab", "c"]), 2),
        (Pieces::of(["abc"]), 2),
        (Pieces::of([]), 1),
        (Pieces::of(["ab"]).then_failing(), 2),
        (Pieces::of(["ab"]).then_failing(), 3),
        (Pieces::of([]).then_failing(), 1),
    ] {
        let whole = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&whole);
        let server = Server::plain(move |mut wire| {
            let kept = Arc::clone(&kept);
            async move {
                head(&mut wire).await;
                let mut body = Vec::new();
                let _ = wire.read_to_end(&mut body).await;
                *kept.lock().unwrap() = Some(body.len() as u64);
            }
        })
        .await;
        let client = Client::of(&[server.rule()]);
        let error = client
            .post(&server.url("/"), post(pieces, length))
            .await
            .unwrap_err();
        assert_eq!(kind(&error), ("source", true), "{error}");
        drop(client);
        let read = || *whole.lock().unwrap();
        while read().is_none() {
            tokio::task::yield_now().await;
        }
        assert!(read().unwrap() < length, "{length}");
    }
}

#[tokio::test]
async fn nothing_is_delivered_to_where_the_policy_leads_nobody() {
    let forbidden = Forbidden::at([127, 0, 0, 1], 0);
    let listed = format!("http://server.example:{}", forbidden.port());
    let client = Client::trusting(std::slice::from_ref(&listed), &[], &Authorities::default());
    for (url, expected) in [
        (format!("{listed}/s3cret"), "no address"),
        (
            format!("http://127.0.0.1:{}/s3cret", forbidden.port()),
            "refused",
        ),
        (
            format!("http://s3cret@server.example:{}/", forbidden.port()),
            "refused",
        ),
    ] {
        let error = client.post(&url, large()).await.unwrap_err();
        assert_eq!(kind(&error), (expected, false));
    }
    forbidden.was_left_alone();
}
