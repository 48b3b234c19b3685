//! What is asked, and whatever is answered.

use std::time::Duration;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use tokio::io::AsyncWriteExt;

use super::server::{Server, head};
use crate::egress::*;

const LIMITS: Limits = Limits {
    bytes: 16,
    time: Duration::from_secs(60),
};

async fn ask(server: &Server, limits: Limits) -> Result<http::Response<bytes::Bytes>, EgressError> {
    let url = format!("http://127.0.0.1:{}/v1?a=b", server.port());
    let policy = EgressPolicy::towards(&url).unwrap();
    let egress = Egress::new(policy, Roots::only(&Authorities::default()));
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"));
    egress.ask(&url, headers, "body".into(), limits).await
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    for (status, body) in [(200, "fine"), (302, ""), (429, "come again"), (500, "oops")] {
        let answer = format!(
            "HTTP/1.1 {status} It\r\nRetry-After: 7\r\nLocation: http://other.example/\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let server = Server::answering(answer).await;
        let answered = ask(&server, LIMITS).await.unwrap();
        assert_eq!(answered.status(), status);
        assert_eq!(answered.headers()[RETRY_AFTER], "7");
        assert_eq!(answered.body(), body);
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn what_is_asked_is_what_was_meant() {
    let server = Server::plain(async |mut wire| {
        let head = head(&mut wire).await;
        let is_meant = head.starts_with("POST /v1?a=b HTTP/1.1\r\n")
            && head.contains("authorization: Bearer s3cret\r\n")
            && head.contains("content-length: 4\r\n");
        let answer: &[u8] = match is_meant {
            true => b"HTTP/1.1 204 It\r\n\r\n",
            false => b"HTTP/1.1 400 It\r\nContent-Length: 0\r\n\r\n",
        };
        wire.write_all(answer).await.unwrap();
    })
    .await;
    assert_eq!(ask(&server, LIMITS).await.unwrap().status(), 204);
}

#[tokio::test]
async fn an_answer_is_no_longer_and_no_later_than_it_may_be() {
    let long = "HTTP/1.1 200 It\r\nContent-Length: 17\r\n\r\n12345678901234567";
    let error = ask(&Server::answering(long).await, LIMITS).await;
    assert!(matches!(error, Err(EgressError::TooLong { limit: 16, .. })));
    let silent = Server::plain(async |_wire| std::future::pending().await).await;
    let short = Limits {
        time: Duration::from_millis(100),
        ..LIMITS
    };
    let error = ask(&silent, short).await;
    assert!(matches!(error, Err(EgressError::Late { .. })));
}
