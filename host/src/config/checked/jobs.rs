//! Asynchronous add-ons, as they are configured.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::protocol::recording::RecordingTerms;

/// What is kept of asynchronous requests, where, and for how long.
#[derive(Debug, Clone)]
pub struct JobsConfig {
    /// Where jobs are kept.
    pub store: JobStore,
    /// The directory for audio and results.
    pub spool: PathBuf,
    /// The most bytes that all files in it may take.
    pub spool_limit: usize,
    /// The longest audio, in bytes.
    pub audio_limit: usize,
    /// How long one audio may take to arrive, or to be fetched.
    pub audio_timeout: Duration,
    /// The most recordings that arrive at once.
    pub uploads: usize,
    /// The most jobs that are worked on at once.
    pub workers: usize,
    /// The time for a recording of unknown duration.
    pub deadline: Duration,
    /// The longest that one attempt to call back may take.
    pub callback_timeout: Duration,
    /// For how long a job belongs to a host that gives no sign of life.
    pub lease: Duration,
    /// For how long a request is known again once it is done.
    pub keep: Duration,
    /// For how long a dead letter is kept.
    pub keep_dead: Duration,
    /// What seals and opens what is kept: the first seals.
    pub seal: Vec<SecretString>,
}

/// Where jobs are kept.
#[derive(Debug, Clone)]
pub enum JobStore {
    /// In this file.
    Sqlite(PathBuf),
    /// In the database of this URL.
    Postgres(SecretString),
}

impl PartialEq for JobsConfig {
    fn eq(&self, other: &Self) -> bool {
        let Self {
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
        } = self;
        *store == other.store
            && *spool == other.spool
            && (*spool_limit, *audio_limit) == (other.spool_limit, other.audio_limit)
            && (*uploads, *workers) == (other.uploads, other.workers)
            && (*audio_timeout, *callback_timeout) == (other.audio_timeout, other.callback_timeout)
            && (*deadline, *lease) == (other.deadline, other.lease)
            && (*keep, *keep_dead) == (other.keep, other.keep_dead)
            && seal.len() == other.seal.len()
            && seal
                .iter()
                .zip(&other.seal)
                .all(|(one, two)| same(one, two))
    }
}

impl PartialEq for JobStore {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sqlite(one), Self::Sqlite(two)) => one == two,
            (Self::Postgres(one), Self::Postgres(two)) => same(one, two),
            (Self::Sqlite(_) | Self::Postgres(_), _) => false,
        }
    }
}

fn same(one: &SecretString, two: &SecretString) -> bool {
    one.expose_secret() == two.expose_secret()
}

/// An add-on for recordings.
#[derive(Debug, Clone)]
pub struct RecordingsConfig {
    /// How it reads requests.
    pub terms: RecordingTerms,
    /// What proves the host to whoever it calls back, in place of the account's token: a
    /// user's name and a password.
    pub credentials: Option<(String, SecretString)>,
}

impl PartialEq for RecordingsConfig {
    fn eq(&self, other: &Self) -> bool {
        let Self { terms, credentials } = self;
        *terms == other.terms
            && match (credentials, &other.credentials) {
                (None, None) => true,
                (Some((one, secret)), Some((two, other))) => one == two && same(secret, other),
                (Some(_), None) | (None, Some(_)) => false,
            }
    }
}
