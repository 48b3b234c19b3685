//! Requests that two programs could read differently: each is refused and ends its
//! connection, or is read in one way alone, and nothing else on the connection is answered
//! but what was meant as a request.
//!
//! Every case is bytes on a plain socket: a signed form, framed in an odd way, and right
//! behind it the follower, a signed lookup of its own. The form's signature covers the
//! parameters in its body, so that the host answers it with 200 only where it found the
//! same end of the body as its sender; the follower's nonce in the second answer shows that
//! it was read as the request that it is.

mod table;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jackfield_tests::{ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, TestHost, add_on_sid, sign};

use self::table::{CASES, Case, Outcome};

/// How long the host may take for all that it says on a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// The body of the first request, and how long it is.
const BODY: &str = "phone=%2B12125550123&nonce=first";

/// What the host said on one connection: each answer's status, and the nonce that came back.
type Said = Vec<(u16, Option<String>)>;

#[test]
fn every_odd_request_is_refused_or_read_in_one_way() {
    let host = TestHost::with(
        "echo",
        &add_on_sid('a'),
        "grants = { fields = [\"nonce\"] }",
    )
    .start();
    host.keep_secret(NUMBER);
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|case| {
            let said = exchange(&host, &case.bytes());
            (!case.outcome.is(&said)).then(|| format!("{}: {said:?}", case.name))
        })
        .collect();
    let refused = CASES
        .iter()
        .filter(|case| matches!(case.outcome, Outcome::Refused));
    println!("{} cases, {} refused", CASES.len(), refused.count());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_is_as_long_as_the_ways_to_smuggle_that_are_known() {
    let mut names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CASES.len());
    assert!(names.len() >= 30);
}

impl Outcome {
    fn is(&self, said: &Said) -> bool {
        let first = |status| (status, (status == 200).then(|| "first".to_owned()));
        let follower = (200, Some("follower".to_owned()));
        match self {
            Self::Refused => matches!(said[..], [(400..=499 | 501 | 505, None)]),
            Self::Whole(status) => *said == [first(*status), follower],
            Self::Last(status) => *said == [first(*status)],
            Self::Cut => said.is_empty(),
        }
    }
}

impl Case {
    /// The case with the follower right behind it.
    fn bytes(&self) -> Vec<u8> {
        let chunks = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
        let head = format!("host: addons.example.com\r\n{}", identity(&form()));
        let post = format!("POST /lookups HTTP/1.1\r\n{head}");
        let text = self
            .text
            .replace("$POST", &post)
            .replace("$HEAD", &head)
            .replace("$IDENTITY", &identity(&form()))
            .replace("$CHUNKS", &chunks)
            .replace("$LENGTH", &BODY.len().to_string())
            .replace("$HEX", &format!("{:x}", BODY.len()))
            .replace("$LONG", &"x".repeat(20_000))
            .replace("$BODY", BODY);
        [text.into_bytes(), follower()].concat()
    }
}

/// What proves a request to an add-on, as headers.
fn identity(signature: &str) -> String {
    format!(
        "x-twilio-vendoraccountsid: {ACCOUNT}\r\nx-twilio-addonsid: {}\r\n\
         x-twilio-signature: {signature}\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        add_on_sid('a')
    )
}

/// The signature of the first request.
fn form() -> String {
    let form = [("phone", NUMBER), ("nonce", "first")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    sign(TOKEN, &format!("{PUBLIC_URL}/lookups"), &form)
}

/// A request that is beyond all doubt, and the last on its connection.
fn follower() -> Vec<u8> {
    let target = "/lookups?phone=%2B12125550123&nonce=follower";
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{target}"), &[]);
    format!(
        "GET {target} HTTP/1.1\r\nhost: addons.example.com\r\nconnection: close\r\n{}\r\n",
        identity(&signature)
    )
    .into_bytes()
}

fn exchange(host: &TestHost, bytes: &[u8]) -> Said {
    let mut stream = TcpStream::connect(host.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // What was refused at its beginning may be cut off, both here and in the answer's end.
    let _ = stream.write_all(bytes);
    let mut raw = Vec::new();
    if let Err(error) = stream.read_to_end(&mut raw) {
        let waited = matches!(error.kind(), std::io::ErrorKind::WouldBlock);
        assert!(!waited, "the connection stays open");
    }
    answers(&raw)
}

/// Every answer in what came, but for those that only announce one.
fn answers(mut raw: &[u8]) -> Said {
    let mut said = Vec::new();
    while !raw.is_empty() {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head.parse(raw).expect("an answer");
        let httparse::Status::Complete(start) = parsed else {
            panic!("half an answer: {}", String::from_utf8_lossy(raw));
        };
        let status = head.code.unwrap();
        let length = head.headers.iter().find(|it| it.name == "content-length");
        let length = length.map_or(0, |it| {
            std::str::from_utf8(it.value).unwrap().parse().unwrap()
        });
        let body = &raw[start..start + length];
        if status != 100 {
            said.push((status, nonce(body)));
        }
        raw = &raw[start + length..];
    }
    said
}

/// The nonce that the add-on was given.
fn nonce(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let fields = body["results"]["fields"].as_array()?;
    let nonce = fields.iter().find(|field| field[0] == "nonce")?;
    nonce[1].as_str().map(str::to_owned)
}
