//! From a database's rows to what is told of jobs. A row that cannot be read is an error
//! of its own, and says which column it is.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::job::{Job, Kept, Lease, Record};
use super::{ResultKind, State};
use crate::jobs::blob::BlobName;
use crate::jobs::id::{JobId, Owner};

/// What is read of a job, but for its task.
pub(super) const COLUMNS: &str = "id, account, add_on, install, request, state, accepted_at, \
    due_at, deadline_at, finished_at, duration_ms, runs, tries, deliveries, owner, claim, \
    audio, result, result_kind, why";

/// A row and the names of its columns.
#[derive(Clone, Copy)]
pub(super) struct Columns<'r>(pub(super) &'r AnyRow);

impl Columns<'_> {
    pub(super) fn number(self, name: &'static str) -> Result<i64, StoreError> {
        self.0.try_get(name).map_err(|_| StoreError::Damaged(name))
    }

    fn number_or_none(self, name: &'static str) -> Result<Option<i64>, StoreError> {
        self.0.try_get(name).map_err(|_| StoreError::Damaged(name))
    }

    fn count(self, name: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.number(name)?).map_err(|_| StoreError::Damaged(name))
    }

    pub(super) fn text(self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.0.try_get(name).map_err(|_| StoreError::Damaged(name))
    }

    pub(super) fn bytes(self, name: &'static str) -> Result<Vec<u8>, StoreError> {
        self.0.try_get(name).map_err(|_| StoreError::Damaged(name))
    }

    pub(super) fn parsed<T: FromStr>(self, name: &'static str) -> Result<T, StoreError> {
        let parsed = self.parsed_or_none(name)?;
        parsed.ok_or(StoreError::Damaged(name))
    }

    pub(super) fn parsed_or_none<T: FromStr>(
        self,
        name: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text(name)?;
        let parsed = text.map(|text| text.parse()).transpose();
        parsed.map_err(|_| StoreError::Damaged(name))
    }

    pub(super) fn time(self, name: &'static str) -> Result<Timestamp, StoreError> {
        time(self.number(name)?, name)
    }

    fn time_or_none(self, name: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let number = self.number_or_none(name)?;
        number.map(|number| time(number, name)).transpose()
    }

    fn duration(self) -> Result<Option<Duration>, StoreError> {
        let number = self.number_or_none("duration_ms")?;
        Ok(number.map(|millis| Duration::from_millis(millis.unsigned_abs())))
    }

    fn result(self) -> Result<Option<(BlobName, ResultKind)>, StoreError> {
        let name = self.parsed_or_none("result")?;
        Ok(name.zip(self.parsed_or_none("result_kind")?))
    }

    /// Names of files in these columns, which may hold several.
    pub(super) fn files(self, names: &[&'static str]) -> Result<Vec<BlobName>, StoreError> {
        let mut files = Vec::new();
        for name in names {
            let text = self.text(name)?.unwrap_or_default();
            for file in text.split_whitespace() {
                files.push(file.parse().map_err(|_| StoreError::Damaged(name))?);
            }
        }
        Ok(files)
    }

    /// A job that was just claimed.
    pub(super) fn job(self, owner: Owner) -> Result<Job, StoreError> {
        Ok(Job {
            lease: self.lease(owner)?,
            account: self.parsed("account")?,
            add_on: self.parsed("add_on")?,
            install: self.parsed_or_none("install")?,
            request: self.parsed_or_none("request")?,
            state: self.parsed("state")?,
            accepted_at: self.time("accepted_at")?,
            deadline_at: self.time_or_none("deadline_at")?,
            claimed_at: self.time("now")?,
            duration: self.duration()?,
            runs: self.count("runs")?,
            tries: self.count("tries")?,
            deliveries: self.count("deliveries")?,
            task: self.bytes("task")?,
            audio: self.parsed_or_none("audio")?,
            result: self.result()?,
            why: self.text("why")?,
        })
    }

    pub(super) fn lease(self, owner: Owner) -> Result<Lease, StoreError> {
        Ok(Lease {
            id: self.parsed("id")?,
            owner,
            claim: self.number("claim")?,
        })
    }

    /// A job for an operator.
    pub(super) fn record(self) -> Result<Record, StoreError> {
        Ok(Record {
            id: self.parsed("id")?,
            account: self.parsed("account")?,
            add_on: self.parsed("add_on")?,
            install: self.parsed_or_none("install")?,
            request: self.parsed_or_none("request")?,
            state: self.parsed("state")?,
            accepted_at: self.time("accepted_at")?,
            due_at: self.time("due_at")?,
            deadline_at: self.time_or_none("deadline_at")?,
            finished_at: self.time_or_none("finished_at")?,
            duration: self.duration()?,
            runs: self.count("runs")?,
            tries: self.count("tries")?,
            deliveries: self.count("deliveries")?,
            leased: self.text("owner")?.is_some() && self.due_at_in_future()?,
            audio: self.parsed_or_none("audio")?,
            result: self.result()?,
            why: self.text("why")?,
        })
    }

    fn due_at_in_future(self) -> Result<bool, StoreError> {
        Ok(self.number("due_at")? > self.number("now")?)
    }

    /// What is kept of a job.
    pub(super) fn kept(self) -> Result<Kept, StoreError> {
        Ok(Kept {
            id: self.parsed("id")?,
            add_on: self.parsed("add_on")?,
            install: self.parsed_or_none("install")?,
            state: self.parsed::<State>("state")?,
            task: self.bytes("task")?,
            files: self.files(&["audio", "result"])?,
        })
    }
}

/// The names of all files in these rows' columns.
pub(super) fn files(rows: &[AnyRow]) -> Result<Vec<BlobName>, StoreError> {
    let files = rows.iter();
    let files = files.map(|row| Columns(row).files(&["audio", "result", "leftover"]));
    let mut files: Vec<_> = files.collect::<Result<Vec<_>, _>>()?.concat();
    files.sort();
    files.dedup();
    Ok(files)
}

/// The names of jobs in these rows.
pub(super) fn ids<C: FromIterator<JobId>>(rows: &[AnyRow]) -> Result<C, StoreError> {
    rows.iter().map(|row| Columns(row).parsed("id")).collect()
}

fn time(millis: i64, name: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Damaged(name))
}

/// A duration as it is stored. Those that last longer than the world are cut short.
pub(super) fn millis(duration: Duration) -> i64 {
    const LONGEST: i64 = 100 * 366 * 24 * 60 * 60 * 1000;
    i64::try_from(duration.as_millis()).map_or(LONGEST, |millis| millis.min(LONGEST))
}
