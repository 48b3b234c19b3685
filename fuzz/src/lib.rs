//! What must hold of everything that reads what a stranger sent or an operator wrote.
//!
//! Each module makes one claim, [`holds`](fields::holds), about any bytes whatever, and
//! panics where it does not hold. Fuzzers look for such bytes (`cargo xtask soak -- fuzz`);
//! those that they kept are tried again by every run of the tests. A new claim is a module,
//! a row of [`TARGETS`], a program of three lines in `fuzz_targets` and a corpus.

pub mod address;
pub mod config;
pub mod fields;
pub mod forwarded;
pub mod freshness;
pub mod greeting;
pub mod headers;
pub mod json;
pub mod multipart;
pub mod query;
pub mod reply;
pub mod sids;
pub mod signature;

mod alike;
mod case;
mod decoding;

/// A claim, and its name: that of its program and of its corpus.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// The claim. It panics where the bytes break it.
    pub holds: fn(&[u8]),
}

/// All claims.
pub const TARGETS: [Target; 13] = [
    target("address", address::holds),
    target("config", config::holds),
    target("fields", fields::holds),
    target("forwarded", forwarded::holds),
    target("freshness", freshness::holds),
    target("greeting", greeting::holds),
    target("headers", headers::holds),
    target("json", json::holds),
    target("multipart", multipart::holds),
    target("query", query::holds),
    target("reply", reply::holds),
    target("sids", sids::holds),
    target("signature", signature::holds),
];

const fn target(name: &'static str, holds: fn(&[u8])) -> Target {
    Target { name, holds }
}
