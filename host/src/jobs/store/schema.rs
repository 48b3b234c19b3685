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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_only_add_to_what_is_there() {
        for (n, step) in (1..).zip(&STEPS) {
            assert_eq!(step.version, n);
            for text in [step.sqlite, step.postgres] {
                let lines = text.lines().filter(|line| !line.trim().starts_with("--"));
                let text = lines.collect::<Vec<_>>().join("\n");
                for statement in text.split(';').map(str::trim).filter(|it| !it.is_empty()) {
                    let creates = ["CREATE TABLE", "CREATE INDEX", "CREATE UNIQUE INDEX"];
                    let creates = creates.iter().any(|it| statement.starts_with(it));
                    let adds = statement.starts_with("ALTER TABLE");
                    let adds = adds && statement.contains(" ADD COLUMN ");
                    // Hosts of the version before do not say what it is.
                    let optional = !statement.contains("NOT NULL");
                    let adds = adds && (optional || statement.contains("DEFAULT"));
                    assert!(creates || adds, "{statement}");
                }
            }
        }
    }

    #[test]
    fn both_engines_have_the_same_columns() {
        let columns = |text: &str| {
            let lines = text.lines().filter(|line| line.starts_with("    "));
            let words = lines.filter_map(|line| line.split_whitespace().next());
            let names = words.filter(|word| *word != "--").map(str::to_owned);
            names.collect::<Vec<_>>()
        };
        for step in &STEPS {
            assert_eq!(columns(step.sqlite), columns(step.postgres));
        }
    }
}
