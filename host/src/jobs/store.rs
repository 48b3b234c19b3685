//! Every job that was accepted, in a database: SQLite in a file by default, PostgreSQL
//! where several hosts share the work.
//!
//! What the store confirms is on the disk. A job is worked on under a lease, and what is
//! written under a lease that was lost is refused, so that of several hosts, or of a host
//! and its own past, one at most gets through. Leases and due times are by the database's
//! clock, so that hosts need not agree on the time.

mod accept;
mod claim;
mod engine;
mod error;
mod job;
mod keep;
mod operate;
mod pick;
mod postgres;
mod progress;
mod row;
mod schema;
mod sqlite;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

pub use accept::ACCEPTED_WITHIN;
use accept::Waiting;
use engine::Engine;
pub use engine::EngineKind;
pub use error::StoreError;
pub use job::{
    Accepted, Count, Delivery, Fetched, Filter, Fingerprint, Job, Kept, Lease, NewJob, NewResult,
    Pace, Record, ResultKind, Retention, State, Swept, UnknownWord,
};
pub use pick::Pick;

/// Where jobs are kept.
#[derive(Clone)]
pub enum StoreSettings {
    /// In a file. Its directory is private, or else is refused; both are made where they
    /// are missing. SQLite's other files, and the lock, lie beside it.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// In a database.
    Postgres {
        /// `postgres://user:password@host:port/database`, with `?sslmode=verify-full` for
        /// one that is not on this machine.
        url: SecretString,
    },
}

/// The store. To clone it is cheap.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    accepts: mpsc::Sender<Waiting>,
    changes: watch::Sender<()>,
    /// Asks for a call to the other hosts, if there can be any.
    call: Option<Arc<Notify>>,
    /// What runs beside the store, and ends with it.
    tasks: Mutex<JoinSet<()>>,
    /// Keeps other processes away, where one at a time may be there.
    lock: Mutex<Option<File>>,
}

/// Tells when there may be work. What happens while nobody waits is told at once to
/// whoever waits next.
pub struct Changes(watch::Receiver<()>);

impl Store {
    /// Opens the store: connects, brings the tables up to date, and makes sure that what
    /// the database confirms is on its disk.
    ///
    /// # Errors
    /// Where any of that fails; `Locked` where another process has the file.
    pub async fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        match settings {
            StoreSettings::Sqlite { path } => {
                let path = path.clone();
                let taken = tokio::task::spawn_blocking(move || sqlite::take(&path));
                let taken = taken.await.map_err(|_| StoreError::Closed)??;
                let engine = Engine::open(EngineKind::Sqlite, &taken.url).await?;
                Ok(Self::over(engine, Some(taken.lock), None))
            }
            StoreSettings::Postgres { url } => {
                postgres::check(url)?;
                let engine = Engine::open(EngineKind::Postgres, url.expose_secret()).await?;
                Ok(Self::over(engine, None, Some(url.clone())))
            }
        }
    }

    fn over(engine: Engine, lock: Option<File>, shared: Option<SecretString>) -> Self {
        let engine = Arc::new(engine);
        let (changes, _) = watch::channel(());
        let (accepts, waiting) = accept::line();
        // It ends by itself, once nobody can come any more: whatever it has written, it
        // tells.
        tokio::spawn(accept::write(Arc::clone(&engine), waiting));
        let mut tasks = JoinSet::new();
        let call = shared.map(|url| {
            let call = Arc::new(Notify::new());
            tasks.spawn(postgres::call(Arc::clone(&engine), Arc::clone(&call)));
            tasks.spawn(postgres::listen(url, changes.clone()));
            call
        });
        Self(Arc::new(Inner {
            engine,
            accepts,
            changes,
            call,
            tasks: Mutex::new(tasks),
            lock: Mutex::new(lock),
        }))
    }

    /// Closes the store, for everybody who has it. What is under way is finished; what
    /// comes later fails.
    pub async fn close(&self) {
        self.0.engine.close().await;
        let tasks = &mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
        let lock = &mut *self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
        drop(lock.take());
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> EngineKind {
        self.0.engine.kind()
    }

    /// News of work to do, from now on.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes(self.0.changes.subscribe())
    }

    /// Says that there may be work, here and elsewhere.
    fn stir(&self) {
        self.0.changes.send_replace(());
        if let Some(call) = &self.0.call {
            call.notify_one();
        }
    }
}

impl Changes {
    /// Waits until there may be work. There may be none all the same.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The store is gone, and nothing will change.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod claims;
#[cfg(test)]
mod tests;

/// What the claims are about.
#[cfg(test)]
mod api {
    pub(super) use super::*;
    pub(super) use crate::jobs::blob::BlobName;
    pub(super) use crate::jobs::id::{JobId, Owner};
    pub(super) use crate::protocol::sid::{AddOnSid, SidError};
}
