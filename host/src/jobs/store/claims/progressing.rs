use super::*;

pub(crate) async fn a_job_goes_its_way(place: &Place) {
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    let mut new = job(1);
    new.audio = false;
    new.deadline = None;
    new.duration = None;
    assert_eq!(store.accept(new.clone()).await.unwrap(), Accepted::New);

    let claimed = claim_one(&store, &owner).await;
    let lease = claimed.lease;
    let audio = BlobName::fetched(&lease);
    let fetched = Fetched {
        audio: audio.clone(),
        duration: Some(Duration::from_secs(6)),
        deadline: Some(Duration::from_secs(60)),
    };
    assert!(store.fetched(&lease, &fetched).await.unwrap());
    assert!(store.running(&lease).await.unwrap());
    // A run that was broken off.
    assert!(store.give_back(&lease).await.unwrap());

    let claimed = claim_one(&store, &owner).await;
    assert_eq!(claimed.runs, 1);
    assert_eq!(claimed.audio.as_ref(), Some(&audio));
    assert_eq!(claimed.duration, fetched.duration);
    let lease = claimed.lease;
    assert!(store.running(&lease).await.unwrap());
    let result = result(&lease);
    let files = store.resulted(&lease, &result).await.unwrap();
    assert_eq!(files, Some(vec![audio]));
    let why = "the receiver answered 500";
    assert!(store.postpone(&lease, NO_TIME, why).await.unwrap());

    let claimed = claim_one(&store, &owner).await;
    let lease = claimed.lease;
    assert_eq!(claimed.state, State::Resulted);
    assert_eq!(
        claimed.result,
        Some((result.name.clone(), ResultKind::Answer))
    );
    assert_eq!(claimed.audio, None);
    assert_eq!(claimed.why.as_deref(), Some(why));
    assert_eq!((claimed.runs, claimed.tries, claimed.deliveries), (2, 1, 1));
    assert_eq!(claimed.task, new.task);
    let files = store.done(&lease, Delivery::Posted).await.unwrap().unwrap();
    assert!(files.contains(&result.name));

    assert!(claim(&store, &owner, LEASE, 1).await.unwrap().is_empty());
    let record = store.get(new.id).await.unwrap().unwrap();
    assert_eq!(record.state, State::Done);
    assert_eq!((record.runs, record.deliveries), (2, 2));
    assert_eq!(
        (record.audio, record.result, record.why),
        (None, None, None)
    );
    assert!(!record.leased);
    assert!(
        record
            .finished_at
            .is_some_and(|at| at >= record.accepted_at)
    );
    let [kept] = &store.walk(None, 10).await.unwrap()[..] else {
        panic!("there is one job");
    };
    assert!(kept.task.is_empty() && kept.files.is_empty());
}

/// Everything that can be written under a lease.
async fn writes(store: &Store, lease: &Lease) -> Vec<&'static str> {
    let fetched = Fetched {
        audio: BlobName::fetched(lease),
        duration: None,
        deadline: None,
    };
    let mut written = Vec::new();
    let mut note = |name, was_written: bool| written.extend(was_written.then_some(name));
    note("fetched", store.fetched(lease, &fetched).await.unwrap());
    note("running", store.running(lease).await.unwrap());
    let resulted = store.resulted(lease, &result(lease)).await.unwrap();
    note("resulted", resulted.is_some());
    note(
        "renew",
        !store.renew(&[*lease], LEASE).await.unwrap().is_empty(),
    );
    note(
        "postpone",
        store.postpone(lease, NO_TIME, "").await.unwrap(),
    );
    note("give_back", store.give_back(lease).await.unwrap());
    note("dead", store.dead(lease, "").await.unwrap());
    let done = store.done(lease, Delivery::Posted).await.unwrap();
    note("done", done.is_some());
    written
}

pub(crate) async fn under_a_lost_lease_nothing_is_written(place: &Place) {
    let [store, other] = place.pair().await;
    let [here, there] = [(); 2].map(|()| Owner::fresh().unwrap());
    let new = accept(&store, 1).await;
    let lost = claim(&store, &here, NO_TIME, 1).await.unwrap()[0].lease;
    let held = claim_one(&other, &there).await.lease;
    let before = store.get(new.id).await.unwrap().unwrap();
    assert_eq!(writes(&store, &lost).await, [""; 0]);
    let after = store.get(new.id).await.unwrap().unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    assert!(other.running(&held).await.unwrap());
    // Nor when the job is at its end.
    let resulted = other.resulted(&held, &result(&held)).await.unwrap();
    assert!(resulted.is_some());
    assert!(other.done(&held, Delivery::Posted).await.unwrap().is_some());
    assert_eq!(writes(&store, &lost).await, [""; 0]);
}

