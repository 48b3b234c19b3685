//! From which versions of an add-on's listing its requests come. Twilio's customers stay
//! with the version that they have installed: an operator who changes an API wants to know
//! who still asks as before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::counter::Counter;
use crate::protocol::sid::AddOnVersionSid;

/// Counts the requests of each version that the operator has named, and all others
/// together: what requests say never makes a new place to count in.
#[derive(Debug, Default)]
pub struct Versions {
    named: Vec<Named>,
    unknown: Arc<Counter>,
    unsaid: Arc<Counter>,
}

#[derive(Debug)]
struct Named {
    sid: AddOnVersionSid,
    name: String,
    requests: Arc<Counter>,
}

/// How many requests came from which version, since the host's start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionCounts {
    /// The versions that have names, in the order of their SIDs.
    pub named: Vec<NamedCount>,
    /// The requests of versions that have none.
    pub unknown: u64,
    /// The requests that name no version, or something that is no SID of one.
    pub unsaid: u64,
}

/// The requests of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCount {
    /// Its SID.
    pub sid: String,
    /// The operator's name for it.
    pub name: String,
    /// How many there were.
    pub requests: u64,
}

impl Versions {
    /// Counts by these names. What was counted before goes on: a version's own requests
    /// where it had a name already, those of the others among the unknown ones.
    #[must_use]
    pub fn new(versions: &[(AddOnVersionSid, String)], before: Option<&Self>) -> Self {
        let counted = |sid: AddOnVersionSid| {
            let before = before.and_then(|before| before.of(sid));
            before.map_or_else(Arc::default, |named| Arc::clone(&named.requests))
        };
        let named = versions.iter().map(|(sid, name)| Named {
            sid: *sid,
            name: name.clone(),
            requests: counted(*sid),
        });
        let (unknown, unsaid) = before
            .map(|it| (Arc::clone(&it.unknown), Arc::clone(&it.unsaid)))
            .unwrap_or_default();
        Self {
            named: named.collect(),
            unknown,
            unsaid,
        }
    }

    /// Counts a request.
    pub fn count(&self, sid: Option<AddOnVersionSid>) {
        let counter = match sid {
            None => &self.unsaid,
            Some(sid) => self.of(sid).map_or(&self.unknown, |named| &named.requests),
        };
        counter.count();
    }

    /// What was counted.
    #[must_use]
    pub fn read(&self) -> VersionCounts {
        let named = self.named.iter().map(|named| NamedCount {
            sid: named.sid.to_string(),
            name: named.name.clone(),
            requests: named.requests.read(),
        });
        VersionCounts {
            named: named.collect(),
            unknown: self.unknown.read(),
            unsaid: self.unsaid.read(),
        }
    }

    fn of(&self, sid: AddOnVersionSid) -> Option<&Named> {
        self.named.iter().find(|named| named.sid == sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(digit: char) -> AddOnVersionSid {
        let digits = digit.to_string().repeat(32);
        format!("XC{digits}").parse().unwrap()
    }

    fn counts(versions: &Versions) -> (Vec<(String, u64)>, u64, u64) {
        let counts = versions.read();
        let named = counts.named.into_iter().map(|it| (it.name, it.requests));
        (named.collect(), counts.unknown, counts.unsaid)
    }

    #[test]
    fn requests_are_counted_by_name_and_strangers_together() {
        let old = [(sid('1'), "old".to_owned()), (sid('2'), "new".to_owned())];
        let versions = Versions::new(&old, None);
        for said in [Some('1'), Some('1'), Some('2'), Some('3'), Some('4'), None] {
            versions.count(said.map(sid));
        }
        let named = vec![("old".to_owned(), 2), ("new".to_owned(), 1)];
        assert_eq!(counts(&versions), (named, 2, 1));
    }

    #[test]
    fn what_was_counted_outlives_a_change_of_names() {
        let before = Versions::new(&[(sid('1'), "new".to_owned())], None);
        before.count(Some(sid('1')));
        before.count(Some(sid('2')));
        before.count(None);
        let names = [(sid('1'), "old".to_owned()), (sid('2'), "new".to_owned())];
        let after = Versions::new(&names, Some(&before));
        // A request that began before the change is counted as well.
        before.count(Some(sid('1')));
        after.count(Some(sid('2')));
        let named = vec![("old".to_owned(), 2), ("new".to_owned(), 1)];
        assert_eq!(counts(&after), (named, 1, 1));
    }
}
