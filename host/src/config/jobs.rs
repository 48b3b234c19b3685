//! The `[jobs]` table: what is kept of asynchronous requests.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::checked::{Checking, JobStore, JobsConfig, Spot};
use super::raw::{At, RawDatabase, RawJobs, RawStore};
use super::source::RawFile;
use super::values::Table;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const GIB: usize = 1024 * MIB;

/// The longest audio that an operator may choose. Twilio's longest recording, 24 hours of
/// one channel at 8 kHz and 8 bit, is shorter.
const LONGEST_AUDIO: usize = GIB;

impl Checking<'_> {
    /// The one `[jobs]` table.
    pub(super) fn jobs(&mut self, files: &[RawFile], state_dir: &Path) -> Option<JobsConfig> {
        let first = files.first()?;
        let table = Table {
            source: &first.source,
            name: "jobs",
        };
        let empty = RawJobs::default();
        let raw = first.raw.jobs.as_ref().map(|raw| raw.get_ref());
        self.jobs_table(table, raw.unwrap_or(&empty), &state_dir.join("jobs"))
    }

    fn jobs_table(
        &mut self,
        table: Table<'_>,
        raw: &RawJobs,
        directory: &Path,
    ) -> Option<JobsConfig> {
        let RawJobs {
            store,
            spool,
            spool_limit,
            audio_limit,
            audio_timeout,
            uploads,
            workers,
            deadline,
            callback_timeout,
            lease,
            keep,
            keep_dead,
            seal,
        } = raw;
        let mut duration = |key, raw: &Option<_>, default, bounds| {
            self.duration(table, key, raw.as_ref(), default, bounds)
        };
        let audio_timeout = duration("audio_timeout", audio_timeout, MINUTE, (SECOND, HOUR));
        let deadline = duration("deadline", deadline, 10 * MINUTE, (SECOND, DAY));
        let attempt = (100 * MILLISECOND, HOUR);
        let callback_timeout = duration("callback_timeout", callback_timeout, MINUTE, attempt);
        let lease = duration("lease", lease, 30 * SECOND, (SECOND, 10 * MINUTE));
        let keep = duration("keep", keep, DAY, (SECOND, 30 * DAY));
        let keep_dead = duration("keep_dead", keep_dead, 30 * DAY, (SECOND, 366 * DAY));
        let spool_limit = spool_limit.as_ref();
        let audio_limit = audio_limit.as_ref();
        let all = (MIB, 100 * 1024 * GIB);
        let one = (KIB, LONGEST_AUDIO);
        Some(JobsConfig {
            spool: spool
                .as_ref()
                .map_or(directory.join("spool"), |raw| self.rooted(raw.get_ref())),
            spool_limit: self.size(table, "spool_limit", spool_limit, 10 * GIB, all),
            audio_limit: self.size(table, "audio_limit", audio_limit, 100 * MIB, one),
            uploads: self.count(table, "uploads", uploads.as_ref(), 64, (1, 4_096)),
            workers: self.count(table, "workers", workers.as_ref(), 8, (1, 1_024)),
            seal: self.seal(table, seal),
            store: self.store(table, store.as_ref(), directory)?,
            audio_timeout,
            deadline,
            callback_timeout,
            lease,
            keep,
            keep_dead,
        })
    }

    fn store(
        &mut self,
        table: Table<'_>,
        raw: Option<&At<RawStore>>,
        directory: &Path,
    ) -> Option<JobStore> {
        let file = || Some(JobStore::Sqlite(directory.join("jobs.db")));
        let Some(raw) = raw else {
            return file();
        };
        let at = table.at("store", raw);
        match raw.get_ref() {
            RawStore::File(name) if name == "sqlite" => file(),
            // It is not repeated: it may be a database's URL.
            RawStore::File(_) => {
                let problem = "jobs are kept in \"sqlite\" or in a database";
                let help = "write \"sqlite\", or { postgres = { env = \"NAME\" } } for a database \
                            that several hosts share";
                self.fail(&at, problem, help);
                None
            }
            RawStore::Database(RawDatabase { postgres }) => self.database(&at, postgres),
        }
    }

    fn database(&mut self, at: &Spot, secret: &super::raw::RawSecret) -> Option<JobStore> {
        let url = self.secret(at, secret)?;
        let scheme = url.expose_secret().split("://").next();
        match scheme {
            Some("postgres" | "postgresql") => Some(JobStore::Postgres(url)),
            _ => {
                let help = "keep it as postgres://USER:PASSWORD@HOST/DATABASE";
                self.fail(
                    at,
                    "the secret is not the URL of a PostgreSQL database",
                    help,
                );
                None
            }
        }
    }

    fn seal(&mut self, table: Table<'_>, raw: &[At<super::raw::RawSecret>]) -> Vec<SecretString> {
        let mut keys = Vec::new();
        for secret in raw {
            let at = table.at("seal", secret);
            let Some(key) = self.secret(&at, secret.get_ref()) else {
                continue;
            };
            if let Err(error) = crate::jobs::check_key(&key) {
                let help = "make one with `openssl rand -hex 32`";
                self.fail(&at, error.to_string(), help);
            }
            keys.push(key);
        }
        keys
    }
}
