//! Counts its calls in a static: in a fresh instance, every call is the first.

use std::sync::atomic::{AtomicU32, Ordering};

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Answer::from_json(format!(r#"{{"calls":{calls}}}"#)))
    }
}

jackfield_sdk::provider!(Guest);
