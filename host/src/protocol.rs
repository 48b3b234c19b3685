//! Twilio's add-on protocol: what a request says, whether it is genuine, and what an
//! answer looks like. Everything here is pure; nothing reads a socket, a file or a clock.

pub mod address;
pub mod credentials;
pub mod fields;
pub mod fingerprint;
pub mod forwarded;
pub mod framing;
pub mod freshness;
pub mod headers;
pub mod invocation;
pub mod json;
pub mod multipart;
pub mod parameters;
pub mod point;
pub mod public_url;
pub mod received;
pub mod recording;
pub mod reply;
pub mod shape;
pub mod sid;
pub mod signature;
pub mod wav;
