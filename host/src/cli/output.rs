//! What a person reads. Printing is these functions' purpose; nothing else prints.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the one place that writes to the terminal"
)]

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

use crate::add_on::AddOn;
use crate::config::{ConfigErrors, Paths};
use crate::protocol::point::IntegrationPoint;

/// One line, at once: programs wait for it.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever closed our output does not want to read of it.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A text of many lines, as it is.
pub(super) fn text(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// One JSON document.
pub(super) fn json(document: &impl serde::Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(document)?);
    Ok(())
}

/// Bytes, as people count them.
pub(super) fn size(bytes: usize) -> String {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

/// An error, with its causes.
pub(super) fn complain(error: &anyhow::Error) {
    match error.downcast_ref::<Explained>() {
        Some(explained) => eprintln!("{explained}"),
        None => eprintln!("error: {error:#}"),
    }
}

/// A remark that is no error.
pub(super) fn warn(text: &str) {
    eprintln!("warning: {text}");
}

/// Errors that are shown with their lines, as they are.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Explained(String);

/// The errors of a configuration, as one error.
pub(super) fn explained(errors: &ConfigErrors) -> anyhow::Error {
    let count = errors.iter().count();
    let shown = errors.render(std::io::stderr().is_terminal());
    let plural = if count == 1 { "" } else { "s" };
    Explained(format!(
        "{shown}\n\n{count} error{plural}; nothing was changed"
    ))
    .into()
}

/// The add-ons and where they are reached, within a hundred columns.
pub(super) fn add_ons<'a>(add_ons: impl Iterator<Item = &'a AddOn>) -> String {
    let mut rows: Vec<_> = add_ons.map(row).collect();
    rows.sort();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["add-on", "reached at", "SID", "state"])
        .add_rows(rows);
    let shown = table.to_string();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn row(add_on: &AddOn) -> [String; 4] {
    let config = add_on.config();
    let reached: Vec<String> = match &config.paths {
        Paths::Shared(points) => points.iter().map(|point| point.path().to_owned()).collect(),
        Paths::Own(paths) => paths.iter().map(own_path).collect(),
    };
    let state = match add_on.fault() {
        None => "ready".to_owned(),
        Some(_) => format!("UNAVAILABLE\n{}", config.component.path.display()),
    };
    [
        config.name.to_string(),
        reached.join("\n"),
        config.terms.add_on.to_string(),
        state,
    ]
}

fn own_path((point, path): &(IntegrationPoint, String)) -> String {
    format!("{path} ({point})")
}
