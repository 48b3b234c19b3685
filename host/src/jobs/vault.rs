//! Sealing at rest: what the store and the spool keep of a job is unreadable without a
//! key, and cannot be changed, cut off, or put in another's place without being noticed.
//!
//! The first key seals, and all of them open, so that keys can be exchanged while jobs are
//! kept. Without any key things are stored as they are, and say so in their first bytes.

mod header;
mod key;
mod place;
mod stream;

use std::sync::Arc;

use secrecy::SecretString;

pub(crate) use header::Header;
use key::Key;
pub use key::{KeyError, KeyId};
pub use place::Place;
pub(crate) use stream::{Opener, Sealer};

use super::id::NoRandomness;

/// Why something cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is nothing to make a nonce from.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// It has no header of ours, or one of a later version.
    #[error("it is nothing that this version of the host has stored")]
    Unknown,
    /// Its key is not, or no longer, among the configured ones.
    #[error("it is sealed with the key `{0}`, which is none of those configured")]
    NoKey(KeyId),
    /// It is not sealed, though there are keys.
    #[error("it was stored before there was a key, and things that are not sealed are refused")]
    NotSealed,
    /// Its seal is broken.
    #[error("it was changed or cut off, or it belongs elsewhere")]
    Broken,
    /// It is longer than anything that can be sealed: 256 TiB.
    #[error("it is too long to be sealed")]
    TooLong,
}

/// Whether things that were stored before there was a key are opened once there is one.
/// To refuse them is safer, since whoever can write to the disk could put such a thing in
/// the place of a sealed one; to open them is needed until the last of them is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// They are opened.
    Opened,
    /// They are refused.
    Refused,
}

/// The keys, and what they do.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<[Key]>,
    plain: Plain,
}

impl Vault {
    /// A vault with these keys, each of them 32 bytes as 64 hexadecimal digits or as
    /// base64. Without any, things are stored as they are.
    ///
    /// # Errors
    /// Where one of them is no key.
    pub fn new(keys: &[SecretString], plain: Plain) -> Result<Self, KeyError> {
        let parsed = keys.iter().map(Key::parse);
        let plain = if keys.is_empty() {
            Plain::Opened
        } else {
            plain
        };
        Ok(Self {
            keys: parsed.collect::<Result<_, _>>()?,
            plain,
        })
    }

    /// The name of the key that seals, if there is one.
    #[must_use]
    pub fn seals_with(&self) -> Option<KeyId> {
        self.keys.first().map(Key::id)
    }

    /// Seals something for its place.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn seal(&self, place: &Place, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut sealed = Vec::new();
        let mut sealer = self.sealer(place)?;
        sealer.push(bytes, &mut sealed)?;
        sealer.finish(&mut sealed)?;
        Ok(sealed)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// Where it is not whole, not from this place, or of no known key.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (header, body) = Header::split(sealed)?;
        let mut bytes = Vec::with_capacity(body.len());
        let mut opener = self.opener(place, &header)?;
        opener.push(body, &mut bytes)?;
        opener.finish(&mut bytes)?;
        Ok(bytes)
    }

    /// Seals something long for its place, a piece at a time.
    pub(crate) fn sealer(&self, place: &Place) -> Result<Sealer, VaultError> {
        let header = Header::fresh(self.seals_with())?;
        let key = self.keys.first().map(Key::cipher);
        Ok(Sealer::new(header, key, place))
    }

    /// Opens something long that begins with this header, a piece at a time.
    pub(crate) fn opener(&self, place: &Place, header: &Header) -> Result<Opener, VaultError> {
        let key = match header {
            Header::Plain if self.plain == Plain::Refused => return Err(VaultError::NotSealed),
            Header::Plain => None,
            Header::Sealed { key, .. } => Some(self.key(*key)?.cipher()),
        };
        Ok(Opener::new(header, key, place))
    }

    fn key(&self, id: KeyId) -> Result<&Key, VaultError> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.id() == id).ok_or(VaultError::NoKey(id))
    }
}

#[cfg(test)]
mod tests;
