//! How late answers are at half of what the host can do.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;

use super::place::CALLER_NAME;
use super::throughput::host;
use super::{Contender, Results, Run, note, numbers};
use crate::load::{Pace, Shape};
use crate::server::{Log, Server};

/// The host and the limit, both at half of the host's highest rate.
pub(super) fn contenders(run: &Run, results: &Results) -> Result<Vec<Contender>> {
    let names = ["tail bare", "tail jackfield"];
    if !names.iter().any(|name| run.wants(name)) {
        return Ok(Vec::new());
    }
    let numbers = numbers::read(&run.callers)?;
    let servers = [
        Rc::new(Server::Bare(run.bare.clone())),
        host(run, &CALLER_NAME, Log::Warnings)?,
    ];
    let contender = |pace| {
        move |(name, server): (&str, &Rc<Server>)| Contender {
            name: name.to_owned(),
            server: Rc::clone(server),
            pool: CALLER_NAME.pool(Shape::Get, &numbers),
            pace,
            rest: Duration::ZERO,
        }
    };
    let measured = results.spread("jackfield get", |it| it.rate);
    let highest = match measured {
        Some(measured) => measured.median,
        None => {
            note("what the host can do at most");
            let unpaced = contender.clone()(Pace::Saturate);
            unpaced(("jackfield", &servers[1])).measure(run)?.rate
        }
    };
    let paced = contender(Pace::Rate(highest / 2.0));
    Ok(names.into_iter().zip(&servers).map(paced).collect())
}
