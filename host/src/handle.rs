//! The story of one request.

mod call;
mod verify;

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use call::Call;
use futures_util::FutureExt;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Body;
use tracing::{info, warn};

use crate::add_on::{AddOn, InvokeError};
use crate::body;
use crate::config::Overload;
use crate::failure::Failure;
use crate::host::Host;
use crate::protocol::credentials::{CredentialsError, REALM};
use crate::protocol::headers::Claims;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::reply::{self, Envelope, Subject};
use crate::sandbox::CallError;

/// What a response carries.
pub type Reply = Response<Full<Bytes>>;

/// In seconds: Twilio is asked to come again as soon as it likes.
const SOON: HeaderValue = HeaderValue::from_static("1");
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");

/// What has been learnt about a request so far: failures are told in its terms, and the
/// log line is written from it.
#[derive(Default)]
struct Story {
    point: Option<IntegrationPoint>,
    add_on: Option<Arc<AddOn>>,
    subject: Subject,
    verified: bool,
}

/// Answers every request, and logs it, once. A failure becomes an answer here.
pub async fn respond<B>(host: Arc<Host>, request: Request<B>) -> Reply
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    let mut story = Story::default();
    let told = AssertUnwindSafe(handle(&host, request, &mut story))
        .catch_unwind()
        .await
        .unwrap_or(Err(Failure::Internal));
    let degraded = told
        .as_ref()
        .err()
        .and_then(|failure| story.fallback(failure));
    story.log(&told, degraded.is_some(), started);
    match (told, degraded) {
        (Ok(reply), _) | (Err(_), Some(reply)) => reply,
        (Err(failure), None) => story.tell(&failure),
    }
}

async fn handle<B>(host: &Host, request: Request<B>, story: &mut Story) -> Result<Reply, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let path = request.uri().path().to_owned();
    // The one look at what is served: whatever is reloaded meanwhile, this request is
    // answered as it was when it came.
    let registry = host.registry();
    let point = registry.point(&path).ok_or(Failure::PathUnknown)?;
    story.point = Some(point);
    match *request.method() {
        Method::GET | Method::POST => {}
        Method::OPTIONS => return Ok(options()),
        _ => return Err(Failure::MethodUnknown),
    }
    let server = registry.server();
    let received = body::read(request, server.body_limit, server.body_timeout).await?;
    let claims = Claims::read(&received);
    story.subject.request = claims.request;
    let verified = verify::verify(&registry, received, &claims)?;
    story.verified = true;
    let call = Call {
        registry: &registry,
        point,
        path: &path,
        claims,
        verified,
    };
    let add_on = call.add_on()?;
    story.add_on = Some(Arc::clone(&add_on));
    let invocation = call.invocation(add_on.config())?;
    story.subject.phone_number = Some(invocation.address.text().to_owned());
    if !add_on.accepts(&invocation) {
        return Err(Failure::AddressNotAccepted);
    }
    let object = add_on.invoke(invocation).await?;
    let envelope = &add_on.config().envelope;
    let text = envelope.success(&object, &story.subject);
    if text.len() > reply::LONGEST_REPLY {
        let limit = reply::LONGEST_REPLY;
        return Err(InvokeError::TooLong { limit }.into());
    }
    Ok(json(StatusCode::OK, text))
}

impl Story {
    /// The failure as an answer, in the add-on's own shape where one was called.
    fn tell(&self, failure: &Failure) -> Reply {
        let problem = failure.problem();
        let text = match problem.status {
            StatusCode::OK => {
                let envelope = self.add_on.as_ref().map(|add_on| &add_on.config().envelope);
                let reference = Envelope::Reference;
                envelope
                    .unwrap_or(&reference)
                    .failure(&problem, &self.subject)
            }
            _ => reply::refusal(&problem),
        };
        let mut reply = json(problem.status, text);
        match failure {
            Failure::MethodUnknown => {
                reply.headers_mut().insert(ALLOW, ALLOWED);
            }
            Failure::Credentials(CredentialsError::Basic) => {
                let challenge = format!("Basic realm=\"{REALM}\", charset=\"UTF-8\"");
                if let Ok(challenge) = challenge.parse() {
                    reply.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
            }
            Failure::Invoke(InvokeError::Overloaded {
                overload: Overload::Retry,
                ..
            }) => {
                reply.headers_mut().insert(RETRY_AFTER, SOON);
            }
            _ => {}
        }
        reply
    }

    /// What the add-on answers instead of a failure of its provider, if it has that.
    fn fallback(&self, failure: &Failure) -> Option<Reply> {
        let Failure::Invoke(error) = failure else {
            return None;
        };
        let add_on = self.add_on.as_ref()?;
        let object = add_on.stand_in(error)?;
        let text = add_on.config.envelope.success(object, &self.subject);
        Some(json(StatusCode::OK, text))
    }

    /// The one line about a request. Nothing of what it said is in it.
    fn log(&self, told: &Result<Reply, Failure>, degraded: bool, started: Instant) {
        let add_on = self
            .add_on
            .as_ref()
            .map(|add_on| add_on.config().name.as_str());
        let point = self.point.map(IntegrationPoint::name);
        // Before the signature is verified, whatever a header holds is a stranger's.
        let request = self.subject.request.filter(|_| self.verified);
        let request = request.map(tracing::field::display);
        let took = format!("{:.3}", started.elapsed().as_secs_f64() * 1000.0);
        let code = told.as_ref().err().map(outcome);
        let code = code.as_deref().unwrap_or("success");
        match told {
            Ok(reply) => info!(
                add_on,
                point,
                request,
                status = reply.status().as_u16(),
                code,
                duration_ms = took,
                "answered"
            ),
            Err(Failure::Invoke(InvokeError::Call(CallError::Refused(_)))) => info!(
                add_on,
                point,
                request,
                status = 200,
                code,
                duration_ms = took,
                "answered"
            ),
            Err(failure) => warn!(
                add_on,
                point,
                request,
                status = failure.problem().status.as_u16(),
                code,
                duration_ms = took,
                degraded,
                reason = failure.to_string(),
                "not answered"
            ),
        }
    }
}

/// A failure's name in the log. A provider's own code stays out: it could spell a number.
fn outcome(failure: &Failure) -> Cow<'static, str> {
    match failure {
        Failure::Invoke(InvokeError::Call(CallError::Refused(refusal))) => {
            Cow::Borrowed(refusal.kind.code())
        }
        other => Cow::Owned(other.problem().code),
    }
}

fn json(status: StatusCode, text: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(CONTENT_TYPE, json);
    reply
}

fn options() -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply.headers_mut().insert(ALLOW, ALLOWED);
    reply
}

#[cfg(test)]
mod tests;
