//! A database that goes away, for a while or in the middle of something.

use jackfield_tests::crash::Book;

use crate::rig::{Posts, Rig};
use crate::rows::Store;
use crate::{repetitions, run};

/// How many recordings are posted before, while and after it is away.
const BATCH: u64 = 6;

/// Ends the database in some way while recordings are worked on, posts others, and starts
/// it again.
async fn outage(rig: &mut Rig, fault: &str, crash: bool) {
    let (mut book, mut posts) = (Book::default(), Posts::new());
    let before = rig.numbers(BATCH);
    let meanwhile = rig.numbers(BATCH);
    for number in before.iter().chain(&meanwhile) {
        book.send(*number);
    }
    before.iter().for_each(|it| rig.post(&mut posts, *it));
    let moment = rig.random.u64(..40);
    tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
    let Store::Postgres(server, _) = &mut rig.store else {
        panic!("the proof is about a database");
    };
    tokio::task::block_in_place(|| match crash {
        true => server.kill(),
        false => server.stop(),
    });
    meanwhile.iter().for_each(|it| rig.post(&mut posts, *it));
    Rig::note(&mut posts, &mut book).await;
    for number in &meanwhile {
        // Whoever cannot keep it says so, and Twilio comes again.
        assert!(
            !book.accepted().contains(number),
            "{number} is kept nowhere"
        );
    }
    let Store::Postgres(server, _) = &mut rig.store else {
        panic!("the proof is about a database");
    };
    tokio::task::block_in_place(|| server.start_again());
    come_again(rig, &mut book, &before, &meanwhile).await;
    rig.settle(fault, &book).await;
}

/// Posts again what was not accepted, until it is.
async fn come_again(rig: &Rig, book: &mut Book, before: &[u64], meanwhile: &[u64]) {
    for &number in before.iter().chain(meanwhile) {
        let accepted = async || {
            let answer = rig.recording(0, number).send().await;
            assert!(
                [202, 503].contains(&answer.status.as_u16()),
                "{}",
                answer.text()
            );
            answer.status == 202
        };
        if !book.accepted().contains(&number) {
            rig.hosts[0].until("it is accepted", accepted).await;
            let answer = rig.recording(1, number).send().await;
            book.note(number, &answer);
        }
    }
}

#[test]
fn nothing_is_lost_while_the_database_is_away() {
    run(async {
        let mut rig = Rig::pair();
        for _ in 0..repetitions().div_ceil(10) {
            outage(&mut rig, "the database stopped", false).await;
            outage(&mut rig, "the database killed", true).await;
        }
        rig.is_swept().await;
        println!("{}", rig.table);
    });
}
