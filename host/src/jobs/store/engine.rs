//! Statements on their way to a database: bounded in number and in time, the same for
//! both engines but for a few words. Each is whole by itself, so that there is no
//! transaction that could be left open.
//!
//! Whatever writes runs to its very end before its rows are looked at (`fetch_all`): the
//! first row may come before the commit.

use std::fmt;
use std::time::Duration;

use sqlx::any::{Any, AnyArguments, AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection};
use tokio::time::timeout;

use super::error::StoreError;
use super::{postgres, sqlite};

/// How long a statement may wait for a connection.
pub(super) const PATIENCE_TO_START: Duration = Duration::from_secs(5);
/// How long a statement may take, seen from here.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long a start may wait for another host that is at the tables.
const PATIENCE_TO_MIGRATE: Duration = Duration::from_secs(120);
/// How long a connection may have nothing to do.
const IDLE: Duration = Duration::from_secs(300);

/// Where the jobs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// In a file of this machine's.
    Sqlite,
    /// In a database that other hosts may use as well.
    Postgres,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A statement with what it is about.
pub(super) type Statement = Query<'static, Any, AnyArguments>;

/// Connections to a database.
pub(super) struct Engine {
    kind: EngineKind,
    writers: AnyPool,
    readers: AnyPool,
}

impl Engine {
    /// Connects, and brings the tables up to date.
    pub(super) async fn open(kind: EngineKind, url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let options = url
            .parse::<AnyConnectOptions>()
            .map_err(|_| StoreError::Url)?;
        let options = options.disable_statement_logging();
        let first = async {
            let mut connection = options.connect().await?;
            kind.prepare(&mut connection).await?;
            kind.migrate(&mut connection).await?;
            // SQLite puts its file in order when the last one is closed.
            Ok::<_, StoreError>(connection.close().await?)
        };
        let first = timeout(PATIENCE_TO_MIGRATE, first).await;
        first.map_err(|_| StoreError::Slow)??;
        let pool = |most| pool(kind, most).connect_lazy_with(options.clone());
        Ok(match kind {
            // SQLite has one writer at a time: those who wait for each other here wait in
            // turn, and not by trying again and again.
            EngineKind::Sqlite => Self::new(kind, pool(1), pool(3)),
            EngineKind::Postgres => {
                let both = pool(8);
                Self::new(kind, both.clone(), both)
            }
        })
    }

    fn new(kind: EngineKind, writers: AnyPool, readers: AnyPool) -> Self {
        Self {
            kind,
            writers,
            readers,
        }
    }

    pub(super) fn kind(&self) -> EngineKind {
        self.kind
    }

    /// A statement with this text, in which the words that differ are in braces: `{now}`
    /// is the database's time in milliseconds, and `{skip_locked}` leaves to others what
    /// they are at.
    pub(super) fn statement(&self, text: &str) -> Statement {
        let (now, skip_locked) = match self.kind {
            EngineKind::Sqlite => (sqlite::NOW, ""),
            EngineKind::Postgres => (postgres::NOW, "FOR UPDATE OF jackfield_jobs SKIP LOCKED"),
        };
        let text = text.replace("{now}", now);
        sqlx::query(AssertSqlSafe(text.replace("{skip_locked}", skip_locked)))
    }

    /// Changes something, and says how many rows it changed.
    pub(super) async fn write(&self, statement: Statement) -> Result<u64, StoreError> {
        let mut connection = self.writers.acquire().await?;
        let done = timeout(PATIENCE, statement.execute(&mut *connection)).await;
        Ok(in_time(connection, done)?.rows_affected())
    }

    /// Changes something, and tells of every row that it changed.
    pub(super) async fn write_rows(&self, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
        rows(&self.writers, statement).await
    }

    /// Reads.
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
        rows(&self.readers, statement).await
    }

    /// Has the database rid its files of what was removed.
    pub(super) async fn scrub(&self) -> Result<(), StoreError> {
        let mut connection = self.writers.acquire().await?;
        let scrubbed = match self.kind {
            EngineKind::Sqlite => sqlite::scrub(&mut connection).await,
            EngineKind::Postgres => postgres::scrub(&mut connection).await,
        };
        if scrubbed.is_err() {
            // Nobody knows how it was left.
            drop(connection.detach());
        }
        scrubbed
    }

    /// Ends all connections, once what runs on them is through.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl EngineKind {
    /// Makes a new connection what it must be before anything is written on it.
    async fn prepare(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match self {
            Self::Sqlite => sqlite::prepare(connection).await,
            Self::Postgres => postgres::prepare(connection).await,
        }
    }

    async fn migrate(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        if self == Self::Postgres {
            postgres::be_patient(connection).await?;
        }
        super::schema::migrate(self, connection).await
    }
}

/// A condition that holds where one of these does. Its depth grows with the logarithm of
/// their number only, since SQLite bounds it.
pub(super) fn any_of(conditions: &[String]) -> String {
    match conditions {
        [] => "FALSE".to_owned(),
        [one] => format!("({one})"),
        many => {
            let (some, others) = many.split_at(many.len() / 2);
            format!("({} OR {})", any_of(some), any_of(others))
        }
    }
}

fn pool(kind: EngineKind, most: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE_TO_START)
        .idle_timeout(IDLE)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                let prepared = kind.prepare(connection).await;
                prepared.map_err(|error| sqlx::Error::Configuration(error.into()))
            })
        })
}

async fn rows(pool: &AnyPool, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
    let mut connection = pool.acquire().await?;
    let done = timeout(PATIENCE, statement.fetch_all(&mut *connection)).await;
    in_time(connection, done)
}

/// What came of a statement. A connection that does not answer is given up: it would hold
/// its place among the few for as long as the network takes to notice.
fn in_time<T>(
    connection: PoolConnection<Any>,
    done: Result<Result<T, sqlx::Error>, tokio::time::error::Elapsed>,
) -> Result<T, StoreError> {
    match done {
        Ok(done) => Ok(done?),
        Err(_) => {
            drop(connection.detach());
            Err(StoreError::Slow)
        }
    }
}

#[cfg(test)]
impl Engine {
    /// Every connection that there can be at once.
    pub(super) async fn all_connections(&self) -> Vec<PoolConnection<Any>> {
        let mut connections = Vec::new();
        for pool in [&self.writers, &self.readers] {
            for _ in 0..pool.options().get_max_connections() {
                connections.push(pool.acquire().await.unwrap());
            }
        }
        connections
    }
}
