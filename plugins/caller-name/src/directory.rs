//! The directory, made by the build script from `data/callers.csv`: a column for each
//! field, in the order of the numbers. Every call gets a memory that is as it was made, so
//! each byte less is less to make: what many numbers begin with is there once, and so is
//! a word of many names.

use std::ops::Range;

use serde::Serialize;

include!(concat!(env!("OUT_DIR"), "/callers.rs"));

/// What most names fit, in bytes.
const USUAL_NAME: usize = 32;

/// One entry.
pub(crate) struct Caller {
    pub(crate) name: String,
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
    let at = place(number)?;
    let (caller_type, updated) = FACTS[usize::from(SAID[at])];
    Some(Caller {
        name: name(at)?,
        caller_type,
        updated,
    })
}

/// A number's place in the directory.
fn place(number: u64) -> Option<usize> {
    let (block, within) = (number >> 16, number & 0xffff);
    let block = BLOCKS.binary_search_by(|other| u64::from(*other).cmp(&block));
    let block = span(&BLOCK_ENDS, block.ok()?);
    let numbers = &NUMBERS[block.clone()];
    let at = numbers.binary_search_by(|other| u64::from(*other).cmp(&within));
    Some(block.start + at.ok()?)
}

/// The words of a name. (They are all there. An index instead of `get` would bring 9 KiB of
/// code, which describes where a text may not be cut.)
fn name(at: usize) -> Option<String> {
    let mut name = String::with_capacity(USUAL_NAME);
    for word in &NAMES[span(&NAME_ENDS, at)] {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(WORDS.get(span(&WORD_ENDS, usize::from(*word)))?);
    }
    Some(name)
}

/// Where one of those is that stand in a row.
pub(crate) fn span(ends: &[u16], at: usize) -> Range<usize> {
    usize::from(ends[at])..usize::from(ends[at + 1])
}
