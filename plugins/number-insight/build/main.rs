//! Turns libphonenumber's metadata into static tables, so that a fresh instance
//! has nothing to parse and no regular expression to compile.

// Cargo reads what a build script prints.
#![allow(clippy::print_stdout)]

mod automaton;
mod format;
mod metadata;
mod tables;
mod wire;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=data");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=16384");
    }
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    let out = Path::new(&out);
    let countries = fs::read_to_string("data/countries.txt")?;
    let names = pairs("data/countries.txt", &countries)?;
    let metadata = fs::read("data/metadata.bin")?;
    let (source, automaton) = tables::write(&metadata::decode(&metadata)?, &names)?;
    fs::write(out.join("calling_codes.rs"), source)?;
    fs::write(out.join("automaton.bin"), automaton)?;
    let areas = fs::read_to_string("data/areas.txt")?;
    fs::write(out.join("areas.rs"), area_table(&areas)?)?;
    Ok(())
}

/// The lines of a file as in `key|value`, by their keys.
fn pairs<'a>(file: &str, text: &'a str) -> Result<BTreeMap<&'a str, &'a str>, String> {
    let mut pairs = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let place = format!("plugins/number-insight/{file}:{}", index + 1);
        let (key, value) = line
            .split_once('|')
            .ok_or_else(|| format!("{place}: expected `key|value`"))?;
        if pairs.insert(key, value).is_some() {
            return Err(format!("{place}: `{key}` stands above already"));
        }
    }
    Ok(pairs)
}

/// Prefixes of numbers in ascending order, each with the name of its area.
fn area_table(text: &str) -> Result<String, String> {
    let mut areas = BTreeMap::new();
    for (prefix, name) in pairs("data/areas.txt", text)? {
        let prefix: u32 = prefix
            .parse()
            .map_err(|_| format!("data/areas.txt: `{prefix}` is not a prefix"))?;
        areas.insert(prefix, name);
    }
    let mut source = format!("static AREAS: [(u32, &str); {}] = [\n", areas.len());
    for (prefix, name) in areas {
        writeln!(source, "({prefix}, {name:?}),").map_err(|error| error.to_string())?;
    }
    source.push_str("];\n");
    Ok(source)
}