pub(crate) async fn an_older_claim_of_the_same_owner_is_as_good_as_lost(place: &Place) {
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    accept(&store, 1).await;
    let older = claim(&store, &owner, NO_TIME, 1).await.unwrap()[0].lease;
    let newer = claim_one(&store, &owner).await.lease;
    assert_eq!(older.id(), newer.id());
    assert_ne!(BlobName::result(&older), BlobName::result(&newer));
    assert_eq!(writes(&store, &older).await, [""; 0]);
    let written = ["fetched", "running", "resulted", "renew", "postpone"];
    assert_eq!(writes(&store, &newer).await, written);
}

pub(crate) async fn a_job_has_one_result(place: &Place) {
    let store = place.open().await;
    let job = taken(&store, 1).await;
    let first = result(&job.lease);
    assert!(store.resulted(&job.lease, &first).await.unwrap().is_some());
    let second = NewResult {
        name: "another.result".parse().unwrap(),
        kind: ResultKind::Failure,
        ..first.clone()
    };
    assert!(store.resulted(&job.lease, &second).await.unwrap().is_none());
    assert!(!store.running(&job.lease).await.unwrap());
    let record = store.get(job.id()).await.unwrap().unwrap();
    assert_eq!(record.result, Some((first.name, ResultKind::Answer)));
}

pub(crate) async fn every_step_may_be_repeated(place: &Place) {
    let store = place.open().await;
    let job = taken(&store, 1).await;
    let (lease, audio) = (job.lease, job.audio.clone().unwrap());
    let new_result = result(&lease);
    for _ in 0..2 {
        let files = store.resulted(&lease, &new_result).await.unwrap();
        assert_eq!(files, Some(vec![audio.clone()]));
    }
    let deadline = store.get(job.id()).await.unwrap().unwrap().deadline_at;
    store.resulted(&lease, &new_result).await.unwrap();
    let record = store.get(job.id()).await.unwrap().unwrap();
    assert_eq!(record.deadline_at, deadline);
    for _ in 0..2 {
        let files = store.done(&lease, Delivery::Posted).await.unwrap();
        assert!(files.unwrap().contains(&new_result.name));
    }
    let record = store.get(job.id()).await.unwrap().unwrap();
    assert_eq!((record.state, record.deliveries), (State::Done, 1));
    let job = taken(&store, 2).await;
    for _ in 0..2 {
        assert!(store.dead(&job.lease, "why").await.unwrap());
    }
    // Once an operator has taken it up again, it is nobody's.
    assert!(store.retry(job.id(), LEASE).await.unwrap());
    assert!(!store.dead(&job.lease, "why").await.unwrap());
}

pub(crate) async fn time_is_counted_from_acceptance_and_by_the_stores_clock(place: &Place) {
    let store = place.open().await;
    let job = taken(&store, 1).await;
    let after = |job: &Job| {
        let after = job.deadline_at.unwrap().duration_since(job.accepted_at);
        Duration::try_from(after).unwrap()
    };
    assert_eq!(after(&job), Duration::from_secs(50));
    let waited = job.claimed_at.duration_since(job.accepted_at);
    let waited = Duration::try_from(waited).expect("a job is claimed after it was accepted");
    assert_eq!(job.left(), Some(Duration::from_secs(50) - waited));
    let fetched = Fetched {
        audio: BlobName::fetched(&job.lease),
        duration: None,
        deadline: Some(Duration::from_secs(70)),
    };
    assert!(store.fetched(&job.lease, &fetched).await.unwrap());
    assert!(store.give_back(&job.lease).await.unwrap());
    let job = claim_one(&store, &Owner::fresh().unwrap()).await;
    assert_eq!(after(&job), Duration::from_secs(70));
    assert_eq!(job.duration, Some(Duration::from_millis(5001)));
    let mut late = super::job(2);
    late.deadline = Some(NO_TIME);
    assert_eq!(store.accept(late).await.unwrap(), Accepted::New);
    let late = claim_one(&store, &Owner::fresh().unwrap()).await;
    assert_eq!(late.left(), Some(Duration::ZERO));
}
