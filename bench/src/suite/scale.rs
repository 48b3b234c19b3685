//! Many add-ons in one host: what they do to its throughput, its memory and its start.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;

use super::place::{CALLER_NAME, REQUESTS, sid};
use super::{Contender, Results, Run, note, numbers};
use crate::load::{Pace, Pool, Shape, Zipf};
use crate::server::{AddOn, Host, Log, Server, told_apart};

/// The numbers of add-ons that are loaded, and what the report calls each.
pub const STEPS: [(usize, &str); 4] = [
    (1, "scale 1"),
    (10, "scale 10"),
    (100, "scale 100"),
    (1_000, "scale 1000"),
];

/// How long an allocator keeps what a start has left. Idle is a host that has been so for
/// as long.
const REST: Duration = Duration::from_secs(15);

/// The draws of a pool by Zipf's law.
const DRAWS: usize = 20_000;

/// A host for each number of add-ons, asked for all of them in turn, and the last one also
/// for a few of them most of the time.
pub(super) fn contenders(run: &Run) -> Result<Vec<Contender>> {
    let numbers = numbers::read(&run.callers)?;
    let mut all = Vec::new();
    for (count, name) in STEPS {
        let (uneven, most) = (format!("{name}, zipf"), STEPS[STEPS.len() - 1].0);
        let wanted = [name, &uneven].map(|name| run.wants(name));
        if wanted == [false; 2] {
            continue;
        }
        let server = Rc::new(Server::Host(host(run, count)?));
        let templates = CALLER_NAME.templates(Shape::Get, &numbers, count);
        let mut add = |name: &str, pool, rest| {
            all.push(Contender {
                name: name.to_owned(),
                server: Rc::clone(&server),
                pool,
                pace: Pace::Saturate,
                rest,
            });
        };
        if count == most {
            add(
                &uneven,
                Pool::in_order(templates.clone(), uneven_order(count)),
                Duration::ZERO,
            );
        }
        // Those whose memory the report tells.
        let rest = match [1, most].contains(&count) {
            true => REST,
            false => Duration::ZERO,
        };
        add(name, Pool::in_turn(templates), rest);
    }
    Ok(all)
}

/// Starts each once with nothing compiled, so that the rounds find everything compiled.
pub(super) fn start_cold(contenders: &[Contender], results: &mut Results) {
    let mut started: Vec<*const Server> = Vec::new();
    for contender in contenders {
        let server = Rc::as_ptr(&contender.server);
        if started.contains(&server) {
            continue;
        }
        started.push(server);
        note(&format!("{}: the first start", contender.name));
        match contender.server.start() {
            Ok(process) => results.started_cold(process.took),
            Err(error) => results
                .failures
                .push(format!("{}: {error:#}", contender.name)),
        }
    }
}

/// Requests of the add-on that is drawn, with its numbers in turn.
fn uneven_order(count: usize) -> Vec<usize> {
    let turns = (0..DRAWS).map(|draw| draw % (REQUESTS / count) * count);
    Zipf::among(count)
        .zip(turns)
        .map(|(add_on, turn)| turn + add_on)
        .collect()
}

fn host(run: &Run, count: usize) -> Result<Host> {
    let component = CALLER_NAME.component(&run.plugins)?;
    let add_on = |place| AddOn {
        name: format!("caller-name-{place}"),
        sid: sid(place),
        component: told_apart(&component, u32::try_from(place).unwrap_or(u32::MAX)),
        toml: CALLER_NAME.toml.to_owned(),
    };
    let add_ons: Vec<AddOn> = (0..count).map(add_on).collect();
    Host::new(&run.host, Log::Warnings, &add_ons)
}
