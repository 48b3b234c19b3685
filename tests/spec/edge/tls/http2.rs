//! HTTP/2: only where it is switched on, and then as good as HTTP/1.1.

use http::Request;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jackfield_tests::{PUBLIC_URL, Signed};

use super::*;

const ON: &str = ", http2 = true";

/// A client that offers these protocols.
fn offering(authority: &Authority, protocols: &[&str]) -> ClientConfig {
    let mut client = authority.client(ALL_VERSIONS);
    let protocols = protocols.iter().map(|it| it.as_bytes().to_vec());
    client.alpn_protocols = protocols.collect();
    client
}

async fn connection(
    host: &TestHost,
    authority: &Authority,
) -> http2::SendRequest<Full<bytes::Bytes>> {
    let stream = connect(host, offering(authority, &["h2"]), NAME).await;
    let io = TokioIo::new(stream.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// A request whose host is its URI's, as HTTP/2 has it.
fn to(authority: &str, request: Signed) -> Request<Full<bytes::Bytes>> {
    let mut request = request.without("host").into_request();
    let uri = format!("https://{authority}{}", request.uri());
    *request.uri_mut() = uri.parse().unwrap();
    request
}

#[tokio::test]
async fn http_2_is_not_spoken_unless_it_is_switched_on() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let refused = connect(&host, offering(&authority, &["h2"]), NAME).await;
    assert!(refused.is_err());
    let stream = connect(&host, offering(&authority, &["h2", "http/1.1"]), NAME).await;
    let stream = stream.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(ask(&host, stream).await.status, 200);
}

#[tokio::test]
async fn signed_requests_are_answered_over_http_2_side_by_side() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ON);
    let sender = connection(&host, &authority).await;
    let ask = |tampered: bool| {
        let (mut sender, request) = (
            sender.clone(),
            host.twilio().lookup(&add_on_sid('a'), NUMBER),
        );
        let request = match tampered {
            true => request.unsigned(),
            false => request,
        };
        async move {
            let response = sender.send_request(to(NAME, request)).await.unwrap();
            Answer::of(response).await
        }
    };
    let answers = futures_util::future::join_all((0..20).map(|_| ask(false))).await;
    for answer in answers {
        assert_eq!(
            (answer.status.as_u16(), answer.error_code()),
            (200, serde_json::Value::Null)
        );
    }
    assert_eq!(ask(true).await.status, 403);
}

#[tokio::test]
async fn the_authority_of_a_request_chooses_the_public_url() {
    let authority = Authority::new();
    let builder = TestHost::bare()
        .add_on(
            "echo",
            &add_on_sid('a'),
            &jackfield_tests::guest("echo"),
            "",
        )
        .server(&format!(
            "public_urls = [\"{PUBLIC_URL}\", \"https://other.example\"]"
        ))
        .server(
            "tls = { certificates = [{ chain = \"it.pem\", key = \"it.key\" }], http2 = true }",
        );
    let _ = authority.issue(builder.path(), "it", &[NAME]);
    let host = builder.start();
    let mut sender = connection(&host, &authority).await;
    for (signed_for, sent_to, status) in [
        (PUBLIC_URL, NAME, 200),
        ("https://other.example", "other.example", 200),
        (PUBLIC_URL, "other.example", 403),
        ("https://other.example", NAME, 403),
    ] {
        let twilio = host.twilio().at(signed_for);
        let request = to(sent_to, twilio.lookup(&add_on_sid('a'), NUMBER));
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status, "{signed_for} at {sent_to}");
    }
}

#[tokio::test]
async fn more_headers_than_http_1_1_may_have_are_too_many() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ON);
    let mut sender = connection(&host, &authority).await;
    for (more, status) in [(50, 200), (100, 431)] {
        let mut request = host.twilio().lookup(&add_on_sid('a'), NUMBER);
        for number in 0..more {
            request = request.header(&format!("x-more-{number}"), "1");
        }
        let response = sender.send_request(to(NAME, request)).await.unwrap();
        assert_eq!(response.status(), status, "{more}");
    }
}

#[tokio::test]
async fn a_connection_without_requests_is_ended_as_one_of_http_1_1_is() {
    let authority = Authority::new();
    let builder = with_tls(&["it"], ON).server("header_timeout = \"200ms\"");
    let _ = authority.issue(builder.path(), "it", &[NAME]);
    let host = builder.start();
    let stream = connect(&host, offering(&authority, &["h2"]), NAME).await;
    let io = TokioIo::new(stream.unwrap());
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let ended = tokio::spawn(connection);
    let request = to(NAME, host.twilio().lookup(&add_on_sid('a'), NUMBER));
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    // The client's side answers every sign of life that is asked of it.
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    ended.expect("it ends").unwrap().unwrap();
    drop(sender);
}
