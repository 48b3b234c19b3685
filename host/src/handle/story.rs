//! What has been learnt about a request, and what is told of it at its end.

use std::borrow::Cow;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use http::header::{ALLOW, CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use tracing::{info, warn};

use crate::add_on::{AddOn, InvokeError};
use crate::clients::ClientAddress;
use crate::config::Overload;
use crate::failure::Failure;
use crate::host::Host;
use crate::jobs::AcceptError;
use crate::meter::{Ended, Meter, Outcome};
use crate::protocol::credentials::{CredentialsError, REALM};
use crate::protocol::point::IntegrationPoint;
use crate::protocol::reply::{self, Envelope, Problem, Subject};
use crate::sandbox::CallError;
use crate::telemetry::milliseconds;
use crate::told::{Failed, Told, body};
use crate::traces::{Ending, KeyValue, Trace};

/// In seconds: Twilio is asked to come again as soon as it likes.
const SOON: HeaderValue = HeaderValue::from_static("1");
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
/// Where a request changes something.
const ALLOWED_OF_RECORDINGS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");

/// What has been learnt about a request so far: failures are told in its terms, and the
/// log line is written from it.
pub(super) struct Story {
    started: Instant,
    pub(super) point: Option<IntegrationPoint>,
    pub(super) add_on: Option<Arc<AddOn>>,
    pub(super) subject: Subject,
    pub(super) verified: bool,
    pub(super) manner: Option<Manner>,
    /// Where it comes from, if it was let in and that is counted.
    pub(super) client: Option<ClientAddress>,
    pub(super) trace: Trace,
}

/// How a request came by its answer, where it was not simply run and told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// It waited for the answer of another of its SID.
    Joined,
    /// It was given that of an earlier one.
    Replayed,
    /// Its caller went away before there was one.
    Unheard,
}

impl Manner {
    /// What says so in a trace.
    fn attribute(self) -> &'static str {
        match self {
            Self::Joined => "jackfield.joined",
            Self::Replayed => "jackfield.replayed",
            Self::Unheard => "jackfield.unheard",
        }
    }
}

impl Story {
    pub(super) fn begin() -> Self {
        Self {
            started: Instant::now(),
            point: None,
            add_on: None,
            subject: Subject::default(),
            verified: false,
            manner: None,
            client: None,
            trace: Trace::default(),
        }
    }

    /// What has been learnt, for whoever takes the rest of the request over. Nothing that is
    /// large stays here.
    pub(super) fn hand_over(&mut self) -> Self {
        Self {
            add_on: self.add_on.take(),
            subject: mem::take(&mut self.subject),
            trace: mem::take(&mut self.trace),
            ..*self
        }
    }

    /// What it is where the host itself fails. Of a recording, nobody can tell by then
    /// whether it was kept: Twilio has to come again.
    pub(super) fn broken(&self) -> Failure {
        match self.point.is_some_and(IntegrationPoint::is_asynchronous) {
            true => Failure::JobsAway,
            false => Failure::Internal,
        }
    }

    /// The failure as an answer: the add-on's fallback, if it has one for this, or an
    /// error in the add-on's own shape where one was called.
    pub(super) fn tell(&self, failure: &Failure) -> Told {
        let problem = failure.problem();
        let fallback = self.fallback(failure);
        let failed = Failed {
            degraded: fallback.is_some(),
            reason: failure.to_string(),
        };
        let (status, header) = match failed.degraded {
            true => (StatusCode::OK, None),
            false => (problem.status, self.header(failure)),
        };
        Told {
            status,
            header,
            body: body(fallback.unwrap_or_else(|| self.text(&problem))),
            code: outcome(failure),
            failed: (!failure.is_refusal()).then_some(failed),
        }
    }

    /// What the head of an answer says besides its body's type.
    fn header(&self, failure: &Failure) -> Option<(HeaderName, HeaderValue)> {
        match failure {
            // Nobody knows where the next request would begin.
            Failure::Framing(_) => Some((CONNECTION, HeaderValue::from_static("close"))),
            Failure::MethodUnknown => Some((ALLOW, allowed(self.point))),
            Failure::Credentials(CredentialsError::Basic) => {
                let challenge = format!("Basic realm=\"{REALM}\", charset=\"UTF-8\"");
                let challenge = challenge.parse().ok()?;
                Some((WWW_AUTHENTICATE, challenge))
            }
            Failure::Invoke(InvokeError::Overloaded {
                overload: Overload::Retry,
                ..
            })
            | Failure::JobsAway
            | Failure::Unaccepted(
                AcceptError::Draining | AcceptError::Busy | AcceptError::Unkept(_),
            ) => Some((RETRY_AFTER, SOON)),
            Failure::HeldOff(wait)
            | Failure::Exceeded {
                overload: Overload::Retry,
                wait,
                ..
            } => Some((RETRY_AFTER, after(*wait))),
            _ => None,
        }
    }

