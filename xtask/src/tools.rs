//! What the tests and the benchmark need besides this repository's own code, pinned and kept
//! below `target/tools`: cargo commands and Twilio's official libraries for the tests, other
//! servers for the benchmark. And programs of the machine's.

mod cargo_tool;
mod express;
mod npm;
mod official;
mod pins;
mod postgres;
pub(crate) mod programs;
pub(crate) mod promtool;
mod wasmtime_cli;

pub(crate) use cargo_tool::{CargoComponent, CargoCyclonedx, CargoDeny};
pub(crate) use express::Express;
pub(crate) use official::OfficialLibraries;
pub(crate) use postgres::Postgres;
pub(crate) use wasmtime_cli::WasmtimeCli;
