use jiff::Timestamp;

use super::*;

pub(crate) async fn a_dead_letter_is_taken_up_where_it_was_left(place: &Place) {
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    let unrun = taken(&store, 1).await;
    let undelivered = taken(&store, 2).await;
    let new_result = result(&undelivered.lease);
    store
        .resulted(&undelivered.lease, &new_result)
        .await
        .unwrap();
    for job in [&unrun, &undelivered] {
        assert!(!store.retry(job.id(), LEASE).await.unwrap());
        assert!(store.dead(&job.lease, "it went wrong").await.unwrap());
        let record = store.get(job.id()).await.unwrap().unwrap();
        assert_eq!(record.state, State::Dead);
        assert_eq!(record.why.as_deref(), Some("it went wrong"));
        assert!(record.finished_at.is_some() && !record.leased);
    }
    assert!(claim(&store, &owner, LEASE, 10).await.unwrap().is_empty());
    for job in [&unrun, &undelivered] {
        assert!(store.retry(job.id(), LEASE).await.unwrap());
        assert!(!store.retry(job.id(), LEASE).await.unwrap());
    }
    let again = claim(&store, &owner, LEASE, 10).await.unwrap();
    let [unrun_again, undelivered_again] = &again[..] else {
        panic!("both are due");
    };
    assert_eq!(unrun_again.state, State::Accepted);
    assert_eq!(unrun_again.audio, unrun.audio);
    assert_eq!(unrun_again.task, unrun.task);
    assert_eq!(undelivered_again.state, State::Resulted);
    assert_eq!(undelivered_again.task, undelivered.task);
    let (name, _) = undelivered_again.result.clone().unwrap();
    assert_eq!(name, new_result.name);
    assert!(again.iter().all(|job| job.left().unwrap() > LEASE / 2));
}

pub(crate) async fn a_dead_letter_can_be_dropped_and_nothing_else_can(place: &Place) {
    let store = place.open().await;
    let job = taken(&store, 1).await;
    assert_eq!(store.drop_dead(job.id()).await.unwrap(), None);
    assert!(store.dead(&job.lease, "it went wrong").await.unwrap());
    let files = store.drop_dead(job.id()).await.unwrap();
    assert_eq!(files, Some(vec![job.audio.unwrap()]));
    assert!(store.get(job.lease.id()).await.unwrap().is_none());
    assert_eq!(store.drop_dead(job.lease.id()).await.unwrap(), None);
    // What was dropped may be asked for anew.
    accept(&store, 1).await;
}

pub(crate) async fn jobs_are_listed_page_by_page_as_asked_for(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut job = job(number);
        job.id = format!("{number:032x}").parse().unwrap();
        job.add_on = sid("XB", number % 2);
        ids.push(job.id);
        assert_eq!(store.accept(job).await.unwrap(), Accepted::New);
    }
    let owner = Owner::fresh().unwrap();
    let pick = Pick::of(State::Accepted, sid("XB", 0));
    let claimed = store.claim(&owner, LEASE, &pick, 10).await.unwrap();
    let [first, ..] = &claimed[..] else {
        panic!("there are three");
    };
    assert!(store.dead(&first.lease, "it went wrong").await.unwrap());
    assert_eq!(store.release(&owner).await.unwrap(), 2);
    let list = async |state, add_on, after, limit| {
        let filter = Filter { state, add_on };
        let listed = store.list(&filter, after, limit).await.unwrap();
        listed.iter().map(|record| record.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None, None, 10).await, ids);
    assert_eq!(list(None, None, None, 2).await, ids[..2]);
    assert_eq!(list(None, None, Some(ids[1]), 2).await, ids[2..4]);
    assert_eq!(list(Some(State::Dead), None, None, 10).await, ids[..1]);
    assert_eq!(list(Some(State::Accepted), None, None, 10).await, ids[1..]);
    let odd = Some(sid("XB", 1));
    assert_eq!(list(None, odd, None, 10).await, [ids[1], ids[3]]);
    assert_eq!(list(Some(State::Dead), odd, None, 10).await, []);
    let second = claim_one(&store, &owner).await;
    let record = store.get(second.id()).await.unwrap().unwrap();
    assert!(record.leased && record.due_at > record.accepted_at);
}

pub(crate) async fn jobs_are_counted_by_add_on_and_state(place: &Place) {
    let store = place.open().await;
    assert!(store.counts().await.unwrap().is_empty());
    let first = accept(&store, 1).await;
    accept(&store, 2).await;
    let mut other = job(3);
    other.add_on = sid("XB", 2);
    store.accept(other.clone()).await.unwrap();
    let owner = Owner::fresh().unwrap();
    let claimed = claim_one(&store, &owner).await;
    finish(&store, &claimed).await;
    let counts = store.counts().await.unwrap();
    let shown: Vec<_> = counts
        .iter()
        .map(|c| (c.add_on, c.state, c.count))
        .collect();
    let (one, two) = (first.add_on, other.add_on);
    let expected = [
        (one, State::Accepted, 1),
        (one, State::Done, 1),
        (two, State::Accepted, 1),
    ];
    assert_eq!(shown, expected);
    let record = store.get(first.id).await.unwrap().unwrap();
    assert_eq!(counts[1].oldest, record.accepted_at);
}

pub(crate) async fn paces_are_taken_of_what_was_done(place: &Place) {
    let store = place.open().await;
    let (account, add_on) = (sid("AC", 1), sid("XB", 1));
    let since = Timestamp::UNIX_EPOCH;
    assert_eq!(store.paces(account, add_on, since).await.unwrap(), None);
    for number in 0..3 {
        let job = taken(&store, number).await;
        finish(&store, &job).await;
    }
    // One that is not done, and one whose recording's length nobody knows.
    taken(&store, 3).await;
    let mut unknown = job(4);
    unknown.duration = None;
    store.accept(unknown).await.unwrap();
    let claimed = claim_one(&store, &Owner::fresh().unwrap()).await;
    finish(&store, &claimed).await;
    let pace = store.paces(account, add_on, since).await.unwrap().unwrap();
    assert_eq!(pace.count, 3);
    assert!(pace.median >= 0.0 && pace.p99 >= pace.median && pace.p99 < 100.0);
    let later = Timestamp::MAX;
    assert_eq!(store.paces(account, add_on, later).await.unwrap(), None);
    assert_eq!(
        store.paces(account, sid("XB", 2), since).await.unwrap(),
        None
    );
}
