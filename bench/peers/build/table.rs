//! The provider's table, made of its rows by its own code.

use std::{fs, io};

#[path = "../../../plugins/caller-name/build/directory.rs"]
mod directory;
#[path = "../../../plugins/caller-name/build/table.rs"]
mod rows;

const PROVIDER: &str = "../../../plugins/caller-name";

/// Writes the table as the provider's own build does.
pub(crate) fn write() -> io::Result<()> {
    println!("cargo::rerun-if-changed={PROVIDER}/build");
    println!("cargo::rerun-if-changed={PROVIDER}/data");
    let rows = fs::read_to_string(format!("{PROVIDER}/data/callers.csv"))?;
    match directory::parse(&rows) {
        Ok(rows) => rows::write(&rows),
        Err(errors) => {
            for error in errors {
                println!("cargo::error={error}");
            }
            Ok(())
        }
    }
}
