//! Why the store did not do what it was asked. The texts say nothing of what is stored,
//! and nothing of how the database is reached.

use std::path::PathBuf;

use sqlx::migrate::MigrateError;

use crate::jobs::id::NoRandomness;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process works on this database.
    #[error("`{0}` is in use by another process")]
    Locked(PathBuf),
    /// The database's directory, or its file, cannot be used.
    #[error("the jobs cannot be kept: {0}")]
    Place(String),
    /// The URL is none of a PostgreSQL database.
    #[error("the database's URL is not of the form `postgres://user:password@host/database`")]
    Url,
    /// What the database confirms is not on its disk.
    #[error("the database does not promise to keep what it confirms: {0}")]
    NotDurable(&'static str),
    /// The database's tables are not as this version of the host needs them.
    #[error("the database's tables cannot be used: {0}")]
    Schema(String),
    /// The database cannot be reached, or the connection to it broke.
    #[error("the database cannot be reached")]
    Away,
    /// The database was reached and did not answer in time.
    #[error("the database did not answer in time")]
    Slow,
    /// Others have what is needed, at the moment.
    #[error("the database is busy")]
    Busy,
    /// There is no room for more.
    #[error("the database has no room left on its disk")]
    Full,
    /// No encrypted connection came about.
    #[error("no TLS connection to the database could be made")]
    Tls,
    /// The database did not accept a statement, or who makes it. The code is SQLite's or
    /// PostgreSQL's own.
    #[error("the database refused: {meaning} (code {code})")]
    Refused {
        /// The code, as the engine's documentation lists it.
        code: String,
        /// What the code means.
        meaning: &'static str,
    },
    /// A row holds what this version of the host cannot read.
    #[error("a job's `{0}` cannot be read")]
    Damaged(&'static str),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// There is nothing to make names from.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl StoreError {
    /// Whether the same may succeed later without anybody changing anything but the
    /// database's surroundings. What failed may have been done all the same.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Away | Self::Slow | Self::Busy | Self::Full)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        match error {
            Error::Database(error) => of_code(error.code().as_deref().unwrap_or_default()),
            Error::Configuration(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(_) => Self::Url,
            },
            Error::Tls(_) => Self::Tls,
            Error::PoolClosed => Self::Closed,
            Error::Migrate(error) => Self::from(*error),
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) => {
                Self::Damaged("row")
            }
            // Whatever else happens, happens to the connection.
            _ => Self::Away,
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Self::from(error)
            }
            MigrateError::VersionMismatch(version) => {
                Self::Schema(format!("step {version} was not made by this program"))
            }
            MigrateError::Dirty(version) => {
                Self::Schema(format!("step {version} was not finished"))
            }
            _ => Self::Schema("their history cannot be read".to_owned()),
        }
    }
}

/// An error by its code: SQLite's are numbers, PostgreSQL's have five characters.
fn of_code(code: &str) -> StoreError {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => of_sqlite(number, code),
        _ => of_postgres(code),
    }
}

fn of_sqlite(number: u32, code: &str) -> StoreError {
    // The lowest byte is the kind of error, the others its detail.
    let meaning = match number & 0xff {
        5 | 6 => return StoreError::Busy,
        13 => return StoreError::Full,
        // Disks come back, and room is made.
        10 => return StoreError::Away,
        3 | 8 => "it may not be written",
        11 | 26 => "its file is damaged",
        14 => "its file cannot be opened",
        _ => "a statement does not fit its tables",
    };
    refused(code, meaning)
}

fn of_postgres(code: &str) -> StoreError {
    let meaning = match (code.get(..2).unwrap_or_default(), code) {
        (_, "53100") => return StoreError::Full,
        (_, "57014") => return StoreError::Slow,
        // Deadlocks, and locks that others have.
        ("40" | "53" | "55", _) => return StoreError::Busy,
        // Starting, stopping, broken connections, failing disks; and a server that is the
        // copy of another, since that ends when it takes the other's place.
        ("08" | "57" | "58", _) | (_, "25006") => return StoreError::Away,
        ("28", _) => "the user or the password is wrong",
        ("3D", _) => "there is no such database",
        (_, "42501") => "the user has not the rights it needs",
        ("42", _) => "a statement does not fit its tables",
        _ => "it did not say why",
    };
    refused(code, meaning)
}

fn refused(code: &str, meaning: &'static str) -> StoreError {
    StoreError::Refused {
        code: code.to_owned(),
        meaning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_told_apart_by_what_can_be_done() {
        for (code, error) in [
            ("5", StoreError::Busy),
            ("517", StoreError::Busy),
            ("13", StoreError::Full),
            ("778", StoreError::Away),
            ("4874", StoreError::Away),
            ("53100", StoreError::Full),
            ("53300", StoreError::Busy),
            ("40P01", StoreError::Busy),
            ("55P03", StoreError::Busy),
            ("57014", StoreError::Slow),
            ("57P01", StoreError::Away),
            ("57P03", StoreError::Away),
            ("08006", StoreError::Away),
            ("25006", StoreError::Away),
        ] {
            assert_eq!(of_code(code), error, "{code}");
            assert!(error.is_passing(), "{code}");
        }
        for code in [
            "1", "11", "14", "1555", "28P01", "3D000", "42P01", "42501", "22021", "",
        ] {
            let error = of_code(code);
            assert!(
                matches!(error, StoreError::Refused { .. }),
                "{code} {error}"
            );
            assert!(!error.is_passing(), "{code}");
        }
    }

    #[test]
    fn no_text_repeats_what_a_database_said() {
        let url = "postgres://user:secret@host/db".to_owned();
        for error in [
            sqlx::Error::Protocol(url.clone()),
            sqlx::Error::Tls(url.clone().into()),
            sqlx::Error::Configuration(url.clone().into()),
            sqlx::Error::Decode(url.clone().into()),
            sqlx::Error::ColumnNotFound(url),
        ] {
            let error = StoreError::from(error);
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}
