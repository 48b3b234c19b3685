//! The first bytes of everything that is stored: whose it is, whether and with which key
//! it is sealed, and the nonce.

use super::key::{KEY_ID_LENGTH, KeyId};
use super::{VaultError, stream};
use crate::jobs::id::NoRandomness;

/// What everything begins with. The digit is the format's version.
const MAGIC: &[u8; 4] = b"JFV1";
const PLAIN: u8 = b'p';
const SEALED: u8 = b's';

/// How long a nonce is, in bytes: what XChaCha20 has, less what counts the segments.
pub(super) const NONCE_LENGTH: usize = 19;

const PLAIN_LENGTH: usize = MAGIC.len() + 1;
/// How long the longest header is, in bytes: whoever has read so much has read it all.
pub(crate) const LONGEST_HEADER: usize = PLAIN_LENGTH + KEY_ID_LENGTH + NONCE_LENGTH;

/// A header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Header {
    /// What follows is stored as it is.
    Plain,
    /// What follows is sealed.
    Sealed {
        key: KeyId,
        nonce: [u8; NONCE_LENGTH],
    },
}

impl Header {
    /// The header of a new thing.
    pub(super) fn fresh(key: Option<KeyId>) -> Result<Self, NoRandomness> {
        let Some(key) = key else {
            return Ok(Self::Plain);
        };
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(|_| NoRandomness)?;
        Ok(Self::Sealed { key, nonce })
    }

    /// Parts something stored into its header and the rest.
    pub(crate) fn split(stored: &[u8]) -> Result<(Self, &[u8]), VaultError> {
        let rest = stored.strip_prefix(MAGIC).ok_or(VaultError::Unknown)?;
        match rest.split_first() {
            Some((&PLAIN, rest)) => Ok((Self::Plain, rest)),
            Some((&SEALED, rest)) => {
                let (key, rest) = rest.split_first_chunk().ok_or(VaultError::Broken)?;
                let (nonce, rest) = rest.split_first_chunk().ok_or(VaultError::Broken)?;
                let (key, nonce) = (KeyId(*key), *nonce);
                Ok((Self::Sealed { key, nonce }, rest))
            }
            _ => Err(VaultError::Unknown),
        }
    }

    /// The header as it is stored.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        match self {
            Self::Plain => bytes.push(PLAIN),
            Self::Sealed { key, nonce } => {
                bytes.push(SEALED);
                bytes.extend_from_slice(&key.0);
                bytes.extend_from_slice(nonce);
            }
        }
        bytes
    }

    /// How many bytes something holds whose stored form, this header included, has
    /// `stored` bytes.
    pub(crate) fn length_of(&self, stored: u64) -> u64 {
        match self {
            Self::Plain => stored.saturating_sub(PLAIN_LENGTH as u64),
            Self::Sealed { .. } => {
                let body = stored.saturating_sub(LONGEST_HEADER as u64);
                let segments = body.div_ceil(stream::SEALED_SEGMENT as u64);
                body.saturating_sub(segments * stream::TAG as u64)
            }
        }
    }
}
