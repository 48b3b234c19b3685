//! What an operator says, checked, and why a verb is not carried out.

use std::io;

use crate::config::AddOnName;
use crate::reload::report::on_one_line;

/// Why a verb was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// There is no such add-on.
    #[error("there is no add-on `{0}`")]
    NoAddOn(String),
    /// Nothing else has ever served the add-on, or nothing that may.
    #[error("there is no version of `{0}` to go back to")]
    NoneBefore(AddOnName),
    /// The version before cannot serve.
    #[error("the version of `{0}` before, {1}, cannot serve: {2}")]
    Unfit(AddOnName, String, String),
    /// Nothing of the add-on waits for approval.
    #[error("nothing of `{0}` waits for approval: the component in place {1}")]
    NothingHeld(AddOnName, &'static str),
    /// The add-on was not paused.
    #[error("`{0}` is not paused")]
    NotPaused(AddOnName),
    /// The answer is none.
    #[error("the answer is no JSON object of at most 32 KiB: {0}")]
    Answer(String),
    /// A reason is needed, so that the next person knows.
    #[error("a reason is needed, of at most 500 characters")]
    Reason,
    /// It holds until the host ends, and would not afterwards.
    #[error("it holds now, and will not after a restart: it cannot be written down: {0}")]
    Unwritten(#[from] io::Error),
    /// The host is ending.
    #[error("the host is ending")]
    Ending,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// The longest answer of a paused add-on, in bytes.
const LONGEST_ANSWER: usize = 32 * 1024;

/// A reason, on one line.
pub(in crate::reload) fn checked_reason(reason: &str) -> Result<String, VerbError> {
    let reason = on_one_line(reason);
    let printable = reason.chars().all(|c| !c.is_control());
    let length = reason.chars().count();
    match printable && (1..=LONGEST_REASON).contains(&length) {
        true => Ok(reason),
        false => Err(VerbError::Reason),
    }
}

/// A JSON object, as compact text.
pub(super) fn object(text: &str) -> Result<String, VerbError> {
    let wrong = |why: &dyn std::fmt::Display| VerbError::Answer(why.to_string());
    if text.len() > LONGEST_ANSWER {
        return Err(wrong(&"it is longer"));
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    match value.is_object() {
        true => Ok(value.to_string()),
        false => Err(wrong(&"it is something else")),
    }
}
