//! Asking: a short request and its whole answer, whatever that is.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use super::{Egress, Limits, request};
use crate::egress::error::EgressError;
use crate::egress::exchange::Peer;
use crate::egress::target::Target;

impl Egress {
    /// Sends a body to a URL, and takes what is answered, of any status. No redirect is
    /// followed.
    ///
    /// # Errors
    /// Where the URL is refused, there is no answer, or a limit is met.
    pub async fn ask(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Response<Bytes>, EgressError> {
        let target = self.policy().admit(url)?;
        let (host, limit) = (target.host().to_string(), limits.time);
        let asked = self.exchange(&target, headers, body, limits.bytes);
        let answered = tokio::time::timeout(limit, asked).await;
        answered.unwrap_or(Err(EgressError::Late { host, limit }))
    }

    async fn exchange(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        limit: u64,
    ) -> Result<Response<Bytes>, EgressError> {
        let stream = self.dialer.dial(target).await?;
        let peer = self.peer(target);
        let (mut sender, connection) = peer.open(stream).await?;
        let mut request = request(Method::POST, target, Full::new(body));
        request.headers_mut().extend(headers);
        let exchange = async {
            let response = sender.send_request(request).await;
            let (head, body) = response.map_err(|error| peer.failed(error))?.into_parts();
            let body = whole(&peer, body, limit).await?;
            Ok(Response::from_parts(head, body))
        };
        peer.drive(connection, exchange).await
    }
}

async fn whole(peer: &Peer<'_>, mut body: Incoming, limit: u64) -> Result<Bytes, EgressError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| peer.failed(error))?;
        whole.extend_from_slice(frame.data_ref().map_or(&[][..], Bytes::as_ref));
        if whole.len() as u64 > limit {
            let host = peer.host();
            return Err(EgressError::TooLong { host, limit });
        }
    }
    Ok(whole.freeze())
}
