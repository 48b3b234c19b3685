//! Every way in which a request can end without an answer, and what its caller is told.
//!
//! Twilio counts 4xx and 5xx against the publisher, so the rule is: before the signature
//! is verified, 4xx; after it, 200 with an error inside, but for what is a breach, and for
//! an overload where the operator wants Twilio to come again.

use std::time::Duration;

use http::StatusCode;

use crate::add_on::InvokeError;
use crate::clients::{Unwelcome, Whose};
use crate::config::Overload;
use crate::egress::{EgressError, Refused};
use crate::jobs::AcceptError;
use crate::protocol::credentials::CredentialsError;
use crate::protocol::framing::FramingError;
use crate::protocol::freshness::FreshnessError;
use crate::protocol::invocation::InvocationError;
use crate::protocol::parameters::ParametersError;
use crate::protocol::recording::RecordingError;
use crate::protocol::reply::Problem;
use crate::protocol::signature::SignatureError;
use crate::sandbox::{CallError, RefusalKind, ReplyError};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Requests are taken from other addresses alone.
    #[error("requests from this address are not taken")]
    AddressForeign,
    /// Too much came from the address that proved nothing; for so long, nothing is read.
    #[error("too many requests from this address proved nothing")]
    HeldOff(Duration),
    /// Others could read the request differently.
    #[error(transparent)]
    Framing(#[from] FramingError),
    /// Nothing is served under this path.
    #[error("nothing is served under this path")]
    PathUnknown,
    /// The method is neither GET nor POST.
    #[error("only GET and POST are served")]
    MethodUnknown,
    /// The body is longer than the host reads.
    #[error("the body is too long")]
    BodyTooLong,
    /// The body did not arrive in time.
    #[error("the body took too long to arrive")]
    BodyTooSlow,
    /// The connection broke while the body was read.
    #[error("the body could not be read")]
    BodyBroken,
    /// Signatures are not checked, and the request may come from elsewhere.
    #[error("without signatures, only this machine is served")]
    NotLocal,
    /// The signature is not good.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The request is too old, or not yet.
    #[error(transparent)]
    Stale(#[from] FreshnessError),
    /// The headers name another account than the add-on's.
    #[error("the request names another account than the add-on's")]
    AccountSwapped,
    /// The add-on is reached under another path.
    #[error("the add-on is not reached under this path")]
    PathSwapped,
    /// The add-on's requests travel in another shape.
    #[error("the add-on's requests are not registered with this method and kind of body")]
    ShapeSwapped,
    /// What the publisher demands besides the signature is missing.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// There is no add-on SID.
    #[error("the header X-Twilio-AddOnSid is missing")]
    AddOnMissing,
    /// The add-on SID is none.
    #[error("the header X-Twilio-AddOnSid is not an add-on's SID")]
    AddOnMalformed,
    /// No such add-on is served.
    #[error("the add-on is not served here")]
    AddOnUnknown,
    /// The add-on does not serve this integration point.
    #[error("the add-on does not serve this integration point")]
    PointNotServed,
    /// The body cannot be understood.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// The request is no call of the add-on.
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    /// The add-on knows nothing about such addresses.
    #[error("the add-on has no results for this kind of address")]
    AddressNotAccepted,
    /// Another request was answered under the same SID.
    #[error("another request came under this request's SID")]
    RequestReused,
    /// Recordings cannot be kept at the moment; the host's log says why.
    #[error("the host cannot keep recordings at the moment")]
    JobsAway,
    /// The request is no recording to analyse.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The result is not sent where the request wants it.
    #[error("the result is not sent to the address of the callback: {0}")]
    CallbackRefused(Refused),
    /// The audio is not fetched from where the request says.
    #[error("the audio is not fetched from its address: {0}")]
    AudioRefused(Refused),
    /// The recording is not accepted.
    #[error(transparent)]
    Unaccepted(AcceptError),
    /// The audio was not to be had.
    #[error("the audio could not be fetched: {0}")]
    AudioUnavailable(EgressError),
    /// The time for a recording is over.
    #[error("the recording was not analysed in its time")]
    RecordingLate,
    /// There were too many verified requests.
    #[error("{}", whose.told())]
    Exceeded {
        /// Whose.
        whose: Whose,
        /// For how long there would be.
        wait: Duration,
        /// What is answered.
        overload: Overload,
    },
    /// The provider brought no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The host itself failed.
    #[error("the host failed to answer")]
    Internal,
}

/// What a program is told: the HTTP status, a stable code, and whether to try again.
type Told<'a> = (u16, &'a str, bool);

