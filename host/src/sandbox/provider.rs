//! A provider that can be called: compiled and linked once, instantiated for every call.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tracing::info;
use wasmtime::component::ComponentExportIndex;
use wasmtime::{Engine, Store};

use super::Sandbox;
use super::ceilings::Ceilings;
use super::contract::LookupProviderPre;
use super::convert;
use super::entry::Entry;
use super::guest::Guest;
use super::lane::{self, Panicked, Start};
use super::mask::{Private, texts};
use super::media::PIECE;
use super::native::Native;
use super::outcome::{Answer, CallError, Called};
use super::room::Room;
use super::run::{FIRST_SLICE, Metered, Run};
use super::settings::Given;
use super::world::World;
use crate::config::{AddOnConfig, Limits};
use crate::counter::Counter;
use crate::protocol::invocation::Invocation;
use crate::protocol::sid::RequestSid;
use crate::within::{Late, within};

/// How much longer than its deadline a call may take to be stopped. Only a host call
/// that hangs needs it: a running guest is stopped by the ticker.
const GRACE: Duration = Duration::from_millis(5);

/// A provider, ready to be called by many at once.
pub struct Provider {
    engine: Engine,
    pub(super) entry: Entry,
    /// Its own check of its settings, where it has one.
    pub(super) checker: Option<ComponentExportIndex>,
    settings: Given,
    stack: Option<u32>,
    ceilings: Ceilings,
    pub(super) probes: Arc<Semaphore>,
    lane: Option<Handle>,
    /// Whether the call that ended last was a long one: the next will be, most likely.
    long: AtomicBool,
    log_rate: DefaultDirectRateLimiter,
    instances: Arc<Counter>,
}

/// What a component was made into.
pub(super) struct Linked {
    pub(super) entry: Entry,
    pub(super) checker: Option<ComponentExportIndex>,
    pub(super) settings: Given,
    pub(super) stack: Option<u32>,
}

/// A guest that is about to run, with its limits armed.
pub(super) struct Armed {
    pub(super) store: Store<Guest>,
    pub(super) run: Run,
}

impl Provider {
    pub(super) fn new(sandbox: &Sandbox, room: &Room, linked: Linked) -> Self {
        let Linked {
            entry,
            checker,
            settings,
            stack,
        } = linked;
        let rate = u32::try_from(sandbox.ceilings.log_rate).unwrap_or(u32::MAX);
        let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        Self {
            engine: room.engine.clone(),
            // Nobody listens to a recording within a millisecond.
            long: AtomicBool::new(entry.world() == World::Analysis),
            entry,
            checker,
            settings,
            stack,
            ceilings: sandbox.ceilings,
            probes: Arc::clone(&sandbox.probes),
            lane: sandbox.lane.entry(),
            log_rate: RateLimiter::direct(Quota::per_second(rate)),
            instances: Arc::clone(&sandbox.instances),
        }
    }

    /// The stack that every instance sets aside, in bytes, where it can be told.
    #[must_use]
    pub fn stack(&self) -> Option<u32> {
        self.stack
    }

    /// How deep objects and arrays may be nested in its replies.
    #[must_use]
    pub fn reply_depth(&self) -> u8 {
        self.ceilings.reply_depth
    }

    /// Calls the provider in a fresh instance that is gone afterwards. It brings no answer
    /// where there is none before `deadline`, within the add-on's limits.
    pub async fn lookup(
        &self,
        invocation: Arc<Invocation>,
        add_on: &AddOnConfig,
        deadline: Instant,
    ) -> Called<Answer> {
        let Entry::Lookup(linked) = &self.entry else {
            // A component is loaded for what its add-on serves.
            return Called::without_a_guest(Err(CallError::Host));
        };
        if let Some(Native(function)) = self.ceilings.native {
            let answer = function(&invocation).map_err(CallError::Refused);
            return Called::without_a_guest(answer);
        }
        let Armed { store, run } = self.arm(&add_on.limits, deadline);
        let left = deadline.saturating_duration_since(Instant::now());
        let said = (Arc::clone(&invocation), left);
        let call = run.metered(call(Arc::clone(linked), store, said, run.clone()));
        let ended = self.drive(call, &run, deadline).await;
        let sid = invocation.sids.request;
        let private = || Private::of(add_on.settings.as_ref(), texts(&invocation));
        self.log(&run, add_on, sid, private);
        Called {
            result: ended.and_then(|answer| answer),
            usage: run.usage(),
        }
    }

