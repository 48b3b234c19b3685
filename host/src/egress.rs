//! Where the host connects to, and how: the one address policy and the one HTTP client
//! for all that it fetches and delivers.
//!
//! A URL comes from somebody else, so nothing of it is trusted: [`EgressPolicy`] decides,
//! by name and by address, and [`Egress`] connects to exactly what was decided on.

mod basic;
mod client;
mod dial;
mod error;
mod exchange;
mod line;
mod networks;
mod policy;
mod resolver;
mod roots;
mod rule;
mod target;
mod upload;

pub use basic::{Basic, BasicError};
pub use client::{Egress, Fetched, Limits, Post, Sink};
pub(crate) use dial::client_config;
pub use error::{EgressError, Refused};
pub use networks::{Network, NetworkError};
pub use policy::EgressPolicy;
pub use roots::{Authorities, AuthoritiesError, Roots};
pub use rule::{HostRule, RuleError};
pub use target::{Host, Scheme, Target};

#[cfg(test)]
mod tests;
