//! Reads a request's body, up to a limit and a deadline.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;

use crate::failure::Failure;
use crate::protocol::received::Received;

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
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > limit as u64 {
        return Err(Failure::BodyTooLong);
    }
    let body = match body.is_end_stream() {
        true => Bytes::new(),
        false => tokio::time::timeout(deadline, Limited::new(body, limit).collect())
            .await
            .map_err(|_| Failure::BodyTooSlow)?
            .map_err(|error| broken(error.as_ref()))?
            .to_bytes(),
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    Ok(Received {
        method: head.method,
        target: target.to_owned(),
        headers: head.headers,
        body,
    })
}

fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    match error.is::<LengthLimitError>() {
        true => Failure::BodyTooLong,
        false => Failure::BodyBroken,
    }
}
