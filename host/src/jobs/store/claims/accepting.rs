use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use futures_util::future::join_all;

use super::*;

pub(crate) async fn a_job_is_all_there_after_a_restart(place: &Place) {
    let store = place.open().await;
    let mut without = job(2);
    without.install = None;
    without.request = None;
    without.deadline = None;
    without.duration = None;
    without.audio = false;
    without.task = Vec::new();
    let jobs = [job(1), without];
    for job in &jobs {
        assert_eq!(store.accept(job.clone()).await.unwrap(), Accepted::New);
    }
    store.close().await;
    let store = place.open().await;
    let owner = Owner::fresh().unwrap();
    let claimed = claim(&store, &owner, LEASE, 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    for job in &jobs {
        let claimed = claimed.iter().find(|claimed| claimed.id() == job.id);
        let claimed = claimed.expect("both are there");
        assert_eq!(claimed.account, job.account);
        assert_eq!(claimed.add_on, job.add_on);
        assert_eq!(claimed.install, job.install);
        assert_eq!(claimed.request, job.request);
        assert_eq!(claimed.state, State::Accepted);
        assert_eq!(claimed.duration, job.duration);
        assert_eq!(claimed.task, job.task);
        let audio = job.audio.then(|| BlobName::audio(job.id));
        assert_eq!(claimed.audio, audio);
        assert_eq!(claimed.result, None);
        assert_eq!(claimed.deadline_at.is_some(), job.deadline.is_some());
        assert_eq!((claimed.runs, claimed.tries, claimed.deliveries), (0, 0, 0));
    }
}

pub(crate) async fn a_request_is_accepted_once(place: &Place) {
    let store = place.open().await;
    let first = accept(&store, 1).await;
    let again = store.accept(job(1)).await.unwrap();
    let known = |state| Accepted::Known {
        id: first.id,
        state,
    };
    assert_eq!(again, known(State::Accepted));
    let mut other = job(1);
    other.fingerprint = Fingerprint([8; 32]);
    assert_eq!(store.accept(other).await.unwrap(), Accepted::Conflict);
    let mut elsewhere = job(1);
    elsewhere.add_on = sid("XB", 2);
    assert_eq!(store.accept(elsewhere).await.unwrap(), Accepted::New);
    let mut of_others = job(1);
    of_others.account = sid("AC", 2);
    assert_eq!(store.accept(of_others).await.unwrap(), Accepted::New);
    let owner = Owner::fresh().unwrap();
    let claimed = claim_one(&store, &owner).await;
    assert_eq!(claimed.id(), first.id);
    finish(&store, &claimed).await;
    // Also when it is long done.
    assert_eq!(store.accept(job(1)).await.unwrap(), known(State::Done));
}

pub(crate) async fn a_request_without_a_name_is_like_no_other(place: &Place) {
    let store = place.open().await;
    for _ in 0..3 {
        let mut nameless = job(1);
        nameless.request = None;
        assert_eq!(store.accept(nameless).await.unwrap(), Accepted::New);
    }
}

pub(crate) async fn everybody_in_a_batch_gets_a_verdict_of_its_own(place: &Place) {
    let [one, other] = place.pair().await;
    // Of each request there are ten, and one of the ten asks for something else.
    let jobs = (0..40).flat_map(|number| {
        (0..10).map(move |copy| {
            let mut job = job(number);
            job.fingerprint = Fingerprint([u8::from(copy == 9); 32]);
            (number, copy == 9, job)
        })
    });
    let accepting = jobs.enumerate().map(|(n, (number, odd, job))| {
        let store = if n % 2 == 0 { &one } else { &other };
        async move {
            let id = job.id;
            (number, odd, id, store.accept(job).await.unwrap())
        }
    });
    let told = join_all(accepting).await;
    for number in 0..40 {
        let same: Vec<_> = told.iter().filter(|told| told.0 == number).collect();
        let new = |told: &&&(u32, bool, JobId, Accepted)| told.3 == Accepted::New;
        let [first] = same.iter().filter(new).collect::<Vec<_>>()[..] else {
            panic!("request {number} was accepted more or less than once");
        };
        let known = Accepted::Known {
            id: first.2,
            state: State::Accepted,
        };
        for other in same.iter().filter(|told| told.2 != first.2) {
            let agrees = other.1 == first.1;
            let expected = if agrees { known } else { Accepted::Conflict };
            assert_eq!(other.3, expected);
        }
    }
    let kept = one.list(&Filter::default(), None, 1000).await.unwrap();
    assert_eq!(kept.len(), 40);
}

pub(crate) async fn the_same_job_may_be_given_again(place: &Place) {
    let store = place.open().await;
    for request in [Some(sid("XR", 1)), None] {
        let mut job = job(1);
        job.request = request;
        let [one, two, three] = [(); 3].map(|()| store.accept(job.clone()));
        let (one, two) = tokio::join!(one, two);
        for told in [one, two, three.await] {
            assert_eq!(told.unwrap(), Accepted::New);
        }
        job.fingerprint = Fingerprint([9; 32]);
        assert_eq!(store.accept(job).await.unwrap(), Accepted::Conflict);
    }
    let kept = store.list(&Filter::default(), None, 10).await.unwrap();
    assert_eq!(kept.len(), 2);
}

pub(crate) async fn all_that_wait_are_written_at_once(place: &Place) {
    let store = place.open().await;
    let accepting = (0..200).map(|number| store.accept(job(number)));
    for told in join_all(accepting).await {
        assert_eq!(told.unwrap(), Accepted::New);
    }
    // One statement has one time. What comes while one is written waits for the next.
    let kept = store.list(&Filter::default(), None, 1000).await.unwrap();
    let times: HashSet<_> = kept.iter().map(|record| record.accepted_at).collect();
    assert_eq!(kept.len(), 200);
    assert!(times.len() <= 5, "{} writes", times.len());
}

pub(crate) async fn acceptance_goes_on_while_those_who_asked_go_away(place: &Place) {
    let store = place.open().await;
    for number in 0..50 {
        let mut asked = pin!(store.accept(job(number)));
        // It gets into the line, and no further.
        let _ = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    let last = accept(&store, 50).await;
    let kept = store.list(&Filter::default(), None, 100).await.unwrap();
    let ids: HashSet<_> = kept.iter().map(|record| record.id).collect();
    assert!(ids.contains(&last.id));
    assert_eq!(ids.len(), 51);
}
