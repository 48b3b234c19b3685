//! Jackfield: a host for Twilio Marketplace add-ons whose providers are sandboxed
//! WebAssembly components.

pub mod protocol;
