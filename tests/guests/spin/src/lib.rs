//! Never returns from its lookup.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        loop {
            std::hint::spin_loop();
        }
    }
}

jackfield_sdk::provider!(Guest);
