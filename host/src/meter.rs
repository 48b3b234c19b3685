//! What is counted on the way of each request, without a lock, an allocation or a line of
//! the cache that threads share: every thread writes to counters of its own, and whoever
//! reads adds them up. What can be told by looking is not counted here.

mod clocks;
mod connections;
mod histogram;
mod outcome;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use histogram::{Histogram, nanoseconds};

use crate::protocol::point::IntegrationPoint;
use crate::sandbox::Usage;
use crate::sharded::Sharded;

pub use clocks::{Clocks, Way};
pub use connections::{Connections, Listeners, Open};
pub use histogram::Observed;
pub use outcome::Outcome;

/// The bounds of a request's time, in nanoseconds: from a hit in the ledger to the longest
/// `timeout`.
const LATENCIES: [u64; 17] = [
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    15_000_000_000,
];
/// The bounds of a guest's processor time, in nanoseconds: up to the longest `cpu`.
const PROCESSOR: [u64; 14] = [
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    5_000_000,
    25_000_000,
    100_000_000,
    500_000_000,
    2_500_000_000,
    10_000_000_000,
    60_000_000_000,
    600_000_000_000,
];
/// The bounds of a guest's memory, in bytes: from one page to the most that any may have.
const MEMORY: [u64; 10] = [
    1 << 16,
    1 << 18,
    1 << 20,
    2 << 20,
    4 << 20,
    8 << 20,
    16 << 20,
    32 << 20,
    48 << 20,
    64 << 20,
];

/// What is counted of an add-on, the same for as long as the add-on is served; or of the
/// requests that came to none.
#[derive(Default)]
pub struct Meter {
    /// By the place of the integration point in [`Meter::POINTS`].
    requests: [Sharded<Requests>; Meter::POINTS.len()],
    guests: Sharded<Guests>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Where in Twilio's product the add-on was used, if that is known.
    pub point: Option<IntegrationPoint>,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether its signature was good.
    pub verified: bool,
    /// Whether its status is one that Twilio counts against the publisher.
    pub counts_against: bool,
    /// Whether a fallback was answered.
    pub degraded: bool,
    /// Whether its caller had gone by then.
    pub unheard: bool,
    /// How long it took.
    pub took: Duration,
}

/// One integration point's requests, as a thread has seen them.
struct Requests {
    outcomes: [AtomicU64; Outcome::COUNT],
    /// What counts against the publisher: of strangers, and of whoever signed.
    against: [[AtomicU64; Outcome::COUNT]; 2],
    degraded: AtomicU64,
    unheard: AtomicU64,
    took: Histogram<{ LATENCIES.len() + 1 }>,
}

/// An add-on's guests, as a thread has seen them.
#[derive(Default)]
struct Guests {
    processor: Histogram<{ PROCESSOR.len() + 1 }>,
    memory: Histogram<{ MEMORY.len() + 1 }>,
}

/// What was counted of one integration point's requests.
pub struct Seen {
    /// How many ended so, all outcomes in order.
    pub outcomes: [u64; Outcome::COUNT],
    /// How many of them count against the publisher: of strangers, and of whoever signed.
    pub against: [[u64; Outcome::COUNT]; 2],
    /// How many were given a fallback.
    pub degraded: u64,
    /// How many had no caller any more.
    pub unheard: u64,
    /// How long they took, in seconds.
    pub took: Observed,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            outcomes: zeros(),
            against: [zeros(), zeros()],
            degraded: AtomicU64::new(0),
            unheard: AtomicU64::new(0),
            took: Histogram::default(),
        }
    }
}

impl Meter {
    /// What requests are told apart by, in the order of the counters.
    pub const POINTS: [Option<IntegrationPoint>; 5] = [
        None,
        Some(IntegrationPoint::Lookups),
        Some(IntegrationPoint::IncomingSms),
        Some(IntegrationPoint::IncomingVoiceCall),
        Some(IntegrationPoint::Recordings),
    ];

    /// Counts a request.
    pub fn count(&self, ended: &Ended) {
        let requests = self.requests[place(ended.point)].mine();
        let outcome = ended.outcome.place();
        add(&requests.outcomes[outcome]);
        requests.took.note(&LATENCIES, nanoseconds(ended.took));
        if ended.counts_against {
            add(&requests.against[usize::from(ended.verified)][outcome]);
        }
        if ended.degraded {
            add(&requests.degraded);
        }
        if ended.unheard {
            add(&requests.unheard);
        }
    }

    /// Counts what a guest has used.
    pub fn count_guest(&self, usage: Usage) {
        let guests = self.guests.mine();
        let processor = nanoseconds(usage.processor);
        guests.processor.note(&PROCESSOR, processor);
        guests.memory.note(&MEMORY, usage.memory as u64);
    }

    /// What was counted, by integration point; nothing where there was no request.
    pub fn seen(&self) -> impl Iterator<Item = (Option<IntegrationPoint>, Seen)> {
        let points = Self::POINTS.into_iter().zip(&self.requests);
        points.filter_map(|(point, requests)| Some((point, Seen::of(requests)?)))
    }

    /// The processor time of guests, in seconds, and their memory, in bytes.
    #[must_use]
    pub fn guests(&self) -> (Observed, Observed) {
        let processor = self.guests.parts().map(|part| &part.processor);
        let memory = self.guests.parts().map(|part| &part.memory);
        (
            Observed::of(processor, &PROCESSOR, 1e9),
            Observed::of(memory, &MEMORY, 1.0),
        )
    }
}

impl Seen {
    fn of(requests: &Sharded<Requests>) -> Option<Self> {
        let parts = || requests.parts();
        parts().next()?;
        let sum = |of: &dyn Fn(&Requests) -> &AtomicU64| parts().map(|it| read(of(it))).sum();
        Some(Self {
            outcomes: std::array::from_fn(|place| sum(&|it| &it.outcomes[place])),
            against: std::array::from_fn(|who| {
                std::array::from_fn(|place| sum(&|it| &it.against[who][place]))
            }),
            degraded: sum(&|it| &it.degraded),
            unheard: sum(&|it| &it.unheard),
            took: Observed::of(parts().map(|it| &it.took), &LATENCIES, 1e9),
        })
    }
}

fn place(point: Option<IntegrationPoint>) -> usize {
    match point {
        None => 0,
        Some(IntegrationPoint::Lookups) => 1,
        Some(IntegrationPoint::IncomingSms) => 2,
        Some(IntegrationPoint::IncomingVoiceCall) => 3,
        Some(IntegrationPoint::Recordings) => 4,
    }
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests;
