//! Why an order is not carried out, and what whoever gave it is told.

use std::path::PathBuf;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::order::Verb;
use crate::jobs::OperateError;
use crate::reload::VerbError;

/// The longest body of a request, in bytes.
pub(super) const LONGEST_BODY: usize = 64 * 1024;

/// Why an order is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The other end of the socket is somebody else's.
    #[error("the host takes orders from its own user and from root, and not from user {0}")]
    Stranger(u32),
    /// The system does not say whose the other end is.
    #[error("the system does not tell who asks")]
    Nobody,
    /// There is no such verb.
    #[error("there is no such verb")]
    VerbUnknown,
    /// The verb is asked for in another way.
    #[error("`{}` is asked for with {}", .0.name(), .0.method())]
    MethodUnknown(Verb),
    /// The body is too long.
    #[error("the body is longer than {LONGEST_BODY} bytes")]
    BodyTooLong,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The body did not arrive at all.
    #[error("the body cannot be read")]
    BodyBroken,
    /// The body is not what the verb needs.
    #[error("the body makes no sense: {0}")]
    Malformed(String),
    /// The host's directory is not the asker's.
    #[error("`{}` is not an absolute path", .0.display())]
    PathNotAbsolute(PathBuf),
    /// The verb was not carried out.
    #[error(transparent)]
    Verb(#[from] VerbError),
    /// Nothing was done with a job.
    #[error(transparent)]
    Job(#[from] OperateError),
    /// The host is ending.
    #[error("the host is ending")]
    Ending,
    /// The host made a mistake of its own.
    #[error("the host failed; its log says where")]
    Internal,
}

/// What whoever gave the order is told, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Problem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Problem {
    /// For programs.
    pub(super) code: String,
    /// For people.
    pub(super) message: String,
}

impl ControlError {
    /// What whoever gave the order is told.
    pub(super) fn refusal(&self) -> (StatusCode, Refusal) {
        let (status, code) = self.told();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = Problem {
            code: code.to_owned(),
            message: self.to_string(),
        };
        (status, Refusal { error })
    }

    /// The one mapping. A new error must choose its answer here.
    fn told(&self) -> (u16, &'static str) {
        match self {
            Self::Stranger(_) | Self::Nobody => (403, "forbidden"),
            Self::VerbUnknown => (404, "verb_unknown"),
            Self::MethodUnknown(_) => (405, "method_not_allowed"),
            Self::BodyTooLong => (413, "body_too_long"),
            Self::BodyTooSlow => (408, "body_too_slow"),
            Self::BodyBroken => (400, "body_unreadable"),
            Self::Malformed(_) => (400, "body_malformed"),
            Self::PathNotAbsolute(_) => (400, "path_not_absolute"),
            Self::Verb(error) => verb(error),
            Self::Job(error) => job(error),
            Self::Ending => (503, "ending"),
            Self::Internal => (500, "internal"),
        }
    }
}

fn verb(error: &VerbError) -> (u16, &'static str) {
    match error {
        VerbError::NoAddOn(_) => (404, "addon_unknown"),
        VerbError::NoneBefore(_) => (409, "none_before"),
        VerbError::Unfit(..) => (409, "version_unfit"),
        VerbError::NothingHeld(..) => (409, "nothing_held"),
        VerbError::NotPaused(_) => (409, "not_paused"),
        VerbError::Answer(_) => (400, "answer_malformed"),
        VerbError::Reason => (400, "reason_needed"),
        VerbError::Unwritten(_) => (500, "unwritten"),
        VerbError::Ending => (503, "ending"),
    }
}

fn job(error: &OperateError) -> (u16, &'static str) {
    match error {
        OperateError::NoJobs => (409, "no_jobs"),
        OperateError::NoId(_) | OperateError::NoState(_) => (400, "body_malformed"),
        OperateError::Unknown(_) => (404, "job_unknown"),
        OperateError::NotDead(_) => (409, "not_dead"),
        OperateError::NoAddOn(_) => (404, "addon_unknown"),
        OperateError::Jobs(_) => (503, "store_unavailable"),
    }
}