impl From<Unwelcome> for Failure {
    fn from(unwelcome: Unwelcome) -> Self {
        match unwelcome {
            Unwelcome::Foreign => Self::AddressForeign,
            Unwelcome::HeldOff(wait) => Self::HeldOff(wait),
        }
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        Self::Unaccepted(error)
    }
}

impl Failure {
    /// What the caller is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code, retryable) = self.told();
        Problem {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: code.to_owned(),
            message: self.message(),
            retryable,
        }
    }

    /// Whether a repetition of the request is told the same.
    #[must_use]
    pub fn is_outcome(&self) -> bool {
        matches!(self, Self::Invoke(error) if error.is_outcome())
    }

    /// Whether it is a provider's reasoned no.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Invoke(InvokeError::Call(CallError::Refused(_))))
    }

    /// What a person is told. A provider's refusal speaks for itself; where a provider
    /// trapped is the operator's to know.
    fn message(&self) -> String {
        match self {
            Self::Invoke(InvokeError::Call(CallError::Refused(refusal))) => refusal.message.clone(),
            Self::Invoke(InvokeError::Call(CallError::Trap(_))) => "the provider failed".to_owned(),
            other => other.to_string(),
        }
    }

    /// The one mapping. A new failure must choose its answer here.
    fn told(&self) -> Told<'_> {
        match self {
            Self::AddressForeign => (403, "address_not_allowed", false),
            Self::HeldOff(_) => (429, "too_many_requests", true),
            Self::Framing(_) => (400, "request_ambiguous", false),
            Self::PathUnknown => (404, "path_unknown", false),
            Self::MethodUnknown => (405, "method_not_allowed", false),
            Self::BodyTooLong => (413, "body_too_long", false),
            Self::BodyTooSlow => (408, "body_too_slow", true),
            Self::BodyBroken => (400, "body_unreadable", true),
            Self::NotLocal => (403, "not_local", false),
            Self::Signature(error) => signature(*error),
            Self::Stale(_) => (403, "stale_request", false),
            Self::AccountSwapped => (403, "account_mismatch", false),
            Self::PathSwapped => (403, "path_mismatch", false),
            Self::ShapeSwapped => (403, "method_mismatch", false),
            Self::Credentials(CredentialsError::Basic) => (401, "unauthorized", false),
            Self::Credentials(CredentialsError::Key) => (403, "forbidden", false),
            Self::AddOnMissing => (200, "addon_missing", false),
            Self::AddOnMalformed => (200, "addon_malformed", false),
            Self::AddOnUnknown => (200, "addon_unknown", false),
            Self::PointNotServed => (200, "integration_point_not_served", false),
            Self::Parameters(ParametersError::ContentType) => {
                (200, "content_type_unsupported", false)
            }
            Self::Parameters(
                ParametersError::Json | ParametersError::TooMany | ParametersError::Multipart(_),
            ) => (200, "body_malformed", false),
            Self::Invocation(error) => invocation(*error),
            Self::AddressNotAccepted => (200, "address_not_accepted", false),
            Self::RequestReused => (409, "request_reused", false),
            Self::JobsAway => (503, "jobs_unavailable", true),
            Self::Recording(error) => recording(*error),
            Self::CallbackRefused(_) => (200, "callback_refused", false),
            Self::AudioRefused(_) => (200, "audio_refused", false),
            Self::Unaccepted(error) => unaccepted(error),
            Self::AudioUnavailable(_) => (200, "audio_unavailable", false),
            Self::RecordingLate => (200, "recording_late", false),
            Self::Exceeded { overload, .. } => match overload {
                Overload::Answer => (200, "rate_exceeded", true),
                Overload::Retry => (503, "rate_exceeded", true),
            },
            Self::Invoke(error) => invoke(error),
            Self::Internal => (200, "internal", true),
        }
    }
}

