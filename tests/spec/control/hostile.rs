//! Whatever arrives on the socket ends in a refusal, and nobody else notices.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use jackfield_tests::TestHost;

use super::{answers, host, states};

fn connect(host: &TestHost) -> UnixStream {
    let socket = host.path().join(".jackfield/control/socket");
    let stream = UnixStream::connect(socket).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// What the host answers to these bytes. It may stop listening in the middle of them.
fn answer_to(host: &TestHost, bytes: &[u8]) -> String {
    let mut stream = connect(host);
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

fn chunked(size: usize) -> Vec<u8> {
    let head = "POST /v1/freeze HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size));
    [head.as_bytes(), chunk.as_bytes()].concat()
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let host = host("");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes();
    let huge = "x".repeat(1024 * 1024);
    let deep = "[".repeat(60_000);
    let many = "a: b\r\n".repeat(1_000);
    let pause = |addon: &str| format!("{{\"addon\":\"{addon}\",\"reason\":\"r\"}}");
    for (name, bytes, status, code) in [
        (
            "garbage",
            b"\x16\x03\x01\x00\xff\x00\r\n\r\n".to_vec(),
            400,
            "",
        ),
        (
            "a verb nobody knows",
            post("/v1/explode", "{}"),
            404,
            "verb_unknown",
        ),
        ("a path nobody knows", get("/"), 404, "verb_unknown"),
        (
            "another version",
            post("/v2/reload", "{}"),
            404,
            "verb_unknown",
        ),
        (
            "reading what changes",
            get("/v1/drain"),
            405,
            "method_not_allowed",
        ),
        (
            "changing what is read",
            post("/v1/status", "{}"),
            405,
            "method_not_allowed",
        ),
        (
            "a huge body",
            post("/v1/freeze", &huge),
            413,
            "body_too_long",
        ),
        (
            "a huge body in a chunk",
            chunked(1024 * 1024),
            413,
            "body_too_long",
        ),
        (
            "no JSON",
            post("/v1/freeze", "reason"),
            400,
            "body_malformed",
        ),
        (
            "deep JSON",
            post("/v1/freeze", &deep),
            400,
            "body_malformed",
        ),
        (
            "no object",
            post("/v1/freeze", "[\"r\"]"),
            400,
            "body_malformed",
        ),
        ("too little", post("/v1/freeze", ""), 400, "body_malformed"),
        (
            "too much",
            post("/v1/drain", "{\"now\":true}"),
            400,
            "body_malformed",
        ),
        (
            "no reason",
            post("/v1/freeze", "{\"reason\":\" \"}"),
            400,
            "reason_needed",
        ),
        (
            "no add-on",
            post("/v1/pause", &pause("../../it")),
            404,
            "addon_unknown",
        ),
        (
            "not paused",
            post("/v1/resume", "{\"addon\":\"it\"}"),
            409,
            "not_paused",
        ),
        (
            "nothing before",
            post("/v1/rollback", "{\"addon\":\"it\"}"),
            409,
            "none_before",
        ),
        (
            "nothing held",
            post("/v1/approve", "{\"addon\":\"it\"}"),
            409,
            "nothing_held",
        ),
        (
            "elsewhere",
            post("/v1/plan", "{\"config\":\"a.toml\"}"),
            400,
            "path_not_absolute",
        ),
        (
            "many headers",
            format!("GET /v1/status HTTP/1.1\r\n{many}\r\n").into(),
            431,
            "",
        ),
        ("a long target", get(&format!("/v1/{huge}")), 431, ""),
    ] {
        let answer = answer_to(&host, &bytes);
        let expected = format!("HTTP/1.1 {status} ");
        let shown = &answer[..answer.len().min(400)];
        assert!(answer.starts_with(&expected), "{name}: {shown}");
        assert!(answer.contains(code), "{name}: {shown}");
    }
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (
            "half a head",
            b"POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-le",
        ),
        (
            "half a body",
            b"POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{",
        ),
    ] {
        let mut stream = connect(&host);
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains(" 200 "), "{name}: {answer}");
    }
    assert_eq!(answers(&host).await, "echo");
    assert_eq!(states(&host), ["ready"]);
    let (code, _) = host.stop();
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn clients_that_hang_keep_no_operator_out_for_long_and_no_host_from_ending() {
    let host = host("");
    let hung: Vec<UnixStream> = (0..20)
        .map(|number| {
            let mut stream = connect(&host);
            let begun = match number % 3 {
                0 => &b""[..],
                1 => b"POST /v1/drain HTTP/1.1\r\nhost",
                _ => b"POST /v1/drain HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n",
            };
            stream.write_all(begun).unwrap();
            stream
        })
        .collect();
    assert_eq!(answers(&host).await, "echo");
    // Sixteen at a time are given up after five seconds.
    let started = Instant::now();
    while !host.cli(&["status"]).status.success() {
        assert!(started.elapsed() < Duration::from_secs(30));
    }
    let again: Vec<UnixStream> = (0..20).map(|_| connect(&host)).collect();
    let started = Instant::now();
    let (code, _) = host.stop();
    assert_eq!(code, Some(0));
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
    drop((hung, again));
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_half_done() {
    let host = host("");
    for _ in 0..20 {
        for (verb, body) in [
            ("pause", "{\"addon\":\"it\",\"reason\":\"r\"}"),
            ("resume", "{\"addon\":\"it\"}"),
        ] {
            let mut stream = connect(&host);
            stream
                .write_all(&post(&format!("/v1/{verb}"), body))
                .unwrap();
        }
    }
    // Whichever came last, what is written down and what is done are one.
    let record = host.path().join(".jackfield/records/addon-it.json");
    let started = Instant::now();
    loop {
        let text = std::fs::read_to_string(&record).unwrap();
        let record: serde_json::Value = serde_json::from_str(&text).unwrap();
        if record["pause"].is_object() == (answers(&host).await == "paused") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{record}");
    }
    // Some of them may still be on their way; after the last one an operator has the word.
    let obeys = async || {
        let _ = host.cli(&["pause", "it", "--reason", "r"]);
        let paused = answers(&host).await;
        let _ = host.cli(&["resume", "it"]);
        (paused, answers(&host).await) == ("paused".to_owned(), "echo".to_owned())
    };
    host.until("the host does as it is told", obeys).await;
}
