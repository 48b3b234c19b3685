//! One add-on: its settings, the version that serves it and those beside it, and the room
//! it may take.

mod analysis;
mod canary;
mod shadow;
mod versions;

use std::sync::Arc;
use std::time::Instant;

use crate::admission::{Customer, Gate, NoTurn};
use crate::breaker::{Attempt, Suspended};
use crate::config::{AddOnConfig, Overload};
use crate::meter::Meter;
use crate::protocol::invocation::Invocation;
use crate::protocol::json::JsonError;
use crate::sandbox::{Answer, CallError, ReplyError, Usage};
use crate::state::Pause;
use crate::telemetry::milliseconds;
use crate::traces::{Step, Trace};
use crate::version::Serving;

pub use analysis::{Analysis, Turn};
pub use canary::Canary;
pub use shadow::{Shadow, Tally};
pub use versions::{NamedCount, VersionCounts, Versions};

/// An add-on that is served, or that would be if there were a sound component. It does not
/// change: whatever changes takes its place in a new registry.
// Apart from the count of its references, which every request changes.
#[derive(Clone)]
#[repr(align(128))]
pub struct AddOn {
    /// Its settings.
    pub config: Arc<AddOnConfig>,
    /// Its way in, the same for as long as the add-on is served.
    pub gate: Gate,
    /// What is counted of it, likewise.
    pub meter: Arc<Meter>,
    /// What serves it, if anything does.
    pub main: Option<Serving>,
    /// Why it is not the component in place that serves it, where it is not.
    pub hindrance: Option<Arc<Hindrance>>,
    /// What answers a part of its customers.
    pub canary: Option<Canary>,
    /// What is asked besides, and compared.
    pub shadow: Option<Arc<Shadow>>,
    /// From which versions of its listing its requests come.
    pub versions: Arc<Versions>,
    /// Set while an operator has paused it.
    pub pause: Option<Arc<Pause>>,
    /// The generation of the first registry in which requests are read as they are now.
    pub reading: u64,
}

/// Why a component does not serve, though the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hindrance {
    /// The SHA-256 of the file in place, if it could be read.
    pub sha256: Option<String>,
    /// The reason.
    pub why: String,
    /// Whether an operator's approval would let it serve.
    pub held: bool,
}

impl Hindrance {
    /// Whether it says what another said. What did not compile is told in more words when
    /// it is remembered than when it happens.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        let (one, two) = (&self.why, &other.why);
        let same = self.sha256 == other.sha256 && self.held == other.held;
        same && (one.starts_with(two.as_str()) || two.starts_with(one.as_str()))
    }
}

impl std::fmt::Display for Hindrance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

/// Why an invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The component could not be loaded; the host's log says why.
    #[error("the add-on's component is not loaded")]
    Unavailable,
    /// An operator has paused the add-on.
    #[error("the add-on is paused")]
    Paused,
    /// The provider failed too often, and is left alone for a while.
    #[error(transparent)]
    Suspended(#[from] Suspended),
    /// Too many calls run already.
    #[error("{why}")]
    Overloaded {
        /// What became of its turn.
        why: NoTurn,
        /// What the add-on answers then.
        overload: Overload,
    },
    /// The call brought no answer.
    #[error(transparent)]
    Call(CallError),
    /// The provider's reply is not a JSON object.
    #[error("the provider's reply is {0}")]
    NotAnObject(JsonError),
    /// The provider's reply is too long.
    #[error("the provider's reply is longer than {limit} bytes")]
    TooLong {
        /// The longest that is allowed.
        limit: usize,
    },
}

impl InvokeError {
    /// Whether an add-on's fallback answers for this: the provider failed, and did not
    /// decide, and Twilio is not asked to come again.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Call(CallError::Refused(_)) => false,
            Self::Overloaded { overload, .. } => *overload == Overload::Answer,
            _ => true,
        }
    }

    /// Whether the provider was called, and this is what came of it: the same call would
    /// not be a first one any more. All else says nothing about the next call.
    #[must_use]
    pub fn is_outcome(&self) -> bool {
        match self {
            Self::Unavailable | Self::Paused | Self::Suspended(_) | Self::Overloaded { .. } => {
                false
            }
            Self::Call(error) => match error {
                CallError::Refused(_)
                | CallError::Cpu
                | CallError::Timeout
                | CallError::Memory
                | CallError::Reply
                | CallError::Unfit(_)
                | CallError::Trap(_) => true,
                CallError::NoRoom
                | CallError::Host
                | CallError::Unread(_)
                | CallError::Unkept(_) => false,
            },
            Self::NotAnObject(_) | Self::TooLong { .. } => true,
        }
    }
}

impl AddOn {
    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &AddOnConfig {
        &self.config
    }

