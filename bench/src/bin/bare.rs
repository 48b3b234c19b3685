//! The limit: a hyper server that does what Twilio's protocol demands of every answer, and
//! nothing else. It reads the request, checks its signature in constant time, takes the
//! number out of it, and answers the JSON that the example provider `caller-name` does.
//!
//! There is no provider, no configuration, no deadline, no ledger and no log. What a host
//! costs is what it is slower than this.
//!
//! **Frozen.** Figures of different versions of the host are comparable because this is the
//! same for all of them. It has nothing in common with the host's code, nor with the load
//! generator's, so that no change of theirs changes it.
//!
//! The public URL is its first argument, `AUTH_TOKEN` the key. It prints
//! `listening on http://ADDRESS`, once it does.

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::net::{TcpListener, TcpStream};

const SIGNATURE: &str = "x-twilio-signature";
const FORM: &[u8] = b"application/x-www-form-urlencoded";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// What every request is checked with.
struct Signer {
    key: Hmac<Sha1>,
    public_url: String,
}

type Pairs = Vec<(String, String)>;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_io()
        .build()?
        .block_on(serve())
}

async fn serve() -> Result<()> {
    let public_url = std::env::args().nth(1).context("no public URL is given")?;
    let token = std::env::var("AUTH_TOKEN").context("no AUTH_TOKEN is set")?;
    let key = Hmac::new_from_slice(token.as_bytes())?;
    let signer = Arc::new(Signer { key, public_url });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream, Arc::clone(&signer)));
    }
}

#[expect(
    clippy::print_stdout,
    reason = "whoever started it waits for this line"
)]
fn announce(listener: &TcpListener) -> Result<()> {
    println!("listening on http://{}", listener.local_addr()?);
    Ok(())
}

async fn connection(stream: TcpStream, signer: Arc<Signer>) {
    let service = service_fn(move |request| respond(request, Arc::clone(&signer)));
    // A client that goes away is none of this server's business.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    request: Request<Incoming>,
    signer: Arc<Signer>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(refusal(StatusCode::BAD_REQUEST));
    };
    let body = body.to_bytes();
    let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
    let is_form = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) == Some(FORM);
    let form = if is_form { pairs(&body) } else { Pairs::new() };
    let target = head.uri.path_and_query().map_or("/", |it| it.as_str());
    let covered = is_form || body.is_empty() || is_hashed(&query, &body);
    if !covered || !signer.signed(&head.headers, target, &form) {
        return Ok(refusal(StatusCode::FORBIDDEN));
    }
    let phone = match (&head.method, is_form) {
        (&Method::GET, _) => named("phone", query),
        (_, true) => named("phone", form),
        (_, false) => in_json(&body),
    };
    Ok(phone.map_or_else(|| refusal(StatusCode::BAD_REQUEST), |phone| answer(&phone)))
}

impl Signer {
    /// Whether the signature is the one over the URL, and a form's sorted parameters.
    fn signed(&self, headers: &HeaderMap, target: &str, form: &Pairs) -> bool {
        let mut mac = self.key.clone();
        mac.update(self.public_url.as_bytes());
        mac.update(target.as_bytes());
        let mut sorted: Vec<_> = form.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        for (name, value) in sorted {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        let expected = STANDARD.encode(mac.finalize().into_bytes());
        let sent = headers
            .get(SIGNATURE)
            .map_or(&b""[..], HeaderValue::as_bytes);
        expected.as_bytes().ct_eq(sent).into()
    }
}

/// Whether the hash in the URL, which the signature covers, is the body's.
fn is_hashed(query: &Pairs, body: &[u8]) -> bool {
    let hash = Sha256::digest(body);
    let hex = |byte: &u8| [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    let hash: Vec<u8> = hash.iter().flat_map(hex).collect();
    let sent = query.iter().find(|(name, _)| name == "bodySHA256");
    sent.is_some_and(|(_, sent)| hash.ct_eq(sent.as_bytes()).into())
}

fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

fn named(name: &str, pairs: Pairs) -> Option<String> {
    pairs
        .into_iter()
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1)
}

fn in_json(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Asked {
        phone: String,
    }
    let asked: Asked = serde_json::from_slice(body).ok()?;
    Some(asked.phone)
}

fn answer(phone: &str) -> Response<Full<Bytes>> {
    let phone = serde_json::Value::from(phone);
    let body = format!(
        r#"{{"phone_number":{phone},"results":{{"caller_name":"Marigold Test Line","caller_type":"business","source":"directory","updated":"2025-12-31"}},"error_code":null}}"#
    );
    let mut response = Response::new(Full::new(Bytes::from(body)));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn refusal(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
