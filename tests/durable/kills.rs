//! Hosts that are killed, in every part of a job's life.

use std::collections::HashMap;

use jackfield_tests::crash::Phase;
use jackfield_tests::{Job, request_sid};

use crate::rig::Rig;
use crate::rows::Store;
use crate::strike::Struck;
use crate::{repetitions, run};

#[test]
fn nothing_is_lost_or_done_twice_whenever_a_host_is_killed() {
    run(async {
        let mut rig = Rig::single(|builder| builder);
        every_phase(&mut rig).await;
        rig.is_swept().await;
        println!("one host, SQLite\n{}", rig.table);
    });
}

#[test]
fn nothing_is_lost_or_done_twice_whichever_of_two_hosts_is_killed() {
    run(async {
        let mut rig = Rig::pair();
        every_phase(&mut rig).await;
        rig.is_swept().await;
        println!("two hosts, PostgreSQL\n{}", rig.table);
    });
}

/// Kills hosts until it was done often enough in every phase. Not every shot hits: what was
/// hit is what counts.
async fn every_phase(rig: &mut Rig) {
    let mut hits: HashMap<Phase, usize> = HashMap::new();
    for aim in Phase::ALL {
        let mut shots = 0;
        while hits.get(&aim).copied().unwrap_or(0) < repetitions() {
            let hit = round(rig, aim).await;
            *hits.entry(hit.unwrap_or(aim)).or_default() += usize::from(hit.is_some());
            shots += 1;
            assert!(shots <= 20 + 8 * repetitions(), "{aim}: {hits:?}");
        }
    }
}

/// Kills a host once, starts it again, and holds what came of it against what was promised.
/// Returns the phase that was hit, the one that was aimed at before all others.
async fn round(rig: &mut Rig, aim: Phase) -> Option<Phase> {
    let mut struck = rig.strike(aim).await;
    tokio::task::block_in_place(|| rig.hosts[struck.host].revive());
    rig.repeat(&mut struck.book).await;
    rig.receiver
        .wait_for("all is called back", |seen| {
            struck.book.is_settled(seen, &Default::default())
        })
        .await;
    let jobs = rig.hosts[struck.host].at_rest().await;
    let now = match &rig.store {
        Store::Sqlite => None,
        store @ Store::Postgres(..) => Some(store.rows(&rig.hosts[0])),
    };
    let phases = struck.phases(now.as_ref());
    let hit = match phases.contains(&aim) {
        true => Some(aim),
        false => phases.first().copied(),
    };
    let fault = hit.map_or_else(
        || "killed with nothing to do".to_owned(),
        |it| it.to_string(),
    );
    rig.settle(&fault, &struck.book).await;
    ran_once(&struck, &jobs);
    delivered_once(rig, &struck);
    hit
}

/// No provider ran again whose result was durable when the host was killed.
fn ran_once(struck: &Struck, jobs: &[Job]) {
    for (request, then) in &struck.rows {
        let now = jobs
            .iter()
            .find(|job| job.request.as_ref() == Some(request));
        if struck.has_result(request) {
            assert_eq!(now.unwrap().runs, then.runs, "{request} ran again");
        }
    }
}

/// Only what was being delivered when the host was killed was delivered again.
fn delivered_once(rig: &Rig, struck: &Struck) {
    for number in struck.book.accepted() {
        let delivered = rig.receiver.seen_at(&jackfield_tests::crash::path(number));
        let delivered = delivered.iter().filter(|it| it.is_delivered()).count();
        let request = request_sid(number);
        let was_under_way = struck
            .rows
            .get(&request)
            .is_some_and(|it| it.state == "resulted");
        assert!(
            delivered == 1 || was_under_way,
            "{request}: {delivered} times"
        );
    }
}
