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
//! question. Windows without and with attackers alternate in one run, so that whatever
//! else the machine does falls on both, and the ratio is taken between the medians of
//! each kind of window.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Line;
use crate::NUMBER;
use crate::host::TestHost;
use crate::hostile::{Attack, neighbour_sid};

/// How long the host is watched at a time.
const WINDOW: Duration = Duration::from_millis(600);
/// The time between two requests of the neighbour's.
const PACE: Duration = Duration::from_millis(3);
/// How often one attacker calls in a second, at most.
pub const MOST_ATTACKS: u32 = 100;
/// How long attackers run before they are measured: their guests must be there.
const LEAD: Duration = Duration::from_millis(50);

/// Latencies of one or more windows.
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
    /// Without.
    pub quiet: Latency,
    /// With.
    pub besieged: Latency,
    /// How often the attackers were answered.
    pub attacks: u64,
}

impl Comparison {
    /// The 99th percentile with attackers, as a multiple of the one without.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.besieged.p99.as_secs_f64() / self.quiet.p99.as_secs_f64()
    }
}

/// Measures `rounds` pairs of windows, without and with `count` attackers.
///
/// # Panics
/// Where the host does not answer the neighbour, or breaks a connection.
#[must_use]
pub fn compare(host: &TestHost, attack: &Attack, count: usize, rounds: usize) -> Comparison {
    let twilio = host.twilio();
    let request = twilio.lookup(&neighbour_sid(), NUMBER);
    let mut line = Line::open(request).expect("the host listens");
    let (mut quiet, mut besieged, mut attacks) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        quiet.push(window(&mut line));
        let attackers = Attackers::start(host, attack, count);
        std::thread::sleep(LEAD);
        besieged.push(window(&mut line));
        attacks += attackers.stop();
    }
    Comparison {
        quiet: median(&quiet),
        besieged: median(&besieged),
        attacks,
    }
}

/// Asks at the fixed rate until the window is over.
fn window(line: &mut Line) -> Latency {
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
        let threads = lines
            .map(|line| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || assail(line, &stop))
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
