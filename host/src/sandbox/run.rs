//! How long one guest runs, and when it is stopped or made to wait for others.
//!
//! A guest that is done within its first milliseconds is never interfered with. One that
//! is not stops at every tick, and goes on when it is its turn: guests that run for long
//! share all workers of the runtime but one, which is left to everybody else.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::UpdateDeadline;

use super::ticker::TICK;

/// Ticks that a guest is given before anything asks how long it runs: one would end
/// anywhere within the first millisecond, and could make the shortest call wait.
pub(super) const FIRST_SLICE: u64 = 2;

/// The turns of guests that run for long.
#[derive(Debug, Clone)]
pub(super) struct SlowLane(Arc<Semaphore>);

impl SlowLane {
    /// A lane that lets so many run at once.
    pub(super) fn new(turns: usize) -> Self {
        Self(Arc::new(Semaphore::new(turns.min(Semaphore::MAX_PERMITS))))
    }
}

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

#[derive(Debug)]
struct State {
    lane: SlowLane,
    cpu: Duration,
    deadline: Instant,
    used: Duration,
    /// The thread's processor time at the beginning of this slice, once a tick was seen.
    began: Option<Duration>,
    ticked: bool,
    fresh: bool,
    turn: Option<OwnedSemaphorePermit>,
    stopped: Option<Stop>,
}

impl Run {
    pub(super) fn new(lane: SlowLane, cpu: Duration, deadline: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            lane,
            cpu,
            deadline,
            used: Duration::ZERO,
            began: None,
            ticked: false,
            fresh: false,
            turn: None,
            stopped: None,
        })))
    }

    /// Why the guest was stopped, if it was.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.state().stopped
    }

    /// Runs a call to its end, and counts the processor time of the threads that it runs
    /// on. What a host call does at once counts as the guest's; while the call waits,
    /// nothing is counted, and its turn is another's.
    pub(super) async fn metered<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|context| {
            self.state().resume();
            let polled = call.as_mut().poll(context);
            self.state().pause();
            polled
        })
        .await
    }

    /// What happens to the guest at a tick.
    pub(super) fn tick(&self) -> UpdateDeadline {
        let mut state = self.state();
        if let Some(stop) = state.due() {
            state.stopped = Some(stop);
            return UpdateDeadline::Interrupt;
        }
        if std::mem::take(&mut state.fresh) {
            return UpdateDeadline::Continue(1);
        }
        drop(state);
        // No tick is granted beforehand: the guest comes back here at once, and is stopped
        // if its time passed while it waited.
        UpdateDeadline::YieldCustom(0, Box::pin(self.clone().wait_for_turn()))
    }

    /// Lets everything else that waits for this worker run, then waits for a turn, but
    /// not beyond the deadline.
    async fn wait_for_turn(self) {
        // This suspends the call, which gives the last turn back.
        tokio::task::yield_now().await;
        let (lane, deadline) = {
            let state = self.state();
            (Arc::clone(&state.lane.0), state.deadline)
        };
        let turn = match Arc::clone(&lane).try_acquire_owned() {
            Ok(turn) => Some(turn),
            Err(_) => tokio::time::timeout_at(deadline.into(), lane.acquire_owned())
                .await
                .ok()
                .and_then(Result::ok),
        };
        let mut state = self.state();
        state.fresh = true;
        state.turn = turn;
    }

    /// Nothing panics while it holds the state, which is consistent between any two of
    /// its assignments.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn resume(&mut self) {
        if self.ticked {
            self.began = Some(processor_time());
        }
    }

    fn pause(&mut self) {
        if let Some(began) = self.began.take() {
            self.used += processor_time().saturating_sub(began);
        }
        self.turn = None;
    }

    /// Whether the guest's time is over. The first call of this stands for the slice
    /// that was not measured.
    fn due(&mut self) -> Option<Stop> {
        let now = processor_time();
        if !self.ticked {
            self.ticked = true;
            self.used = TICK;
            self.began = Some(now);
        }
        let slice = self
            .began
            .map_or(Duration::ZERO, |began| now.saturating_sub(began));
        if Instant::now() >= self.deadline {
            return Some(Stop::Timeout);
        }
        (self.used + slice >= self.cpu).then_some(Stop::Cpu)
    }
}

/// The processor time of this thread. Wall time would bill a guest for every other
/// process of the machine.
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

    fn run(cpu: Duration, timeout: Duration) -> Run {
        Run::new(SlowLane::new(1), cpu, Instant::now() + timeout)
    }

    fn burn(time: Duration) {
        let began = processor_time();
        while processor_time() - began < time {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn waiting_is_not_billed_and_burning_is() {
        let run = run(Duration::from_millis(60), LONG);
        run.metered(async {
            assert!(matches!(run.tick(), UpdateDeadline::YieldCustom(0, _)));
            tokio::time::sleep(Duration::from_millis(80)).await;
            assert!(matches!(run.tick(), UpdateDeadline::YieldCustom(0, _)));
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
        let run = run(LONG, Duration::ZERO);
        run.metered(async { assert!(matches!(run.tick(), UpdateDeadline::Interrupt)) })
            .await;
        assert_eq!(run.stopped(), Some(Stop::Timeout));
    }

    #[tokio::test]
    async fn a_turn_lasts_until_the_call_is_suspended() {
        let run = run(LONG, LONG);
        let lane = run.state().lane.clone();
        run.metered(async {
            let UpdateDeadline::YieldCustom(0, turn) = run.tick() else {
                panic!("a guest that has no turn waits for one");
            };
            turn.await;
            assert_eq!(lane.0.available_permits(), 0);
            assert!(matches!(run.tick(), UpdateDeadline::Continue(1)));
            tokio::task::yield_now().await;
            assert_eq!(lane.0.available_permits(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn a_guest_whose_time_passes_while_it_waits_gets_no_turn_and_is_stopped() {
        let run = run(LONG, Duration::from_millis(20));
        let taken = Arc::clone(&run.state().lane.0).try_acquire_owned().unwrap();
        run.metered(async {
            let UpdateDeadline::YieldCustom(0, turn) = run.tick() else {
                panic!("a guest that has no turn waits for one");
            };
            turn.await;
            assert!(matches!(run.tick(), UpdateDeadline::Interrupt));
        })
        .await;
        drop(taken);
        assert_eq!(run.stopped(), Some(Stop::Timeout));
    }
}
