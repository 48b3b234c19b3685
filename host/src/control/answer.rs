//! One request on the control socket: whose it is, what it asks for, and the answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use serde::Serialize;
use serde_json::Value;
use tokio::net::UnixStream;
use tracing::warn;

use super::Control;
use super::error::{ControlError, LONGEST_BODY};
use super::order::{Order, Verb};
use crate::state::Who;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Who is at the other end.
///
/// # Errors
/// Where that is neither the host's own user nor root: the socket's mode should have
/// stopped it, and where a file system has no modes, this does.
pub(super) fn peer(stream: &UnixStream) -> Result<Who, ControlError> {
    let peer = stream.peer_cred().map_err(|_| ControlError::Nobody)?;
    let (uid, pid) = (peer.uid(), peer.pid());
    match may_ask(uid, rustix::process::geteuid().as_raw()) {
        true => Ok(Who::Operator { uid, pid }),
        false => Err(ControlError::Stranger(uid)),
    }
}

fn may_ask(uid: u32, ours: u32) -> bool {
    uid == ours || uid == 0
}

/// Answers a request, whatever it is.
pub(super) async fn answer(
    control: Arc<Control>,
    who: &Result<Who, ControlError>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let who = match who {
        Ok(who) => who.clone(),
        Err(error) => return refused(error),
    };
    match handle(control, who, request).await {
        Ok(document) => json(StatusCode::OK, &document),
        Err(error) => refused(&error),
    }
}

async fn handle(
    control: Arc<Control>,
    who: Who,
    request: Request<Incoming>,
) -> Result<Value, ControlError> {
    let verb = Verb::parse(request.method(), request.uri().path())?;
    let order = Order::parse(verb, &read(request.into_body()).await?)?;
    // On its own: a client that goes away leaves nothing half done.
    let carried_out = tokio::spawn(async move { control.carry_out(order, who).await });
    carried_out.await.map_err(|_| ControlError::Internal)?
}

async fn read(body: Incoming) -> Result<Bytes, ControlError> {
    if body.size_hint().lower() > u64::try_from(LONGEST_BODY).unwrap_or(u64::MAX) {
        return Err(ControlError::BodyTooLong);
    }
    let whole = Limited::new(body, LONGEST_BODY).collect();
    let whole = tokio::time::timeout(BODY_TIMEOUT, whole).await;
    match whole.map_err(|_| ControlError::BodyTooSlow)? {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ControlError::BodyTooLong),
        Err(_) => Err(ControlError::BodyBroken),
    }
}

fn refused(error: &ControlError) -> Response<Full<Bytes>> {
    warn!(reason = %error, "an order was refused");
    let (status, refusal) = error.refusal();
    let mut response = json(status, &refusal);
    if let ControlError::MethodUnknown(verb) = error
        && let Ok(method) = verb.method().as_str().parse()
    {
        response.headers_mut().insert(ALLOW, method);
    }
    response
}

fn json(status: StatusCode, document: &impl Serialize) -> Response<Full<Bytes>> {
    // Documents of our own have no maps but with texts for keys, so they are all JSON.
    let text = serde_json::to_vec(document).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_user_and_root_may_ask_and_nobody_else() {
        for (uid, ours, may) in [
            (1000, 1000, true),
            (0, 1000, true),
            (0, 0, true),
            (1001, 1000, false),
            (1000, 0, false),
            (u32::MAX, 1000, false),
        ] {
            assert_eq!(may_ask(uid, ours), may, "{uid} {ours}");
        }
    }
}
