//! A call that runs, whoever waits for it, and whoever runs it.
//!
//! A caller who goes away takes nothing with it: the rest of its call goes on in a task of
//! its own, so that those who wait get their answer, and a repetition finds one. There is
//! no such task where nobody goes away. What goes on for nobody is bounded like everything
//! that runs: by its add-on's slots, its queue and its `timeout`. It does not hold up the
//! end of the host: its answer would end with it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::{Content, Key, Ledger};
use crate::config::LedgerRule;
use crate::told::Told;

/// A call that runs.
pub struct Flight {
    pub(super) content: Content,
    forgotten: AtomicBool,
    /// Set once it has ended; without an answer where it was dropped before its end.
    told: OnceLock<Option<Arc<Told>>>,
    ended: Notify,
}

/// How a call ended.
pub struct Ended<S> {
    /// What its caller is told.
    pub told: Told,
    /// Whether that is told again. It is a provider's word; that there was no room for a
    /// call, for instance, says nothing about the next.
    pub lasts: bool,
    /// What it takes to tell of it, which is its caller's again unless that one is gone.
    pub story: S,
}

/// The duty to run a call. Where it is dropped before its time, those who wait are told.
pub struct Lead {
    ledger: Arc<Ledger>,
    key: Key,
    flight: Arc<Flight>,
    rule: LedgerRule,
    landed: bool,
}

/// A call that is driven by whoever waits for its answer, and by itself after that one is
/// gone.
struct Handover<S: Send + 'static> {
    rest: Option<(BoxFuture<'static, Ended<S>>, Lead)>,
    unheard: fn(S, &Told),
}

impl Flight {
    pub(super) fn new(content: Content) -> Self {
        Self {
            content,
            forgotten: AtomicBool::new(false),
            told: OnceLock::new(),
            ended: Notify::new(),
        }
    }

    /// Waits for the answer. There is none where the call was dropped before its end.
    pub async fn answer(&self) -> Option<Arc<Told>> {
        // Whoever asks to be notified first and looks then misses nothing.
        let ended = self.ended.notified();
        if self.told.get().is_none() {
            ended.await;
        }
        self.told.get().cloned().flatten()
    }

    /// Has its answer not be kept. Both sides hold the shelf's lock.
    pub(super) fn forget(&self) {
        self.forgotten.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn end(&self, told: Option<Arc<Told>>) {
        // It ends once: the lead sees to that.
        let _ = self.told.set(told);
        self.ended.notify_waiters();
    }
}

impl Lead {
    pub(super) fn new(
        ledger: Arc<Ledger>,
        key: Key,
        flight: Arc<Flight>,
        rule: LedgerRule,
    ) -> Self {
        Self {
            ledger,
            key,
            flight,
            rule,
            landed: false,
        }
    }

    /// Runs the call to its end, also where the future that this returns is dropped before.
    /// In that case nobody hears of it, and `unheard` is called. The call must not panic.
    pub fn run<S: Send + 'static>(
        self,
        call: impl Future<Output = Ended<S>> + Send + 'static,
        unheard: fn(S, &Told),
    ) -> impl Future<Output = (Arc<Told>, S)> {
        Handover {
            rest: Some((Box::pin(call), self)),
            unheard,
        }
    }

    fn land(mut self, told: Told, lasts: bool) -> Arc<Told> {
        let told = Arc::new(told);
        self.landed = true;
        // First for those who come from now on, and then for those who wait: nobody finds
        // neither a call nor its answer.
        let answer = lasts.then_some(&told);
        self.ledger.land(&self.key, answer, self.rule);
        self.flight.end(Some(Arc::clone(&told)));
        told
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.landed {
            self.ledger.land(&self.key, None, self.rule);
            self.flight.end(None);
        }
    }
}

impl<S: Send + 'static> Future for Handover<S> {
    type Output = (Arc<Told>, S);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((mut call, lead)) = self.rest.take() else {
            return Poll::Pending;
        };
        match call.as_mut().poll(context) {
            Poll::Ready(Ended { told, lasts, story }) => {
                Poll::Ready((lead.land(told, lasts), story))
            }
            Poll::Pending => {
                self.rest = Some((call, lead));
                Poll::Pending
            }
        }
    }
}

impl<S: Send + 'static> Drop for Handover<S> {
    fn drop(&mut self) {
        // Outside of a runtime there is nothing to go on in: the call is dropped.
        let (Some((call, lead)), Ok(runtime)) = (self.rest.take(), Handle::try_current()) else {
            return;
        };
        let unheard = self.unheard;
        runtime.spawn(async move {
            let Ended { told, lasts, story } = call.await;
            unheard(story, &lead.land(told, lasts));
        });
    }
}
