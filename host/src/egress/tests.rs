//! The client against servers on loopback that behave as badly as servers can.

mod ask;
mod authority;
mod client;
mod deliver;
mod dial;
mod fetch;
mod malformed;
mod secure;
mod server;
