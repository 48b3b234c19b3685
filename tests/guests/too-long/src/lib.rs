//! Answers with more than Twilio takes.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        let long = "x".repeat(64 * 1024);
        Ok(Answer::from_json(format!(r#"{{"long":"{long}"}}"#)))
    }
}

jackfield_sdk::provider!(Guest);
