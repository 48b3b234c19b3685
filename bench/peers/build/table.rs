//! The provider's table, made of its rows by its own code.

use std::path::Path;
use std::{env, fs, io};

#[path = "../../../plugins/caller-name/build/directory.rs"]
mod directory;

const PROVIDER: &str = "../../../plugins/caller-name";

/// Writes the table to where the provider's source includes it from.
pub(crate) fn write() -> io::Result<()> {
    println!("cargo::rerun-if-changed={PROVIDER}/build");
    println!("cargo::rerun-if-changed={PROVIDER}/data");
    let rows = fs::read_to_string(format!("{PROVIDER}/data/callers.csv"))?;
    match directory::parse(&rows) {
        Ok(rows) => write_rows(&rows),
        Err(errors) => {
            for error in errors {
                println!("cargo::error={error}");
            }
            Ok(())
        }
    }
}

fn write_rows(rows: &[directory::Row]) -> io::Result<()> {
    let mut table = format!("pub(crate) static CALLERS: [Caller; {}] = [\n", rows.len());
    for row in rows {
        table.push_str(&row.to_rust());
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("callers.rs"), table)
}