    fn text(&self, problem: &Problem) -> String {
        if problem.status != StatusCode::OK {
            return reply::refusal(problem);
        }
        let envelope = self.add_on.as_ref().map(|add_on| &add_on.config().envelope);
        let reference = Envelope::Reference;
        envelope
            .unwrap_or(&reference)
            .failure(problem, &self.subject)
    }

    /// What the add-on answers instead of a failure of its provider, if it has that.
    fn fallback(&self, failure: &Failure) -> Option<String> {
        let Failure::Invoke(error) = failure else {
            return None;
        };
        let add_on = self.add_on.as_ref()?;
        let object = add_on.stand_in(error)?;
        Some(add_on.config.envelope.success(object, &self.subject))
    }

    /// Notes of whoever asked whether anything proved that it was Twilio. A failure of the
    /// host's proves nothing against it.
    pub(super) fn note_client(&self, host: &Host, told: &Told) {
        if let Some(client) = self.client
            && (self.verified || told.status.is_client_error())
        {
            host.clients.note(client, self.verified);
        }
    }

    /// The request is over: it is counted, and there is a line about it.
    pub(super) fn end(&self, meter: &Meter, told: &Told) {
        let took = self.started.elapsed();
        let status = told.status;
        meter.count(&Ended {
            point: self.point,
            outcome: Outcome::named(&told.code),
            verified: self.verified,
            counts_against: status.is_client_error() || status.is_server_error(),
            degraded: told.failed.as_ref().is_some_and(|it| it.degraded),
            unheard: self.manner == Some(Manner::Unheard),
            took,
        });
        self.log(told, took);
        self.trace.end(|| self.ending(told));
    }

    /// What a trace tells of the request. Nothing of what it said is in it either.
    fn ending(&self, told: &Told) -> Ending {
        let status = i64::from(told.status.as_u16());
        let mut attributes = vec![
            KeyValue::new("http.response.status_code", status),
            KeyValue::new("jackfield.code", told.code.clone()),
        ];
        let mut tell = |key, value: String| attributes.push(KeyValue::new(key, value));
        if let Some(add_on) = &self.add_on {
            tell("jackfield.add_on", add_on.config().name.to_string());
        }
        if let Some(request) = self.subject.request.filter(|_| self.verified) {
            tell("jackfield.request", request.to_string());
        }
        if let Some(manner) = self.manner {
            attributes.push(KeyValue::new(manner.attribute(), true));
        }
        if told.failed.as_ref().is_some_and(|failed| failed.degraded) {
            attributes.push(KeyValue::new("jackfield.degraded", true));
        }
        let failed = told.failed.is_some() || told.status.is_server_error();
        Ending {
            route: self.point.map(IntegrationPoint::path),
            attributes,
            failure: failed.then(|| told.code.to_string()),
            matters: failed && self.verified,
        }
    }

    /// The one line about a request. Nothing of what it said is in it.
    fn log(&self, told: &Told, took: Duration) {
        let add_on = self
            .add_on
            .as_ref()
            .map(|add_on| add_on.config().name.as_str());
        let point = self.point.map(IntegrationPoint::name);
        // Before the signature is verified, whatever a header holds is a stranger's.
        let request = self.subject.request.filter(|_| self.verified);
        let request = request.map(tracing::field::display);
        let duration_ms = milliseconds(took);
        let trace = self.trace.id().map(tracing::field::display);
        let is = |manner| (self.manner == Some(manner)).then_some(true);
        let (status, code) = (told.status.as_u16(), &*told.code);
        match &told.failed {
            None => info!(
                add_on,
                point,
                request,
                status,
                code,
                duration_ms,
                trace,
                joined = is(Manner::Joined),
                replayed = is(Manner::Replayed),
                unheard = is(Manner::Unheard),
                "answered"
            ),
            Some(failed) => warn!(
                add_on,
                point,
                request,
                status,
                code,
                duration_ms,
                trace,
                joined = is(Manner::Joined),
                replayed = is(Manner::Replayed),
                unheard = is(Manner::Unheard),
                degraded = failed.degraded,
                reason = failed.reason,
                "not answered"
            ),
        }
    }
}

/// When to come again, in whole seconds.
fn after(wait: Duration) -> HeaderValue {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(whole.max(1))
}

/// What a point's requests may be.
pub(super) fn allowed(point: Option<IntegrationPoint>) -> HeaderValue {
    match point.is_some_and(IntegrationPoint::is_asynchronous) {
        true => ALLOWED_OF_RECORDINGS,
        false => ALLOWED,
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
