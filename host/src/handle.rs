//! The story of one request.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Body;
use tracing::{info, warn};

use crate::add_on::{AddOn, InvokeError};
use crate::body;
use crate::config::is_loopback;
use crate::failure::Failure;
use crate::host::Host;
use crate::protocol::credentials::{CredentialsError, REALM};
use crate::protocol::fields::Sources;
use crate::protocol::headers::{Claim, Claims};
use crate::protocol::invocation::Invocation;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::public_url::PublicUrl;
use crate::protocol::received::Received;
use crate::protocol::reply::{self, Envelope, Subject};
use crate::protocol::signature::{self, Verified};
use crate::sandbox::CallError;

/// What a response carries.
pub type Reply = Response<Full<Bytes>>;

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
    let point = host.registry.point(&path).ok_or(Failure::PathUnknown)?;
    story.point = Some(point);
    match *request.method() {
        Method::GET | Method::POST => {}
        Method::OPTIONS => return Ok(options()),
        _ => return Err(Failure::MethodUnknown),
    }
    let received = body::read(request, host.server.body_limit, host.server.body_timeout).await?;
    let claims = Claims::read(&received);
    story.subject.request = claims.request;
    let verified = verify(host, received, &claims)?;
    story.verified = true;
    let add_on = called(host, &verified, &claims, point, &path)?;
    story.add_on = Some(Arc::clone(&add_on));
    let invocation = parse(host, &verified, &claims, point, &add_on, story)?;
    let object = add_on.invoke(invocation, &host.room).await?;
    let envelope = &add_on.config().envelope;
    let text = envelope.success(&object, &story.subject);
    if text.len() > reply::LONGEST_REPLY {
        let limit = reply::LONGEST_REPLY;
        return Err(InvokeError::TooLong { limit }.into());
    }
    Ok(json(StatusCode::OK, text))
}

/// Believes the request, or refuses it. Only the keys of the add-on's own account count;
/// where the add-on is unknown, those of any account tell Twilio from a stranger.
fn verify(host: &Host, received: Received, claims: &Claims) -> Result<Verified, Failure> {
    if !host.server.verify {
        local_only(&received.headers)?;
        return Ok(Verified::unchecked(received)?);
    }
    let add_on = claims.add_on.sid().and_then(|sid| host.registry.get(sid));
    let signers = host.registry.signers(add_on.map(Arc::as_ref));
    let urls = urls_of(&host.server.public_urls, &received.headers);
    Ok(signature::verify(received, signers, &urls)?)
}

/// The public URLs that the `Host` header names; all of them where it names none, as
/// behind a proxy that changes it. The signature decides in any case.
fn urls_of<'a>(urls: &'a [PublicUrl], headers: &HeaderMap) -> Cow<'a, [PublicUrl]> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_named = |url: &&PublicUrl| host.is_some_and(|host| url.answers_to(host));
    let named = match urls {
        [_] => Vec::new(),
        several => several.iter().filter(is_named).cloned().collect(),
    };
    match named.is_empty() {
        true => Cow::Borrowed(urls),
        false => Cow::Owned(named),
    }
}

/// Without signatures, a request must come from this machine: a tunnel or a proxy ends
/// on loopback too, and gives itself away by these headers.
fn local_only(headers: &HeaderMap) -> Result<(), Failure> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let url = host.and_then(|host| PublicUrl::parse(&format!("http://{host}")).ok());
    let local = url.is_some_and(|url| is_loopback(url.host()));
    let forwarded = headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded") || ["forwarded", "via", "x-real-ip"].contains(&name)
    });
    match local && !forwarded {
        true => Ok(()),
        false => Err(Failure::NotLocal),
    }
}

/// The add-on that is called, if the request may call it here.
fn called(
    host: &Host,
    verified: &Verified,
    claims: &Claims,
    point: IntegrationPoint,
    path: &str,
) -> Result<Arc<AddOn>, Failure> {
    let sid = match claims.add_on {
        Claim::Sid(sid) => sid,
        Claim::Absent => return Err(Failure::AddOnMissing),
        Claim::Malformed => return Err(Failure::AddOnMalformed),
    };
    let add_on = host.registry.get(sid).ok_or(Failure::AddOnUnknown)?;
    let config = add_on.config();
    let account = config.terms.account;
    let signed_by_another = verified.account().is_some_and(|signer| signer != account);
    if signed_by_another || !claims.agree_with(account) {
        return Err(Failure::AccountSwapped);
    }
    match config.paths.of(point) {
        Some(own) if own == path => Ok(Arc::clone(add_on)),
        None if path == point.path() => Err(Failure::PointNotServed),
        Some(_) | None => Err(Failure::PathSwapped),
    }
}

/// Reads the believed request on the add-on's terms.
fn parse(
    host: &Host,
    verified: &Verified,
    claims: &Claims,
    point: IntegrationPoint,
    add_on: &AddOn,
    story: &mut Story,
) -> Result<Invocation, Failure> {
    let config = add_on.config();
    let received = verified.received();
    if received
        .shape()
        .is_some_and(|shape| !config.terms.takes(shape))
    {
        return Err(Failure::ShapeSwapped);
    }
    let mut parameters = verified.parameters()?;
    let sources = Sources {
        parameters: &parameters,
        headers: &received.headers,
    };
    host.server
        .freshness
        .check(sources, jiff::Timestamp::now())?;
    config.require.take(received, &mut parameters)?;
    let invocation = Invocation::parse(point, verified, &parameters, claims, &config.terms)?;
    story.subject.phone_number = Some(invocation.address.text().to_owned());
    match config.terms.accept(invocation.address.kind()) {
        true => Ok(invocation),
        false => Err(Failure::AddressNotAccepted),
    }
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
            _ => {}
        }
        reply
    }

    /// What the add-on answers instead of a failure of its provider, if it has that.
    fn fallback(&self, failure: &Failure) -> Option<Reply> {
        let Failure::Invoke(error) = failure else {
            return None;
        };
        let config = self.add_on.as_ref()?.config();
        let object = config.fallback.as_ref().filter(|_| error.is_failure())?;
        let text = config.envelope.success(object, &self.subject);
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
                reason = %failure,
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
