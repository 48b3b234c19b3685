//! One add-on: its settings, its provider, and the room it may take.

use std::time::Instant;

use crate::admission::{Customer, Gate, NoTurn};
use crate::breaker::{Breaker, Suspended, Trial};
use crate::config::{AddOnConfig, Overload};
use crate::protocol::invocation::Invocation;
use crate::protocol::json::JsonError;
use crate::sandbox::{Answer, CallError, LoadError, Provider, ReplyError};

/// An add-on that is served, or that would be if its component were sound.
pub struct AddOn {
    config: AddOnConfig,
    provider: Result<Provider, LoadError>,
    gate: Gate,
    breaker: Breaker,
}

/// Why an invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The component could not be loaded; the host's log says why.
    #[error("the add-on's component is not loaded")]
    Unavailable,
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
}

impl AddOn {
    /// Puts an add-on together.
    #[must_use]
    pub fn new(config: AddOnConfig, provider: Result<Provider, LoadError>, gate: Gate) -> Self {
        let breaker = Breaker::new(config.name.clone(), config.breaker, config.limits.timeout);
        Self {
            config,
            provider,
            gate,
            breaker,
        }
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &AddOnConfig {
        &self.config
    }

    /// Why its provider could not be loaded, where it could not.
    #[must_use]
    pub fn fault(&self) -> Option<&LoadError> {
        self.provider.as_ref().err()
    }

    /// The stack that every instance of its provider sets aside, in bytes, where that can
    /// be told.
    #[must_use]
    pub fn stack(&self) -> Option<u32> {
        self.provider.as_ref().ok()?.stack()
    }

    /// Whether its provider has anything to say about such an address.
    #[must_use]
    pub fn accepts(&self, invocation: &Invocation) -> bool {
        self.config.terms.accept(invocation.address.kind())
    }

    /// Calls the provider and checks what comes back. The add-on's `timeout` covers all
    /// of it, and half of it the wait for a turn, so that whoever gets one can use it.
    ///
    /// # Errors
    /// Where there is no JSON object to answer with.
    pub async fn invoke(&self, invocation: Invocation) -> Result<String, InvokeError> {
        let Ok(provider) = &self.provider else {
            return Err(InvokeError::Unavailable);
        };
        let mut trial = self.breaker.admit()?;
        let result = self.call(provider, invocation, &mut trial).await;
        conclude(trial, &result);
        result
    }

    async fn call(
        &self,
        provider: &Provider,
        invocation: Invocation,
        trial: &mut Trial<'_>,
    ) -> Result<String, InvokeError> {
        let limits = &self.config.limits;
        let (started, customer) = (Instant::now(), Customer(invocation.sids.add_on_install));
        let turn = self.gate.enter(customer, started + limits.timeout / 2);
        let _permit = turn.await.map_err(|why| self.overloaded(why))?;
        trial.renew()?;
        let answer = provider.lookup(invocation, &self.config, started + limits.timeout);
        let answer = answer.await.map_err(|error| match error {
            CallError::NoRoom => self.overloaded(NoTurn::NoRoom),
            other => InvokeError::Call(other),
        })?;
        check_reply(answer, limits.reply, provider.reply_depth())
    }

    fn overloaded(&self, why: NoTurn) -> InvokeError {
        let overload = self.config.overload;
        InvokeError::Overloaded { why, overload }
    }
}

/// Tells the breaker what a result says about the provider. What is told of it reaches
/// other callers: a trap's own text could quote its request.
fn conclude(trial: Trial<'_>, result: &Result<String, InvokeError>) {
    use CallError::{Cpu, Host, Memory, NoRoom, Refused, Reply, Timeout, Trap};
    use InvokeError::{Call, NotAnObject, Overloaded, Suspended, TooLong, Unavailable};
    match result {
        Ok(_) | Err(Call(Refused(_))) => trial.succeeded(),
        Err(Unavailable | Suspended(_) | Overloaded { .. } | Call(NoRoom)) => drop(trial),
        Err(Call(Trap(_))) => trial.failed("the provider failed".to_owned()),
        Err(
            error @ (Call(Cpu | Timeout | Memory | Reply | Host) | NotAnObject(_) | TooLong { .. }),
        ) => trial.failed(error.to_string()),
    }
}

fn check_reply(answer: Answer, limit: usize, depth: u8) -> Result<String, InvokeError> {
    answer.object(limit, depth).map_err(|error| match error {
        ReplyError::TooLong(limit) => InvokeError::TooLong { limit },
        ReplyError::NotAnObject(error) => InvokeError::NotAnObject(error),
    })
}
