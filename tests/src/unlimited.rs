//! Every limit that a provider is held to, and how it is taken away.
//!
//! The released binary has no switch for any of this. The `unlimited` binary of this
//! package is the same host, started with one number changed: what a limit is worth shows
//! where it is missing.

use std::time::Duration;

use jackfield::admission::Fairness;
use jackfield::config::{AddOnConfig, BreakerRule, CompileLimits, Config, Limits, ServerConfig};
use jackfield::sandbox::Ceilings;

/// The variable that names the limit to serve without.
pub const WITHOUT: &str = "JACKFIELD_WITHOUT";

/// More than any test waits for.
const NEVER: Duration = Duration::from_secs(60 * 60);

/// A limit that can be taken away: its name, and how.
pub type Limit = (&'static str, fn(&mut Config, &mut Ceilings));

/// Every limit. Those that an operator sets are taken from every add-on alike.
pub const LIMITS: &[Limit] = &[
    ("timeout", |config, _| {
        each(config, |it| it.limits.timeout = NEVER)
    }),
    ("cpu", |config, _| each(config, |it| it.limits.cpu = NEVER)),
    ("memory", |config, _| {
        each(config, |it| it.limits.memory = usize::MAX)
    }),
    ("reply_limit", |config, _| {
        each(config, |it| it.limits.reply = usize::MAX)
    }),
    ("log_lines", |config, _| {
        each(config, |it| it.limits.log_lines = usize::MAX)
    }),
    ("concurrency", |config, _| {
        each(config, |it| it.limits.concurrency = 4_096)
    }),
    ("queue", |config, _| {
        each(config, |it| it.limits.queue = 65_536)
    }),
    ("breaker", |config, _| {
        each(config, |it| it.breaker.failures = usize::MAX)
    }),
    ("server.concurrency", |config, _| {
        config.server.concurrency = 512
    }),
    ("compile_memory", |config, _| {
        config.server.compile.memory = usize::MAX
    }),
    ("compile_time", |config, _| {
        config.server.compile.time = NEVER
    }),
    ("guaranteed", |_, ceilings| ceilings.fairness.guaranteed = 0),
    ("reserved", |_, ceilings| ceilings.fairness.reserved = 0),
    ("long_runners", |_, ceilings| {
        ceilings.long_runners = Some(0)
    }),
    ("instances", |_, ceilings| ceilings.instances = 1_000),
    ("memories", |_, ceilings| ceilings.memories = 1_000),
    ("tables", |_, ceilings| ceilings.tables = 1_000),
    ("table_elements", |_, ceilings| {
        ceilings.table_elements = 4_000_000
    }),
    ("stack", |_, ceilings| ceilings.stack = 16 * 1024 * 1024),
    ("handles", |_, ceilings| ceilings.handles = usize::MAX),
    ("resources", |_, ceilings| ceilings.resources = usize::MAX),
    ("hostcall", |_, ceilings| ceilings.hostcall = usize::MAX),
    ("reply_depth", |_, ceilings| ceilings.reply_depth = u8::MAX),
    ("random", |_, ceilings| ceilings.random = usize::MAX),
    ("log", |_, ceilings| ceilings.log = usize::MAX),
    ("log_rate", |_, ceilings| ceilings.log_rate = usize::MAX),
    ("component", |_, ceilings| ceilings.component = usize::MAX),
    // Half a gigabyte is nothing for a test, so this one shows what is refused beyond it.
    ("artifact", |_, ceilings| ceilings.artifact = 1_024),
];

fn each(config: &mut Config, lift: fn(&mut AddOnConfig)) {
    config.add_ons.iter_mut().for_each(lift);
}

/// Takes the limit away that the variable names.
///
/// # Panics
/// Where the variable is missing, or names no limit: a proof would prove nothing.
pub fn alter(config: &mut Config, ceilings: &mut Ceilings) {
    let name = std::env::var(WITHOUT).expect("the variable names a limit");
    let limit = LIMITS.iter().find(|(limit, _)| *limit == name);
    let (_, lift) = limit.expect("there is such a limit");
    lift(config, ceilings);
}

/// Fails to compile once there is a limit that nobody thought of here: then it is for
/// `LIMITS`, or for the names that are left aside below, with the reason.
#[expect(dead_code, reason = "it is only ever compiled")]
fn every_limit_is_known(
    limits: Limits,
    ceilings: Ceilings,
    rule: BreakerRule,
    server: ServerConfig,
) {
    let Limits {
        timeout: _,
        cpu: _,
        memory: _,
        reply: _,
        log_lines: _,
        concurrency: _,
        queue: _,
        // A share, and no limit.
        weight: _,
    } = limits;
    let Ceilings {
        fairness: Fairness {
            guaranteed: _,
            reserved: _,
        },
        long_runners: _,
        // Where a guest begins to run; what it may is not touched by it.
        light: _,
        instances: _,
        memories: _,
        tables: _,
        table_elements: _,
        stack: _,
        handles: _,
        resources: _,
        hostcall: _,
        reply_depth: _,
        random: _,
        log: _,
        log_rate: _,
        component: _,
        artifact: _,
        // What the cache keeps between starts, which no guest gains by.
        artifacts: _,
        // What stands in for guests, and no limit.
        native: _,
    } = ceilings;
    let BreakerRule {
        failures: _,
        // How long a provider is left alone, where it is.
        pause: _,
        longest_pause: _,
    } = rule;
    let CompileLimits { memory: _, time: _ } = server.compile;
}
