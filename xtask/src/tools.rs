//! What the tests and the benchmark need besides this repository's own code, pinned and kept
//! below `target/tools`: cargo commands and Twilio's official libraries for the tests, other
//! servers for the benchmark. And two programs of the machine's.

mod cargo_tool;
mod express;
mod npm;
mod official;
mod pins;
mod postgres;
pub(crate) mod strace;
mod wasmtime_cli;

pub(crate) use cargo_tool::{CargoComponent, CargoDeny};
pub(crate) use express::Express;
pub(crate) use official::OfficialLibraries;
pub(crate) use postgres::Postgres;
pub(crate) use wasmtime_cli::WasmtimeCli;
