use std::collections::HashSet;

use futures_util::future::join_all;

use super::*;

/// The shortest time that the store can tell from none.
const MOMENT: Duration = Duration::from_millis(1);

pub(crate) async fn two_owners_never_share_a_job(place: &Place) {
    let stores = place.pair().await;
    join_all((0..300).map(|number| accept(&stores[0], number))).await;
    let work = (0..6).map(|n| {
        let store = &stores[n % 2];
        async move {
            let owner = Owner::fresh().unwrap();
            let mut mine = Vec::new();
            loop {
                let claimed = claim(store, &owner, LEASE, 7).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.iter().map(Job::id));
            }
        }
    });
    let claimed = join_all(work).await.concat();
    assert_eq!(claimed.len(), 300);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 300);
}

pub(crate) async fn those_come_first_that_wait_longest_and_no_more_than_asked_for(place: &Place) {
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    for number in 0..5 {
        accept(&store, number).await;
    }
    let first = claim(&store, &owner, LEASE, 2).await.unwrap();
    assert_eq!(first.len(), 2);
    // Due again, but after all the others: the store counts in milliseconds, and within one
    // nobody waits longer than another.
    for job in &first {
        let later = store.postpone(&job.lease, MOMENT, "later").await;
        assert!(later.unwrap());
    }
    let next = claim(&store, &owner, LEASE, 3).await.unwrap();
    assert_eq!(next.len(), 3);
    assert!(next.iter().all(|job| job.tries == 0));
    let mut last = Vec::new();
    while last.len() < 2 {
        last.extend(claim(&store, &owner, LEASE, 10).await.unwrap());
    }
    assert_eq!(last.len(), 2);
    assert!(last.iter().all(|job| job.tries == 1));
    // What is put off is not to be had before.
    for job in &last {
        assert!(
            store
                .postpone(&job.lease, LEASE, "much later")
                .await
                .unwrap()
        );
    }
    assert!(claim(&store, &owner, LEASE, 10).await.unwrap().is_empty());
}

pub(crate) async fn a_lease_that_ends_frees_its_job_and_one_that_is_renewed_does_not(
    place: &Place,
) {
    let [store, other] = place.pair().await;
    let [here, there] = [(); 2].map(|()| Owner::fresh().unwrap());
    accept(&store, 1).await;
    accept(&store, 2).await;
    let leases: Vec<_> = claim(&store, &here, NO_TIME, 10).await.unwrap();
    let leases: Vec<_> = leases.iter().map(|job| job.lease).collect();
    assert_eq!(leases.len(), 2);
    // Nobody was faster.
    assert_eq!(store.renew(&leases[..1], LEASE).await.unwrap(), leases[..1]);
    let [lost] = &claim(&other, &there, LEASE, 10).await.unwrap()[..] else {
        panic!("one lease has ended and one has not");
    };
    assert_eq!(lost.id(), leases[1].id());
    assert_eq!(lost.lease.claim(), 2);
    assert_eq!(store.renew(&leases, LEASE).await.unwrap(), leases[..1]);
    assert!(store.renew(&[], LEASE).await.unwrap().is_empty());
}

pub(crate) async fn what_is_given_back_is_due_at_once_and_counts_nothing(place: &Place) {
    let [store, other] = place.pair().await;
    let [here, there] = [(); 2].map(|()| Owner::fresh().unwrap());
    for number in 0..4 {
        accept(&store, number).await;
    }
    let mine = claim(&store, &here, LEASE, 3).await.unwrap();
    let theirs = claim_one(&other, &there).await;
    assert!(store.give_back(&mine[0].lease).await.unwrap());
    assert!(!store.give_back(&mine[0].lease).await.unwrap());
    assert_eq!(store.release(&here).await.unwrap(), 2);
    let again = claim(&other, &there, LEASE, 10).await.unwrap();
    let ids = |jobs: &[Job]| jobs.iter().map(Job::id).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&mine));
    assert!(again.iter().all(|job| (job.runs, job.tries) == (0, 0)));
    assert!(other.renew(&[theirs.lease], LEASE).await.unwrap().len() == 1);
}

pub(crate) async fn jobs_of_one_add_on_are_claimed_or_those_of_all_but_some(place: &Place) {
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    let mut ids = Vec::new();
    for number in 0..6 {
        let mut job = job(number);
        job.add_on = sid("XB", number % 3);
        ids.push(job.id);
        assert_eq!(store.accept(job).await.unwrap(), Accepted::New);
    }
    let [none, one, two, unheard] = [0, 1, 2, 9].map(|number| sid("XB", number));
    let pick = async |pick: Pick| {
        let claimed = store.claim(&owner, LEASE, &pick, 10).await.unwrap();
        for job in &claimed {
            assert!(store.give_back(&job.lease).await.unwrap());
        }
        let number = |job: &Job| ids.iter().position(|id| *id == job.id()).unwrap();
        let mut numbers: Vec<_> = claimed.iter().map(number).collect();
        numbers.sort_unstable();
        numbers
    };
    let accepted = State::Accepted;
    assert_eq!(pick(Pick::of(accepted, one)).await, [1, 4]);
    assert!(pick(Pick::of(accepted, unheard)).await.is_empty());
    assert!(pick(Pick::of(State::Resulted, one)).await.is_empty());
    assert_eq!(pick(Pick::others(accepted, &[])).await, [0, 1, 2, 3, 4, 5]);
    let but = async |add_ons: &[AddOnSid]| pick(Pick::others(accepted, add_ons)).await;
    assert_eq!(but(&[two, none]).await, [1, 4]);
    assert_eq!(but(&[one, unheard]).await, [0, 2, 3, 5]);
    assert!(but(&[none, one, two]).await.is_empty());
    // As many as a host could have, and more.
    let many: Vec<_> = (1..3000).map(|number| sid("XB", number)).collect();
    assert_eq!(but(&many).await, [0, 3]);
}

pub(crate) async fn whoever_waits_is_told_of_work_also_by_others(place: &Place) {
    let [here, there] = place.pair().await;
    let owner = Owner::fresh().unwrap();
    for store in [&here, &there] {
        let mut changes = store.changes();
        // What happens while nobody waits is not missed. There may have been news before,
        // so that it is the job that counts.
        accept(&here, if std::ptr::eq(store, &here) { 1 } else { 2 }).await;
        while claim(store, &owner, LEASE, 1).await.unwrap().is_empty() {
            changes.changed().await;
        }
    }
}

pub(crate) async fn it_is_known_how_long_it_is_until_there_is_work(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.next_due().await.unwrap(), None);
    let job = taken(&store, 1).await;
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let due = store.next_due().await.unwrap().unwrap();
    assert!(due <= LEASE && due > LEASE - minutes(1));
    assert!(
        store
            .postpone(&job.lease, minutes(5), "later")
            .await
            .unwrap()
    );
    let due = store.next_due().await.unwrap().unwrap();
    assert!(due <= minutes(5) && due > minutes(4));
    accept(&store, 2).await;
    assert_eq!(store.next_due().await.unwrap(), Some(Duration::ZERO));
}
