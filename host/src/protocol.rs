//! Twilio's add-on protocol: what a request says, whether it is genuine, and what an
//! answer looks like. Everything here is pure; nothing reads a socket, a file or a clock.

pub mod sid;
pub mod point;
pub mod received;
pub mod public_url;
pub mod signature;
pub mod freshness;
pub mod credentials;
pub mod parameters;
pub mod fields;
pub mod address;
pub mod headers;
pub mod invocation;
pub mod json;
pub mod reply;
