//! Erasing somebody: every job that concerns a number or an installation goes, with its
//! audio and its result, whatever its state, and nothing of it stays in a file.

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tracing::info;

use super::blob::BlobName;
use super::id::JobId;
use super::store::{Kept, State};
use super::vault::Place;
use super::{Jobs, JobsError};
use crate::whose::Whose;

/// How many jobs are looked at in one go.
const PAGE: u32 = 100;
/// How much of a result is looked at in one go, in bytes.
const PIECE: usize = 64 * 1024;

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The jobs.
    pub jobs: u64,
    /// The answers that were remembered.
    pub answers: u64,
    /// The jobs that could not be looked into, for want of a key; they are still there.
    pub unread: u64,
}

impl Jobs {
    /// Erases somebody.
    ///
    /// # Errors
    /// Where the store or a file cannot be read or written.
    pub async fn erase(&self, whose: &Whose) -> Result<Erased, JobsError> {
        let mut erased = Erased::default();
        let mut after: Option<JobId> = None;
        loop {
            let page = self.store.walk(after, PAGE).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.id);
            let mut found = Vec::new();
            for kept in &page {
                match self.concerns(kept, whose).await {
                    Some(true) => found.push(kept.id),
                    Some(false) => {}
                    None => erased.unread += 1,
                }
            }
            erased.jobs += found.len() as u64;
            let files = self.store.erase_jobs(&found).await?;
            self.held.give_up_jobs(&found);
            self.spool.remove(files).await?;
        }
        self.spool.settle().await?;
        self.store.scrub().await?;
        info!(jobs = erased.jobs, unread = erased.unread, "erased");
        Ok(erased)
    }

    /// Whether a job concerns somebody; unknown where it cannot be read.
    async fn concerns(&self, kept: &Kept, whose: &Whose) -> Option<bool> {
        if whose.installed(kept.install) {
            return Some(true);
        }
        if kept.state == State::Done {
            // Of what is done, nothing is left that a request said.
            return Some(false);
        }
        let Some(mut search) = whose.search() else {
            return Some(false);
        };
        let task = self.vault.open(&Place::task(kept.id), &kept.task).ok()?;
        if search.finds(&task) {
            return Some(true);
        }
        for file in kept.files.iter().filter(|file| file.is_result()) {
            if self.holds_number(file, whose).await? {
                return Some(true);
            }
        }
        Some(false)
    }

    async fn holds_number(&self, file: &BlobName, whose: &Whose) -> Option<bool> {
        let mut reader = self.spool.read(file).await.ok()?;
        let mut search = whose.search()?;
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece).await.ok()? {
                0 => return Some(false),
                read if search.finds(&piece[..read]) => return Some(true),
                _ => {}
            }
        }
    }
}
