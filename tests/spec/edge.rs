//! The edge: what faces the internet.

mod tls;
