//! A disk that is full while recordings arrive and results are written.

use std::time::Duration;

use jackfield_tests::SmallDisk;
use jackfield_tests::crash::Book;
use jackfield_tests::wav::Wav;

use crate::rig::{Posts, Rig};
use crate::{repetitions, run};

const SIZE: u64 = 16 * 1024 * 1024;
const BATCH: u64 = 8;
/// What has no room on it then, in milliseconds: 1.6 MB.
const LARGE: u32 = 100_000;

/// Fills the disk at some moment of a batch, and frees it once all is answered.
async fn fill(rig: &mut Rig, disk: &SmallDisk, fault: &str) {
    let (mut book, mut posts) = (Book::default(), Posts::new());
    let numbers = rig.numbers(BATCH);
    let too_large = rig.numbers(1)[0];
    for number in &numbers {
        book.send(*number);
        rig.post(&mut posts, *number);
    }
    let moment = rig.random.u64(..40);
    tokio::time::sleep(Duration::from_millis(moment)).await;
    // Full, or with room for a part of what comes.
    disk.leave(rig.random.u64(..3) * 8 * 1024);
    let large = rig.recording(0, too_large).audio(&Wav::tone(LARGE));
    let answer = large.send().await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    Rig::note(&mut posts, &mut book).await;
    disk.free();
    for number in numbers {
        if !book.accepted().contains(&number) {
            let answer = rig.recording(0, number).send().await;
            assert_eq!(answer.status, 202, "{}", answer.text());
            book.note(number, &answer);
        }
    }
    rig.settle(fault, &book).await;
}

#[test]
fn nothing_is_lost_on_a_disk_that_is_full() {
    run(async {
        for (fault, all) in [("the spool's disk full", false), ("every disk full", true)] {
            let disk = SmallDisk::new(SIZE);
            let path = disk.path();
            let mut rig = Rig::single(|builder| match all {
                true => builder.state_dir(&path.join("state")),
                false => builder.jobs(&format!("spool = \"{}/spool\"", path.display())),
            });
            for _ in 0..repetitions() {
                fill(&mut rig, &disk, fault).await;
            }
            println!("{}", rig.table);
        }
    });
}
