//! What is fetched, and what is not.

use std::sync::Mutex;

use tokio::io::AsyncWriteExt;

use super::client::{AMPLE, Client, SHORT, kind};
use super::server::{Forbidden, Server, head};
use crate::egress::*;

/// Fetches from a server that answers with these bytes.
async fn fetch(answer: &str) -> Result<(Fetched, Vec<u8>), EgressError> {
    let server = Server::answering(answer).await;
    let client = Client::of(&[server.rule()]);
    client.get(&server.url("/s3cret?s3cret")).await
}

#[tokio::test]
async fn what_is_asked_for_is_written_by_us_alone() {
    let heads: &'static Mutex<Vec<String>> = Box::leak(Box::default());
    let server = Server::plain(move |mut wire| async move {
        let head = head(&mut wire).await;
        heads.lock().unwrap().push(head);
        wire.write_all(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok")
            .await
            .unwrap();
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let url = server.url("//evil.example/a%2Fb?c=d'&&x[]=@#fragment");
    for _ in 0..2 {
        client.get(&url).await.unwrap();
    }
    let host = format!("server.example:{}", server.port());
    let expected = format!(
        "GET //evil.example/a%2Fb?c=d'&&x[]=@ HTTP/1.1\r\nhost: {host}\r\n\
         user-agent: jackfield/{}\r\nconnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(*heads.lock().unwrap(), [expected.clone(), expected]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_answer_is_streamed_with_its_type_and_its_length() {
    let typed = |content_type: Option<&str>, length| Fetched {
        content_type: content_type.map(str::to_owned),
        length,
    };
    for (answer, expected, bytes) in [
        (
            "Content-Type: audio/x-wav\r\nContent-Length: 5\r\n\r\nhello",
            typed(Some("audio/x-wav"), 5),
            "hello",
        ),
        ("Content-Length: 0\r\n\r\n", typed(None, 0), ""),
        ("\r\nuntil it closes", typed(None, 15), "until it closes"),
        (
            "Transfer-Encoding: chunked\r\nContent-Encoding: identity\r\n\r\n\
             3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
            typed(None, 5),
            "abcde",
        ),
        (
            "Content-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n",
            typed(None, 2),
            "ok",
        ),
    ] {
        let fetched = fetch(&format!("HTTP/1.1 200 OK\r\n{answer}"))
            .await
            .unwrap();
        assert_eq!(fetched, (expected, bytes.as_bytes().to_vec()), "{answer}");
    }
}

#[tokio::test]
async fn no_more_is_taken_than_the_limit_whatever_was_announced() {
    let body = "x".repeat(100);
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n64\r\n{body}\r\n0\r\n\r\n");
    let until_it_closes = format!("\r\n{body}");
    let announced = format!("Content-Length: 100\r\n\r\n{body}");
    let far_more = "Content-Length: 18446744073709551000\r\n\r\n".to_owned();
    for (answer, bytes, is_taken) in [
        (&announced, 100, true),
        (&announced, 99, false),
        (&chunked, 100, true),
        (&chunked, 99, false),
        (&until_it_closes, 100, true),
        (&until_it_closes, 99, false),
        (&far_more, 100, false),
    ] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{answer}")).await;
        let client = Client::of(&[server.rule()]);
        let limits = Limits { bytes, time: AMPLE };
        match client.get_within(&server.url("/"), limits).await {
            Ok((fetched, _)) => assert!(is_taken && fetched.length == 100, "{answer}"),
            Err(error) => {
                assert!(!is_taken, "{answer}");
                assert_eq!(kind(&error), ("too long", false), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_the_limit() {
    let server = Server::plain(|mut wire| async move {
        head(&mut wire).await;
        let _ = wire.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while wire.write_all(&[0; 4096]).await.is_ok() {}
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let error = client.get(&server.url("/")).await.unwrap_err();
    assert_eq!(kind(&error), ("too long", false));
    assert_eq!(
        error.to_string(),
        "`server.example` sends more than 1048576 bytes"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    for answer in [
        "Content-Length: 100\r\n\r\nshort",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Content-Length: 5",
    ] {
        let error = fetch(&format!("HTTP/1.1 200 OK\r\n{answer}"))
            .await
            .unwrap_err();
        assert_eq!(kind(&error), ("broken", true), "{answer}");
    }
}

#[tokio::test]
async fn a_status_says_whether_another_try_makes_sense() {
    for (status, is_passing) in [
        (201, true),
        (204, true),
        (206, true),
        (300, true),
        (304, true),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (408, true),
        (410, false),
        (418, false),
        (429, true),
        (500, true),
        (502, true),
        (503, true),
        (504, true),
        (599, true),
    ] {
        let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n");
        let error = fetch(&answer).await.unwrap_err();
        assert_eq!(kind(&error), ("status", is_passing), "{status}");
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!(
            error.to_string(),
            format!("`server.example` answered {status}")
        );
    }
}

#[tokio::test]
async fn redirects_are_followed_and_not_for_ever() {
    let server = Server::plain(|mut wire| async move {
        let head = head(&mut wire).await;
        let path = head.split(' ').nth(1).unwrap();
        let left: usize = path.trim_start_matches('/').parse().unwrap();
        let answer = match left {
            0 => "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere".to_owned(),
            left => {
                let status = [301, 302, 303, 307, 308][left % 5];
                format!(
                    "HTTP/1.1 {status} On\r\nLocation: /{}\r\nContent-Length: 9\r\n\r\nelsewhere",
                    left - 1
                )
            }
        };
        wire.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let client = Client::of(&[server.rule()]);
    let (_, bytes) = client.get(&server.url("/5")).await.unwrap();
    assert_eq!(bytes, b"here");
    assert_eq!((server.connections(), client.look_ups()), (6, 6));
    let error = client.get(&server.url("/6")).await.unwrap_err();
    assert_eq!(kind(&error), ("redirects", false));
    assert_eq!(server.connections(), 12);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_that_a_url_would_not() {
    let forbidden = Forbidden::at([127, 0, 0, 1], 0);
    let port = forbidden.port();
    for location in [
        format!("http://other.example:{port}/"),
        format!("//other.example:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://server.example:{port}/"),
        format!("http://x.twil.io:{port}/"),
        format!("http://server.example@127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
    ] {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
        let error = fetch(&answer).await.unwrap_err();
        assert_eq!(kind(&error), ("refused", false), "{location}");
    }
    forbidden.was_left_alone();
}

#[tokio::test]
async fn a_redirect_to_a_listed_name_at_a_private_address_is_not_connected_to() {
    let forbidden = Forbidden::at([127, 0, 0, 2], 0);
    let inside = format!("http://inside.example:{}", forbidden.port());
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {inside}/\r\n\r\n");
    let server = Server::answering(answer).await;
    let client = Client::of(&[server.rule(), inside])
        .told(|before| Ok(vec![[127, 0, 0, 1 + before as u8].into()]));
    let error = client.get(&server.url("/")).await.unwrap_err();
    assert_eq!(kind(&error), ("no address", false));
    assert_eq!(client.look_ups(), 2);
    forbidden.was_left_alone();
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    for said in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\n\r\nhalf",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let server = Server::plain(move |mut wire| async move {
            head(&mut wire).await;
            wire.write_all(said.as_bytes()).await.unwrap();
            std::future::pending().await
        })
        .await;
        let client = Client::of(&[server.rule()]).idle(SHORT);
        let error = client.get(&server.url("/")).await.unwrap_err();
        assert_eq!(kind(&error), ("stalled", true), "{said}: {error}");
        let expected = "nothing moved to or from `server.example` for 150ms";
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_server_that_goes_on_for_ever_has_no_more_than_its_time() {
    for (first, then) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "x"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let server = Server::plain(move |mut wire| async move {
            head(&mut wire).await;
            let _ = wire.write_all(first.as_bytes()).await;
            while wire.write_all(then.as_bytes()).await.is_ok() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        let client = Client::of(&[server.rule()]);
        let limits = Limits {
            bytes: u64::MAX,
            time: SHORT,
        };
        let error = client
            .get_within(&server.url("/"), limits)
            .await
            .unwrap_err();
        assert_eq!(kind(&error), ("late", true), "{then}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_the_servers_fault() {
    struct Full;
    impl Sink for Full {
        async fn take(&mut self, _: bytes::Bytes) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let client = Client::of(&[server.rule()]);
    let error = client.get_into(&server.url("/"), &mut Full).await;
    assert_eq!(kind(&error), ("sink", true));
}
