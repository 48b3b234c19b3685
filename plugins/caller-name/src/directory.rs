//! The directory, made by the build script from `data/callers.csv`.

use serde::Serialize;

include!(concat!(env!("OUT_DIR"), "/callers.rs"));

/// One entry.
pub(crate) struct Caller {
    /// The digits of the number in E.164 format.
    pub(crate) number: u64,
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

/// The entry of a number, if it has one.
pub(crate) fn find(number: u64) -> Option<&'static Caller> {
    let index = CALLERS
        .binary_search_by_key(&number, |caller| caller.number)
        .ok()?;
    CALLERS.get(index)
}
