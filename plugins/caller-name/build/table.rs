//! The rows as the source of a static table.

use std::path::Path;
use std::{env, fs, io};

use super::directory::Row;

/// Writes the table to where the provider's source includes it from.
pub(crate) fn write(rows: &[Row]) -> io::Result<()> {
    let mut table = format!("pub(crate) static CALLERS: [Caller; {}] = [\n", rows.len());
    for row in rows {
        table.push_str(&row.to_rust());
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("callers.rs"), table)
}
