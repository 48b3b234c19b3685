//! Paths, methods and bodies: what is refused before anything is believed.

use std::io::{Read, Write};
use std::net::TcpStream;

use http::Method;
use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid};

fn echo(server: &str) -> (TestHost, String) {
    let sid = add_on_sid('a');
    (TestHost::with("echo", &sid, "").server(server).start(), sid)
}

#[tokio::test]
async fn each_integration_point_has_its_path_and_there_are_no_others() {
    let (host, sid) = echo("");
    for (path, point) in [
        ("/lookups", "lookups"),
        ("/incoming-sms", "incoming-sms"),
        ("/incoming-voice-call", "incoming-voice-call"),
    ] {
        let target = format!("{path}?phone=%2B12125550123");
        let answer = host.twilio().get(&target).add_on(&sid).send().await;
        assert_eq!(answer.json()["results"]["integration_point"], point);
    }
    for path in [
        "/",
        "/lookups/",
        "/lookup",
        "/LOOKUPS",
        "/transcription",
        "/lookups/../lookups",
    ] {
        let answer = host.twilio().get(path).add_on(&sid).send().await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let answer = host.twilio().get("/nowhere").send().await;
    assert_snapshot!(answer.shown(), @r#"
    404 Not Found
    {"error_code":"path_unknown","message":"nothing is served under this path"}
    "#);
}

#[tokio::test]
async fn get_and_post_are_served_and_options_tells_so() {
    let (host, sid) = echo("");
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::HEAD,
        Method::TRACE,
    ] {
        let request = host.twilio().lookup(&sid, NUMBER).method(method.clone());
        let answer = request.send().await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "GET, POST, OPTIONS", "{method}");
        assert_eq!(answer.body.is_empty(), method == Method::HEAD, "{method}");
    }
    let answer = host
        .twilio()
        .request(Method::OPTIONS, "/lookups")
        .unsigned()
        .send()
        .await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(answer.headers["allow"], "GET, POST, OPTIONS");
}

#[tokio::test]
async fn every_answer_with_a_body_is_json() {
    let (host, sid) = echo("");
    let twilio = host.twilio();
    for request in [
        twilio.lookup(&sid, NUMBER),
        twilio.lookup(&sid, NUMBER).unsigned(),
        twilio.get("/nowhere"),
        twilio.lookup(&sid, NUMBER).method(Method::PUT),
        twilio.get("/lookups"),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.headers["content-type"], "application/json");
        assert!(answer.json().is_object());
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let (host, sid) = echo("body_limit = \"2KiB\"");
    let long = "x".repeat(3 * 1024);
    let answer = host
        .twilio()
        .form("/lookups", &[("phone", NUMBER), ("body", &long)]);
    assert_snapshot!(answer.add_on(&sid).send().await.shown(), @r#"
    413 Payload Too Large
    {"error_code":"body_too_long","message":"the body is too long"}
    "#);
    let short = host
        .twilio()
        .form("/lookups", &[("phone", NUMBER), ("body", "short")]);
    assert!(short.add_on(&sid).send().await.error_code().is_null());
}

#[test]
fn a_chunked_body_over_the_limit_is_cut_off() {
    let (host, _) = echo("body_limit = \"2KiB\"");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024)).repeat(4);
    let head = "POST /lookups HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = raw(&host, &format!("{head}{chunk}0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    let (host, _) = echo("body_timeout = \"50ms\"");
    let answer = raw(
        &host,
        "POST /lookups HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc",
    );
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_head_that_does_not_arrive_ends_the_connection() {
    let (host, _) = echo("header_timeout = \"50ms\"");
    let answer = raw(&host, "GET /lookups HTTP/1.1\r\nhost: a\r\n");
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
}

#[test]
fn what_is_not_http_is_refused() {
    let (host, _) = echo("");
    for nonsense in [
        "\u{16}\u{3}\u{1}\r\n\r\n",
        "GET\r\n\r\n",
        "GET /lookups HTTP/9.9\r\n\r\n",
    ] {
        let answer = raw(&host, nonsense);
        assert!(
            answer.starts_with("HTTP/1.1 400 "),
            "{nonsense:?}: {answer:?}"
        );
    }
}

#[test]
fn a_head_with_too_many_headers_or_bytes_is_refused() {
    let (host, _) = echo("");
    let many = "x: 1\r\n".repeat(101);
    let long = format!("x: {}\r\n", "1".repeat(256 * 1024));
    for headers in [many, long] {
        let answer = raw(&host, &format!("GET /lookups HTTP/1.1\r\n{headers}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:?}");
    }
}

/// Sends bytes as they are and reads until the host closes the connection.
fn raw(host: &TestHost, bytes: &str) -> String {
    let mut stream = TcpStream::connect(host.address()).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset after its answer has answered all the same.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
