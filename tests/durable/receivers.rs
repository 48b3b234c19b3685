//! Receivers that misbehave: every result arrives in the end, or is a dead letter.

use std::collections::BTreeSet;
use std::time::Duration;

use jackfield_tests::Reply;
use jackfield_tests::crash::{Book, path};

use crate::rig::{Posts, Rig};
use crate::{repetitions, run};

const BATCH: u64 = 4;

/// Every way to misbehave.
fn ways() -> [(&'static str, Reply); 8] {
    let late = Reply::status(200).late(Duration::from_secs(30));
    [
        ("a receiver that times out", Reply::silence()),
        ("a receiver that resets", Reply::reset_after(0)),
        ("a receiver that resets midway", Reply::reset_after(50)),
        ("a receiver that hangs up", Reply::close()),
        ("a receiver that answers 500", Reply::status(500)),
        ("a receiver that answers 404", Reply::status(404)),
        ("a receiver that answers 200 too late", late),
        (
            "a receiver that is slow",
            Reply::status(200).sipping(Duration::from_millis(100)),
        ),
    ]
}

#[test]
fn every_result_arrives_or_is_a_dead_letter() {
    run(async {
        let mut rig = Rig::single(|it| it.jobs("callback_timeout = \"500ms\"\nworkers = 64\n"));
        for _ in 0..repetitions().div_ceil(10) {
            for (fault, reply) in ways() {
                misbehave(&mut rig, fault, &reply).await;
            }
        }
        println!("{}", rig.table);
    });
}

/// Some get one bad answer and then a good one, and some get nothing but bad ones.
async fn misbehave(rig: &mut Rig, fault: &str, reply: &Reply) {
    let (mut book, mut posts) = (Book::default(), Posts::new());
    let numbers = rig.numbers(BATCH);
    for &number in &numbers {
        let hopeless = number % 2 == 1;
        let replies = match hopeless {
            true => vec![reply.clone()],
            false => vec![reply.clone(), Reply::status(200)],
        };
        rig.receiver.on(&path(number), replies);
        let recording = rig.recording(0, number);
        let recording = match hopeless {
            true => recording.field("Duration", "200"),
            false => recording,
        };
        book.send(number);
        posts.spawn(async move { (number, recording.try_send().await) });
    }
    Rig::note(&mut posts, &mut book).await;
    assert_eq!(book.accepted(), numbers);
    let jobs = rig.hosts[0].at_rest().await;
    let dead = jobs.iter().filter(|job| job.state == "dead");
    let dead: BTreeSet<String> = dead.filter_map(|job| job.request.clone()).collect();
    rig.balance(fault, &book, &dead);
}
