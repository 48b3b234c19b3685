//! How long one guest runs, where, and when it is stopped.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::UpdateDeadline;

use super::guest::Guest;
use super::journal::Journal;
use super::outcome::{CallError, Usage, classify};
use super::ticker::TICK;

/// Ticks that a guest is given before anything asks how long it runs: one would end
/// anywhere within the first millisecond, and could disturb the shortest call.
pub(super) const FIRST_SLICE: u64 = 2;

/// Why a guest was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It used up its processor time.
    Cpu,
    /// Its wall time passed.
    Timeout,
}

/// The running of one guest.
#[derive(Debug, Clone)]
pub(super) struct Run(Arc<Mutex<State>>);

/// A call whose processor time counts. It is on the heap from the beginning: it is large,
/// and every future around it that held it would be copied with it.
pub(super) struct Metered<T> {
    call: Pin<Box<dyn Future<Output = T> + Send>>,
    run: Run,
}

#[derive(Debug)]
struct State {
    cpu: Duration,
    deadline: Instant,
    used: Duration,
    /// What it took before it was measured: the time that passed while it ran. A clock
    /// that counts a thread's alone costs a call of the system.
    brief: Duration,
    /// Since when it runs, while it is not measured.
    entered: Option<Instant>,
    /// The memory that it was granted, in bytes.
    memory: usize,
    /// Whether a tick was seen. What the guest uses is measured from then on.
    measured: bool,
    /// The thread's processor time at the beginning of what is being measured.
    began: Option<Duration>,
    long: bool,
    /// Whether the guest has just been let on, and has not run yet.
    fresh: bool,
    stopped: Option<Stop>,
    journal: Option<Journal>,
}

impl Run {
    /// A run that ends when so much processor time is used, or at this moment.
    pub(super) fn new(cpu: Duration, deadline: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            cpu,
            deadline,
            used: Duration::ZERO,
            brief: Duration::ZERO,
            entered: None,
            memory: 0,
            measured: false,
            began: None,
            long: false,
            fresh: false,
            stopped: None,
            journal: None,
        })))
    }

    /// Whether the guest was still running after its first slice, or is expected to.
    pub(super) fn is_long(&self) -> bool {
        self.state().long
    }

    /// Whether it was measured that the guest used more than its first tick: a short call
    /// is billed for a tick as well when its thread had to wait for a processor.
    pub(super) fn is_costly(&self) -> bool {
        self.state().used > TICK + TICK / 2
    }

    /// What the guest has used.
    pub(super) fn usage(&self) -> Usage {
        let state = self.state();
        Usage {
            processor: state.used + state.brief,
            memory: state.memory,
        }
    }

    /// Notes that the guest was granted so much more memory, in bytes.
    pub(super) fn grew(&self, bytes: usize) {
        self.state().memory += bytes;
    }

    /// Makes a guest a long one before its first slice is over: what it is about to do
    /// could take that long with nothing that interrupts it.
    pub(super) async fn become_long(&self) {
        {
            let mut state = self.state();
            if state.long {
                return;
            }
            state.long = true;
            state.leave();
            state.measure(processor_time());
        }
        tokio::task::yield_now().await;
    }

    /// Why the guest was stopped, if it was.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.state().stopped
    }

    /// What ended the guest, by its trap and what is known of its run.
    pub(super) fn ended(&self, error: wasmtime::Error, guest: &Guest) -> CallError {
        // What the host could not do for it has its own name.
        match error.downcast() {
            Ok(error) => error,
            Err(error) => classify(&error, self.stopped(), guest.budget.refused()),
        }
    }

    /// What the guest wrote, if it had the means.
    pub(super) fn journal(&self) -> Option<Journal> {
        self.state().journal.clone()
    }

    /// Keeps what the guest is going to write beyond its end.
    pub(super) fn keep(&self, journal: Journal) {
        self.state().journal = Some(journal);
    }

    /// A call, and the count of the processor time of the threads that it runs on. What a
    /// host call does at once counts as the guest's; while the call waits, nothing is
    /// counted.
    pub(super) fn metered<T>(&self, call: impl Future<Output = T> + Send + 'static) -> Metered<T> {
        Metered {
            call: Box::pin(call),
            run: self.clone(),
        }
    }

    /// What happens to the guest at a tick: it stops for good, or lets everything else
    /// that waits for its thread go first.
    pub(super) fn tick(&self) -> UpdateDeadline {
        let mut state = self.state();
        if let Some(stop) = state.due() {
            state.stopped = Some(stop);
            return UpdateDeadline::Interrupt;
        }
        if !state.long || std::mem::take(&mut state.fresh) {
            return UpdateDeadline::Continue(1);
        }
        drop(state);
        let run = self.clone();
        let others_first = async move {
            tokio::task::yield_now().await;
            run.state().fresh = true;
        };
        // No tick is granted beforehand: the guest comes back here before it goes on, and
        // is stopped if its time passed while others ran.
        UpdateDeadline::YieldCustom(0, Box::pin(others_first))
    }

    /// Nothing panics while it holds the state, which is consistent between any two of
    /// its assignments.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Metered<T> {
    pub(super) fn run(&self) -> &Run {
        &self.run
    }
}

