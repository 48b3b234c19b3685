//! Refuses in every way, by the number's last digit.

use jackfield_sdk::{Answer, Lookup, Refusal, RefusalKind, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        Err(match request.address.raw.chars().last() {
            Some('1') => Refusal::caller_error("not_for_this", "this is never answered"),
            Some('2') => Refusal::no_result("number_unknown", "nothing is known"),
            Some('3') => Refusal::retry("busy_upstream", "try again"),
            _ => Refusal {
                kind: RefusalKind::NoResult,
                code: "No Code\nAt All".to_owned(),
                message: "x".repeat(10_000),
            },
        })
    }
}

jackfield_sdk::provider!(Guest);
