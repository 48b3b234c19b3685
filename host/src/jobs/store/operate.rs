//! What operators see of jobs, and do about those that were given up.

use std::time::Duration;

use jiff::Timestamp;

use super::error::StoreError;
use super::row::{COLUMNS, Columns, files, millis};
use super::{Count, Filter, Pace, Record, Store};
use crate::jobs::blob::BlobName;
use crate::jobs::id::JobId;
use crate::protocol::sid::{AccountSid, AddOnSid};

/// Of how many jobs, the latest, a pace is taken.
const PACED: i64 = 1000;

impl Store {
    /// Lists jobs in the order of their names, which is that of their acceptance, from
    /// after one of them.
    ///
    /// # Errors
    /// Where the database does not answer, or a row cannot be read.
    pub async fn list(
        &self,
        filter: &Filter,
        after: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS}, {{now}} AS now FROM jackfield_jobs
            WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR add_on = $2) AND id > $3
            ORDER BY id LIMIT $4"
        );
        let statement = self.0.engine.statement(&text);
        let statement = statement
            .bind(filter.state.map(|state| state.word()))
            .bind(filter.add_on.map(|add_on| add_on.to_string()))
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit));
        let rows = self.0.engine.rows(statement).await?;
        rows.iter().map(|row| Columns(row).record()).collect()
    }

    /// One job.
    ///
    /// # Errors
    /// Where the database does not answer, or the row cannot be read.
    pub async fn get(&self, id: JobId) -> Result<Option<Record>, StoreError> {
        let text = format!("SELECT {COLUMNS}, {{now}} AS now FROM jackfield_jobs WHERE id = $1");
        let statement = self.0.engine.statement(&text).bind(id.to_string());
        let rows = self.0.engine.rows(statement).await?;
        rows.first().map(|row| Columns(row).record()).transpose()
    }

    /// Takes a job up again that was given up: for its delivery if it has a result, else
    /// for its run. It has so long from now. `false` where there is no such job.
    ///
    /// # Errors
    /// It may have been taken up all the same.
    pub async fn retry(&self, id: JobId, within: Duration) -> Result<bool, StoreError> {
        let statement = self.0.engine.statement(
            "UPDATE jackfield_jobs SET
                state = CASE WHEN result IS NULL THEN 'accepted' ELSE 'resulted' END,
                due_at = {now}, deadline_at = {now} + $2, finished_at = NULL, tries = 0
            WHERE id = $1 AND state = 'dead'",
        );
        let statement = statement.bind(id.to_string()).bind(millis(within));
        let taken = self.0.engine.write(statement).await? > 0;
        self.stir();
        Ok(taken)
    }

    /// Removes a job that was given up, and gives its files. `None` where there is no
    /// such job.
    ///
    /// # Errors
    /// It may have been removed all the same.
    pub async fn drop_dead(&self, id: JobId) -> Result<Option<Vec<BlobName>>, StoreError> {
        let statement = self.0.engine.statement(
            "DELETE FROM jackfield_jobs WHERE id = $1 AND state = 'dead'
            RETURNING audio, result, leftover",
        );
        let rows = self
            .0
            .engine
            .write_rows(statement.bind(id.to_string()))
            .await?;
        match rows.is_empty() {
            true => Ok(None),
            false => files(&rows).map(Some),
        }
    }

    /// How many jobs of which add-on are how far.
    ///
    /// # Errors
    /// Where the database does not answer, or a row cannot be read.
    pub async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        let statement = self.0.engine.statement(
            "SELECT account, add_on, state, COUNT(*) AS jobs, MIN(accepted_at) AS oldest
            FROM jackfield_jobs GROUP BY account, add_on, state
            ORDER BY account, add_on, state",
        );
        let rows = self.0.engine.rows(statement).await?;
        let count = |row| {
            let row = Columns(row);
            Ok(Count {
                account: row.parsed("account")?,
                add_on: row.parsed("add_on")?,
                state: row.parsed("state")?,
                count: row.number("jobs")?.unsigned_abs(),
                oldest: row.time("oldest")?,
            })
        };
        rows.iter().map(count).collect()
    }

    /// How long the latest jobs of an add-on took that were done since then. `None` where
    /// there were none whose recording's length is known.
    ///
    /// # Errors
    /// Where the database does not answer, or a row cannot be read.
    pub async fn paces(
        &self,
        account: AccountSid,
        add_on: AddOnSid,
        since: Timestamp,
    ) -> Result<Option<Pace>, StoreError> {
        let statement = self.0.engine.statement(
            "SELECT finished_at - accepted_at AS took, duration_ms FROM jackfield_jobs
            WHERE account = $1 AND add_on = $2 AND finished_at >= $3
                AND state = 'done' AND duration_ms > 0
            ORDER BY finished_at DESC LIMIT $4",
        );
        let statement = statement
            .bind(account.to_string())
            .bind(add_on.to_string())
            .bind(since.as_millisecond())
            .bind(PACED);
        let rows = self.0.engine.rows(statement).await?;
        let pace = |row| {
            let [took, length] = ["took", "duration_ms"].map(|name| Columns(row).number(name));
            Ok(took? as f64 / length? as f64)
        };
        let paces = rows
            .iter()
            .map(pace)
            .collect::<Result<Vec<_>, StoreError>>();
        Ok(Pace::of(paces?))
    }
}

impl Pace {
    fn of(mut paces: Vec<f64>) -> Option<Self> {
        paces.sort_by(f64::total_cmp);
        // The least that so many of a hundred did not exceed.
        let rank = |of_hundred: usize| (paces.len() * of_hundred).div_ceil(100).max(1) - 1;
        Some(Self {
            count: u32::try_from(paces.len()).unwrap_or(u32::MAX),
            median: *paces.get(rank(50))?,
            p99: *paces.get(rank(99))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_what_so_many_of_a_hundred_did_not_exceed() {
        assert_eq!(Pace::of(Vec::new()), None);
        let pace = |count| {
            let paces = (1..=count).rev().map(f64::from).collect();
            let pace = Pace::of(paces).unwrap();
            (pace.count, pace.median, pace.p99)
        };
        assert_eq!(pace(1), (1, 1.0, 1.0));
        assert_eq!(pace(2), (2, 1.0, 2.0));
        assert_eq!(pace(100), (100, 50.0, 99.0));
        assert_eq!(pace(1000), (1000, 500.0, 990.0));
    }
}
