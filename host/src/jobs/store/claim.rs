//! Who works on which job. A claim hides a job from everybody else until its lease ends,
//! and gives it a number of its own, by which whatever is written under it is known.

use std::time::Duration;

use tracing::error;

use super::engine::{Statement, any_of};
use super::error::StoreError;
use super::row::{COLUMNS, Columns, millis};
use super::{Job, Lease, Pick, Store};
use crate::jobs::id::Owner;

impl Store {
    /// Takes picked jobs whose time has come and whom nobody has, those first that wait
    /// longest. Each is this owner's until the lease ends.
    ///
    /// # Errors
    /// Jobs may have been taken all the same; they come back when the lease ends.
    pub async fn claim(
        &self,
        owner: &Owner,
        lease: Duration,
        pick: &Pick,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let text = format!(
            "WITH picked AS MATERIALIZED (
                SELECT id FROM {} AND state = $4 AND due_at <= {{now}}
                ORDER BY due_at LIMIT $3 {{skip_locked}}
            )
            UPDATE jackfield_jobs
            SET owner = $1, claim = claim + 1, due_at = {{now}} + $2
            WHERE id IN (SELECT id FROM picked)
            RETURNING {COLUMNS}, task, {{now}} AS now",
            pick.place(5)
        );
        let statement = self.0.engine.statement(&text);
        let statement = statement.bind(owner.to_string()).bind(millis(lease));
        let statement = pick.bind(statement.bind(i64::from(limit)).bind(pick.state.word()));
        let rows = self.0.engine.write_rows(statement).await?;
        let read = rows
            .iter()
            .filter_map(|row| match Columns(row).job(*owner) {
                Ok(job) => Some(job),
                Err(reason) => {
                    // The others must not wait for it. It comes back when the lease ends.
                    let id = Columns(row).text("id").ok().flatten();
                    error!(job = id, %reason, "a job cannot be worked on");
                    None
                }
            });
        let mut jobs: Vec<_> = read.collect();
        jobs.sort_by_key(Job::id);
        Ok(jobs)
    }

    /// Makes leases last so much longer from now. Tells which of them are still held; the
    /// work under the others had better be stopped.
    ///
    /// # Errors
    /// The leases are then as they were, or longer.
    pub async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Lease>, StoreError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let one = |n: usize| {
            let [id, owner, claim] = [n * 3 + 2, n * 3 + 3, n * 3 + 4];
            format!("id = ${id} AND owner = ${owner} AND claim = ${claim}")
        };
        let any: Vec<_> = (0..leases.len()).map(one).collect();
        let text = format!(
            "UPDATE jackfield_jobs SET due_at = {{now}} + $1
            WHERE state IN ('accepted', 'resulted') AND {} RETURNING id, owner, claim",
            any_of(&any)
        );
        let statement = self.0.engine.statement(&text).persistent(false);
        let statement = leases.iter().fold(statement.bind(millis(lease)), bind);
        let rows = self.0.engine.write_rows(statement).await?;
        let held = |row| Columns(row).lease(Columns(row).parsed("owner")?);
        rows.iter().map(held).collect()
    }

    /// Gives all of an owner's jobs back, as it does before it ends. They are due at once.
    /// Tells how many they were.
    ///
    /// # Errors
    /// They then come back when their leases end.
    pub async fn release(&self, owner: &Owner) -> Result<u64, StoreError> {
        let statement = self.0.engine.statement(
            "UPDATE jackfield_jobs SET owner = NULL, due_at = {now}
            WHERE owner = $1 AND state IN ('accepted', 'resulted')",
        );
        let given = self
            .0
            .engine
            .write(statement.bind(owner.to_string()))
            .await?;
        self.stir();
        Ok(given)
    }

    /// Gives one job back, as if it had not been claimed. It is due at once. `false`
    /// where the lease was lost.
    ///
    /// # Errors
    /// It then comes back when its lease ends.
    pub async fn give_back(&self, lease: &Lease) -> Result<bool, StoreError> {
        let statement = self.0.engine.statement(
            "UPDATE jackfield_jobs SET owner = NULL, due_at = {now}
            WHERE id = $1 AND owner = $2 AND claim = $3 AND state IN ('accepted', 'resulted')",
        );
        let given = self.0.engine.write(bind(statement, lease)).await? > 0;
        self.stir();
        Ok(given)
    }

    /// How long it is until there is a job to claim, unless a change comes first. `None`
    /// where there is none at all.
    ///
    /// # Errors
    /// Where the database does not say.
    pub async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        let statement = self.0.engine.statement(
            "SELECT due_at, {now} AS now FROM jackfield_jobs
            WHERE state IN ('accepted', 'resulted') ORDER BY due_at LIMIT 1",
        );
        let rows = self.0.engine.rows(statement).await?;
        let wait = |row| {
            let wait = Columns(row).number("due_at")? - Columns(row).number("now")?;
            Ok(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
        };
        rows.first().map(wait).transpose()
    }
}

/// Binds a lease, as every statement under one begins.
pub(super) fn bind(statement: Statement, lease: &Lease) -> Statement {
    statement
        .bind(lease.id.to_string())
        .bind(lease.owner.to_string())
        .bind(lease.claim)
}
