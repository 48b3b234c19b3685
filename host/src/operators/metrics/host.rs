//! How the host as a whole is.

use std::fmt;

use super::Scrape;
use super::page::{Page, seconds, truth};
use crate::control::keys;
use crate::reload::{Outcome, Reloads};
use crate::sandbox::{ENGINE, World};
use crate::telemetry;

impl Scrape {
    pub(super) fn host(&self, page: &mut Page<'_>) -> fmt::Result {
        self.build(page)?;
        self.reloads(page)?;
        self.sandbox(page)?;
        self.ledger(page)?;
        self.tokens(page)
    }

    fn build(&self, page: &mut Page<'_>) -> fmt::Result {
        let [lookup, analysis] = World::ALL.map(contract);
        let labels = [
            ("version", env!("CARGO_PKG_VERSION")),
            ("wasmtime", ENGINE),
            ("lookup", lookup),
            ("analysis", analysis),
        ];
        let name = (
            "build_info",
            "What this host is, and the versions of the contract that it speaks.",
        );
        page.gauges(name, [(labels, 1.0)])?;
        let name = ("start_timestamp_seconds", "Since when this host runs.");
        page.gauge(name, seconds(self.control.started()))?;
        let name = ("draining", "Whether the host is ending: 1 if so.");
        page.gauge(name, truth(self.control.is_draining()))?;
        let name = (
            "log_lines_lost",
            "Lines of the log that were not read in time, and are lost.",
        );
        page.counter(name, telemetry::lost_lines())?;
        let counts = self.control.reloader().host().traces.counts();
        let counts = counts.map(|(outcome, count)| ([("outcome", outcome)], count));
        let name = ("traces", "Traces, by what became of them.");
        page.counters(name, counts)
    }

    fn reloads(&self, page: &mut Page<'_>) -> fmt::Result {
        let reloader = self.control.reloader();
        let reloads: &Reloads = reloader.counts();
        let name = (
            "config_generation",
            "The registry that is served: each change makes another.",
        );
        page.gauge(name, self.registry.generation as f64)?;
        let name = (
            "config_frozen",
            "Whether files that change are not taken up: 1 if so.",
        );
        page.gauge(name, truth(reloader.frozen().is_some()))?;
        let counts = reloads.counts();
        let counts = counts.map(|(outcome, count)| ([("outcome", named(outcome))], count));
        page.counters(("reloads", "Reloads, by what came of them."), counts)?;
        let name = (
            "reload_last_good_timestamp_seconds",
            "When what is in place was last taken up, or found to be what is served.",
        );
        page.gauge(name, reloads.last_good() as f64)
    }

    fn sandbox(&self, page: &mut Page<'_>) -> fmt::Result {
        let sandbox = &self.control.reloader().host().sandbox;
        let name = (
            "guest_instances",
            "Instances that were made, each for one call.",
        );
        page.counter(name, sandbox.instances())?;
        let name = (
            "slots_limit",
            "The most providers that run at once, `concurrency`.",
        );
        page.gauge(name, self.registry.server().concurrency as f64)?;
        let pool = sandbox.pool();
        let name = (
            "pool_reserved",
            "Whether guests have memory that was set aside at the start: 1 if so.",
        );
        page.gauge(name, truth(pool.is_some()))?;
        let Some(pool) = pool else {
            return Ok(());
        };
        page.gauge(
            ("pool_instances", "Guests that live in the pool."),
            pool.instances as f64,
        )?;
        page.gauge(
            ("pool_instances_limit", "Guests that the pool has room for."),
            pool.places as f64,
        )?;
        page.gauge(
            ("pool_memories", "Memories of guests that live in the pool."),
            pool.memories as f64,
        )?;
        let name = (
            "pool_memories_warm",
            "Memories that no guest has, and that one had before.",
        );
        page.gauge(name, pool.warm as f64)
    }

    fn ledger(&self, page: &mut Page<'_>) -> fmt::Result {
        let stats = self.control.reloader().host().ledger.stats();
        page.gauge(
            ("ledger_entries", "Answers that are remembered."),
            stats.entries as f64,
        )?;
        page.gauge(
            ("ledger_bytes", "The memory that they take."),
            stats.bytes as f64,
        )?;
        let limit = self.registry.server().ledger.memory;
        page.gauge(
            (
                "ledger_limit_bytes",
                "The memory that they may take, `ledger_memory`.",
            ),
            limit as f64,
        )?;
        page.counter(
            (
                "ledger_replayed",
                "Requests that were given an answer again.",
            ),
            stats.replayed,
        )?;
        page.counter(
            (
                "ledger_joined",
                "Requests that waited for another's answer.",
            ),
            stats.joined,
        )?;
        let name = (
            "ledger_conflicts",
            "Requests that were refused because their SID belonged to another.",
        );
        page.counter(name, stats.conflicts)?;
        let name = (
            "ledger_evicted",
            "Answers that went before their time, for want of memory.",
        );
        page.counter(name, stats.evicted)
    }

    /// When each key was last used, by its place: the key itself is nowhere here.
    fn tokens(&self, page: &mut Page<'_>) -> fmt::Result {
        let keys = keys(&self.registry);
        let slots: Vec<String> = keys.iter().map(|key| key.slot.to_string()).collect();
        let name = (
            "token_last_use_timestamp_seconds",
            "When a key of an account last proved a request; 0 if it did not since the start.",
        );
        let series = keys.iter().zip(&slots).map(|(key, slot)| {
            let labels = [
                ("account", key.account.as_str()),
                ("kind", key.kind.as_str()),
                ("slot", slot.as_str()),
            ];
            (labels, key.last_use.map_or(0.0, seconds))
        });
        page.gauges(name, series)
    }
}

/// The version of the contract's interface that a world has had since.
fn contract(world: World) -> &'static str {
    let (_, version) = world.interface().split_once('@').unwrap_or_default();
    version
}

fn named(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
        Outcome::Waiting => "waiting",
        Outcome::Frozen => "frozen",
    }
}