fn signature(error: SignatureError) -> Told<'static> {
    match error {
        SignatureError::Missing => (403, "signature_missing", false),
        SignatureError::Mismatch => (403, "signature_invalid", false),
        SignatureError::BodyUncovered => (403, "body_not_signed", false),
        SignatureError::BodyMismatch => (403, "body_mismatch", false),
        SignatureError::TooMany(_) => (400, "too_many_parameters", false),
    }
}

fn recording(error: RecordingError) -> Told<'static> {
    match error {
        RecordingError::AudioMissing => (200, "audio_missing", false),
        RecordingError::CallbackMissing => (200, "callback_missing", false),
        RecordingError::UrlTooLong => (200, "url_too_long", false),
        RecordingError::Ambiguous(_) => (200, "parameter_ambiguous", false),
    }
}

/// What cannot be kept must come again: Twilio repeats a recording that got a 5xx (the
/// reference's README).
fn unaccepted(error: &AcceptError) -> Told<'static> {
    match error {
        AcceptError::Draining => (503, "ending", true),
        AcceptError::Busy => (503, "busy", true),
        AcceptError::Unkept(_) => (503, "not_kept", true),
        // Whose audio it is, nothing has proved by then.
        AcceptError::TooLong => (413, "audio_too_long", false),
        AcceptError::Reused => (409, "request_reused", false),
    }
}

fn invocation(error: InvocationError) -> Told<'static> {
    match error {
        InvocationError::AddressMissing => (200, "address_missing", false),
        InvocationError::Address(_) => (200, "address_malformed", false),
        InvocationError::Ambiguous(_) => (200, "parameter_ambiguous", false),
        InvocationError::BodyTooLong => (200, "message_too_long", false),
    }
}

fn invoke(error: &InvokeError) -> Told<'_> {
    match error {
        InvokeError::Unavailable => (200, "unavailable", true),
        InvokeError::Paused => (200, "paused", true),
        InvokeError::Suspended(_) => (200, "suspended", true),
        InvokeError::Overloaded { overload, .. } => match overload {
            Overload::Answer => (200, "overloaded", true),
            Overload::Retry => (503, "overloaded", true),
        },
        InvokeError::Call(CallError::NoRoom) => (200, "overloaded", true),
        InvokeError::Call(CallError::Cpu) => (200, "out_of_cpu", false),
        InvokeError::Call(CallError::Timeout) => (200, "timeout", true),
        InvokeError::Call(CallError::Memory) => (200, "out_of_memory", false),
        InvokeError::Call(CallError::Reply) => (200, "reply_too_long", false),
        InvokeError::Call(CallError::Unfit(ReplyError::TooLong(_))) => {
            (200, "reply_too_long", false)
        }
        InvokeError::Call(CallError::Unfit(ReplyError::NotAnObject(_))) => {
            (200, "reply_malformed", false)
        }
        InvokeError::Call(CallError::Host | CallError::Unread(_) | CallError::Unkept(_)) => {
            (200, "internal", true)
        }
        InvokeError::Call(CallError::Trap(_)) => (200, "provider_failed", false),
        InvokeError::Call(CallError::Refused(refusal)) => {
            let retryable = matches!(refusal.kind, RefusalKind::Retry);
            (200, &refusal.code, retryable)
        }
        InvokeError::NotAnObject(_) => (200, "reply_malformed", false),
        InvokeError::TooLong { .. } => (200, "reply_too_long", false),
    }
}
