//! What providers may use, and the rules by which they come and go.

use std::time::Duration;

use super::Component;
use crate::protocol::reply::LONGEST_REPLY;

/// What the calls of a provider may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time for everything: waiting, instantiation, the call itself.
    pub timeout: Duration,
    /// Processor time inside the guest, and in what the host does for it at once. Time
    /// that passes while it waits does not count.
    pub cpu: Duration,
    /// The instance's memory, in bytes.
    pub memory: usize,
    /// The reply's length, in bytes.
    pub reply: usize,
    /// The lines that one call may write to the log.
    pub log_lines: usize,
    /// The calls that may run at once.
    pub concurrency: usize,
    /// The calls that may wait for their turn.
    pub queue: usize,
    /// The add-on's share of the host, beside the other add-ons' weights.
    pub weight: usize,
}

impl Limits {
    /// The least and the most that an operator may choose for it, in bytes.
    pub const MEMORY_BOUNDS: (usize, usize) = (64 << 10, 64 << 20);
}

/// When a provider that keeps failing is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRule {
    /// Failures in a row that open the breaker; `usize::MAX` for never.
    pub failures: usize,
    /// The first pause; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

/// When a new version is given up for the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialRule {
    /// The calls that it is watched for; none for no trial.
    pub requests: usize,
    /// The failures among them that end it, at least one.
    pub failures: usize,
}

/// A component beside the one that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its file.
    pub component: Component,
    /// Its part of the calls, of a hundred.
    pub percent: usize,
}

/// When and how a configuration is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReloadRule {
    /// Whether one broken component keeps everything as it is.
    pub all_or_nothing: bool,
    /// Whether files are watched.
    pub watch: bool,
    /// How often they are looked at besides, where notice of a change may be lost.
    pub poll: Duration,
}

/// Which answers are given again to requests that are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerRule {
    /// For how long; zero for none.
    pub keep: Duration,
    /// The memory that they take together, in bytes.
    pub memory: usize,
}

/// What is answered where there is no room for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overload {
    /// 200 with an error inside, as for every other failure: Twilio goes on without.
    Answer,
    /// 503, so that Twilio tries again.
    Retry,
}

/// What the compilation of one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// The compiler's address space, in bytes.
    pub memory: usize,
    /// Its processor time.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_millis(800),
            cpu: Duration::from_millis(200),
            memory: 16 << 20,
            reply: LONGEST_REPLY,
            log_lines: 16,
            concurrency: 64,
            queue: 64,
            weight: 1,
        }
    }
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory: 2 << 30,
            time: Duration::from_secs(60),
        }
    }
}
