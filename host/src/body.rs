//! Reads a request's body, up to a limit and a deadline.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;

use crate::failure::Failure;
use crate::protocol::received::Received;
use crate::within::{Late, within};

/// How much of a body that is too long is still read and thrown away, in bytes: a
/// connection that is closed on unread bytes is reset, and the answer is lost with it.
const DISCARDED: usize = 1024 * 1024;

/// Reads a whole request.
///
/// # Errors
/// Where the body is too long, too slow, or breaks off.
pub async fn read<B>(
    request: Request<B>,
    limit: usize,
    deadline: Duration,
) -> Result<Received, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let body = match body.is_end_stream() {
        true => Bytes::new(),
        false => collect(body, limit, deadline).await?,
    };
    let target = head.uri.path_and_query();
    Ok(Received {
        method: head.method,
        target: target.map_or("/", |target| target.as_str()).to_owned(),
        headers: head.headers,
        body,
        parts: None,
    })
}

async fn collect<B>(mut body: B, limit: usize, deadline: Duration) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced <= limit {
        let whole = Limited::new(&mut body, limit).collect();
        match within(Instant::now() + deadline, whole).await {
            Err(Late) => return Err(Failure::BodyTooSlow),
            Ok(Ok(whole)) => return Ok(whole.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {}
            Ok(Err(_)) => return Err(Failure::BodyBroken),
        }
    }
    // Whether the rest comes or not, the answer is the same.
    let _ = tokio::time::timeout(deadline, discard(body)).await;
    Err(Failure::BodyTooLong)
}

pub(crate) async fn discard<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > DISCARDED {
            return;
        }
    }
}
