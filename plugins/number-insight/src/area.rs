//! Names of areas, by the first digits of the numbers that are assigned there.

include!(concat!(env!("OUT_DIR"), "/areas.rs"));

/// The longest prefix that has a name.
const LONGEST_PREFIX: usize = 6;

/// The name of the area of a geographic number in E.164 format.
pub(crate) fn find(e164: &str) -> Option<&'static str> {
    let digits = e164.strip_prefix('+')?;
    (1..=LONGEST_PREFIX).rev().find_map(|length| {
        let prefix: u32 = digits.get(..length)?.parse().ok()?;
        let index = AREAS
            .binary_search_by_key(&prefix, |(prefix, _)| *prefix)
            .ok()?;
        AREAS.get(index).map(|(_, name)| *name)
    })
}
