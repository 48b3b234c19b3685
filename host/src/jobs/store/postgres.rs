//! The database of several hosts. Its clock is the one that counts for all of them, and
//! it tells each when another has brought work.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::AnyConnection;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, Executor, Row, raw_sql};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::engine::{Engine, PATIENCE};
use super::error::StoreError;

/// Milliseconds since 1970: the same throughout a statement.
pub(super) const NOW: &str = "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)";

/// What hosts call each other by. It carries nothing.
const CHANNEL: &str = "jackfield_jobs";

/// What every connection is set to. A server may be set not to wait for its disk, but
/// not for what a 202 promises; where it waits for more than its own disk, it goes on
/// doing so. The times bound what a host leaves behind that has given up waiting.
const SETTINGS: &str = "SELECT
    set_config('statement_timeout', '10000', false),
    set_config('lock_timeout', '5000', false),
    set_config('idle_in_transaction_session_timeout', '30000', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('synchronous_commit',
        CASE current_setting('synchronous_commit')
            WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,
        false)";

/// How long a whole table may take to be written anew.
const PATIENCE_TO_SCRUB: Duration = Duration::from_secs(600);
/// How long nothing may be heard before the connection is tried.
const SILENCE: Duration = Duration::from_secs(30);
/// How long to wait before connecting again, at first and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Whether a URL is one of a database of this kind.
pub(super) fn check(url: &SecretString) -> Result<(), StoreError> {
    let url = url.expose_secret();
    let ours = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    match ours && url.parse::<PgConnectOptions>().is_ok() {
        true => Ok(()),
        false => Err(StoreError::Url),
    }
}

/// Sets a connection up, and makes sure that it took.
pub(super) async fn prepare(connection: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::query(SETTINGS).fetch_all(&mut *connection).await?;
    let text = "SELECT current_setting('synchronous_commit'), current_setting('fsync')";
    let row = sqlx::query(text).fetch_one(connection).await?;
    durable(row.try_get(0)?, row.try_get(1)?)
}

fn durable(synchronous_commit: &str, fsync: &str) -> Result<(), StoreError> {
    match (synchronous_commit, fsync) {
        ("off", _) => Err(StoreError::NotDurable("`synchronous_commit` is off")),
        (_, "on") => Ok(()),
        _ => Err(StoreError::NotDurable("`fsync` is off")),
    }
}

/// Takes back how long statements may take, for changes of the tables.
pub(super) async fn be_patient(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let patience = raw_sql("SET statement_timeout = 0; SET lock_timeout = 0");
    connection.execute(patience).await?;
    Ok(())
}

/// Writes the table anew. A mere `VACUUM` forgets what was removed, and leaves it where
/// it was until something else is written over it. Nobody gets at the table meanwhile.
pub(super) async fn scrub(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let written = async {
        let patience = raw_sql("SET statement_timeout = '600s'; SET lock_timeout = '60s'");
        connection.execute(patience).await?;
        let anew = raw_sql("VACUUM FULL jackfield_jobs");
        let written = connection.execute(anew).await;
        // Back to what every connection is set to.
        prepare(connection).await?;
        Ok::<_, StoreError>(written.map(drop)?)
    };
    let written = timeout(PATIENCE_TO_SCRUB, written).await;
    written.map_err(|_| StoreError::Slow)?
}

/// Calls the other hosts whenever there was something, as often as they can hear it: what
/// happens while one call is under way is told by the next. A call that is not heard does
/// no harm, since everybody looks now and then without one.
pub(super) async fn call(engine: Arc<Engine>, wanted: Arc<Notify>) {
    loop {
        wanted.notified().await;
        let call = engine.statement("SELECT pg_notify($1, '')").bind(CHANNEL);
        let _ = engine.write(call).await;
    }
}

/// Listens to the other hosts, and connects anew whenever that ends.
pub(super) async fn listen(url: SecretString, changes: watch::Sender<()>) {
    let mut pause = BACK_OFF.0;
    loop {
        let Err(error) = hear(&url, &changes, &mut pause).await;
        if pause == BACK_OFF.0 {
            let reason = StoreError::from(error);
            warn!(%reason, "other hosts' jobs are seen late: nothing is heard of them");
        }
        sleep(pause).await;
        pause = (pause * 2).min(BACK_OFF.1);
    }
}

/// Listens until the connection breaks.
async fn hear(
    url: &SecretString,
    changes: &watch::Sender<()>,
    pause: &mut Duration,
) -> Result<Infallible, sqlx::Error> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE);
    let pool = pool.connect_lazy_with(options.disable_statement_logging());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    *pause = BACK_OFF.0;
    loop {
        // Also at first, and after a break: something may have been said meanwhile.
        changes.send_replace(());
        while !heard(&mut listener).await? {}
    }
}

/// Whether something was heard, or nothing for so long that it was worth a try whether
/// anything could have been.
async fn heard(listener: &mut PgListener) -> Result<bool, sqlx::Error> {
    if let Ok(heard) = timeout(SILENCE, listener.try_recv()).await {
        heard?;
        return Ok(true);
    }
    let tried = timeout(PATIENCE, listener.execute("SELECT 1")).await;
    tried.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_keep_what_it_confirms_is_refused() {
        for (synchronous_commit, fsync, good) in [
            ("on", "on", true),
            ("local", "on", true),
            ("remote_write", "on", true),
            ("remote_apply", "on", true),
            ("off", "on", false),
            ("on", "off", false),
            ("on", "", false),
        ] {
            let durable = durable(synchronous_commit, fsync);
            assert_eq!(durable.is_ok(), good, "{synchronous_commit} {fsync}");
        }
    }

    #[test]
    fn a_url_is_one_of_this_engine_or_none() {
        for (url, good) in [
            ("postgres://user:password@host/database", true),
            ("postgresql://host:5433/database?sslmode=verify-full", true),
            ("mysql://host/database", false),
            ("sqlite://jobs.db", false),
            ("host/database", false),
            ("postgres://[host/database", false),
            ("", false),
        ] {
            let checked = check(&SecretString::from(url));
            assert_eq!(checked.is_ok(), good, "{url}");
        }
    }
}
