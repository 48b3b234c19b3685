//! Answers with text that is not JSON.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        Ok(Answer::from_json("{not json".to_owned()))
    }
}

jackfield_sdk::provider!(Guest);
