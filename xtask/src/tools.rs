//! What the tests need besides this repository's own code: two cargo commands and
//! Twilio's official libraries, pinned and kept below `target/tools`, and two programs of
//! the machine's.

mod cargo_tool;
mod official;
mod postgres;
pub(crate) mod strace;

pub(crate) use cargo_tool::{CargoComponent, CargoDeny};
pub(crate) use official::OfficialLibraries;
pub(crate) use postgres::Postgres;