    /// Runs a guest: here at first, and in the slow lane if it is a long one.
    pub(super) async fn drive<T: Send + 'static>(
        &self,
        guest: Metered<T>,
        run: &Run,
        deadline: Instant,
    ) -> Result<T, CallError> {
        let start = match self.long.load(Ordering::Relaxed) {
            true => Start::There,
            false => Start::Here,
        };
        let driven = lane::drive(guest, self.lane.as_ref(), start);
        let ended = within(deadline + GRACE, driven).await;
        let long = run.is_costly();
        // Written only where it changes: all threads read what is beside it.
        if long != self.long.load(Ordering::Relaxed) {
            self.long.store(long, Ordering::Relaxed);
        }
        match ended {
            Ok(Ok(ended)) => Ok(ended),
            // The text of the panic could quote the request; the log has its place.
            Ok(Err(Panicked)) => Err(CallError::Host),
            Err(Late) => Err(CallError::Timeout),
        }
    }

    /// A store whose limits are armed before anything of the guest's runs: its start
    /// functions and its allocator count as well.
    pub(super) fn arm(&self, limits: &Limits, deadline: Instant) -> Armed {
        let run = Run::new(limits.cpu, deadline);
        let settings = Arc::clone(&self.settings);
        let guest = Guest::new(limits.memory, &self.ceilings, run.clone(), settings);
        let mut store = Store::new(&self.engine, guest);
        store.limiter_async(|guest| &mut guest.budget);
        let carried = match self.entry.world() {
            World::Lookup => limits.reply,
            World::Analysis => PIECE,
        };
        self.instances.count();
        store.set_hostcall_fuel(carried.saturating_add(self.ceilings.hostcall));
        store.set_max_component_handles(self.ceilings.handles);
        store.set_epoch_deadline(FIRST_SLICE);
        let ticking = run.clone();
        store.epoch_deadline_callback(move |_| Ok(ticking.tick()));
        Armed { store, run }
    }

    /// Logs what the guest wrote, as far as may be.
    pub(super) fn log(
        &self,
        run: &Run,
        add_on: &AddOnConfig,
        request: Option<RequestSid>,
        private: impl FnOnce() -> Private,
    ) {
        let journal = run.journal();
        let most = add_on.limits.log_lines;
        let Some(written) = journal.and_then(|journal| journal.lines(most, private)) else {
            return;
        };
        let add_on = add_on.name.as_str();
        let request = request.as_ref().map(RequestSid::as_str);
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

/// One call, from the guest's first instruction to its last. It has so much time left.
async fn call(
    linked: Arc<LookupProviderPre<Guest>>,
    mut store: Store<Guest>,
    (invocation, left): (Arc<Invocation>, Duration),
    run: Run,
) -> Result<Answer, CallError> {
    let called = async {
        let instance = linked.instantiate_async(&mut store).await?;
        let lookup = instance.jackfield_addon_lookup();
        let fields = convert::fields(&invocation.fields);
        let request = convert::request(&invocation, &fields, left);
        lookup.call_lookup(&mut store, request).await
    };
    match called.await {
        Ok(Ok(answer)) => Ok(convert::answer(answer)),
        Ok(Err(refusal)) => Err(CallError::Refused(convert::refusal(refusal))),
        Err(error) => Err(run.ended(error, store.data())),
    }
}
