//! Turns `data/callers.csv` into a sorted static table, or fails with the row.

// Cargo reads what a build script prints.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::{env, fs, io};

mod directory;

const DATA: &str = "data/callers.csv";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={DATA}");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=16384");
    }
    match directory::parse(&fs::read_to_string(DATA)?) {
        Ok(rows) => write_table(&rows),
        Err(errors) => {
            for error in errors {
                println!("cargo::error=plugins/caller-name/{DATA}:{error}");
            }
            Ok(())
        }
    }
}

fn write_table(rows: &[directory::Row]) -> io::Result<()> {
    let mut table = format!("pub(crate) static CALLERS: [Caller; {}] = [\n", rows.len());
    for row in rows {
        table.push_str(&row.to_rust());
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("callers.rs"), table)
}
