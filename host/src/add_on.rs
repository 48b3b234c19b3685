//! One add-on: its settings, its provider, and the room it may take.

use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::AddOnConfig;
use crate::protocol::invocation::Invocation;
use crate::protocol::json::{JsonError, check_object};
use crate::sandbox::{Answer, CallError, LoadError, Provider};

/// An add-on that is served, or that would be if its component were sound.
pub struct AddOn {
    config: AddOnConfig,
    provider: Result<Provider, LoadError>,
    permits: Semaphore,
}

/// Why an invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The component could not be loaded; the host's log says why.
    #[error("the add-on's component is not loaded")]
    Unavailable,
    /// Too many calls run already, and none ended in time.
    #[error("the add-on is at its limit of calls")]
    Overloaded,
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

impl From<CallError> for InvokeError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NoRoom => Self::Overloaded,
            other => Self::Call(other),
        }
    }
}

impl InvokeError {
    /// Whether an add-on's fallback answers for this: the provider failed, and did not
    /// decide.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Call(CallError::Refused(_)))
    }
}

impl AddOn {
    /// Puts an add-on together.
    #[must_use]
    pub fn new(config: AddOnConfig, provider: Result<Provider, LoadError>) -> Self {
        Self {
            permits: Semaphore::new(config.limits.concurrency),
            provider,
            config,
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
    /// of it, waiting for room among the others first.
    ///
    /// # Errors
    /// Where there is no JSON object to answer with.
    pub async fn invoke(
        &self,
        invocation: Invocation,
        room: &Semaphore,
    ) -> Result<String, InvokeError> {
        let limits = &self.config.limits;
        let deadline = Instant::now() + limits.timeout;
        let Ok(provider) = &self.provider else {
            return Err(InvokeError::Unavailable);
        };
        let _own = permit(&self.permits, deadline).await?;
        let _shared = permit(room, deadline).await?;
        let answer = provider.lookup(invocation, &self.config, deadline).await?;
        check_reply(answer, limits.reply)
    }
}

async fn permit(
    permits: &Semaphore,
    deadline: Instant,
) -> Result<SemaphorePermit<'_>, InvokeError> {
    if let Ok(permit) = permits.try_acquire() {
        return Ok(permit);
    }
    match tokio::time::timeout_at(deadline.into(), permits.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(InvokeError::Overloaded),
    }
}

fn check_reply(answer: Answer, limit: usize) -> Result<String, InvokeError> {
    if answer.json.len() > limit {
        return Err(InvokeError::TooLong { limit });
    }
    check_object(&answer.json).map_err(InvokeError::NotAnObject)?;
    Ok(answer.json)
}
