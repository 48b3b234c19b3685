//! Answers with the request's nonce and its own version, which a test writes into the
//! component that was made of this: so there are any number of versions, and all of them
//! are compiled once.

use std::hint::black_box;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};
use serde::Serialize;
use wasip2::clocks::monotonic_clock;

/// A number, and what the version does, in fields of fixed length. Tests look for this
/// text, which stands nowhere else in the component, and put another in its place.
static VERSION: [u8; 32] = *b"version-00000000-that-answers   ";

const MILLISECOND: u64 = 1_000_000;

struct Guest;

#[derive(Serialize)]
struct View<'a> {
    nonce: &'a str,
    version: &'a str,
}

impl Lookup for Guest {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        // What is compiled must not know the text.
        let version = str::from_utf8(black_box(&VERSION)).unwrap_or_default();
        match version.rsplit("-that-").next().map(str::trim_end) {
            Some("answers") => {}
            Some("spins") => loop {
                black_box(());
            },
            _ => panic!("on purpose"),
        }
        if let Some(wait) = field(&request, "wait") {
            let wait = wait.parse().unwrap_or(0);
            monotonic_clock::subscribe_duration(wait * MILLISECOND).block();
        }
        let nonce = field(&request, "nonce").unwrap_or(&request.address.raw);
        Ok(Answer::json(View { nonce, version })?)
    }
}

jackfield_sdk::provider!(Guest);

/// A granted field of the request's; `wait` is in milliseconds.
fn field<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut fields = request.fields.iter();
    let (_, value) = fields.find(|(known, _)| known == name)?;
    Some(value)
}
