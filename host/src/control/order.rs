//! What can be asked for, as it travels: a path, and a JSON object.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ControlError;
use crate::jobs::JobFilter;

/// What every path begins with.
const ROOT: &str = "/v1/";

/// How long an answer may take that is known at once.
const SOON: Duration = Duration::from_secs(10);
/// How long one may take for which components are compiled, or files are searched, many
/// of them perhaps.
const LATER: Duration = Duration::from_secs(30 * 60);

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

/// A verb, and what it is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// [`Verb::Status`].
    Status,
    /// [`Verb::Plan`].
    Plan(PlanOf),
    /// [`Verb::Reload`].
    Reload,
    /// [`Verb::Rollback`].
    Rollback(RollbackOf),
    /// [`Verb::Approve`].
    Approve(OfAddOn),
    /// [`Verb::Pause`].
    Pause(PauseOf),
    /// [`Verb::Resume`].
    Resume(OfAddOn),
    /// [`Verb::Freeze`].
    Freeze(Freeze),
    /// [`Verb::Thaw`].
    Thaw,
    /// [`Verb::Drain`].
    Drain,
    /// [`Verb::Jobs`].
    Jobs(JobFilter),
    /// [`Verb::Job`].
    Job(OfJob),
    /// [`Verb::Retry`].
    Retry(OfJob),
    /// [`Verb::Drop`].
    Drop(OfJob),
    /// [`Verb::Erase`].
    Erase(EraseOf),
}

/// About one add-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfAddOn {
    /// Its name.
    pub addon: String,
}

/// About a way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackOf {
    /// The add-on's name.
    pub addon: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// About a pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseOf {
    /// The add-on's name.
    pub addon: String,
    /// Why.
    pub reason: String,
    /// A JSON object that is answered meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

/// About a freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Why.
    pub reason: String,
}

/// About a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOf {
    /// The configuration in question, if not the host's own; an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<PathBuf>,
}

/// About one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfJob {
    /// Its name.
    pub job: String,
}

/// About whoever is erased: one of the two.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum EraseOf {
    /// A phone number.
    Phone(String),
    /// The SID of a customer's installation.
    Install(String),
}

impl fmt::Debug for EraseOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EraseOf([REDACTED])")
    }
}

/// About nothing more.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

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

