//! The rows as the source of static columns.

use std::fmt::Display;
use std::path::Path;
use std::{env, fs, io};

use super::directory::Row;

/// Writes the columns to where the provider's source includes them from.
pub(crate) fn write(rows: &[Row]) -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("callers.rs"), columns(rows))
}

/// Types are the smallest that every row fits; where one does not, the table does not
/// compile.
fn columns(rows: &[Row]) -> String {
    let mut days: Vec<&str> = rows.iter().map(|row| row.updated.as_str()).collect();
    days.sort_unstable();
    days.dedup();
    let names: String = rows.iter().map(|row| row.name.as_str()).collect();
    let ends = rows.iter().scan(0, |end, row| {
        *end += row.name.len();
        Some(*end)
    });
    let updated = rows
        .iter()
        .map(|row| days.partition_point(|day| **day < *row.updated));
    [
        column("NUMBERS", "u64", rows.iter().map(|row| row.number)),
        format!("pub(crate) static NAMES: &str = {names:?};\n"),
        "// Where each name ends, after where the first one starts.\n".to_owned(),
        column("ENDS", "u16", [0].into_iter().chain(ends)),
        column(
            "TYPES",
            "CallerType",
            rows.iter()
                .map(|row| format!("CallerType::{}", row.caller_type)),
        ),
        "// Places in `DAYS`.\n".to_owned(),
        column("UPDATED", "u8", updated),
        format!("pub(crate) static DAYS: &[&str] = &{days:?};\n"),
    ]
    .concat()
}

fn column(name: &str, of: &str, values: impl Iterator<Item = impl Display>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    let (count, values) = (values.len(), values.join(", "));
    format!("pub(crate) static {name}: [{of}; {count}] = [{values}];\n")
}