    /// The SHA-256 of the component that serves it, if one does.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.main.as_ref().map(|main| main.version.sha256.as_str())
    }

    /// Why its canary's component serves nobody, where it has one and it does not.
    #[must_use]
    pub fn canary_hindrance(&self) -> Option<&Arc<Hindrance>> {
        self.canary.as_ref()?.serving.as_ref().err()
    }

    /// Why nothing serves it, where nothing does.
    #[must_use]
    pub fn fault(&self) -> Option<&Hindrance> {
        match self.main {
            Some(_) => None,
            None => self.hindrance.as_deref(),
        }
    }

    /// The stack that every instance of its provider sets aside, in bytes, where that can
    /// be told.
    #[must_use]
    pub fn stack(&self) -> Option<u32> {
        self.main.as_ref()?.version.provider.stack()
    }

    /// Whether its provider has anything to say about such an address.
    #[must_use]
    pub fn accepts(&self, invocation: &Invocation) -> bool {
        self.config.terms.accept(invocation.address.kind())
    }

    /// The JSON object that is answered in place of an error, if there is one.
    #[must_use]
    pub fn stand_in(&self, error: &InvokeError) -> Option<&str> {
        let pause = self.pause.as_ref();
        let answer = pause.and_then(|pause| pause.answer.as_deref());
        let object = answer.or(self.config.fallback.as_deref());
        object.filter(|_| error.is_failure())
    }

    /// Calls the provider and checks what comes back. The add-on's `timeout` covers all
    /// of it, and half of it the wait for a turn, so that whoever gets one can use it.
    ///
    /// # Errors
    /// Where there is no JSON object to answer with.
    pub async fn invoke(
        &self,
        invocation: Arc<Invocation>,
        trace: &Trace,
    ) -> Result<String, InvokeError> {
        if self.pause.is_some() {
            return Err(InvokeError::Paused);
        }
        let serving = self.serving(&invocation).ok_or(InvokeError::Unavailable)?;
        let shadow = self.shadow.as_ref().filter(|shadow| shadow.is_due());
        let shadow = shadow.map(|shadow| (shadow, Arc::clone(&invocation)));
        let mut attempt = serving.breaker.admit()?;
        let result = self.call(serving, invocation, &mut attempt, trace).await;
        conclude(serving, attempt, &result);
        if let Some((shadow, invocation)) = shadow {
            shadow.compare(self, invocation, &result);
        }
        result
    }

    /// What serves a call: its customer's part of the add-on decides.
    fn serving(&self, invocation: &Invocation) -> Option<&Serving> {
        let customer = invocation.sids.add_on_install;
        let canary = self.canary.as_ref();
        let canary = canary.and_then(|canary| canary.serving(&self.config.name, customer));
        canary.or(self.main.as_ref())
    }

    async fn call(
        &self,
        serving: &Serving,
        invocation: Arc<Invocation>,
        attempt: &mut Attempt<'_>,
        trace: &Trace,
    ) -> Result<String, InvokeError> {
        let limits = &self.config.limits;
        let (started, customer) = (Instant::now(), Customer(invocation.sids.add_on_install));
        let waiting = trace.step(Step::Turn);
        let turn = self.gate.enter(customer, started + limits.timeout / 2);
        let _permit = turn.await.map_err(|why| self.overloaded(why))?;
        drop(waiting);
        attempt.renew()?;
        let provider = &serving.version.provider;
        let calling = trace.step(Step::Call);
        let called = provider.lookup(invocation, &self.config, started + limits.timeout);
        let called = called.await;
        drop(calling);
        self.note_usage(called.usage, trace);
        let answer = called.result.map_err(|error| match error {
            CallError::NoRoom => self.overloaded(NoTurn::NoRoom),
            other => InvokeError::Call(other),
        })?;
        check_reply(answer, limits.reply, provider.reply_depth())
    }

    fn note_usage(&self, usage: Usage, trace: &Trace) {
        self.meter.count_guest(usage);
        trace.note("jackfield.guest.processor_ms", || {
            milliseconds(usage.processor)
        });
        trace.note("jackfield.guest.memory_bytes", || usage.memory as i64);
    }

    fn overloaded(&self, why: NoTurn) -> InvokeError {
        let overload = self.config.overload;
        InvokeError::Overloaded { why, overload }
    }
}

/// Tells what watches the provider what a result says about it.
fn conclude<T>(serving: &Serving, attempt: Attempt<'_>, result: &Result<T, InvokeError>) {
    let failure = match verdict(result) {
        Verdict::Nothing => return,
        Verdict::Good => None,
        Verdict::Bad(how) => Some(how),
    };
    if let Some(trial) = &serving.trial {
        trial.note(failure.as_deref());
    }
    match failure {
        None => attempt.succeeded(),
        Some(how) => attempt.failed(how),
    }
}

/// What a result says about a provider.
enum Verdict {
    Nothing,
    Good,
    /// How it failed. That reaches other callers: a trap's own text could quote its
    /// request.
    Bad(String),
}

fn verdict<T>(result: &Result<T, InvokeError>) -> Verdict {
    use CallError::{
        Cpu, Host, Memory, NoRoom, Refused, Reply, Timeout, Trap, Unfit, Unkept, Unread,
    };
    use InvokeError::{Call, NotAnObject, Overloaded, Paused, Suspended, TooLong, Unavailable};
    match result {
        Ok(_) | Err(Call(Refused(_))) => Verdict::Good,
        Err(
            Unavailable
            | Paused
            | Suspended(_)
            | Overloaded { .. }
            | Call(NoRoom | Unread(_) | Unkept(_)),
        ) => Verdict::Nothing,
        Err(Call(Trap(_))) => Verdict::Bad("the provider failed".to_owned()),
        Err(
            error @ (Call(Cpu | Timeout | Memory | Reply | Unfit(_) | Host)
            | NotAnObject(_)
            | TooLong { .. }),
        ) => Verdict::Bad(error.to_string()),
    }
}

fn check_reply(answer: Answer, limit: usize, depth: u8) -> Result<String, InvokeError> {
    answer.object(limit, depth).map_err(|error| match error {
        ReplyError::TooLong(limit) => InvokeError::TooLong { limit },
        ReplyError::NotAnObject(error) => InvokeError::NotAnObject(error),
    })
}
