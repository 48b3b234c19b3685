//! A key, as an operator writes it, and its short name, which everything sealed has.

use std::fmt;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use sha2::{Digest, Sha256};

/// How long a key is, in bytes.
const KEY_LENGTH: usize = 32;
/// How long a key's name is, in bytes.
pub(super) const KEY_ID_LENGTH: usize = 8;

/// Hashed before a key, so that its name is good for nothing else.
const LABEL: &[u8] = b"jackfield: the name of a key at rest\0";

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A text is no key. The text itself is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key that seals is 32 bytes, written as 64 hexadecimal digits or as base64")]
pub struct KeyError;

/// A key's short name: part of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(super) [u8; KEY_ID_LENGTH]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A key, ready for use. It does not print itself.
pub(super) struct Key {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

impl Key {
    pub(super) fn parse(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim();
        let bytes = match text.len() {
            length if length == 2 * KEY_LENGTH => hexadecimal(text),
            _ => BASE64.decode(text).ok().map(Zeroizing::new),
        };
        let bytes = bytes.ok_or(KeyError)?;
        let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| KeyError)?;
        Ok(Self {
            id: name(&bytes),
            cipher,
        })
    }

    pub(super) fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        self.cipher.clone()
    }
}

fn hexadecimal(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok());
    bytes.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

fn name(key: &[u8]) -> KeyId {
    let hash = Sha256::new()
        .chain_update(LABEL)
        .chain_update(key)
        .finalize();
    let mut id = [0; KEY_ID_LENGTH];
    id.copy_from_slice(&hash[..KEY_ID_LENGTH]);
    KeyId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<String> {
        let key = Key::parse(&SecretString::from(text)).ok()?;
        Some(key.id().to_string())
    }

    #[test]
    fn a_key_is_32_bytes_however_it_is_written() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=";
        let name = id(hex).unwrap();
        assert_eq!(name.len(), 16);
        for same in [
            hex.to_uppercase().as_str(),
            base64,
            base64.trim_end_matches('='),
            &format!("{base64}\n"),
        ] {
            assert_eq!(id(same).as_ref(), Some(&name), "{same}");
        }
        for bad in [
            "",
            &hex[2..],
            &format!("{hex}00"),
            &hex.replace("ff", "fg"),
            &base64[4..],
            "a passphrase is not a key",
        ] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }
}
