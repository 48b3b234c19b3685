//! Reads a request with a recording: what it says into memory, its audio into a file that
//! is still nobody's. Nothing is believed yet.

mod parts;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use hyper::body::Body;

use crate::body;
use crate::failure::Failure;
use crate::jobs::{Draft, Jobs};
use crate::protocol::received::Received;
use crate::protocol::recording::RecordingFields;

use parts::Taking;
use wire::Wire;

/// A request, read to its end, and the audio where that came along.
pub struct Upload {
    /// The request.
    pub received: Received,
    /// The audio that the request's parts tell of.
    pub audio: Option<Spooled>,
}

/// Audio in a file that goes away unless a job wants it.
pub struct Spooled {
    /// The file.
    pub draft: Draft,
    /// Its first bytes, which tell its duration.
    pub head: Bytes,
}

/// What one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The longest text, and the longest body that is no multipart, in bytes.
    pub texts: usize,
    /// The longest audio, in bytes.
    pub audio: usize,
    /// The longest time without a byte.
    pub idle: Duration,
    /// The longest time for all of it.
    pub whole: Duration,
}

/// Reads a whole request. What is no multipart is read as every other request.
///
/// # Errors
/// Where the body is too long, too slow, or breaks off, and where the audio cannot be
/// kept.
pub async fn read<B>(
    request: Request<B>,
    jobs: &Jobs,
    fields: &RecordingFields,
    bounds: Bounds,
) -> Result<Upload, Failure>
where
    B: Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Some(boundary) = boundary(&request) else {
        let received = body::read(request, bounds.texts, bounds.idle).await?;
        let audio = None;
        return Ok(Upload { received, audio });
    };
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query();
    let target = target.map_or("/", |target| target.as_str()).to_owned();
    let mut wire = Wire::new(body, bounds);
    let taking = Taking {
        jobs,
        fields,
        bounds,
    };
    let taken = tokio::time::timeout(bounds.whole, taking.take(&mut wire, &boundary)).await;
    let taken = match taken.unwrap_or(Err(Failure::BodyTooSlow)) {
        Ok(taken) => taken,
        Err(failure) => {
            wire.discard(bounds.idle).await;
            return Err(failure);
        }
    };
    Ok(Upload {
        received: Received {
            method: head.method,
            target,
            headers: head.headers,
            body: Bytes::new(),
            parts: Some(taken.parts),
        },
        audio: taken.audio,
    })
}

/// The boundary of a multipart body.
fn boundary<B>(request: &Request<B>) -> Option<String> {
    let mut values = request.headers().get_all(CONTENT_TYPE).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    multer::parse_boundary(value.to_str().ok()?).ok()
}
