//! The edge: what faces the internet.

mod clients;
mod reading;
mod smuggling;
mod tls;
