//! Traps in its lookup.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        panic!("on purpose")
    }
}

jackfield_sdk::provider!(Guest);
