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
use crate::control::{Condition, conditions};
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
    table(&["add-on", "reached at", "SID", "state"], rows)
}

/// A table within a hundred columns: what is too long for that is broken.
pub(super) fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(100)
        .set_header(columns)
        .add_rows(rows);
    let shown = table.to_string();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// As much of a hash as people can compare.
pub(super) fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// A reason on one line: the compiler's span several.
pub(super) fn on_one_line(reason: &str) -> String {
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn row(add_on: &AddOn) -> Vec<String> {
    let config = add_on.config();
    let reached: Vec<String> = match &config.paths {
        Paths::Shared(points) => points.iter().map(|point| point.path().to_owned()).collect(),
        Paths::Own(paths) => paths.iter().map(own_path).collect(),
    };
    let state: Vec<String> = conditions(add_on)
        .iter()
        .map(|condition| match condition {
            Condition::Unavailable { .. } => {
                format!("{}\n{}", condition.label(), config.component.path.display())
            }
            other => other.label(),
        })
        .collect();
    vec![
        config.name.to_string(),
        reached.join("\n"),
        config.terms.add_on.to_string(),
        state.join("\n"),
    ]
}

fn own_path((point, path): &(IntegrationPoint, String)) -> String {
    format!("{path} ({point})")
}
