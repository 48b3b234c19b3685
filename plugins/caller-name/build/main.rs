//! Turns `data/callers.csv` into a sorted static table, or fails with the row.

// Cargo reads what a build script prints.
#![allow(clippy::print_stdout)]

use std::{env, fs, io};

mod directory;
mod table;

const DATA: &str = "data/callers.csv";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={DATA}");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=16384");
    }
    match directory::parse(&fs::read_to_string(DATA)?) {
        Ok(rows) => table::write(&rows),
        Err(errors) => {
            for error in errors {
                println!("cargo::error=plugins/caller-name/{DATA}:{error}");
            }
            Ok(())
        }
    }
}
