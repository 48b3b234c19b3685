//! Asynchronous add-ons: a request is kept before Twilio is told that it is accepted, its
//! recording is analysed, and the result, kept as well, is sent where it is wanted until it
//! has arrived or its time is over. Nothing of this is lost when the host dies.

mod accept;
pub mod blob;
mod deliver;
mod erase;
mod held;
pub mod id;
mod keeper;
mod lanes;
mod operate;
mod run;
pub mod spool;
pub mod store;
mod sweep;
mod task;
pub mod vault;
mod work;

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::config::{JobStore, JobsConfig};
use crate::stop::Stop;

pub use accept::{AcceptError, Acceptance, Draft};
pub use erase::Erased;
pub use keeper::Keeper;
pub use operate::{JobFilter, JobStatus, JobView, JobsStatus, KeptJobs, OperateError, PaceStatus};
pub use vault::KeyError;

use held::Held;
use id::Owner;
use spool::{Spool, SpoolError};
use store::{Store, StoreError, StoreSettings};
use vault::{Plain, Vault};

/// What has been accepted, and is worked on.
pub struct Jobs {
    config: JobsConfig,
    store: Store,
    spool: Spool,
    vault: Vault,
    owner: Owner,
    uploads: Arc<Semaphore>,
    held: Held,
    stop: Stop,
}

/// Why jobs cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory of audio and results.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system has no random numbers.
    #[error(transparent)]
    Random(#[from] id::NoRandomness),
}

/// Whether a secret is a key that seals.
///
/// # Errors
/// Where it is not.
pub fn check_key(key: &SecretString) -> Result<(), KeyError> {
    Vault::new(std::slice::from_ref(key), Plain::Opened).map(drop)
}

impl Jobs {
    /// Opens what is kept, and makes it where there is nothing yet.
    ///
    /// # Errors
    /// Where it cannot be used.
    pub async fn open(config: JobsConfig, stop: Stop) -> Result<Self, JobsError> {
        // What was kept before there was a key must still be found.
        let vault = Vault::new(&config.seal, Plain::Opened)?;
        let store = Store::open(&settings(&config.store)).await?;
        let capacity = config.spool_limit as u64;
        let spool = Spool::open(&config.spool, vault.clone(), capacity).await?;
        Ok(Self {
            owner: Owner::fresh()?,
            uploads: Arc::new(Semaphore::new(config.uploads)),
            held: Held::default(),
            config,
            store,
            spool,
            vault,
            stop,
        })
    }
}

fn settings(store: &JobStore) -> StoreSettings {
    match store {
        JobStore::Sqlite(path) => StoreSettings::Sqlite { path: path.clone() },
        JobStore::Postgres(url) => StoreSettings::Postgres { url: url.clone() },
    }
}
