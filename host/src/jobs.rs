//! Asynchronous add-ons: what was accepted with 202 is neither lost nor done twice.
//!
//! `store` remembers every job, `spool` keeps the files that belong to them, and `vault`
//! seals what both of them keep.

pub mod blob;
pub mod id;
pub mod spool;
pub mod store;
pub mod vault;

use secrecy::SecretString;

pub use vault::KeyError;

use vault::{Plain, Vault};

/// Whether a secret is a key that seals.
///
/// # Errors
/// Where it is not.
pub fn check_key(key: &SecretString) -> Result<(), KeyError> {
    Vault::new(std::slice::from_ref(key), Plain::Opened).map(drop)
}
