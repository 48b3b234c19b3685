//! What is kept, and what is not any more: sweeping by age, erasing on somebody's wish,
//! and finding files that belong to no job.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::engine::Statement;
use super::error::StoreError;
use super::row::{Columns, files};
use super::{Kept, Retention, Store, Swept};
use crate::jobs::blob::BlobName;
use crate::jobs::id::JobId;

/// Of how many jobs one statement is about.
const AT_ONCE: usize = 500;

impl Store {
    /// Removes jobs whose time after their end is over, as many as that at most.
    ///
    /// # Errors
    /// They may have been removed all the same; files of theirs then belong to no job.
    pub async fn sweep(&self, retention: &Retention, most: u32) -> Result<Swept, StoreError> {
        let statement = self.0.engine.statement(
            "DELETE FROM jackfield_jobs WHERE id IN (
                SELECT id FROM jackfield_jobs
                WHERE (state = 'done' AND finished_at <= $1)
                    OR (state = 'dead' AND finished_at <= $2)
                ORDER BY finished_at LIMIT $3
            ) RETURNING audio, result, leftover",
        );
        let until = |kept: Duration| before(retention.now, kept).as_millisecond();
        let statement = statement
            .bind(until(retention.done))
            .bind(until(retention.dead))
            .bind(i64::from(most));
        let rows = self.0.engine.write_rows(statement).await?;
        Ok(Swept {
            jobs: rows.len() as u64,
            files: files(&rows)?,
        })
    }

    /// Which of these files some job needs.
    ///
    /// # Errors
    /// Where the database does not answer, or a row cannot be read.
    pub async fn referenced(&self, names: &[BlobName]) -> Result<HashSet<BlobName>, StoreError> {
        let ids: Vec<_> = names.iter().filter_map(BlobName::job).collect();
        let mut needed = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let text = "SELECT audio, result FROM jackfield_jobs WHERE id IN";
            let rows = self.0.engine.rows(self.about(text, ids, "")).await?;
            for row in &rows {
                needed.extend(Columns(row).files(&["audio", "result"])?);
            }
        }
        needed.retain(|name| names.contains(name));
        Ok(needed)
    }

    /// All jobs, whatever their state, in the order of their names, from after one of
    /// them. Names begin with the time, so that whatever is accepted meanwhile comes last.
    ///
    /// # Errors
    /// Where the database does not answer, or a row cannot be read.
    pub async fn walk(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Kept>, StoreError> {
        let statement = self.0.engine.statement(
            "SELECT id, add_on, install, state, task, audio, result FROM jackfield_jobs
            WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let statement = statement
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit));
        let rows = self.0.engine.rows(statement).await?;
        rows.iter().map(|row| Columns(row).kept()).collect()
    }

    /// Removes jobs, whatever their state, and gives their files. Whoever works on one
    /// loses its lease.
    ///
    /// # Errors
    /// Some may have been removed all the same; files of theirs then belong to no job.
    pub async fn erase_jobs(&self, ids: &[JobId]) -> Result<Vec<BlobName>, StoreError> {
        let mut erased = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let text = "DELETE FROM jackfield_jobs WHERE id IN";
            let statement = self.about(text, ids, "RETURNING audio, result, leftover");
            erased.extend(files(&self.0.engine.write_rows(statement).await?)?);
        }
        Ok(erased)
    }

    /// Rids the database's files of all that was removed, by writing the rest anew. Nobody
    /// writes meanwhile, and with PostgreSQL nobody reads; its own log keeps what was
    /// written until it is recycled.
    ///
    /// # Errors
    /// Something may then be left.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        self.0.engine.scrub().await
    }

    fn about(&self, text: &str, ids: &[JobId], rest: &str) -> Statement {
        let places: Vec<_> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        let text = format!("{text} ({}) {rest}", places.join(", "));
        let statement = self.0.engine.statement(&text).persistent(false);
        let ids = ids.iter().map(ToString::to_string);
        ids.fold(statement, |statement, id| statement.bind(id))
    }
}

/// So long before then.
fn before(now: Timestamp, kept: Duration) -> Timestamp {
    now.checked_sub(kept).unwrap_or(Timestamp::MIN)
}
