//! The request that a provider must answer before it serves.

use std::fmt;

use crate::expectation::Expectation;
use crate::protocol::invocation::Invocation;

/// One call, and what must come of it. It has no way to be printed: its number and its
/// message may be somebody's.
#[derive(Clone, PartialEq)]
pub struct Smoke {
    /// What the provider is asked.
    pub invocation: Invocation,
    /// What it must answer.
    pub expectation: Expectation,
}

impl fmt::Debug for Smoke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smoke([REDACTED])")
    }
}
