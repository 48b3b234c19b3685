//! The edge: what faces the internet.

mod smuggling;
mod tls;
