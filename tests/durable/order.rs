//! In which order the system is asked for things: what was promised is on the disk before
//! anybody is told. The page cache outlives a kill, so that kills do not show this.

use jackfield_tests::crash::Book;
use jackfield_tests::scale;
use jackfield_tests::trace::{Promises, Trace, strace};

use crate::rig::{Posts, Rig};
use crate::run;

/// Recordings at once, for which commits are shared.
const CROWD: u64 = 12;

#[test]
fn audio_and_row_are_on_the_disk_before_202_and_the_result_before_it_is_called_back() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trace");
        let mut rig = Rig::single(|builder| builder.under(strace(&file)));
        let crowds = scale(2, 20) as u64;
        for _ in 0..crowds {
            let (mut book, mut posts) = (Book::default(), Posts::new());
            for number in rig.numbers(CROWD) {
                book.send(number);
                rig.post(&mut posts, number);
            }
            Rig::note(&mut posts, &mut book).await;
            assert_eq!(book.accepted().len() as u64, CROWD);
            rig.settle("nothing", &book).await;
        }
        let spool = rig.spool().canonicalize().unwrap();
        let host = rig.hosts.remove(0);
        let (status, _) = tokio::task::block_in_place(|| host.stop());
        assert_eq!(status, Some(0));
        let trace = until_it_ended(&file).await;
        for (ending, said) in [(".audio", "HTTP/1.1 202"), (".result", "POST /jobs/")] {
            let promises = Promises {
                directory: &spool,
                ending,
                log: "jobs.db-wal",
                said,
            };
            let kept = promises.check(&trace);
            assert_eq!(kept, Ok((crowds * CROWD) as usize), "{said}");
            println!(
                "{} times `{said}`, each after its file and its row",
                crowds * CROWD
            );
        }
    });
}

/// The whole trace: its writer ends a moment after what it traces.
async fn until_it_ended(file: &std::path::Path) -> Trace {
    loop {
        let trace = Trace::read(file);
        if trace.has_ended() {
            return trace;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
