//! What the host and the provider caller-name do for a Lookup, as one component for
//! `wasi:http/proxy`: it checks Twilio's signature, looks the number up, and answers.
//!
//! It is what a vendor would serve with `wasmtime serve`, and as fast as the provider's own
//! means make it: the same table, the same small stack, the same allocator.

mod answer;
#[path = "../../../../plugins/caller-name/src/directory.rs"]
mod directory;
mod http;
mod lookup;
#[path = "../../../../plugins/sdk/src"]
mod sdk {
    pub(crate) mod arena;
}
mod signature;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

use crate::answer::Answer;
use crate::http::Asked;

/// A request's headers come to less than this, in bytes.
const ARENA: usize = 32 * 1024;

#[global_allocator]
static ALLOCATOR: sdk::arena::Arena<std::alloc::System, ARENA> =
    sdk::arena::Arena::new(std::alloc::System);

/// The path at which the host serves Lookups.
const PATH: &str = "/lookups";

struct Peer;

impl Guest for Peer {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let answer = answer(&Asked::of(&request));
        http::send(out, answer);
    }
}

wasip2::http::proxy::export!(Peer);

fn answer(asked: &Asked) -> Answer {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    if path != PATH {
        return Answer::unknown_path();
    }
    if !signature::is_good(asked) {
        return Answer::forged();
    }
    lookup::answer(query, asked.request_sid.as_deref())
}
