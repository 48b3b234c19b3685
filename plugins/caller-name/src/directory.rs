//! The directory, made by the build script from `data/callers.csv`: a column for each
//! field, in the order of the numbers. Every call gets a memory that is as it was made, so
//! each byte less is less to make.

use serde::Serialize;

include!(concat!(env!("OUT_DIR"), "/callers.rs"));

/// One entry.
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    pub(crate) caller_type: CallerType,
    /// The day on which the entry was last confirmed, as in `2025-12-31`.
    pub(crate) updated: &'static str,
}

/// Whom a name stands for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CallerType {
    Business,
    Consumer,
    Government,
    Nonprofit,
}

/// The entry of a number, by its digits in E.164 format, if it has one.
pub(crate) fn find(number: u64) -> Option<Caller> {
    let at = NUMBERS.binary_search(&number).ok()?;
    let [start, end] = [ENDS[at], ENDS[at + 1]].map(usize::from);
    Some(Caller {
        name: &NAMES[start..end],
        caller_type: TYPES[at],
        updated: DAYS[usize::from(UPDATED[at])],
    })
}
