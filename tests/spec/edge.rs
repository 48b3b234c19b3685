//! The edge: what faces the internet.

mod clients;
mod descriptors;
mod reading;
mod smuggling;
mod tls;
