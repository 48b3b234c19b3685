use jiff::Timestamp;

use super::*;

pub(crate) async fn what_is_done_and_what_is_dead_are_swept_in_their_own_time(place: &Place) {
    let store = place.open().await;
    let [done, dead, open] = [
        taken(&store, 1).await,
        taken(&store, 2).await,
        taken(&store, 3).await,
    ];
    finish(&store, &done).await;
    assert!(store.dead(&dead.lease, "it went wrong").await.unwrap());
    let hours = |n: u64| Duration::from_secs(n * 3600);
    let sweep = async |later: Duration, most| {
        let retention = Retention {
            now: Timestamp::now() + later,
            done: hours(24),
            dead: hours(48),
        };
        store.sweep(&retention, most).await.unwrap()
    };
    let nothing = Swept {
        jobs: 0,
        files: Vec::new(),
    };
    assert_eq!(sweep(hours(23), 10).await, nothing);
    assert_eq!(sweep(hours(25), 0).await, nothing);
    assert_eq!(sweep(hours(25), 10).await.jobs, 1);
    assert!(store.get(done.id()).await.unwrap().is_none());
    let swept = sweep(hours(49), 10).await;
    let files = vec![dead.audio.unwrap()];
    assert_eq!(swept, Swept { jobs: 1, files });
    assert_eq!(sweep(hours(100_000), 10).await, nothing);
    assert!(store.get(open.id()).await.unwrap().is_some());
}

pub(crate) async fn a_file_is_needed_as_long_as_its_job_says_so(place: &Place) {
    let store = place.open().await;
    let job = taken(&store, 1).await;
    let audio = job.audio.clone().unwrap();
    let result_name = BlobName::result(&job.lease);
    let stray = BlobName::audio(JobId::fresh().unwrap());
    let odd: BlobName = "no-jobs-file".parse().unwrap();
    let names = [audio.clone(), result_name.clone(), stray, odd];
    let needed = async || {
        let needed = store.referenced(&names).await.unwrap();
        let mut needed: Vec<_> = needed.into_iter().collect();
        needed.sort();
        needed
    };
    assert_eq!(needed().await, [audio]);
    store
        .resulted(&job.lease, &result(&job.lease))
        .await
        .unwrap();
    assert_eq!(needed().await, [result_name]);
    store.done(&job.lease, Delivery::Nothing).await.unwrap();
    assert_eq!(needed().await, []);
    // More than one statement can be about.
    let many: Vec<_> = (0..1200)
        .map(|_| BlobName::audio(JobId::fresh().unwrap()))
        .collect();
    assert!(store.referenced(&many).await.unwrap().is_empty());
}

pub(crate) async fn what_is_erased_is_gone_whoever_works_on_it(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(accept(&store, number).await.id);
    }
    ids.sort();
    let owner = Owner::fresh().unwrap();
    let held = claim(&store, &owner, LEASE, 5).await.unwrap();
    let first = held.iter().find(|job| job.id() == ids[0]).unwrap();
    let mut walked = Vec::new();
    while let page @ [_, ..] = &store.walk(walked.last().copied(), 2).await.unwrap()[..] {
        for kept in page {
            assert_eq!(kept.files, [BlobName::audio(kept.id)]);
            assert_eq!(kept.install, Some(sid("XD", 1)));
            assert!(kept.task.starts_with(b"task "));
            walked.push(kept.id);
        }
    }
    assert_eq!(walked, ids);
    let mut erased = store.erase_jobs(&ids[..2]).await.unwrap();
    erased.sort();
    assert_eq!(erased, [BlobName::audio(ids[0]), BlobName::audio(ids[1])]);
    assert!(!store.running(&first.lease).await.unwrap());
    assert_eq!(store.walk(None, 10).await.unwrap().len(), 3);
    assert!(store.erase_jobs(&ids[..2]).await.unwrap().is_empty());
    assert!(store.erase_jobs(&[]).await.unwrap().is_empty());
    store.scrub().await.unwrap();
    assert_eq!(store.walk(None, 10).await.unwrap().len(), 3);
    assert_eq!(store.release(&owner).await.unwrap(), 3);
}

pub(crate) async fn a_closed_store_says_so(place: &Place) {
    let store = place.open().await;
    accept(&store, 1).await;
    store.close().await;
    let closed = store.accept(job(2)).await.unwrap_err();
    assert_eq!(closed, StoreError::Closed);
    assert!(!closed.is_passing());
    let claimed = claim(&store, &Owner::fresh().unwrap(), LEASE, 1).await;
    assert_eq!(claimed.err(), Some(StoreError::Closed));
    store.close().await;
}
