//! Takes memory until it gets no more.

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            hoard.push(vec![1; 1024 * 1024]);
            std::hint::black_box(&hoard);
        }
    }
}

jackfield_sdk::provider!(Guest);
