//! A provider's reasoned no.

use crate::{Refusal, RefusalKind};

impl Refusal {
    /// The request is sound, and the provider knows nothing about it.
    ///
    /// Of every refusal, `code` is stable and for programs: a lower-case letter,
    /// then up to 63 lower-case letters, digits and underscores. `message` is one
    /// sentence for people that repeats neither the address nor the message.
    pub fn no_result(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::NoResult, code.into(), message.into())
    }

    /// The request asks for something that this provider can never answer.
    pub fn caller_error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::CallerError, code.into(), message.into())
    }

    /// Not now: the same request may succeed later.
    pub fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Retry, code.into(), message.into())
    }

    fn new(kind: RefusalKind, code: String, message: String) -> Self {
        Self {
            kind,
            code,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_constructor_gives_its_own_kind() {
        let kinds = [Refusal::no_result, Refusal::caller_error, Refusal::retry].map(
            |refuse: fn(&'static str, &'static str) -> Refusal| refuse("code", "message").kind,
        );
        assert_eq!(
            kinds,
            [
                RefusalKind::NoResult,
                RefusalKind::CallerError,
                RefusalKind::Retry
            ]
        );
    }

    #[test]
    fn code_and_message_stay_apart() {
        let refusal = Refusal::no_result("number_unknown", "the number is not in the directory");
        assert_eq!(refusal.code, "number_unknown");
        assert_eq!(refusal.message, "the number is not in the directory");
    }
}
