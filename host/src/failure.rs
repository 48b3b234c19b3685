//! Every way in which a request can end without an answer, and what its caller is told.
//!
//! Twilio counts 4xx and 5xx against the publisher, so the rule is: before the signature
//! is verified, 4xx; after it, 200 with an error inside, but for what is a breach.

use std::borrow::Cow;

use http::StatusCode;

use crate::add_on::InvokeError;
use crate::protocol::credentials::CredentialsError;
use crate::protocol::freshness::FreshnessError;
use crate::protocol::invocation::InvocationError;
use crate::protocol::parameters::ParametersError;
use crate::protocol::reply::Problem;
use crate::protocol::signature::SignatureError;
use crate::sandbox::RefusalKind;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
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
    #[error("the body took too long")]
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
    /// What the publisher demands besides the signature is missing.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// There is no add-on SID.
    #[error("the request names no add-on")]
    AddOnMissing,
    /// The add-on SID is none.
    #[error("the request's add-on SID is malformed")]
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
    /// The provider brought no answer.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The host itself failed.
    #[error("internal error")]
    Internal,
}

/// What a caller is told: status, code, sentence, and whether to try again.
type Told<'a> = (u16, Cow<'a, str>, Cow<'a, str>, bool);

fn told<'a>(status: u16, code: &'a str, message: &'a str, retryable: bool) -> Told<'a> {
    (
        status,
        Cow::Borrowed(code),
        Cow::Borrowed(message),
        retryable,
    )
}

impl Failure {
    /// What the caller is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code, message, retryable) = self.told();
        Problem {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: code.into_owned(),
            message: message.into_owned(),
            retryable,
        }
    }

    /// The one mapping. A new failure must choose its answer here.
    fn told(&self) -> Told<'_> {
        match self {
            Self::PathUnknown => told(
                404,
                "path_unknown",
                "nothing is served under this path",
                false,
            ),
            Self::MethodUnknown => told(
                405,
                "method_not_allowed",
                "only GET and POST are served",
                false,
            ),
            Self::BodyTooLong => told(413, "body_too_long", "the body is too long", false),
            Self::BodyTooSlow => told(
                408,
                "body_too_slow",
                "the body took too long to arrive",
                true,
            ),
            Self::BodyBroken => told(400, "body_unreadable", "the body could not be read", true),
            Self::NotLocal => told(
                403,
                "not_local",
                "signatures are not checked, so only this machine is served",
                false,
            ),
            Self::Signature(error) => signature(*error),
            Self::Stale(_) => told(
                403,
                "stale_request",
                "the request's date is not within its time to live",
                false,
            ),
            Self::AccountSwapped => told(
                403,
                "account_mismatch",
                "the request names another account than the add-on's",
                false,
            ),
            Self::PathSwapped => told(
                403,
                "path_mismatch",
                "the add-on is not reached under this path",
                false,
            ),
            Self::Credentials(CredentialsError::Basic) => told(
                401,
                "unauthorized",
                "credentials are missing or wrong",
                false,
            ),
            Self::Credentials(CredentialsError::Key) => {
                told(403, "forbidden", "an API key is missing or wrong", false)
            }
            Self::AddOnMissing => told(
                200,
                "addon_missing",
                "the header X-Twilio-AddOnSid is missing",
                false,
            ),
            Self::AddOnMalformed => told(
                200,
                "addon_malformed",
                "the header X-Twilio-AddOnSid is not an add-on's SID",
                false,
            ),
            Self::AddOnUnknown => {
                told(200, "addon_unknown", "the add-on is not served here", false)
            }
            Self::PointNotServed => told(
                200,
                "integration_point_not_served",
                "the add-on does not serve this integration point",
                false,
            ),
            Self::Parameters(ParametersError::ContentType) => told(
                200,
                "content_type_unsupported",
                "the body's content type is neither a form nor JSON",
                false,
            ),
            Self::Parameters(ParametersError::Json) => told(
                200,
                "body_malformed",
                "the body is not a JSON object",
                false,
            ),
            Self::Parameters(ParametersError::TooMany) => told(
                200,
                "body_malformed",
                "the body has too many members",
                false,
            ),
            Self::Invocation(error) => invocation(*error),
            Self::AddressNotAccepted => told(
                200,
                "address_not_accepted",
                "the add-on has no results for this kind of address",
                false,
            ),
            Self::Invoke(error) => invoke(error),
            Self::Internal => told(200, "internal", "the host failed to answer", true),
        }
    }
}

fn signature(error: SignatureError) -> Told<'static> {
    match error {
        SignatureError::Missing => told(
            403,
            "signature_missing",
            "the header X-Twilio-Signature is missing",
            false,
        ),
        SignatureError::Mismatch => told(
            403,
            "signature_invalid",
            "the signature does not match the request",
            false,
        ),
        SignatureError::BodyUncovered => told(
            403,
            "body_not_signed",
            "the body is not covered by the signature: bodySHA256 is missing",
            false,
        ),
        SignatureError::BodyMismatch => told(
            403,
            "body_mismatch",
            "the body does not match its signed hash",
            false,
        ),
        SignatureError::TooMany(_) => told(
            400,
            "too_many_parameters",
            "the request has too many parameters",
            false,
        ),
    }
}

fn invocation(error: InvocationError) -> Told<'static> {
    match error {
        InvocationError::AddressMissing => told(
            200,
            "address_missing",
            "no parameter carries an address",
            false,
        ),
        InvocationError::Address(_) => told(
            200,
            "address_malformed",
            "the address is empty or too long",
            false,
        ),
        InvocationError::Ambiguous(_) => told(
            200,
            "parameter_ambiguous",
            "a parameter was sent twice with different values",
            false,
        ),
        InvocationError::BodyTooLong => {
            told(200, "message_too_long", "the message is too long", false)
        }
    }
}

fn invoke(error: &InvokeError) -> Told<'_> {
    match error {
        InvokeError::Unavailable => told(200, "unavailable", "the add-on is not available", true),
        InvokeError::Overloaded => told(200, "overloaded", "the add-on is at its limit", true),
        InvokeError::Timeout => told(200, "timeout", "the add-on did not answer in time", true),
        InvokeError::Memory => told(200, "out_of_memory", "the add-on ran out of memory", false),
        InvokeError::Trap(_) => told(200, "provider_failed", "the add-on failed", false),
        InvokeError::Refused(refusal) => (
            200,
            Cow::Borrowed(refusal.code.as_str()),
            Cow::Borrowed(refusal.message.as_str()),
            matches!(refusal.kind, RefusalKind::Retry),
        ),
        InvokeError::NotAnObject(_) => told(
            200,
            "reply_malformed",
            "the add-on's answer is not a JSON object",
            false,
        ),
        InvokeError::TooLong { .. } => told(
            200,
            "reply_too_long",
            "the add-on's answer is too long",
            false,
        ),
    }
}
