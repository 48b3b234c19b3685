//! The part of `docs/benchmarks.md` that a run writes.

use anyhow::{Context as _, Result};

use super::{Report, number};
use crate::suite::Row;

const BEGIN: &str = "<!-- numbers: written by `cargo xtask bench --publish` -->\n";
const END: &str = "<!-- end of numbers -->";

/// Puts numbers between the marks of a page.
pub(super) fn fill(page: &str, numbers: &str) -> Result<String> {
    let (before, rest) = page
        .split_once(BEGIN)
        .context("the page has no place for numbers")?;
    let (_, after) = rest
        .split_once(END)
        .context("the page's numbers do not end")?;
    Ok(format!("{before}{BEGIN}\n{numbers}\n{END}{after}"))
}

/// The figures and what they were computed from, as Markdown.
pub(super) fn numbers(report: &Report) -> String {
    let mut text = format!("{}\n\n", report.machine.in_words());
    text += "| figure | value | goal | met |\n|---|---|---|---|\n";
    for figure in &report.figures {
        let [value, goal] = [number::value(figure), number::goal(figure)];
        text += &format!(
            "| {} | {value} | {goal} | {} |\n",
            figure.name,
            number::met(figure)
        );
    }
    text += "\n| who | answers a second | p50 µs | p99 µs | p99.9 µs | answers | instances |\n";
    text += "|---|---|---|---|---|---|---|\n";
    report
        .results
        .rows
        .iter()
        .for_each(|row| text += &line(row));
    text
}

fn line(row: &Row) -> String {
    let cells = super::table::cells(row);
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_between_the_marks_alone() {
        let page = format!("# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nAfter.\n");
        let filled = fill(&page, "new").unwrap();
        assert_eq!(filled, page.replace("old", "new"));
        assert!(fill("# Benchmarks\n", "new").is_err());
    }
}
