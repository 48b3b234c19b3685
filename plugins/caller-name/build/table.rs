//! The rows as the source of static columns.

use std::collections::BTreeSet;
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
    [numbers(rows), names(rows), facts(rows)].concat()
}

/// Numbers without their upper parts, and each upper part once.
fn numbers(rows: &[Row]) -> String {
    let split = |row: &Row| (row.number >> 16, row.number & 0xffff);
    let blocks: Vec<&[Row]> = rows.chunk_by(|a, b| split(a).0 == split(b).0).collect();
    let uppers = blocks.iter().map(|block| split(&block[0]).0);
    let lowers = rows.iter().map(|row| split(row).1);
    [
        column("BLOCKS", "u32", uppers),
        ends("BLOCK", blocks.iter().map(|block| block.len())),
        column("NUMBERS", "u16", lowers),
    ]
    .concat()
}

/// Names as words, and each word once.
fn names(rows: &[Row]) -> String {
    let names = rows.iter().map(|row| row.name.split(' ').collect());
    let names: Vec<Vec<&str>> = names.collect();
    let words = distinct(names.iter().flatten().copied());
    let places = names.iter().flatten().map(|word| place(&words, word));
    [
        format!("pub(crate) static WORDS: &str = {:?};\n", words.concat()),
        ends("WORD", words.iter().map(|word| word.len())),
        "// Places of words.\n".to_owned(),
        column("NAMES", "u16", places),
        ends("NAME", names.iter().map(Vec::len)),
    ]
    .concat()
}

/// What else is said of a number, and each that is said of many once.
fn facts(rows: &[Row]) -> String {
    let fact = |row: &Row| format!("(CallerType::{}, {:?})", row.caller_type, row.updated);
    let said: Vec<String> = rows.iter().map(fact).collect();
    let facts = distinct(said.iter().map(String::as_str));
    let places = said.iter().map(|fact| place(&facts, fact));
    [
        column("FACTS", "(CallerType, &str)", facts.iter()),
        "// Places in `FACTS`.\n".to_owned(),
        column("SAID", "u8", places),
    ]
    .concat()
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

fn place(sorted: &[&str], value: &str) -> usize {
    sorted.partition_point(|other| *other < value)
}

/// Where each of what stands in a row ends, after where the first one starts.
fn ends(of: &str, sizes: impl Iterator<Item = usize>) -> String {
    let ends = sizes.scan(0, |end, size| {
        *end += size;
        Some(*end)
    });
    column(&format!("{of}_ENDS"), "u16", [0].into_iter().chain(ends))
}

fn column(name: &str, of: &str, values: impl Iterator<Item = impl Display>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    let (count, values) = (values.len(), values.join(", "));
    format!("pub(crate) static {name}: [{of}; {count}] = [{values}];\n")
}
