//! Answers for most numbers, traps for those that end in 0, and never returns for those
//! that end in 9.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        match request.address.raw.chars().last() {
            Some('0') => panic!("on purpose"),
            Some('9') => loop {
                std::hint::spin_loop();
            },
            _ => Ok(Answer::from_json(r#"{"mood":"good"}"#.to_owned())),
        }
    }
}

jackfield_sdk::provider!(Guest);
