//! Recordings that are made here, and what is heard in them.

mod files;
mod hearing;
mod lasting;
pub(crate) mod sounds;

pub(crate) use files::{File, wav};
