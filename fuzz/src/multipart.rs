//! A body in parts, with a recording among them.
//!
//! The bytes: a line with the content type, one with the length of the pieces in which the
//! body arrives, and the body. However it arrives, the same is read from it; no more is read
//! than was sent; and what was read, written anew, is read again.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use http_body_util::StreamBody;
use hyper::body::Frame;
use jackfield::config::{Config, Environment};
use jackfield::jobs::Jobs;
use jackfield::protocol::multipart::Parts;
use jackfield::protocol::recording::RecordingFields;
use jackfield::stop::Stop;
use jackfield::upload::{self, Bounds};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};

use crate::case::Case;

/// Short limits, so that a short case can exceed them.
const BOUNDS: Bounds = Bounds {
    texts: 512,
    audio: 256,
    idle: Duration::from_secs(10),
    whole: Duration::from_secs(10),
};

const BOUNDARY: &str = "0123456789abcdef";

/// Where recordings are spooled.
struct Place {
    // Kept for as long as the directory is wanted.
    _directory: TempDir,
    runtime: Runtime,
    jobs: Jobs,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory is made");
    let file = directory.path().join("addons.toml");
    std::fs::write(&file, ADD_ON).expect("a file is written");
    let environment = Environment::from([
        ("ACCOUNT_SID", "AC05b3911315a1322d1dede66eed740000"),
        ("AUTH_TOKEN", "token"),
    ]);
    let config = Config::load(&file, &environment).expect("it is good");
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime is made");
    let jobs = runtime.block_on(Jobs::open(config.jobs, Stop::new()));
    Place {
        _directory: directory,
        jobs: jobs.expect("jobs can be kept there"),
        runtime,
    }
});

const ADD_ON: &str = r#"
[server]
public_url = "https://addons.example.com"

[addons.analyst]
sid = "XB5c4d3e2f1a0b99887766554433221100"
component = "plugins/analyst.wasm"
serves = ["recordings"]
"#;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (kind, length, body) = (case.line(), case.line(), case.rest());
    let Ok(kind) = HeaderValue::from_str(&kind) else {
        return;
    };
    let length = length.trim().parse().unwrap_or(1).clamp(1, 64 * 1024);
    let whole = read(&kind, body.chunks(body.len().max(1)));
    let pieces = read(&kind, body.chunks(length));
    for parts in [&whole, &pieces].into_iter().flatten().flatten() {
        no_more_than_was_sent(parts, body);
        read_again(parts);
    }
    // Of several reasons to refuse a body, another may be met first.
    if !(is_refused(&whole) && is_refused(&pieces)) {
        assert_eq!(whole, pieces);
    }
}

fn is_refused(read: &Result<Option<Parts>, String>) -> bool {
    let has_fault = |parts: &Parts| parts.fault.is_some();
    read.as_ref()
        .map_or(true, |parts| parts.as_ref().is_some_and(has_fault))
}

/// Reads a body that comes in these pieces; none, where it is no multipart. A failure is told
/// by its name.
fn read<'a>(
    kind: &HeaderValue,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<Option<Parts>, String> {
    let frames =
        pieces.map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))));
    let body = StreamBody::new(stream::iter(frames.collect::<Vec<_>>()));
    let request = Request::post("/recordings").header(CONTENT_TYPE, kind);
    let request = request.body(body).expect("it is a request");
    let fields = RecordingFields::default();
    let upload = upload::read(request, &PLACE.jobs, &fields, BOUNDS);
    let upload = PLACE.runtime.block_on(upload);
    let upload = upload.map_err(|failure| format!("{failure:?}"))?;
    if let (Some(parts), Some(spooled)) = (&upload.received.parts, &upload.audio) {
        let audio = parts.audio.as_ref().expect("what is spooled is told of");
        assert_eq!(spooled.draft.length(), audio.length);
    }
    Ok(upload.received.parts)
}

fn no_more_than_was_sent(parts: &Parts, body: &[u8]) {
    assert_eq!(parts.digest, <[u8; 32]>::from(Sha256::digest(body)));
    let texts = parts
        .texts
        .iter()
        .map(|(name, text)| name.len() + text.len());
    let audio = parts.audio.as_ref().map_or(0, |audio| audio.length);
    assert!(audio <= BOUNDS.audio as u64);
    // What is no text is replaced by a character of three bytes.
    assert!(texts.sum::<usize>() <= 3 * BOUNDS.texts);
    assert!(audio <= body.len() as u64);
}

/// Texts come back as they were read, where their names can be written.
fn read_again(parts: &Parts) {
    let plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_sound = parts.fault.is_none()
        && parts
            .texts
            .iter()
            .all(|(name, text)| plain(name) && !text.contains(BOUNDARY));
    let kind = HeaderValue::from_static("multipart/form-data; boundary=0123456789abcdef");
    let mut written = String::new();
    for (name, text) in parts.texts.iter().filter(|_| is_sound) {
        let head = format!("content-disposition: form-data; name=\"{name}\"\r\n\r\n");
        written.push_str(&format!("--{BOUNDARY}\r\n{head}{text}\r\n"));
    }
    written.push_str(&format!("--{BOUNDARY}--\r\n"));
    let again = read(&kind, written.as_bytes().chunks(7));
    match again {
        Ok(again) if is_sound => {
            let again = again.expect("it is multipart");
            assert_eq!((again.texts, again.fault), (parts.texts.clone(), None));
        }
        // What was replaced is longer than what it was.
        other => assert!(!is_sound || other == Err("BodyTooLong".to_owned())),
    }
}
