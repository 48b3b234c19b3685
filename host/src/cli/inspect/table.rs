//! An inspection as people read it.

use comfy_table::{ContentArrangement, Table, presets};

use crate::cli::output::size;
use crate::sandbox::{Facts, Inspection, Kind, List, Producer};

/// The inspection of a file, a line or more for each thing that is known of it.
pub(super) fn of(file: &str, inspection: &Inspection, memory: usize) -> String {
    let mut rows = vec![
        ["file", file].map(str::to_owned),
        ["size".to_owned(), exactly(inspection.bytes)],
        ["SHA-256".to_owned(), inspection.sha256.clone()],
    ];
    rows.extend(facts(&inspection.facts).map(|(name, value)| [name.to_owned(), value]));
    rows.push(["would load".to_owned(), verdict(inspection, memory)]);
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .add_rows(rows);
    let shown = table.to_string();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn verdict(inspection: &Inspection, memory: usize) -> String {
    match &inspection.fault {
        None => format!("yes, with memory = \"{}\"", size(memory)),
        Some(fault) => format!("no, because it {fault}"),
    }
}

fn facts(facts: &Facts) -> impl Iterator<Item = (&'static str, String)> {
    let kind = match facts.kind {
        Kind::Component => "component",
        Kind::CoreModule => "core module, of which a component can be made",
        Kind::Precompiled => "precompiled machine code",
        Kind::Unknown => "nothing that begins like WebAssembly",
    };
    let is_wasm = matches!(facts.kind, Kind::Component | Kind::CoreModule);
    let start = match facts.core_instances {
        0 => "no core instance".to_owned(),
        count => format!(
            "{count} core instance(s) with {} of memory",
            size(usize::try_from(facts.memory_at_start).unwrap_or(usize::MAX))
        ),
    };
    let worlds = match facts.worlds.as_slice() {
        [] => "none of the contract's".to_owned(),
        worlds => worlds.join("\n"),
    };
    let always = [
        ("kind", Some(kind.to_owned())),
        ("damage", facts.damage.clone()),
    ];
    let of_wasm = [
        ("world", worlds),
        (
            "imports",
            listed(&facts.imports, |i| format!("{}  ({})", i.name, i.needs)),
        ),
        ("exports", listed(&facts.exports, |e| e.name.clone())),
        ("a call starts", start),
        (
            "memories",
            listed(&facts.memories, |m| {
                bounds(bytes(m.initial), m.maximum.map(bytes))
            }),
        ),
        (
            "tables",
            listed(&facts.tables, |t| {
                bounds(elements(t.initial), t.maximum.map(elements))
            }),
        ),
        (
            "stack",
            facts
                .stack
                .map_or_else(|| "not known".to_owned(), |s| bytes(s.into())),
        ),
        (
            "made with",
            listed(&facts.producers, |p| {
                let Producer {
                    role,
                    name,
                    version,
                } = p;
                format!("{role}: {name} {version}").trim_end().to_owned()
            }),
        ),
    ];
    let of_wasm = of_wasm.map(|(name, value)| (name, is_wasm.then_some(value)));
    let all = always.into_iter().chain(of_wasm);
    all.filter_map(|(name, value)| Some((name, value?)))
}

fn listed<T>(list: &List<T>, show: impl Fn(&T) -> String) -> String {
    let mut lines: Vec<String> = list.first.iter().map(show).collect();
    match list.count - list.first.len() {
        0 => {}
        left_out => lines.push(format!("and {left_out} more")),
    }
    match lines.is_empty() {
        true => "none".to_owned(),
        false => lines.join("\n"),
    }
}

fn bounds(initial: String, maximum: Option<String>) -> String {
    match maximum {
        Some(maximum) => format!("{initial}, at most {maximum}"),
        None => format!("{initial}, growing"),
    }
}

fn elements(count: u64) -> String {
    format!("{count} element(s)")
}

fn bytes(count: u64) -> String {
    size(usize::try_from(count).unwrap_or(usize::MAX))
}

fn exactly(bytes: usize) -> String {
    format!("{} ({bytes} bytes)", size(bytes))
}
