//! A provider that can be called: compiled and linked once, instantiated for every call.

use std::fmt;
use std::time::{Duration, Instant};

use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use super::contract::LookupProviderPre;
use super::convert;
use super::guest::Guest;
use crate::config::Limits;
use crate::protocol::invocation::Invocation;

/// How much longer than its deadline a call may take to be stopped. Only a host call
/// that hangs needs it: a running guest is stopped by the ticker.
const GRACE: Duration = Duration::from_millis(50);

/// The most that crosses between guest and host in one call beyond the reply itself.
const CALL_OVERHEAD: usize = 64 * 1024;

/// The most component handles that a guest may hold.
const MOST_HANDLES: usize = 256;

/// What a provider answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its JSON, unchecked.
    pub json: String,
    /// Facts about the answer, for the host alone.
    pub meta: Vec<(String, String)>,
}

/// Why a provider refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It can never answer such a request.
    CallerError,
    /// It knows nothing about it.
    NoResult,
    /// It may answer later.
    Retry,
}

impl RefusalKind {
    /// The code of a refusal that brings none of its own.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CallerError => "caller_error",
            Self::NoResult => "no_result",
            Self::Retry => "retry",
        }
    }
}

/// A provider's reasoned no. Its message may hold what no log should.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// The provider's code.
    pub code: String,
    /// The provider's sentence.
    pub message: String,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?}, [REDACTED])", self.kind)
    }
}

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The provider said so.
    #[error("the provider refused")]
    Refused(Refusal),
    /// It did not answer in time.
    #[error("the provider did not answer in time")]
    Timeout,
    /// It wanted more memory than it may have.
    #[error("the provider ran out of memory")]
    Memory,
    /// It broke a rule of WebAssembly, panicked or left. The text tells where.
    #[error("the provider trapped: {0}")]
    Trap(String),
    /// There is no room for one more guest.
    #[error("no room for another guest")]
    NoRoom,
}

/// A provider, ready to be called by many at once.
pub struct Provider {
    engine: Engine,
    linked: LookupProviderPre<Guest>,
    stack: Option<u32>,
}

impl Provider {
    pub(super) fn new(
        engine: Engine,
        linked: LookupProviderPre<Guest>,
        stack: Option<u32>,
    ) -> Self {
        Self {
            engine,
            linked,
            stack,
        }
    }

    /// The stack that every instance sets aside, in bytes, where it can be told.
    #[must_use]
    pub fn stack(&self) -> Option<u32> {
        self.stack
    }

    /// Calls the provider in a fresh instance that is gone afterwards.
    ///
    /// # Errors
    /// Where it brings no answer before `deadline`, within its limits.
    pub async fn lookup(
        &self,
        invocation: Invocation,
        limits: &Limits,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let mut store = self.store(limits, deadline);
        let left = deadline.saturating_duration_since(Instant::now());
        let request = convert::request(invocation, left);
        let call = async {
            let instance = self.linked.instantiate_async(&mut store).await?;
            let lookup = instance.jackfield_addon_lookup();
            lookup.call_lookup(&mut store, &request).await
        };
        let result = tokio::time::timeout(left + GRACE, call)
            .await
            .map_err(|_| CallError::Timeout)?;
        match result {
            Ok(Ok(answer)) => Ok(convert::answer(answer)),
            Ok(Err(refusal)) => Err(CallError::Refused(convert::refusal(refusal))),
            Err(error) => Err(classify(&error, store.data().budget.exhausted())),
        }
    }

    /// A store whose limits are armed before anything of the guest's runs: its start
    /// functions and its allocator count as well.
    fn store(&self, limits: &Limits, deadline: Instant) -> Store<Guest> {
        let mut store = Store::new(&self.engine, Guest::new(limits.memory));
        store.limiter(|guest| &mut guest.budget);
        store.set_hostcall_fuel(limits.reply + CALL_OVERHEAD);
        store.set_max_component_handles(MOST_HANDLES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            if Instant::now() >= deadline {
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::YieldCustom(
                1,
                Box::pin(tokio::task::yield_now()),
            ))
        });
        store
    }
}

fn classify(error: &wasmtime::Error, out_of_memory: bool) -> CallError {
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return CallError::NoRoom;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => CallError::Timeout,
        _ if out_of_memory => CallError::Memory,
        _ => CallError::Trap(trap_text(error)),
    }
}

/// What happened and where, on one line.
fn trap_text(error: &wasmtime::Error) -> String {
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.reverse();
    causes
        .join(": ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
