//! Refusals that no host should pass on as they are.

use jackfield_sdk::{Refusal, RefusalKind};

/// The refusal of that name, if it is one.
pub(crate) fn refusal(act: &str) -> Option<Refusal> {
    let refusal = match act {
        "long-refusal" => refusal_of("no_result", "é".repeat(512 * 1024)),
        "refusal-of-many-lines" => refusal_of(
            "a\r\nlevel=ERROR",
            "one\r\ntwo\u{1b}[31mthree\u{0}".to_owned(),
        ),
        "long-code" => refusal_of(&"a".repeat(1024 * 1024), "no".to_owned()),
        "code-of-the-hosts" => refusal_of("internal", "the host is down".to_owned()),
        _ => return None,
    };
    Some(refusal)
}

fn refusal_of(code: &str, message: String) -> Refusal {
    Refusal {
        kind: RefusalKind::NoResult,
        code: code.to_owned(),
        message,
    }
}
