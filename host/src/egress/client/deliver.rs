//! Delivering: a body, streamed to whom it is for.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;

use super::{Egress, request};
use crate::egress::basic::Basic;
use crate::egress::error::EgressError;
use crate::egress::exchange::Peer;
use crate::egress::target::Target;
use crate::egress::upload::{BodyError, Done, Upload};

/// How much of an answer is read and thrown away, in bytes, and for how long: a server
/// whose answer nobody takes might think that nobody has heard it.
const DISCARDED: usize = 64 * 1024;
const DISCARDING: Duration = Duration::from_secs(1);

/// What is delivered, once.
#[derive(Debug)]
pub struct Post<B> {
    /// Its type.
    pub content_type: HeaderValue,
    /// Its length, in bytes. A body of another length is not delivered.
    pub length: u64,
    /// Its bytes.
    pub body: B,
    /// What to sign in with.
    pub authorization: Option<Basic>,
    /// How long it may take, from the look-up of the name to the answer.
    pub time: Duration,
}

impl Egress {
    /// Delivers something to a URL, and returns the status, which is one of success. No
    /// redirect is followed: credentials and body are for this receiver alone.
    ///
    /// # Errors
    /// Where the URL is refused, the answer is another or comes before all was sent, or
    /// the time is over. In all cases but a refusal the receiver may have got it.
    pub async fn post<B>(&self, url: &str, post: Post<B>) -> Result<StatusCode, EgressError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let target = self.policy().admit(url)?;
        let host = target.host().to_string();
        let limit = post.time;
        let delivered = tokio::time::timeout(limit, self.deliver(&target, post)).await;
        delivered.unwrap_or(Err(EgressError::Late { host, limit }))
    }

    async fn deliver<B>(&self, target: &Target, post: Post<B>) -> Result<StatusCode, EgressError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let stream = self.dialer.dial(target).await?;
        let peer = self.peer(target);
        let (sender, connection) = peer.open(stream).await?;
        let (request, sent) = written(target, post);
        peer.drive(connection, answered(&peer, sender, request, sent))
            .await
    }
}

fn written<B>(target: &Target, post: Post<B>) -> (Request<Upload>, Done)
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    let (upload, sent) = Upload::new(post.body, post.length);
    let mut request = request(Method::POST, target, upload);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, post.content_type);
    headers.insert(CONTENT_LENGTH, post.length.into());
    if let Some(basic) = &post.authorization {
        headers.insert(AUTHORIZATION, basic.header());
    }
    (request, sent)
}

async fn answered(
    peer: &Peer<'_>,
    mut sender: SendRequest<Upload>,
    request: Request<Upload>,
    sent: Done,
) -> Result<StatusCode, EgressError> {
    let response = sender.send_request(request).await;
    let response = response.map_err(|error| peer.failed(error))?;
    let (host, status) = (peer.host(), response.status());
    if !status.is_success() {
        return Err(EgressError::Status { host, status });
    }
    // Whoever says so before everything was sent cannot have kept everything yet.
    if !sent.wait().await {
        return Err(EgressError::Unfinished { host });
    }
    // Whether the rest of the answer comes or not, it is one of success.
    let _ = tokio::time::timeout(DISCARDING, discard(response.into_body())).await;
    Ok(status)
}

async fn discard(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > DISCARDED {
            return;
        }
    }
}