impl Order {
    /// Its verb.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Status => Verb::Status,
            Self::Plan(_) => Verb::Plan,
            Self::Reload => Verb::Reload,
            Self::Rollback(_) => Verb::Rollback,
            Self::Approve(_) => Verb::Approve,
            Self::Pause(_) => Verb::Pause,
            Self::Resume(_) => Verb::Resume,
            Self::Freeze(_) => Verb::Freeze,
            Self::Thaw => Verb::Thaw,
            Self::Drain => Verb::Drain,
            Self::Jobs(_) => Verb::Jobs,
            Self::Job(_) => Verb::Job,
            Self::Retry(_) => Verb::Retry,
            Self::Drop(_) => Verb::Drop,
            Self::Erase(_) => Verb::Erase,
        }
    }

    /// How long its answer may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        match self {
            Self::Plan(_) | Self::Reload | Self::Rollback(_) | Self::Approve(_) | Self::Erase(_) => {
                LATER
            }
            _ => SOON,
        }
    }

    /// What is said about it, as JSON.
    ///
    /// # Errors
    /// Where a path in it is no text.
    pub fn body(&self) -> serde_json::Result<Vec<u8>> {
        match self {
            Self::Status => Ok(Vec::new()),
            Self::Reload | Self::Thaw | Self::Drain => serde_json::to_vec(&Nothing {}),
            Self::Plan(plan) => serde_json::to_vec(plan),
            Self::Rollback(rollback) => serde_json::to_vec(rollback),
            Self::Approve(add_on) | Self::Resume(add_on) => serde_json::to_vec(add_on),
            Self::Pause(pause) => serde_json::to_vec(pause),
            Self::Freeze(freeze) => serde_json::to_vec(freeze),
            Self::Jobs(filter) => serde_json::to_vec(filter),
            Self::Job(job) | Self::Retry(job) | Self::Drop(job) => serde_json::to_vec(job),
            Self::Erase(whose) => serde_json::to_vec(whose),
        }
    }

    /// The order that a verb and a body are. An empty body says nothing.
    ///
    /// # Errors
    /// Where the body says something else than the verb needs.
    pub fn parse(verb: Verb, body: &[u8]) -> Result<Self, ControlError> {
        let plain = |order: Self| read::<Nothing>(body).map(|_| order);
        match verb {
            Verb::Status => plain(Self::Status),
            Verb::Reload => plain(Self::Reload),
            Verb::Thaw => plain(Self::Thaw),
            Verb::Drain => plain(Self::Drain),
            Verb::Plan => read(body).map(Self::Plan),
            Verb::Rollback => read(body).map(Self::Rollback),
            Verb::Approve => read(body).map(Self::Approve),
            Verb::Resume => read(body).map(Self::Resume),
            Verb::Pause => read(body).map(Self::Pause),
            Verb::Freeze => read(body).map(Self::Freeze),
            Verb::Jobs => read(body).map(Self::Jobs),
            Verb::Job => read(body).map(Self::Job),
            Verb::Retry => read(body).map(Self::Retry),
            Verb::Drop => read(body).map(Self::Drop),
            Verb::Erase => read(body).map(Self::Erase),
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    let body = if body.is_empty() { b"{}" } else { body };
    // A JSON array would do for a struct as well; one form is enough.
    let value: Value = serde_json::from_slice(body).map_err(malformed)?;
    match value.is_object() {
        true => serde_json::from_value(value).map_err(malformed),
        false => Err(ControlError::Malformed("expected a JSON object".to_owned())),
    }
}

fn malformed(error: serde_json::Error) -> ControlError {
    ControlError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn orders() -> Vec<Order> {
        let addon = || "caller-name".to_owned();
        vec![
            Order::Status,
            Order::Plan(PlanOf::default()),
            Order::Plan(PlanOf {
                config: Some("/etc/other.toml".into()),
            }),
            Order::Reload,
            Order::Rollback(RollbackOf {
                addon: addon(),
                reason: None,
            }),
            Order::Rollback(RollbackOf {
                addon: addon(),
                reason: Some("it is slow".to_owned()),
            }),
            Order::Approve(OfAddOn { addon: addon() }),
            Order::Pause(PauseOf {
                addon: addon(),
                reason: "an incident".to_owned(),
                answer: Some(json!({ "z": 1, "a": [2.5] })),
            }),
            Order::Resume(OfAddOn { addon: addon() }),
            Order::Freeze(Freeze {
                reason: "an incident".to_owned(),
            }),
            Order::Thaw,
            Order::Drain,
            Order::Jobs(JobFilter::default()),
            Order::Jobs(JobFilter {
                state: Some("dead".to_owned()),
                addon: Some(addon()),
                after: None,
                limit: Some(10),
            }),
            Order::Job(OfJob { job: "1".to_owned() }),
            Order::Retry(OfJob { job: "2".to_owned() }),
            Order::Drop(OfJob { job: "3".to_owned() }),
            Order::Erase(EraseOf::Phone("+12125550123".to_owned())),
            Order::Erase(EraseOf::Install("XD0".to_owned())),
        ]
    }

    #[test]
    fn what_is_sent_is_what_arrives() {
        for order in orders() {
            let verb = order.verb();
            assert_eq!(Verb::parse(&verb.method(), &verb.path()).unwrap(), verb);
            assert_eq!(Order::parse(verb, &order.body().unwrap()).unwrap(), order);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (verb, body) in [
            (Verb::Reload, "[]"),
            (Verb::Reload, "null"),
            (Verb::Reload, r#"{"addon":"a"}"#),
            (Verb::Pause, ""),
            (Verb::Pause, r#"{"addon":"a"}"#),
            (Verb::Pause, r#"["a","b"]"#),
            (Verb::Rollback, r#"{"addon":7}"#),
            (Verb::Rollback, r#"{"addon":"a","why":"b"}"#),
            (Verb::Freeze, "{"),
            (Verb::Jobs, r#"{"state":7}"#),
            (Verb::Job, ""),
            (Verb::Erase, ""),
            (Verb::Erase, r#"{"phone":"1","install":"2"}"#),
            (Verb::Freeze, "\u{0}"),
        ] {
            let refused = Order::parse(verb, body.as_bytes());
            assert!(matches!(refused, Err(ControlError::Malformed(_))), "{body}");
        }
        for path in [
            "/v1/",
            "/v1",
            "/v2/status",
            "/v1/status/",
            "/v1/statu",
            "/status",
        ] {
            let refused = Verb::parse(&Method::GET, path);
            assert!(matches!(refused, Err(ControlError::VerbUnknown)), "{path}");
        }
        let refused = Verb::parse(&Method::GET, "/v1/drain");
        assert!(matches!(
            refused,
            Err(ControlError::MethodUnknown(Verb::Drain))
        ));
    }
}
