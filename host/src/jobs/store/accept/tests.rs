use super::*;
use crate::jobs::store::{Filter, StoreSettings};

type Told = oneshot::Receiver<Result<Accepted, StoreError>>;

fn waiting(bytes: usize) -> Waiting {
    asked(bytes).0
}

fn asked(bytes: usize) -> (Waiting, Told) {
    let digits = "0".repeat(32);
    let job = NewJob {
        id: JobId::fresh().unwrap(),
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        install: None,
        request: None,
        fingerprint: Fingerprint([0; 32]),
        deadline: None,
        duration: None,
        task: vec![0; bytes],
        audio: false,
    };
    let (verdict, told) = oneshot::channel();
    let since = Instant::now();
    let waiting = Waiting {
        job,
        since,
        verdict,
    };
    (waiting, told)
}

#[test]
fn one_write_has_bounded_bytes_unless_a_single_task_has_more() {
    for (bytes, fits) in [
        (&[1, 2, 3][..], 3),
        (&[MOST_BYTES, 1], 1),
        (&[MOST_BYTES + 1, 1], 1),
        (&[MOST_BYTES / 2, MOST_BYTES / 2, 1], 2),
    ] {
        let waiting: Vec<_> = bytes.iter().copied().map(waiting).collect();
        assert_eq!(fitting(&waiting), fits, "{bytes:?}");
    }
}

async fn open(place: &tempfile::TempDir) -> Store {
    let path = place.path().join("state/jobs.db");
    let opened = Store::open(&StoreSettings::Sqlite { path }).await;
    opened.unwrap()
}

#[tokio::test]
async fn what_waited_too_long_is_refused_and_never_written() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await;
    let ((mut late, told_late), (good, told)) = (asked(1), asked(1));
    late.since = late.since.checked_sub(PATIENCE_IN_LINE).unwrap();
    let id = good.job.id;
    settle(&store.0.engine, vec![late, good]).await;
    assert_eq!(told_late.await.unwrap(), Err(StoreError::Slow));
    assert_eq!(told.await.unwrap(), Ok(Accepted::New));
    let kept = store.list(&Filter::default(), None, 10).await.unwrap();
    assert_eq!(kept.iter().map(|job| job.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn each_can_be_written_by_itself() {
    let place = tempfile::tempdir().unwrap();
    let store = open(&place).await;
    let ((one, told_one), (mut two, told_two), (mut late, told_late)) =
        (asked(1), asked(1), asked(1));
    two.job.id = one.job.id;
    two.job.fingerprint = Fingerprint([1; 32]);
    late.since = late.since.checked_sub(PATIENCE_IN_LINE).unwrap();
    one_by_one(&store.0.engine, vec![one, two, late]).await;
    assert_eq!(told_one.await.unwrap(), Ok(Accepted::New));
    assert_eq!(told_two.await.unwrap(), Ok(Accepted::Conflict));
    assert_eq!(told_late.await.unwrap(), Err(StoreError::Slow));
}
