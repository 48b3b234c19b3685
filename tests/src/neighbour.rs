//! What an attack costs its neighbours: the latency of an innocent add-on, with and
//! without attackers beside it.
//!
//! The client shares the machine with the host, so it is built to cost next to nothing:
//! one plain thread and one kept connection for each role, requests that were signed once
//! and are repeated byte by byte, and no async runtime. The neighbour is asked at a fixed
//! rate, far below what the host can answer, so that its 99th percentile is a latency and
//! not a queue of its own making. Every attacker calls again as soon as it is answered,
//! though not more than [`MOST_ATTACKS`] times a second: a guest that traps at once would
//! otherwise measure how many requests a second the machine bears, which is another
//! question. The attackers start one after the other within [`SPREAD`], for what many
//! guests cost that all begin in the same millisecond is a burst of load.
//!
//! Each round has three windows: a quiet one, one in which plain threads of this process
//! burn as many processors as the host gives to long guests, and one with the attackers.
//! The second tells what the machine's scheduler makes of a busy processor without any
//! guest; whatever else the machine does meanwhile falls on all three alike. The figures
//! are the medians over the rounds.

#![expect(
    clippy::disallowed_methods,
    reason = "a client that keeps a pace waits for a moment, and for nothing else"
)]

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Line;
use crate::NUMBER;
use crate::host::TestHost;
use crate::hostile::{Attack, neighbour_sid};

/// How long the host is watched at a time.
const WINDOW: Duration = Duration::from_millis(500);
/// The time between two requests of the neighbour's.
const PACE: Duration = Duration::from_millis(3);
/// How often one attacker calls in a second, at most.
pub const MOST_ATTACKS: u32 = 100;
/// What is quicker than this counts as this where two latencies are compared: on two
/// processors that three programs share, less is the kernel's turns and not the host.
pub const SLICE: Duration = Duration::from_millis(1);
/// The time in which the attackers of one window start, one after the other. They are
/// measured once all of them are there.
const SPREAD: Duration = Duration::from_millis(320);

/// Latencies of one window, or the medians of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// The median.
    pub p50: Duration,
    /// The 99th percentile.
    pub p99: Duration,
}

/// The neighbour without and with attackers.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// With nobody beside it.
    pub quiet: Latency,
    /// Beside plain threads that burn as many processors as long guests may.
    pub busy: Latency,
    /// Beside attackers.
    pub besieged: Latency,
    /// How often the attackers were answered.
    pub attacks: u64,
}

impl Comparison {
    /// The 99th percentile with attackers, as a multiple of the quiet one.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.besieged.p99.as_secs_f64() / self.quiet.p99.as_secs_f64()
    }

    /// The 99th percentile with attackers, as a multiple of that of the same host on a
    /// machine that is as busy: what the guests cost beyond the processors that they are
    /// allowed. On a machine that has other things to do this is still a property of the
    /// host, which [`Self::ratio`] is not.
    #[must_use]
    pub fn excess(&self) -> f64 {
        let ordinary = self.quiet.p99.max(self.busy.p99);
        self.besieged.p99.as_secs_f64() / ordinary.as_secs_f64()
    }
}

/// Measures so many rounds, with `count` attackers at once.
///
/// # Panics
/// Where the host does not answer the neighbour, or breaks a connection.
#[must_use]
pub fn compare(host: &TestHost, attack: &Attack, count: usize, rounds: usize) -> Comparison {
    let request = host.twilio().lookup(&neighbour_sid(), NUMBER);
    let mut line = Line::open(request).expect("the host listens");
    let begin = || {
        let attackers = Attackers::start(host, attack, count);
        std::thread::sleep(SPREAD);
        attackers
    };
    beside(&mut line, rounds, count.min(lane()), begin, Attackers::stop)
}

/// Measures so many rounds beside anything that begins and ends, where ending tells how
/// often it was done, and beside so many busy threads.
///
/// # Panics
/// As [`compare`].
pub fn beside<S: Read + Write, A>(
    line: &mut Line<S>,
    rounds: usize,
    threads: usize,
    begin: impl Fn() -> A,
    end: impl Fn(A) -> u64,
) -> Comparison {
    let (mut quiet, mut busy, mut besieged) = (Vec::new(), Vec::new(), Vec::new());
    let mut attacks = 0;
    for _ in 0..rounds {
        quiet.push(window(line));
        let burners = Burners::start(threads);
        busy.push(window(line));
        drop(burners);
        let attack = begin();
        besieged.push(window(line));
        attacks += end(attack);
    }
    Comparison {
        quiet: median(&quiet),
        busy: median(&busy),
        besieged: median(&besieged),
        attacks,
    }
}

/// How many processors the host gives to guests that run long: all but one.
fn lane() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    processors.saturating_sub(1).max(1)
}

/// Asks at the fixed rate until the window is over.
fn window<S: Read + Write>(line: &mut Line<S>) -> Latency {
    let started = Instant::now();
    let mut taken = Vec::new();
    let mut next = started;
    while started.elapsed() < WINDOW {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        let sent = Instant::now();
        let body = line.call().expect("the neighbour is answered");
        taken.push(sent.elapsed());
        assert!(
            body.ends_with(b"\"error_code\":null}"),
            "the neighbour was told {}",
            String::from_utf8_lossy(&body)
        );
        next = (next + PACE).max(Instant::now());
    }
    taken.sort_unstable();
    Latency {
        p50: percentile(&taken, 50),
        p99: percentile(&taken, 99),
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn median(windows: &[Latency]) -> Latency {
    let middle = |mut all: Vec<Duration>| {
        all.sort_unstable();
        all[all.len() / 2]
    };
    Latency {
        p50: middle(windows.iter().map(|window| window.p50).collect()),
        p99: middle(windows.iter().map(|window| window.p99).collect()),
    }
}

/// Threads that burn a processor each, until this is dropped.
struct Burners {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Burners {
    fn start(count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let burn = |stop: Arc<AtomicBool>| {
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = (0..count).map(|_| burn(Arc::clone(&stop))).collect();
        Self { stop, threads }
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It does nothing that could fail.
            let _ = thread.join();
        }
    }
}

/// Attackers at work, each in a thread of its own.
struct Attackers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<io::Result<u64>>>,
}

impl Attackers {
    fn start(host: &TestHost, attack: &Attack, count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let request = attack.request(&host.twilio()).sealed();
        let lines = (0..count).map(|_| Line::open(request.clone()).expect("the host listens"));
        let apart = SPREAD / u32::try_from(count).expect("not so many attackers");
        let threads = (0..)
            .zip(lines)
            .map(|(place, line)| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || {
                    std::thread::sleep(apart * place);
                    assail(line, &stop)
                })
            })
            .collect();
        Self { stop, threads }
    }

    /// Waits until the last guest is gone, and returns how often the attackers were
    /// answered.
    fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        let answered = self.threads.into_iter().map(|thread| {
            let answered = thread.join().expect("an attacker's client does not panic");
            answered.expect("an attacker is answered")
        });
        answered.sum()
    }
}

fn assail(mut line: Line, stop: &AtomicBool) -> io::Result<u64> {
    let mut answered = 0;
    let pause = Duration::from_secs(1) / MOST_ATTACKS;
    while !stop.load(Ordering::Relaxed) {
        let next = Instant::now() + pause;
        line.call()?;
        answered += 1;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(answered)
}
