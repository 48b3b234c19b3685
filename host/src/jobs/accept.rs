//! Accepting: audio and request are on the disk, and will still be there after a power
//! cut, before Twilio is told so.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::blob::BlobName;
use super::id::JobId;
use super::spool::{self, SpoolError};
use super::store::{self, Accepted, NewJob, StoreError};
use super::task::Task;
use super::vault::Place;
use super::{Jobs, id::NoRandomness};
use crate::protocol::fingerprint::Fingerprint;
use crate::protocol::recording::Recording;
use crate::upload::Spooled;

/// How many times its own duration the analysis of a recording may take. Twilio gives it
/// up then (the reference's README).
const TIMES: u32 = 10;

/// Why a request is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The host is ending.
    #[error("the host is ending")]
    Draining,
    /// As many recordings arrive as may.
    #[error("too many recordings arrive at once")]
    Busy,
    /// The audio is too long.
    #[error("the audio is too long")]
    TooLong,
    /// It cannot be kept.
    #[error("the request cannot be kept: {0}")]
    Unkept(String),
    /// The request's SID came before, with other content.
    #[error("the request's SID came before with other content")]
    Reused,
}

impl From<SpoolError> for AcceptError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLong { .. } => Self::TooLong,
            other => Self::Unkept(other.to_string()),
        }
    }
}

impl From<StoreError> for AcceptError {
    fn from(error: StoreError) -> Self {
        Self::Unkept(error.to_string())
    }
}

impl From<NoRandomness> for AcceptError {
    fn from(error: NoRandomness) -> Self {
        Self::Unkept(error.to_string())
    }
}

/// What an accepted recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// One to work on.
    New(JobId),
    /// One that came before: it is worked on, or was.
    Known,
}

/// Audio that is arriving.
pub struct Draft {
    /// What the job is going to be called, for its file is named after it.
    id: JobId,
    file: spool::Draft,
    _permit: OwnedSemaphorePermit,
}

impl Draft {
    /// Adds what has arrived.
    ///
    /// # Errors
    /// Where there is too much of it, or it cannot be written.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), AcceptError> {
        Ok(self.file.write(bytes).await?)
    }

    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.file.length()
    }
}

impl Jobs {
    /// A file for audio of at most so many bytes.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub async fn draft(&self, limit: u64) -> Result<Draft, AcceptError> {
        if self.stop.is_asked() {
            return Err(AcceptError::Draining);
        }
        let permit = std::sync::Arc::clone(&self.uploads).try_acquire_owned();
        let permit = permit.map_err(|_| AcceptError::Busy)?;
        let id = JobId::fresh()?;
        let file = self.spool.draft(BlobName::audio(id), limit).await?;
        Ok(Draft {
            id,
            file,
            _permit: permit,
        })
    }

    /// Accepts a recording. Once this returns, nothing but a lost disk can lose it.
    ///
    /// # Errors
    /// Where it cannot be kept, or came before as something else.
    pub async fn accept(
        &self,
        recording: Recording,
        fingerprint: Fingerprint,
        audio: Option<Spooled>,
    ) -> Result<Acceptance, AcceptError> {
        if self.stop.is_asked() {
            return Err(AcceptError::Draining);
        }
        let (id, audio) = match audio {
            Some(Spooled { draft, .. }) => (draft.id, Some(draft.file.commit().await?.name)),
            None => (JobId::fresh()?, None),
        };
        let job = self.new_job(id, recording, fingerprint, audio.is_some())?;
        // After a failure the row may be there all the same; then the audio must be.
        let acceptance = match self.store.accept(job).await? {
            Accepted::New => return Ok(Acceptance::New(id)),
            Accepted::Known { .. } => Ok(Acceptance::Known),
            Accepted::Conflict => Err(AcceptError::Reused),
        };
        self.forget(audio).await;
        acceptance
    }

    fn new_job(
        &self,
        id: JobId,
        recording: Recording,
        fingerprint: Fingerprint,
        audio: bool,
    ) -> Result<NewJob, AcceptError> {
        let (sids, duration) = (recording.facts.sids, recording.facts.duration);
        let task = Task::from(recording).write();
        let sealed = self.vault.seal(&Place::task(id), &task);
        Ok(NewJob {
            id,
            account: sids.account,
            add_on: sids.add_on,
            install: sids.add_on_install,
            request: sids.request,
            fingerprint: store::Fingerprint(*fingerprint.as_bytes()),
            deadline: Some(self.time_for(duration)),
            duration,
            task: sealed.map_err(|error| AcceptError::Unkept(error.to_string()))?,
            audio,
        })
    }

    /// The longest audio, in bytes, and the longest time that it may take to arrive.
    #[must_use]
    pub fn longest_audio(&self) -> (usize, Duration) {
        (self.config.audio_limit, self.config.audio_timeout)
    }

    /// The time that the analysis of a recording may take.
    pub(super) fn time_for(&self, duration: Option<Duration>) -> Duration {
        let times = |duration: Duration| duration.saturating_mul(TIMES);
        duration.map_or(self.config.deadline, times)
    }

    async fn forget(&self, audio: Option<BlobName>) {
        // What cannot be removed now, the sweep finds.
        let _ = self.spool.remove(audio.into_iter().collect()).await;
    }
}
