//! The keys of an account, and which of them a request asks for.

use super::key::{Algorithm, SigningKey};
use crate::protocol::sid::AccountSid;

/// A key's place among those of its account, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Among the auth tokens.
    Token(usize),
    /// Among the SharedKeys.
    SharedKey(usize),
}

impl Slot {
    /// The place of a key that was tried so many keys after this one.
    pub(super) fn after(self, tried: usize) -> Self {
        match self {
            Self::Token(at) => Self::Token(at + tried),
            Self::SharedKey(at) => Self::SharedKey(at + tried),
        }
    }
}

/// The keys of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountKeys {
    /// The account that these keys prove.
    pub account: AccountSid,
    /// Its auth tokens: one, or several during a rotation.
    pub tokens: Vec<SigningKey>,
    /// Its SharedKeys by their identifiers. Where there is none, the header that names
    /// one is ignored.
    pub shared_keys: Vec<(String, SigningKey)>,
}

impl AccountKeys {
    /// One of its keys.
    #[must_use]
    pub fn key(&self, slot: Slot) -> Option<&SigningKey> {
        match slot {
            Slot::Token(at) => self.tokens.get(at),
            Slot::SharedKey(at) => self.shared_keys.get(at).map(|(_, key)| key),
        }
    }

    /// All of its keys, by their slots.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &SigningKey)> {
        let tokens = self.tokens.iter().enumerate();
        let tokens = tokens.map(|(at, key)| (Slot::Token(at), key));
        let shared = self.shared_keys.iter().enumerate();
        tokens.chain(shared.map(|(at, (_, key))| (Slot::SharedKey(at), key)))
    }

    /// Goes on from what was known of the same keys, in whatever slots they were.
    pub fn inherit(&mut self, before: &Self) {
        let shared = self.shared_keys.iter_mut().map(|(_, key)| key);
        for key in self.tokens.iter_mut().chain(shared) {
            if let Some((_, same)) = before.slots().find(|(_, other)| *other == key) {
                key.inherit(same);
            }
        }
    }

    /// The keys and the algorithm that a request's headers ask for, and the slot of the
    /// first of these keys.
    pub(super) fn asked_for(
        &self,
        settings: Option<&str>,
    ) -> Option<(Algorithm, Slot, &[SigningKey])> {
        let Some(settings) = settings.filter(|_| !self.shared_keys.is_empty()) else {
            return Some((Algorithm::HmacSha1, Slot::Token(0), &self.tokens));
        };
        let asked = setting(settings, "key")?;
        let mut keys = self.shared_keys.iter().enumerate();
        let (at, (_, key)) = keys.find(|(_, (id, _))| id == asked)?;
        let algorithm = match setting(settings, "algorithm") {
            None => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => Algorithm::HmacSha256,
            Some(_) => return None,
        };
        Some((algorithm, Slot::SharedKey(at), std::slice::from_ref(key)))
    }
}

/// One value of `key=…,algorithm=…`.
fn setting<'a>(settings: &'a str, name: &str) -> Option<&'a str> {
    settings
        .split(',')
        .filter_map(|part| part.split_once('='))
        .find(|(own, value)| own.trim() == name && !value.trim().is_empty())
        .map(|(_, value)| value.trim())
}
