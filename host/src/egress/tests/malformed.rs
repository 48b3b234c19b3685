//! Answers that are no HTTP, or are several things at once.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{AMPLE, Client, kind};
use super::server::{Server, head};
use crate::egress::*;

async fn fail(answer: impl Into<Vec<u8>>) -> EgressError {
    let server = Server::answering(answer).await;
    let client = Client::of(&[server.rule()]);
    client.get(&server.url("/s3cret")).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_with_two_meanings_is_taken_for_none() {
    for (headers, expected) in [
        ("Content-Length: 2\r\nContent-Length: 3", ("broken", true)),
        ("Content-Length: 2, 3", ("broken", true)),
        ("Content-Length: +2", ("broken", true)),
        ("Content-Length: -2", ("broken", true)),
        ("Content-Length: 0x2", ("broken", true)),
        ("Content-Length: 18446744073709551617", ("broken", true)),
        ("Content-Length : 2", ("broken", true)),
        ("Content-Length: 2\r\n folded: 3", ("broken", true)),
        (
            "Content-Length: 2\r\nTransfer-Encoding: chunked",
            ("ambiguous", true),
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 2",
            ("ambiguous", true),
        ),
        ("Transfer-Encoding: gzip, chunked", ("encoded", false)),
        ("Transfer-Encoding: gzip", ("encoded", false)),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            ("encoded", false),
        ),
        (
            "Content-Encoding: gzip\r\nContent-Length: 2",
            ("encoded", false),
        ),
        (
            "Content-Encoding: \u{ff}\r\nContent-Length: 2",
            ("encoded", false),
        ),
    ] {
        let error = fail(format!(
            "HTTP/1.1 200 OK\r\n{headers}\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        ))
        .await;
        assert_eq!(kind(&error), expected, "{headers}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_taken_for_a_broken_connection() {
    for answer in [
        "",
        "\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "220 mail.example ESMTP\r\n",
        "<html></html>",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let error = fail(answer).await;
        assert_eq!(kind(&error), ("broken", true), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn a_flood_of_headers_is_cut() {
    let many = "A: b\r\n".repeat(101);
    let long = format!("A: {}\r\n", "b".repeat(40 * 1024));
    for headers in [many, long.clone(), long.repeat(50)] {
        let error = fail(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).await;
        assert_eq!(kind(&error), ("broken", true));
        assert!(error.to_string().contains("head is too large"), "{error}");
    }
    let few = "A: b\r\n".repeat(90);
    let error = fail(format!("HTTP/1.1 404 No\r\n{few}\r\n")).await;
    assert_eq!(kind(&error), ("status", false));
}

#[tokio::test]
async fn headers_without_end_and_trailers_without_end_are_cut() {
    for start in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    ] {
        let server = Server::plain(move |mut wire| async move {
            head(&mut wire).await;
            let _ = wire.write_all(start.as_bytes()).await;
            while wire.write_all(b"A: b\r\n").await.is_ok() {}
        })
        .await;
        let client = Client::of(&[server.rule()]);
        let error = client.get(&server.url("/")).await.unwrap_err();
        assert_eq!(kind(&error), ("broken", true), "{start}: {error}");
    }
}

#[tokio::test]
async fn a_switch_to_another_protocol_is_not_made() {
    for headers in ["Upgrade: h2c", "Upgrade: websocket"] {
        let error = fail(format!(
            "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\n{headers}\r\n\r\n"
        ))
        .await;
        assert_eq!(kind(&error), ("status", true), "{headers}");
        assert_eq!(error.status().unwrap(), 101);
    }
}

/// Closes a connection so that the peer is told that it broke.
fn reset(tcp: &TcpStream) {
    tcp.set_zero_linger().unwrap();
}

#[tokio::test]
async fn a_reset_is_worth_another_try_whenever_it_comes() {
    for said in [
        None,
        Some(""),
        Some("HTTP/1.1 200 OK\r\nContent-Le"),
        Some("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
    ] {
        let server = Server::raw(move |mut tcp| async move {
            if let Some(said) = said {
                head(&mut tcp).await;
                tcp.write_all(said.as_bytes()).await.unwrap();
            }
            reset(&tcp);
        })
        .await;
        let client = Client::of(&[server.rule()]);
        let limits = Limits {
            bytes: 100,
            time: AMPLE,
        };
        let error = client
            .get_within(&server.url("/"), limits)
            .await
            .unwrap_err();
        assert_eq!(kind(&error), ("broken", true), "{said:?}: {error}");
    }
}
