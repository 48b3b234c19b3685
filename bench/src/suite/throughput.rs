//! What each server can do at most, with one add-on.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;

use super::place::{CALLER_NAME, MESSAGE_SENTIMENT, NUMBER_INSIGHT, Place};
use super::{Contender, Run, numbers};
use crate::load::{Pace, Shape};
use crate::server::{Host, Log, Server};

const SHAPES: [(Shape, &str); 3] = [
    (Shape::Get, "get"),
    (Shape::Form, "form"),
    (Shape::Json, "json"),
];

/// Everybody who is to be measured.
pub(super) fn contenders(run: &Run) -> Result<Vec<Contender>> {
    let numbers = numbers::read(&run.callers)?;
    let mut all = Vec::new();
    let mut add = |name: String, server: &Rc<Server>, place: &Place, shape| {
        if run.wants(&name) {
            let (server, pool) = (Rc::clone(server), place.pool(shape, &numbers));
            all.push(Contender {
                name,
                server,
                pool,
                pace: Pace::Saturate,
                rest: Duration::ZERO,
            });
        }
    };
    let bare = Rc::new(Server::Bare(run.bare.clone()));
    let host = host(run, &CALLER_NAME, Log::Warnings)?;
    for (shape, word) in SHAPES {
        add(format!("bare {word}"), &bare, &CALLER_NAME, shape);
        add(format!("jackfield {word}"), &host, &CALLER_NAME, shape);
    }
    let add_on = CALLER_NAME.add_on(&run.plugins)?;
    let native = Host::new(&run.native, Log::Warnings, &[add_on])?.without_instances();
    let native = Rc::new(Server::Host(native));
    add("native get".into(), &native, &CALLER_NAME, Shape::Get);
    let logging = self::host(run, &CALLER_NAME, Log::Default)?;
    add(
        "jackfield get, logged".into(),
        &logging,
        &CALLER_NAME,
        Shape::Get,
    );
    for (place, name, shape) in [
        (NUMBER_INSIGHT, "number-insight get", Shape::Get),
        (MESSAGE_SENTIMENT, "message-sentiment form", Shape::Form),
    ] {
        add(
            name.into(),
            &self::host(run, &place, Log::Warnings)?,
            &place,
            shape,
        );
    }
    for peer in &run.peers {
        let server = Rc::new(Server::Peer(peer.clone()));
        add(peer.name.clone(), &server, &CALLER_NAME, Shape::Get);
    }
    Ok(all)
}

/// A host with one add-on.
pub(super) fn host(run: &Run, place: &Place, log: Log) -> Result<Rc<Server>> {
    let add_on = place.add_on(&run.plugins)?;
    Ok(Rc::new(Server::Host(Host::new(&run.host, log, &[add_on])?)))
}
