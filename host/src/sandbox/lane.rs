//! The slow lane: threads for guests that run for long.
//!
//! A call begins among everything else, because most are over within microseconds. One
//! that is not moves to a thread that has nothing better to do, and that the system runs
//! when nobody else wants the processor. There long guests alternate, a tick each; sockets,
//! timers and short calls never wait for one of them.

use std::future::poll_fn;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::Poll;

use futures_util::FutureExt;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;

use super::run::Metered;

/// How much the system prefers everything else to the slow lane, from 0 to 19.
const NICENESS: i32 = 10;

/// The host failed while it ran a guest.
pub(super) struct Panicked;

/// The threads for guests that run for long.
pub(super) struct SlowLane(Option<Runtime>);

impl SlowLane {
    /// Starts so many threads; without any, guests stay among everything else.
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        if threads == 0 {
            return Ok(Self(None));
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("slow-lane")
            .on_thread_start(step_back)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// The way in.
    pub(super) fn entry(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }
}

impl Drop for SlowLane {
    /// Waits for nobody: the last guests are stopped by the ticks that come no more than a
    /// millisecond apart.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Gives this thread, and on Linux this one alone, a low priority. Where that is not
/// possible, the lane is still one of its own.
fn step_back() {
    let _ = rustix::process::nice(NICENESS);
}

/// Where a call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Among everything else.
    Here,
    /// In the slow lane.
    There,
}

/// Runs a call: in the slow lane once it is a long one, or from the start.
pub(super) async fn drive<T: Send + 'static>(
    mut call: Metered<T>,
    lane: Option<&Handle>,
    start: Start,
) -> Result<T, Panicked> {
    if let (Some(lane), Start::There) = (lane, start) {
        return there(call, lane).await;
    }
    let here = poll_fn(|context| match Pin::new(&mut call).poll(context) {
        Poll::Ready(ended) => Poll::Ready(Some(ended)),
        Poll::Pending if lane.is_some() && call.run().is_long() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    let ended = AssertUnwindSafe(here).catch_unwind().await;
    match (ended, lane) {
        (Ok(Some(ended)), _) => Ok(ended),
        (Ok(None), Some(lane)) => there(call, lane).await,
        (Ok(None), None) | (Err(_), _) => Err(Panicked),
    }
}

async fn there<T: Send + 'static>(call: Metered<T>, lane: &Handle) -> Result<T, Panicked> {
    // A set ends what is in it when it is dropped.
    let mut alone = JoinSet::new();
    alone.spawn_on(call, lane);
    let ended = alone.join_next().await;
    ended.and_then(Result::ok).ok_or(Panicked)
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use tokio::sync::oneshot;
    use tokio::task::yield_now;

    use super::super::run::Run;
    use super::*;

    fn run() -> Run {
        let long = Duration::from_secs(60);
        Run::new(long, Instant::now() + long)
    }

    fn here() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn a_short_call_stays_and_a_long_one_moves() {
        let lane = SlowLane::start(1).unwrap();
        for (long, moves) in [(false, false), (true, true)] {
            let run = run();
            let ticking = run.clone();
            let call = async move {
                let before = here();
                match long {
                    true => ticking.become_long().await,
                    false => yield_now().await,
                }
                (before, here())
            };
            let ended = drive(run.metered(call), lane.entry().as_ref(), Start::Here).await;
            let (before, after) = ended.ok().unwrap();
            assert_eq!(before, here());
            assert_eq!(after == "slow-lane", moves, "{after}");
        }
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_call_wherever_it_happens() {
        let lane = SlowLane::start(1).unwrap();
        for long in [false, true] {
            let run = run();
            let ticking = run.clone();
            let call = async move {
                if long {
                    ticking.become_long().await;
                }
                yield_now().await;
                panic!("in the midst of a host call");
            };
            let ended: Result<(), _> =
                drive(run.metered(call), lane.entry().as_ref(), Start::Here).await;
            assert!(ended.is_err());
        }
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_is_dropped_in_the_lane_too() {
        let lane = SlowLane::start(1).unwrap();
        let run = run();
        let ticking = run.clone();
        let (held, dropped) = oneshot::channel::<()>();
        let (moved, has_moved) = oneshot::channel::<()>();
        let call = async move {
            let _held = held;
            ticking.become_long().await;
            // Nobody listens any more, at the worst.
            let _ = moved.send(());
            std::future::pending::<()>().await;
        };
        let entry = lane.entry();
        let driven = Box::pin(drive(run.metered(call), entry.as_ref(), Start::Here));
        tokio::select! {
            _ = driven => unreachable!("the call never ends"),
            moved = has_moved => moved.unwrap(),
        }
        assert!(dropped.await.is_err());
    }
}
