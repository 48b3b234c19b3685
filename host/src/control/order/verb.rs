//! What can be asked for, by a name that is a path and a command.

use http::Method;

use crate::control::error::ControlError;

/// What every path begins with.
const ROOT: &str = "/v1/";

/// The verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Tell how everything is.
    Status,
    /// Tell what a reload would change.
    Plan,
    /// Take up what has changed.
    Reload,
    /// Go back to an add-on's version before.
    Rollback,
    /// Let an add-on's component serve that waits for it.
    Approve,
    /// Answer for an add-on without calling it.
    Pause,
    /// Call it again.
    Resume,
    /// Take up nothing that nobody asked for.
    Freeze,
    /// Take up again what changes.
    Thaw,
    /// End, once all that runs has ended.
    Drain,
    /// List jobs.
    Jobs,
    /// Show a job.
    Job,
    /// Have a dead letter worked on again.
    Retry,
    /// Forget a dead letter.
    Drop,
    /// Erase what is kept about somebody.
    Erase,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Status,
        Self::Plan,
        Self::Reload,
        Self::Rollback,
        Self::Approve,
        Self::Pause,
        Self::Resume,
        Self::Freeze,
        Self::Thaw,
        Self::Drain,
        Self::Jobs,
        Self::Job,
        Self::Retry,
        Self::Drop,
        Self::Erase,
    ];

    /// Its name, in the path and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Plan => "plan",
            Self::Reload => "reload",
            Self::Rollback => "rollback",
            Self::Approve => "approve",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Drain => "drain",
            Self::Jobs => "jobs",
            Self::Job => "job",
            Self::Retry => "retry",
            Self::Drop => "drop",
            Self::Erase => "erase",
        }
    }

    /// The method of its requests.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Status => Method::GET,
            _ => Method::POST,
        }
    }

    /// The path of its requests.
    #[must_use]
    pub fn path(self) -> String {
        format!("{ROOT}{}", self.name())
    }

    /// The verb that a request asks for.
    ///
    /// # Errors
    /// Where there is none, or it is asked for otherwise.
    pub fn parse(method: &Method, path: &str) -> Result<Self, ControlError> {
        let name = path.strip_prefix(ROOT);
        let verb = Self::ALL.into_iter().find(|verb| name == Some(verb.name()));
        let verb = verb.ok_or(ControlError::VerbUnknown)?;
        match *method == verb.method() {
            true => Ok(verb),
            false => Err(ControlError::MethodUnknown(verb)),
        }
    }
}