impl<T> Future for Metered<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.run.state().resume();
        let polled = self.call.as_mut().poll(context);
        self.run.state().pause();
        polled
    }
}

impl State {
    fn resume(&mut self) {
        match self.measured {
            true => self.began = Some(processor_time()),
            false => self.entered = Some(Instant::now()),
        }
    }

    fn pause(&mut self) {
        self.leave();
        if let Some(began) = self.began.take() {
            self.used += processor_time().saturating_sub(began);
        }
    }

    fn measure(&mut self, now: Duration) {
        self.measured = true;
        self.began = Some(now);
    }

    /// What has passed since it was entered counts, where it is not measured.
    fn leave(&mut self) {
        if let Some(entered) = self.entered.take() {
            self.brief += entered.elapsed();
        }
    }

    /// Whether the guest's time is over. At its first tick it is billed for one, since
    /// short calls are not measured; and it is no long one yet, for most that see a tick
    /// are short ones whose thread had to wait for a processor.
    fn due(&mut self) -> Option<Stop> {
        let now = processor_time();
        if !self.measured {
            // The bill is for what has passed so far.
            self.entered = None;
            self.used = TICK;
            self.measure(now);
        }
        let slice = self
            .began
            .map_or(Duration::ZERO, |began| now.saturating_sub(began));
        self.long |= slice >= TICK / 2;
        if Instant::now() >= self.deadline {
            return Some(Stop::Timeout);
        }
        (self.used + slice >= self.cpu).then_some(Stop::Cpu)
    }
}

/// The processor time of this thread. Wall time would bill a guest for every other
/// thread of the machine.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn burn(time: Duration) {
        let began = processor_time();
        while processor_time() - began < time {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn waiting_is_not_billed_and_burning_is() {
        let run = Run::new(Duration::from_millis(60), Instant::now() + LONG);
        let own = run.clone();
        run.metered(async move {
            let run = own;
            assert!(matches!(run.tick(), UpdateDeadline::Continue(1)));
            tokio::time::sleep(Duration::from_millis(80)).await;
            assert!(matches!(run.tick(), UpdateDeadline::Continue(1)));
            burn(Duration::from_millis(30));
            tokio::task::yield_now().await;
            burn(Duration::from_millis(30));
            assert!(matches!(run.tick(), UpdateDeadline::Interrupt));
        })
        .await;
        assert_eq!(run.stopped(), Some(Stop::Cpu));
    }

    #[tokio::test]
    async fn the_wall_ends_a_guest_that_burns_little() {
        let run = Run::new(LONG, Instant::now());
        let own = run.clone();
        run.metered(async move { assert!(matches!(own.tick(), UpdateDeadline::Interrupt)) })
            .await;
        assert_eq!(run.stopped(), Some(Stop::Timeout));
    }

    #[tokio::test]
    async fn a_guest_goes_on_for_a_tick_once_others_had_their_turn() {
        let run = Run::new(LONG, Instant::now() + LONG);
        assert!(matches!(run.tick(), UpdateDeadline::Continue(1)));
        assert!(!run.is_long());
        burn(TICK);
        let UpdateDeadline::YieldCustom(0, others_first) = run.tick() else {
            panic!("a guest lets others go first");
        };
        assert!(run.is_long());
        others_first.await;
        assert!(matches!(run.tick(), UpdateDeadline::Continue(1)));
        assert!(matches!(run.tick(), UpdateDeadline::YieldCustom(0, _)));
    }

    #[tokio::test]
    async fn a_guest_whose_time_passes_while_it_lets_others_go_is_stopped_before_it_goes_on() {
        let run = Run::new(LONG, Instant::now() + Duration::from_millis(20));
        drop(run.tick());
        burn(TICK);
        let UpdateDeadline::YieldCustom(0, others_first) = run.tick() else {
            panic!("a guest lets others go first");
        };
        tokio::time::sleep(Duration::from_millis(25)).await;
        others_first.await;
        assert!(matches!(run.tick(), UpdateDeadline::Interrupt));
    }
}
