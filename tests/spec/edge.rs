//! The edge: what faces the internet.

mod clients;
mod tls;
