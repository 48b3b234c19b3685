//! A provider that can be called: compiled and linked once, instantiated for every call.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::runtime::Handle;
use tracing::info;
use wasmtime::{Engine, Store};

use super::Sandbox;
use super::ceilings::Ceilings;
use super::contract::LookupProviderPre;
use super::contract::exports::jackfield::addon::lookup::Request;
use super::convert;
use super::guest::Guest;
use super::journal::Private;
use super::lane::{self, Panicked, Start};
use super::outcome::{Answer, CallError, classify};
use super::run::{FIRST_SLICE, Run};
use crate::config::{AddOnConfig, Limits};
use crate::protocol::invocation::Invocation;

/// How much longer than its deadline a call may take to be stopped. Only a host call
/// that hangs needs it: a running guest is stopped by the ticker.
const GRACE: Duration = Duration::from_millis(5);

/// A provider, ready to be called by many at once.
pub struct Provider {
    engine: Engine,
    linked: LookupProviderPre<Guest>,
    stack: Option<u32>,
    sha256: String,
    ceilings: Ceilings,
    lane: Option<Handle>,
    /// Whether the call that ended last was a long one: the next will be, most likely.
    long: AtomicBool,
    log_rate: DefaultDirectRateLimiter,
}

impl Provider {
    pub(super) fn new(
        sandbox: &Sandbox,
        linked: LookupProviderPre<Guest>,
        stack: Option<u32>,
        sha256: String,
    ) -> Self {
        let rate = u32::try_from(sandbox.ceilings.log_rate).unwrap_or(u32::MAX);
        let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        Self {
            engine: sandbox.engine.clone(),
            linked,
            stack,
            sha256,
            ceilings: sandbox.ceilings,
            lane: sandbox.lane.entry(),
            long: AtomicBool::new(false),
            log_rate: RateLimiter::direct(Quota::per_second(rate)),
        }
    }

    /// The stack that every instance sets aside, in bytes, where it can be told.
    #[must_use]
    pub fn stack(&self) -> Option<u32> {
        self.stack
    }

    /// The SHA-256 of its component's bytes, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How deep objects and arrays may be nested in its replies.
    #[must_use]
    pub fn reply_depth(&self) -> u8 {
        self.ceilings.reply_depth
    }

    /// Calls the provider in a fresh instance that is gone afterwards.
    ///
    /// # Errors
    /// Where it brings no answer before `deadline`, within the add-on's limits.
    pub async fn lookup(
        &self,
        invocation: Invocation,
        add_on: &AddOnConfig,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        let run = Run::new(add_on.limits.cpu, deadline);
        let store = self.store(&add_on.limits, &run);
        let left = deadline.saturating_duration_since(Instant::now());
        let request = Arc::new(convert::request(invocation, left));
        let call = call(
            self.linked.clone(),
            store,
            Arc::clone(&request),
            run.clone(),
        );
        let start = match self.long.load(Ordering::Relaxed) {
            true => Start::There,
            false => Start::Here,
        };
        let driven = lane::drive(Box::pin(call), &run, self.lane.as_ref(), start);
        let ended = tokio::time::timeout(left + GRACE, driven).await;
        self.long.store(run.is_costly(), Ordering::Relaxed);
        self.log(&run, add_on, &request);
        match ended {
            Ok(Ok(ended)) => ended,
            // The text of the panic could quote the request; the log has its place.
            Ok(Err(Panicked)) => Err(CallError::Host),
            Err(_) => Err(CallError::Timeout),
        }
    }

    /// A store whose limits are armed before anything of the guest's runs: its start
    /// functions and its allocator count as well.
    fn store(&self, limits: &Limits, run: &Run) -> Store<Guest> {
        let guest = Guest::new(limits.memory, &self.ceilings, run.clone());
        let mut store = Store::new(&self.engine, guest);
        store.limiter_async(|guest| &mut guest.budget);
        store.set_hostcall_fuel(limits.reply.saturating_add(self.ceilings.hostcall));
        store.set_max_component_handles(self.ceilings.handles);
        store.set_epoch_deadline(FIRST_SLICE);
        let run = run.clone();
        store.epoch_deadline_callback(move |_| Ok(run.tick()));
        store
    }

    /// Logs what the guest wrote, as far as may be.
    fn log(&self, run: &Run, add_on: &AddOnConfig, request: &Request) {
        let journal = run.journal();
        let most = add_on.limits.log_lines;
        let Some(written) =
            journal.and_then(|journal| journal.lines(most, || Private::of(request)))
        else {
            return;
        };
        let (add_on, request) = (add_on.name.as_str(), request.sids.request.as_deref());
        let allowed = |_: &&String| self.log_rate.check().is_ok();
        let lines = written.lines.iter().take_while(allowed);
        let logged = lines
            .map(|line| info!(add_on, request, ?line, "wrote"))
            .count();
        let left_out = written.left_out + written.lines.len() - logged;
        if left_out > 0 && most > 0 && self.log_rate.check().is_ok() {
            info!(add_on, request, left_out, "wrote more than is logged");
        }
    }
}

/// One call, from the guest's first instruction to its last.
async fn call(
    linked: LookupProviderPre<Guest>,
    mut store: Store<Guest>,
    request: Arc<Request>,
    run: Run,
) -> Result<Answer, CallError> {
    let called = run
        .metered(async {
            let instance = linked.instantiate_async(&mut store).await?;
            let lookup = instance.jackfield_addon_lookup();
            lookup.call_lookup(&mut store, &request).await
        })
        .await;
    match called {
        Ok(Ok(answer)) => Ok(convert::answer(answer)),
        Ok(Err(refusal)) => Err(CallError::Refused(convert::refusal(refusal))),
        Err(error) => {
            let refused_memory = store.data().budget.refused();
            Err(classify(&error, run.stopped(), refused_memory))
        }
    }
}
