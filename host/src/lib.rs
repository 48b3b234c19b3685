//! Jackfield: a host for Twilio Marketplace add-ons whose providers are sandboxed
//! WebAssembly components.

pub mod config;
pub mod protocol;
