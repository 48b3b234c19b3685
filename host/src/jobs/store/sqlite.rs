//! The file of a single host. It lies in a directory that is nobody else's, and one
//! process at a time has it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use sqlx::AnyConnection;
use sqlx::{Executor as _, Row, raw_sql};
use tokio::time::{sleep, timeout};

use super::error::StoreError;
use crate::state::private::PrivateDir;

/// Milliseconds since 1970.
pub(super) const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// What every connection is set to. `FULL` makes a commit wait for the disk, which is
/// what an answer of 202 promises; `fullfsync` makes macOS mean it. What is removed is
/// overwritten.
const SETTINGS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA secure_delete = ON;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
";

/// How long others may go on reading before what they read can be overwritten.
const PATIENCE_TO_SCRUB: Duration = Duration::from_secs(60);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What needs no escape in a URL's path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// A database's file, which this process has for itself.
pub(super) struct Claimed {
    pub(super) url: String,
    /// Locked for as long as it is open.
    pub(super) lock: File,
}

/// Takes a database's file for this process, and makes it where it is missing.
pub(super) fn take(path: &Path) -> Result<Claimed, StoreError> {
    let place = |error: String| StoreError::Place(error);
    let unusable = |error: io::Error| place(format!("`{}`: {error}", path.display()));
    let no_file = || place(format!("`{}` is no path of a file", path.display()));
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(no_file());
    };
    let directory = PrivateDir::at(parent).map_err(|error| place(error.to_string()))?;
    let name = name.to_str().ok_or_else(no_file)?;
    let lock_path = directory.path_of(&format!("{name}.lock"));
    let lock = private_file(&lock_path).map_err(unusable)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(StoreError::Locked(path.to_owned())),
        Err(error) => return Err(unusable(error.into())),
    }
    // SQLite gives its other files the rights of this one.
    private_file(path).map_err(unusable)?;
    directory.sync().map_err(unusable)?;
    let url = url(&directory.path_of(name)).ok_or_else(no_file)?;
    Ok(Claimed { url, lock })
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

fn url(path: &Path) -> Option<String> {
    let path: PathBuf = std::path::absolute(path).ok()?;
    let path = utf8_percent_encode(path.to_str()?, PATH);
    Some(format!("sqlite://{path}?mode=rw"))
}

/// Sets a connection up, and makes sure that it took.
pub(super) async fn prepare(connection: &mut AnyConnection) -> Result<(), StoreError> {
    connection.execute(raw_sql(SETTINGS)).await?;
    assert_durable(connection).await
}

/// Every connection is asked, since a setting of this kind fails without a word.
async fn assert_durable(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let text = "SELECT
            (SELECT journal_mode = 'wal' FROM pragma_journal_mode),
            (SELECT synchronous = 2 FROM pragma_synchronous),
            (SELECT secure_delete = 1 FROM pragma_secure_delete)";
    let row = sqlx::query(text).fetch_one(connection).await?;
    let holds = |index: usize| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(index)? == 1);
    if !holds(0)? {
        return Err(StoreError::NotDurable(
            "its file system has no write-ahead log",
        ));
    }
    if !holds(1)? {
        return Err(StoreError::NotDurable("`synchronous` is not `FULL`"));
    }
    if !holds(2)? {
        return Err(StoreError::NotDurable("`secure_delete` is not on"));
    }
    Ok(())
}

/// Writes the file anew, and empties the log. What is removed is overwritten at once, but
/// what was moved within the file before it was removed may have left a copy behind.
pub(super) async fn scrub(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let emptied = async {
        connection.execute(raw_sql("VACUUM")).await?;
        loop {
            let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
            let row = checkpoint.fetch_one(&mut *connection).await?;
            if row.try_get::<i64, _>(0)? == 0 {
                return Ok(());
            }
            sleep(BETWEEN_TRIES).await;
        }
    };
    let emptied = timeout(PATIENCE_TO_SCRUB, emptied).await;
    emptied.unwrap_or(Err(StoreError::Busy))
}

#[cfg(test)]
mod tests;
