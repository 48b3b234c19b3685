//! What can be asked for, as it travels: a path, and a JSON object.

mod about;
mod verb;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ControlError;
use crate::jobs::JobFilter;

pub use about::{EraseOf, Freeze, OfAddOn, OfJob, PauseOf, PlanOf, RollbackOf};
pub use verb::Verb;

/// How long an answer may take that is known at once.
const SOON: Duration = Duration::from_secs(10);
/// How long one may take for which components are compiled, or files are searched, many
/// of them perhaps.
const LATER: Duration = Duration::from_secs(30 * 60);

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

/// About nothing more.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

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
            Self::Plan(_)
            | Self::Reload
            | Self::Rollback(_)
            | Self::Approve(_)
            | Self::Erase(_) => LATER,
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
    use http::Method;
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
            Order::Job(OfJob {
                job: "1".to_owned(),
            }),
            Order::Retry(OfJob {
                job: "2".to_owned(),
            }),
            Order::Drop(OfJob {
                job: "3".to_owned(),
            }),
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
