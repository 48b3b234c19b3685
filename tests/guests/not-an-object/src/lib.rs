//! Answers with JSON that is not an object.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        Ok(Answer::from_json("[1, 2, 3]".to_owned()))
    }
}

jackfield_sdk::provider!(Guest);
