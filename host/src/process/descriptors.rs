//! How many files and sockets the process may have open. What the system grants by default
//! is meant for programs that have few; what it would grant is taken.

use std::fmt;

use rustix::process::{Resource, Rlimit};

use crate::config::{Config, JobStore};

/// What the host has open besides: its log, its sockets, what it watches, its runtime.
const BASE: u64 = 64;
/// A component and its copies while it is loaded.
const PER_ADD_ON: u64 = 4;
/// An upload's draft, beside its connection.
const PER_UPLOAD: u64 = 1;
/// A job's audio, its result, and a connection to whoever is called back.
const PER_WORKER: u64 = 4;
/// The connections to a store of jobs, or its files.
const STORE: u64 = 32;

/// How many descriptors there may be, and how many could be needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptors {
    limit: u64,
    connections: u64,
    rest: u64,
}

impl Descriptors {
    /// Takes as many as the system grants, and counts what a configuration could need.
    #[must_use]
    pub fn raise(config: &Config) -> Self {
        Self {
            limit: raised(),
            connections: config.server.connections as u64,
            rest: rest(config),
        }
    }

    /// Whether there could be more connections than there are descriptors for them.
    #[must_use]
    pub fn are_too_few(&self) -> bool {
        self.limit < self.needed()
    }

    fn needed(&self) -> u64 {
        self.connections.saturating_add(self.rest)
    }
}

impl fmt::Display for Descriptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, connections, rest) = (self.limit, self.connections, self.rest);
        let room = limit.saturating_sub(rest);
        write!(
            f,
            "{limit} file descriptors are allowed, and {connections} connections and the \
             add-ons could take {}: raise the limit (`LimitNOFILE`, `ulimit -Hn`), or set \
             `connections` to {room} at most",
            self.needed()
        )
    }
}

/// The limit after it was raised; the largest number where there is none.
fn raised() -> u64 {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let reached = match rustix::process::setrlimit(Resource::Nofile, wanted) {
        Ok(()) => limit.maximum,
        // Some systems grant less than they say. What there was is still there.
        Err(_) => limit.current,
    };
    reached.unwrap_or(u64::MAX)
}

fn rest(config: &Config) -> u64 {
    let add_ons = config.add_ons.len() as u64;
    let keeps_jobs = config.add_ons.iter().any(|it| it.recordings.is_some())
        || matches!(config.jobs.store, JobStore::Postgres(_));
    let jobs = match keeps_jobs {
        true => {
            let (uploads, workers) = (config.jobs.uploads as u64, config.jobs.workers as u64);
            STORE + PER_UPLOAD * uploads + PER_WORKER * workers
        }
        false => 0,
    };
    BASE + PER_ADD_ON * add_ons + jobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_descriptors_are_told_with_figures() {
        let few = Descriptors {
            limit: 1_024,
            connections: 10_000,
            rest: 76,
        };
        assert!(few.are_too_few());
        insta::assert_snapshot!(few, @"1024 file descriptors are allowed, and 10000 connections and the add-ons could take 10076: raise the limit (`LimitNOFILE`, `ulimit -Hn`), or set `connections` to 948 at most");
        let enough = Descriptors {
            limit: 10_076,
            ..few
        };
        assert!(!enough.are_too_few());
    }
}
