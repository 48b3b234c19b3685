//! The harness of the specification: a host started from the real binary, a client that
//! signs as Twilio does, and the components that a test asks for.
//!
//! The signature is computed here once more, after Twilio's documentation: what the host
//! checks is not judged by its own code.

pub mod analyst;
mod artefacts;
mod begun;
mod body;
pub mod bombs;
pub mod crash;
mod disk;
mod host;
pub mod hostile;
pub mod http2;
mod jobs;
mod line;
pub mod load;
mod memory;
mod multipart;
pub mod neighbour;
mod postgres;
mod receiver;
pub mod recording;
mod secure;
pub mod trace;
mod twilio;
pub mod unlimited;
pub mod versions;
mod wat;
pub mod wav;
mod wire;

pub use artefacts::{
    binary, cargo_component, guest, node_modules, plugin, promtool, python, scale,
};
pub use begun::Begun;
pub use body::Body;
pub use disk::SmallDisk;
pub use host::{Killer, TestHost, TestHostBuilder, put, run};
pub use jobs::Job;
pub use line::{Line, dial};
pub use memory::{Footprint, take_all_descriptors};
pub use multipart::Multipart;
pub use postgres::Postgres;
pub use receiver::{Authority, Gate, Received, Receiver, Reply, Seen};
pub use secure::{Secure, secure, shake_hands};
pub use twilio::{Answer, FORM, Signed, Twilio, body_hash, sign};
pub use wat::{Realloc, tenant, wat_guest, wat_recording_guest};

/// The account that tests use where one is enough.
pub const ACCOUNT: &str = "AC05b3911315a1322d1dede66eed740000";
/// Its auth token.
pub const TOKEN: &str = "b5d4c1f0e8a94d2c9f7e6b3a21088776";
/// Another account.
pub const OTHER_ACCOUNT: &str = "ACffffffffffffffffffffffffffffffff";
/// Its auth token.
pub const OTHER_TOKEN: &str = "0f9e8d7c6b5a49382716050403020100";
/// What Twilio calls, in the tests' configurations.
pub const PUBLIC_URL: &str = "https://addons.example.com";
/// A number that is possible everywhere a test needs one.
pub const NUMBER: &str = "+12125550123";

/// An add-on's SID for tests, told apart by a digit.
#[must_use]
pub fn add_on_sid(digit: char) -> String {
    format!("XB{}", digit.to_string().repeat(32))
}

/// A request's SID for tests, told apart by a number.
#[must_use]
pub fn request_sid(number: u64) -> String {
    format!("XR{number:032x}")
}
