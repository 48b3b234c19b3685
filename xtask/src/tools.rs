//! What the tests need besides this repository's own code: two cargo commands and
//! Twilio's official libraries. All of it is pinned, and kept below `target/tools`.

mod cargo_tool;
mod official;

pub(crate) use cargo_tool::{CargoComponent, CargoDeny};
pub(crate) use official::OfficialLibraries;
