//! What the store promises, whatever engine it is over. Each claim is given a database of
//! its own, without anything in it. Whoever includes this says in `api` where the store
//! comes from, so that the same claims are made here over SQLite, and over a PostgreSQL
//! server by whoever has one.

#![allow(clippy::unwrap_used, reason = "a claim that does not hold panics")]

#[path = "claims/accepting.rs"]
pub(crate) mod accepting;
#[path = "claims/claiming.rs"]
pub(crate) mod claiming;
#[path = "claims/keeping.rs"]
pub(crate) mod keeping;
#[path = "claims/operating.rs"]
pub(crate) mod operating;
#[path = "claims/progressing.rs"]
pub(crate) mod progressing;

use std::time::Duration;

use super::api::*;

/// Calls a macro with the name of every claim, so that none is forgotten.
macro_rules! every_claim {
    ($one:ident) => {
        $one! {
            accepting: [
                a_job_is_all_there_after_a_restart,
                a_request_is_accepted_once,
                a_request_without_a_name_is_like_no_other,
                everybody_in_a_batch_gets_a_verdict_of_its_own,
                the_same_job_may_be_given_again,
                all_that_wait_are_written_at_once,
                acceptance_goes_on_while_those_who_asked_go_away,
            ],
            claiming: [
                two_owners_never_share_a_job,
                those_come_first_that_wait_longest_and_no_more_than_asked_for,
                a_lease_that_ends_frees_its_job_and_one_that_is_renewed_does_not,
                what_is_given_back_is_due_at_once_and_counts_nothing,
                jobs_of_one_add_on_are_claimed_or_those_of_all_but_some,
                whoever_waits_is_told_of_work_also_by_others,
                it_is_known_how_long_it_is_until_there_is_work,
            ],
            progressing: [
                a_job_goes_its_way,
                under_a_lost_lease_nothing_is_written,
                an_older_claim_of_the_same_owner_is_as_good_as_lost,
                a_job_has_one_result,
                every_step_may_be_repeated,
                time_is_counted_from_acceptance_and_by_the_stores_clock,
            ],
            operating: [
                a_dead_letter_is_taken_up_where_it_was_left,
                a_dead_letter_can_be_dropped_and_nothing_else_can,
                jobs_are_listed_page_by_page_as_asked_for,
                jobs_are_counted_by_add_on_and_state,
                paces_are_taken_of_what_was_done,
            ],
            keeping: [
                what_is_done_and_what_is_dead_are_swept_in_their_own_time,
                a_file_is_needed_as_long_as_its_job_says_so,
                what_is_erased_is_gone_whoever_works_on_it,
                a_closed_store_says_so,
            ],
        }
    };
}
pub(crate) use every_claim;

/// A database of a claim's own.
pub(crate) struct Place(pub(crate) StoreSettings);

impl Place {
    async fn open(&self) -> Store {
        Store::open(&self.0).await.unwrap()
    }

    /// Two hosts with the same jobs, as far as the engine has such a thing; otherwise two
    /// ways to the store of one host.
    async fn pair(&self) -> [Store; 2] {
        let first = self.open().await;
        match &self.0 {
            StoreSettings::Sqlite { .. } => [first.clone(), first],
            StoreSettings::Postgres { .. } => [first, self.open().await],
        }
    }
}

/// Long enough for everything here.
const LEASE: Duration = Duration::from_secs(600);
/// As good as over.
const NO_TIME: Duration = Duration::ZERO;

fn sid<T: std::str::FromStr<Err = SidError>>(kind: &str, number: u32) -> T {
    format!("{kind}{number:032x}").parse().unwrap()
}

/// A job with everything, as the `number`th request asks for.
fn job(number: u32) -> NewJob {
    let id = JobId::fresh().unwrap();
    NewJob {
        id,
        account: sid("AC", 1),
        add_on: sid("XB", 1),
        install: Some(sid("XD", 1)),
        request: Some(sid("XR", number)),
        fingerprint: Fingerprint([7; 32]),
        deadline: Some(Duration::from_secs(50)),
        duration: Some(Duration::from_millis(5001)),
        task: format!("task {number} \0\u{1f4de}").into_bytes(),
        audio: true,
    }
}

async fn accept(store: &Store, number: u32) -> NewJob {
    let job = job(number);
    let accepted = store.accept(job.clone()).await.unwrap();
    assert_eq!(accepted, Accepted::New);
    job
}

/// Accepts a job and takes it.
async fn taken(store: &Store, number: u32) -> Job {
    accept(store, number).await;
    let owner = Owner::fresh().unwrap();
    claim_one(store, &owner).await
}

/// Takes jobs of any kind.
async fn claim(
    store: &Store,
    owner: &Owner,
    lease: Duration,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    let mut claimed = Vec::new();
    for state in [State::Accepted, State::Resulted] {
        let left = u32::try_from(limit - claimed.len()).unwrap();
        let pick = Pick::others(state, &[]);
        claimed.extend(store.claim(owner, lease, &pick, left).await?);
    }
    Ok(claimed)
}

async fn claim_one(store: &Store, owner: &Owner) -> Job {
    let mut claimed = claim(store, owner, LEASE, 1).await.unwrap();
    claimed.pop().expect("there is a job to claim")
}

fn result(lease: &Lease) -> NewResult {
    NewResult {
        name: BlobName::result(lease),
        kind: ResultKind::Answer,
        deliver_within: Duration::from_secs(3600),
    }
}

/// Brings a job to its end.
async fn finish(store: &Store, job: &Job) {
    store.running(&job.lease).await.unwrap();
    store
        .resulted(&job.lease, &result(&job.lease))
        .await
        .unwrap();
    let done = store.done(&job.lease, Delivery::Posted).await.unwrap();
    assert!(done.is_some());
}
