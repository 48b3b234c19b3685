//! Fetching: what a URL leads to, streamed to where it is kept, up to a limit.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};

use super::{Egress, request};
use crate::egress::error::EgressError;
use crate::egress::exchange::Peer;
use crate::egress::target::Target;

/// How many redirects are followed, as many as Twilio follows.
const REDIRECTS: usize = 5;

/// What one fetch may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes.
    pub bytes: u64,
    /// The longest time, from the look-up of the name to the last byte, redirects
    /// included.
    pub time: Duration,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The type that the server gave it, if it is text.
    pub content_type: Option<String>,
    /// How many bytes went to the sink.
    pub length: u64,
}

/// Where the bytes go. After a failure it has a part of them, which is worth nothing.
pub trait Sink: Send {
    /// Takes the next bytes. No more are read before it is done.
    ///
    /// # Errors
    /// Where they cannot be kept.
    fn take(&mut self, bytes: Bytes) -> impl Future<Output = io::Result<()>> + Send;
}

/// What one request of a fetch leads to.
enum Hop {
    Here(Fetched),
    Elsewhere(HeaderValue),
}

impl Egress {
    /// Fetches what a URL leads to. Redirects are followed, where the policy admits each.
    ///
    /// # Errors
    /// Where the URL or a redirect is refused, there is no answer with status 200, or a
    /// limit is met.
    pub async fn get(
        &self,
        url: &str,
        limits: Limits,
        sink: &mut impl Sink,
    ) -> Result<Fetched, EgressError> {
        let target = self.policy().admit(url)?;
        let host = target.host().to_string();
        let limit = limits.time;
        let fetched = tokio::time::timeout(limit, self.follow(target, limits.bytes, sink)).await;
        fetched.unwrap_or(Err(EgressError::Late { host, limit }))
    }

    async fn follow(
        &self,
        mut target: Target,
        limit: u64,
        sink: &mut impl Sink,
    ) -> Result<Fetched, EgressError> {
        for _ in 0..=REDIRECTS {
            match self.hop(&target, limit, sink).await? {
                Hop::Here(fetched) => return Ok(fetched),
                Hop::Elsewhere(location) => {
                    target = self.policy().admit_next(&target, location.as_bytes())?;
                }
            }
        }
        Err(EgressError::Redirects {
            host: target.host().to_string(),
            limit: REDIRECTS + 1,
        })
    }

    async fn hop(
        &self,
        target: &Target,
        limit: u64,
        sink: &mut impl Sink,
    ) -> Result<Hop, EgressError> {
        let stream = self.dialer.dial(target).await?;
        let peer = self.peer(target);
        let (mut sender, connection) = peer.open(stream).await?;
        let request = request(Method::GET, target, Empty::<Bytes>::new());
        let exchange = async {
            let response = sender.send_request(request).await;
            let response = response.map_err(|error| peer.failed(error))?;
            receive(&peer, response, limit, sink).await
        };
        peer.drive(connection, exchange).await
    }
}

async fn receive(
    peer: &Peer<'_>,
    response: Response<Incoming>,
    limit: u64,
    sink: &mut impl Sink,
) -> Result<Hop, EgressError> {
    if let Some(location) = redirect(&response) {
        return Ok(Hop::Elsewhere(location));
    }
    whole_and_plain(peer, &response)?;
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let length = stream(peer, response.into_body(), limit, sink).await?;
    Ok(Hop::Here(Fetched {
        content_type,
        length,
    }))
}

/// Where an answer points to, if it does.
fn redirect(response: &Response<Incoming>) -> Option<HeaderValue> {
    let redirects = [301, 302, 303, 307, 308];
    let is_one = redirects.contains(&response.status().as_u16());
    let location = response.headers().get(LOCATION)?;
    is_one.then(|| location.clone())
}

/// Whether what follows is what was asked for: all of it, and as it is.
fn whole_and_plain(peer: &Peer<'_>, response: &Response<Incoming>) -> Result<(), EgressError> {
    let (host, status) = (peer.host(), response.status());
    if status != StatusCode::OK {
        return Err(EgressError::Status { host, status });
    }
    let headers = response.headers();
    let is_but = |header, plain: &str| {
        let values = headers.get_all(header).iter();
        values
            .filter_map(|value| value.to_str().ok().or(Some("?")))
            .any(|value| !value.eq_ignore_ascii_case(plain))
    };
    if is_but(CONTENT_ENCODING, "identity") || is_but(TRANSFER_ENCODING, "chunked") {
        return Err(EgressError::Encoded { host });
    }
    // Two lengths are two messages, depending on who reads them.
    match headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        true => Err(EgressError::Ambiguous { host }),
        false => Ok(()),
    }
}

/// Streams a body to a sink. What the head announces is believed only against the server.
async fn stream(
    peer: &Peer<'_>,
    mut body: Incoming,
    limit: u64,
    sink: &mut impl Sink,
) -> Result<u64, EgressError> {
    let too_long = || EgressError::TooLong {
        host: peer.host(),
        limit,
    };
    if body.size_hint().lower() > limit {
        return Err(too_long());
    }
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| peer.failed(error))?;
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        length += bytes.len() as u64;
        if length > limit {
            return Err(too_long());
        }
        sink.take(bytes).await.map_err(EgressError::Sink)?;
    }
    Ok(length)
}
