//! The tables, step by step. Steps only ever add, so that a host of the version before
//! goes on working beside one of this version: what is to go, goes when no version that
//! needs it is left. And a host takes tables as they are that a later version made.

use sqlx::AnyConnection;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::engine::EngineKind;
use super::error::StoreError;

/// A step: its number, its name, and its statements for each engine.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: [Step; 1] = [Step {
    version: 1,
    name: "jobs",
    sqlite: include_str!("../../../migrations/sqlite/0001_jobs.sql"),
    postgres: include_str!("../../../migrations/postgres/0001_jobs.sql"),
}];

/// Brings the tables up to this version. Others that do the same are waited for.
pub(super) async fn migrate(
    kind: EngineKind,
    connection: &mut AnyConnection,
) -> Result<(), StoreError> {
    let steps = STEPS.iter().map(|step| step.migration(kind)).collect();
    let mut migrator = Migrator::with_migrations(steps);
    // The database may belong to others as well.
    migrator.dangerous_set_table_name("jackfield_migrations");
    migrator.set_ignore_missing(true);
    // What waits for `run` cannot go to another thread; this is what `run` does.
    Ok(migrator.run_direct(None, connection, false).await?)
}

impl Step {
    fn migration(&self, kind: EngineKind) -> Migration {
        let statements = match kind {
            EngineKind::Sqlite => self.sqlite,
            EngineKind::Postgres => self.postgres,
        };
        Migration::new(
            self.version,
            self.name.into(),
            MigrationType::Simple,
            statements.into_sql_str(),
            false,
        )
    }
}
