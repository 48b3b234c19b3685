//! What a run shows: tables on the terminal, a JSON file, and the page with its chart.

mod chart;
mod document;
mod machine;
mod number;
mod table;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

pub use machine::Machine;

use crate::figure::{self, Figure};
use crate::suite::Results;

/// Everything that a run found out.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where it ran.
    pub machine: Machine,
    /// The figures that count.
    pub figures: Vec<Figure>,
    /// What they were computed from.
    pub results: Results,
}

impl Report {
    /// Computes the figures.
    #[must_use]
    pub fn new(machine: Machine, results: Results) -> Self {
        let figures = figure::all(&results);
        Self {
            machine,
            figures,
            results,
        }
    }

    /// The tables, as text.
    #[must_use]
    pub fn tables(&self) -> String {
        let failures = self.results.failures.iter();
        let failures: String = failures.map(|it| format!("FAILED  {it}\n")).collect();
        let [rows, figures] = [table::rows(&self.results), table::figures(&self.figures)];
        format!("{}\n{rows}\n{figures}\n{failures}", self.machine.in_words())
    }

    /// Writes everything, as JSON.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(path, text + "\n").context("the report cannot be written")
    }

    /// Puts the figures into the page about them, and draws its chart.
    ///
    /// # Errors
    /// Where the page is not there, or has no place for them.
    pub fn publish(&self, docs: &Path) -> Result<()> {
        let page = docs.join("benchmarks.md");
        let text = std::fs::read_to_string(&page).context("no page to publish on")?;
        std::fs::write(&page, document::fill(&text, &document::numbers(self))?)?;
        std::fs::write(docs.join("benchmarks.svg"), chart::draw(&self.results))?;
        Ok(())
    }
}
