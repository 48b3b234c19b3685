//! How a job gets on. Everything here is written under a lease, and refused without it.
//!
//! Whoever gets an error may try again: what was done already is not done twice.

use std::time::Duration;

use super::claim::bind;
use super::engine::Statement;
use super::error::StoreError;
use super::row::{files, millis};
use super::{Delivery, Fetched, Lease, NewResult, Store};
use crate::jobs::blob::BlobName;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl Store {
    /// Notes where the recording is that was fetched. `false` where the lease was lost.
    ///
    /// # Errors
    /// It may have been noted all the same.
    pub async fn fetched(&self, lease: &Lease, fetched: &Fetched) -> Result<bool, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET
                leftover = CASE WHEN audio = $4 THEN leftover ELSE audio END,
                audio = $4,
                duration_ms = COALESCE($5, duration_ms),
                deadline_at = COALESCE(accepted_at + $6, deadline_at),
                tries = 0, why = NULL
            WHERE id = $1 AND owner = $2 AND claim = $3 AND state = 'accepted'",
        );
        let statement = statement
            .bind(fetched.audio.to_string())
            .bind(fetched.duration.map(millis))
            .bind(fetched.deadline.map(millis));
        Ok(self.0.engine.write(statement).await? > 0)
    }

    /// Notes that the provider is about to be started: whoever claims the job and finds a
    /// run without a result knows that it was broken off. `false` where the lease was lost.
    ///
    /// # Errors
    /// The run may have been counted all the same.
    pub async fn running(&self, lease: &Lease) -> Result<bool, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET runs = runs + 1
            WHERE id = $1 AND owner = $2 AND claim = $3 AND state = 'accepted'",
        );
        Ok(self.0.engine.write(statement).await? > 0)
    }

    /// Notes the job's result, which is the only one it will ever have. The lease stays,
    /// for its delivery. Gives files that are not needed any more; `None` where the lease
    /// was lost.
    ///
    /// # Errors
    /// It may have been noted all the same; the result's file must stay.
    pub async fn resulted(
        &self,
        lease: &Lease,
        result: &NewResult,
    ) -> Result<Option<Vec<BlobName>>, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET
                state = 'resulted', result = $4, result_kind = $5,
                leftover = COALESCE(leftover || ' ', '') || COALESCE(audio, ''),
                audio = NULL,
                deadline_at = CASE WHEN result IS NULL THEN {now} + $6 ELSE deadline_at END,
                tries = 0, why = NULL
            WHERE id = $1 AND owner = $2 AND claim = $3
                AND (state = 'accepted' OR (state = 'resulted' AND result = $4))
            RETURNING leftover, NULL AS audio, NULL AS result",
        );
        let statement = statement
            .bind(result.name.to_string())
            .bind(result.kind.word())
            .bind(millis(result.deliver_within));
        self.leftover(statement).await
    }

    /// Puts the job off: somebody else may have it after a while. That counts as a try,
    /// and as a delivery where there is a result. `false` where the lease was lost.
    ///
    /// # Errors
    /// It may have been put off all the same.
    pub async fn postpone(
        &self,
        lease: &Lease,
        after: Duration,
        why: &str,
    ) -> Result<bool, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET
                owner = NULL, due_at = {now} + $4, why = $5, tries = tries + 1,
                deliveries = deliveries + CASE state WHEN 'resulted' THEN 1 ELSE 0 END
            WHERE id = $1 AND owner = $2 AND claim = $3 AND state IN ('accepted', 'resulted')",
        );
        let statement = statement.bind(millis(after)).bind(short(why));
        let postponed = self.0.engine.write(statement).await? > 0;
        self.stir();
        Ok(postponed)
    }

    /// Notes that the job is at its end. What it was about is forgotten; that there was
    /// such a request is not, until it is swept. Gives files that are not needed any more;
    /// `None` where the lease was lost.
    ///
    /// # Errors
    /// It may have been noted all the same.
    pub async fn done(
        &self,
        lease: &Lease,
        delivery: Delivery,
    ) -> Result<Option<Vec<BlobName>>, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET
                state = 'done', owner = NULL, task = $4, why = NULL,
                finished_at = COALESCE(finished_at, {now}),
                deliveries = deliveries + CASE state WHEN 'done' THEN 0 ELSE $5 END,
                leftover = COALESCE(leftover, '') || ' ' || COALESCE(audio, '')
                    || ' ' || COALESCE(result, ''),
                audio = NULL, result = NULL
            WHERE id = $1 AND claim = $3
                AND ((owner = $2 AND state IN ('accepted', 'resulted')) OR state = 'done')
            RETURNING leftover, NULL AS audio, NULL AS result",
        );
        let posted = match delivery {
            Delivery::Posted => 1_i64,
            Delivery::Nothing => 0,
        };
        self.leftover(statement.bind(Vec::<u8>::new()).bind(posted))
            .await
    }

    /// Gives the job up, with everything that is needed to take it up again. `false`
    /// where the lease was lost.
    ///
    /// # Errors
    /// It may have been given up all the same.
    pub async fn dead(&self, lease: &Lease, why: &str) -> Result<bool, StoreError> {
        let statement = self.under(
            lease,
            "UPDATE jackfield_jobs SET
                state = 'dead', owner = NULL, why = $4,
                finished_at = COALESCE(finished_at, {now})
            WHERE id = $1 AND claim = $3
                AND ((owner = $2 AND state IN ('accepted', 'resulted')) OR state = 'dead')",
        );
        Ok(self.0.engine.write(statement.bind(short(why))).await? > 0)
    }

    fn under(&self, lease: &Lease, text: &str) -> Statement {
        bind(self.0.engine.statement(text), lease)
    }

    async fn leftover(&self, statement: Statement) -> Result<Option<Vec<BlobName>>, StoreError> {
        let rows = self.0.engine.write_rows(statement).await?;
        match rows.is_empty() {
            true => Ok(None),
            false => files(&rows).map(Some),
        }
    }
}

fn short(why: &str) -> String {
    why.chars().take(LONGEST_REASON).collect()
}
