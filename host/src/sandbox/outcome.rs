//! How the call of a provider can end.

use std::time::Duration;
use std::{fmt, io};

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use super::run::Stop;
use super::stock::EXHAUSTED;
use crate::protocol::json::{JsonError, check_object};

/// The longest account of a trap, in bytes.
const LONGEST_TRAP: usize = 1_000;

/// What a provider answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its JSON, unchecked.
    pub json: String,
    /// Facts about the answer, for the host alone.
    pub meta: Vec<(String, String)>,
}

/// Why what a provider answered is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// It is not a JSON object.
    #[error("the provider's reply is {0}")]
    NotAnObject(#[from] JsonError),
    /// It is longer than so many bytes.
    #[error("the provider's reply is longer than {0} bytes")]
    TooLong(usize),
}

impl Answer {
    /// Its JSON, which is one object of at most so many bytes, nested at most so deep.
    ///
    /// # Errors
    /// Where it is not.
    pub fn object(self, length: usize, depth: u8) -> Result<String, ReplyError> {
        if self.json.len() > length {
            return Err(ReplyError::TooLong(length));
        }
        check_object(&self.json, depth)?;
        Ok(self.json)
    }
}

/// A call that has ended.
pub struct Called<T> {
    /// What came of it.
    pub result: Result<T, CallError>,
    /// What its guest has used.
    pub usage: Usage,
}

impl<T> Called<T> {
    /// What ended before there was a guest.
    pub(super) fn without_a_guest(result: Result<T, CallError>) -> Self {
        let usage = Usage::default();
        Self { result, usage }
    }
}

/// What a guest has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its processor time. That of a guest that was never interrupted is the time that its
    /// calls took.
    pub processor: Duration,
    /// The memory that it was granted, in bytes.
    pub memory: usize,
}

/// Why a provider refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It can never answer such a request.
    CallerError,
    /// It knows nothing about it.
    NoResult,
    /// It may answer later.
    Retry,
}

impl RefusalKind {
    /// The code of a refusal that brings none of its own.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CallerError => "caller_error",
            Self::NoResult => "no_result",
            Self::Retry => "retry",
        }
    }
}

/// A provider's reasoned no. Its message may hold what no log should.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// The provider's code.
    pub code: String,
    /// The provider's sentence.
    pub message: String,
}

impl Refusal {
    /// Whether a text is a code by the contract.
    #[must_use]
    pub fn is_code(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?}, [REDACTED])", self.kind)
    }
}

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The provider said so.
    #[error("the provider refused")]
    Refused(Refusal),
    /// It used up its processor time.
    #[error("the provider used up its processor time")]
    Cpu,
    /// It did not answer in time.
    #[error("the provider did not answer in time")]
    Timeout,
    /// It wanted more memory than it may have.
    #[error("the provider ran out of memory")]
    Memory,
    /// What it reported is not passed on.
    #[error(transparent)]
    Unfit(#[from] ReplyError),
    /// The recording could not be read, through no fault of the provider's.
    #[error("the recording could not be read")]
    Unread(#[source] io::Error),
    /// The report could not be kept, through no fault of the provider's.
    #[error("the report could not be kept")]
    Unkept(#[source] io::Error),
    /// Its reply is longer than anything that may leave a guest.
    #[error("the provider's reply is far too long")]
    Reply,
    /// It broke a rule of WebAssembly, panicked or left. The text tells where.
    #[error("the provider trapped: {0}")]
    Trap(String),
    /// There is no room for one more guest.
    #[error("no room for another guest")]
    NoRoom,
    /// The host failed in what it did for the guest.
    #[error("the host failed during the call")]
    Host,
}

/// What ended a call: the guest's trap, by what is known of its run.
pub(super) fn classify(
    error: &wasmtime::Error,
    stopped: Option<Stop>,
    refused_memory: bool,
) -> CallError {
    if error.is::<PoolConcurrencyLimitError>() || is_exhausted(error) {
        return CallError::NoRoom;
    }
    match (stopped, error.downcast_ref::<Trap>()) {
        (Some(Stop::Cpu), Some(Trap::Interrupt)) => CallError::Cpu,
        (Some(Stop::Timeout), Some(Trap::Interrupt)) => CallError::Timeout,
        _ if refused_memory => CallError::Memory,
        _ if is_long_reply(error) => CallError::Reply,
        _ => CallError::Trap(trap_text(error)),
    }
}

/// Whether the system had nothing to make a guest of. wasmtime passes on the text alone, and
/// guests have none of it in their hands before they run.
fn is_exhausted(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string() == EXHAUSTED && !error.is::<WasmBacktrace>()
}

/// Whether what the guest returned, and not what it passed to the host while it ran, is
/// more than the host copies. wasmtime keeps the type of that error to itself.
fn is_long_reply(error: &wasmtime::Error) -> bool {
    let copied = error.root_cause().to_string();
    copied.starts_with("too much data is being copied") && !error.is::<WasmBacktrace>()
}

/// What happened and where, on one line of plain characters. The names of functions in
/// it are the vendor's choice.
fn trap_text(error: &wasmtime::Error) -> String {
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.reverse();
    let text = causes.join(": ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line = words.join(" ");
    line.retain(|c| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric());
    if let Some(end) = (0..=LONGEST_TRAP.min(line.len()))
        .rev()
        .find(|end| line.is_char_boundary(*end))
    {
        line.truncate(end);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_word_of_lower_case_letters() {
        for (code, good) in [
            ("number_unknown", true),
            ("a1", true),
            ("", false),
            ("1a", false),
            ("Number", false),
            ("a b", false),
            ("a\nb", false),
        ] {
            assert_eq!(Refusal::is_code(code), good, "{code:?}");
        }
    }

    #[test]
    fn an_account_of_a_trap_is_one_short_line_of_plain_characters() {
        let forged = format!("a\n\u{1b}[31m\u{202e}b {}", "é".repeat(LONGEST_TRAP));
        let text = trap_text(&wasmtime::Error::msg("cause").context(forged));
        assert!(text.starts_with("cause: a [31mb é"), "{text}");
        assert!(text.len() <= LONGEST_TRAP);
    }
}
