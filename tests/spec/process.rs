//! The process and its surroundings: how it ends, what it is handed, what it takes, and
//! what it tells whoever started it.

mod client;
mod descriptors;
mod ending;
mod handing;
mod listing;
mod manager;
mod memory;
mod telling;

use jackfield_tests::{TestHost, TestHostBuilder, add_on_sid, guest};

/// A host with an add-on that `echo` serves.
fn builder() -> TestHostBuilder {
    TestHost::builder().add_on("it", &add_on_sid('a'), &guest("echo"), "")
}
