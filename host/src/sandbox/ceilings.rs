//! The limits that hold for every provider alike. What an operator may choose for each
//! add-on is in `addons.toml`; these are what no provider for lookups ever needs.

use super::native::Native;
use crate::admission::Fairness;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What no guest may pass, whatever its add-on is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    /// How the host's slots are divided among add-ons and customers.
    pub fairness: Fairness,
    /// Threads for guests that are still there after their first slice. `None` has one
    /// less than there are processors, and at least one; with 0 such guests stay among
    /// everything else.
    pub long_runners: Option<usize>,
    /// Bytes of memory beyond which a guest belongs there from the start. To fill or copy
    /// them is one instruction, and nothing interrupts one.
    pub light: usize,
    /// Core instances in one guest.
    pub instances: usize,
    /// Memories in one guest.
    pub memories: usize,
    /// Tables in one guest.
    pub tables: usize,
    /// Elements in all tables of one guest together.
    pub table_elements: usize,
    /// Bytes of native stack that a guest's calls may take.
    pub stack: usize,
    /// Handles to component resources that one guest may hold.
    pub handles: usize,
    /// WASI resources that one guest may hold.
    pub resources: usize,
    /// Bytes that one call into the host, or the return from the guest, may carry beyond
    /// the add-on's reply.
    pub hostcall: usize,
    /// How deep objects and arrays may be nested in a reply.
    pub reply_depth: u8,
    /// Random bytes that one call of `wasi:random` may ask for.
    pub random: usize,
    /// Bytes of one call's log lines.
    pub log: usize,
    /// Log lines of one add-on in a second.
    pub log_rate: usize,
    /// Bytes of one component.
    pub component: usize,
    /// Bytes of one compiled component.
    pub artifact: usize,
    /// Bytes of all compiled components that are kept for the next start.
    pub artifacts: usize,
    /// What is called in the place of every guest, to tell what the sandbox costs. Nothing
    /// but a program that is built for that sets it.
    pub native: Option<Native>,
}

impl Default for Ceilings {
    fn default() -> Self {
        Self {
            fairness: Fairness::default(),
            long_runners: None,
            light: 4 * MIB,
            instances: 16,
            memories: 4,
            tables: 8,
            table_elements: 20_000,
            stack: 512 * KIB,
            handles: 256,
            resources: 128,
            hostcall: 64 * KIB,
            reply_depth: 64,
            random: 4 * KIB,
            log: 4 * KIB,
            log_rate: 100,
            // Those of interpreted languages carry their interpreter, some 12 MB.
            component: 64 * MIB,
            artifact: 512 * MIB,
            artifacts: 1024 * MIB,
            native: None,
        }
    }
}
