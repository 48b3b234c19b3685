//! The edge: what faces the internet.

mod reading;
mod smuggling;
mod tls;
