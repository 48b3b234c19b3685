//! When the keys of accounts were last of use. They are told by their places: the keys
//! themselves are nowhere here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::protocol::signature::Slot;
use crate::registry::Registry;

/// When a key last proved a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStatus {
    /// The SID of its account.
    pub account: String,
    /// What it is: `auth_token` or `shared_key`.
    pub kind: String,
    /// Its place among those, counted from 1 as people do.
    pub slot: usize,
    /// When it last proved a request; nothing if it did not since the start.
    pub last_use: Option<Timestamp>,
}

/// All keys, in the order of the configuration.
#[must_use]
pub fn keys(registry: &Registry) -> Vec<KeyStatus> {
    let accounts = registry.accounts().iter();
    let slots = accounts.flat_map(|keys| {
        keys.slots().map(|(slot, key)| {
            let (kind, slot) = place(slot);
            KeyStatus {
                account: keys.account.to_string(),
                kind: kind.to_owned(),
                slot,
                last_use: key.used().last(),
            }
        })
    });
    slots.collect()
}

fn place(slot: Slot) -> (&'static str, usize) {
    match slot {
        Slot::Token(at) => ("auth_token", at + 1),
        Slot::SharedKey(at) => ("shared_key", at + 1),
    }
}
