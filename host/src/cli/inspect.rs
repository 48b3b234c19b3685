//! `jackfield inspect`.

mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use bytesize::ByteSize;
use serde::Serialize;

use super::{ConfigFile, output};
use crate::config::{CompileLimits, Limits};
use crate::sandbox::{Ceilings, Facts, Inspection, Loader, Sandbox, inspect};

/// Show what a component's file is, and whether the host would load it.
///
/// The file may lie anywhere. It is judged as `jackfield check` judges it: compiled in a
/// process of its own, with limits, and matched with the contract and with what an add-on
/// may have. Nothing of it runs, and nothing is kept, unless --config names a state
/// directory.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  the host would load it
  1  it would not
  2  the file cannot be read, or could not be judged

Examples:
  jackfield inspect plugins/caller_name.wasm
  jackfield inspect --json plugins/caller_name.wasm | jq .imports")]
pub(super) struct Inspect {
    /// The component.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// The memory that its add-on may have, in place of the default.
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = memory)]
    memory: usize,
    /// Judge with this configuration's limits of compiling, and keep what is compiled in
    /// its state directory.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    file: String,
    bytes: usize,
    sha256: &'a str,
    #[serde(flatten)]
    facts: &'a Facts,
    /// The memory that it was judged by, in bytes.
    memory: usize,
    would_load: bool,
    reason: Option<&'a str>,
}

fn memory(text: &str) -> Result<usize, String> {
    let (least, most) = Limits::MEMORY_BOUNDS;
    let size: Option<ByteSize> = text.parse().ok();
    let bytes = size.and_then(|size| usize::try_from(size.as_u64()).ok());
    let bytes = bytes.filter(|bytes| (least..=most).contains(bytes));
    bytes.ok_or_else(|| {
        let show = output::size;
        format!(
            "expected a size from {} to {}, as in 16MiB",
            show(least),
            show(most)
        )
    })
}

impl Inspect {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        // A link is the operator's own here: what it leads to is inspected.
        let shown = self.file.display().to_string();
        let file = self.file.canonicalize();
        let file = file.with_context(|| format!("`{shown}` cannot be read"))?;
        let directory = file.parent().unwrap_or(Path::new("/"));
        let (loader, compile) = self.loader()?;
        let limits = Limits {
            memory: self.memory,
            ..Limits::default()
        };
        let judged = inspect(&loader, &file, directory, &limits, compile);
        let judged = super::runtime()?.block_on(judged);
        let inspection = judged.map_err(|error| anyhow::anyhow!("`{shown}` {}", error.cause))?;
        match self.json {
            true => output::json(&self.document(shown, &inspection))?,
            false => output::line(&table::of(&shown, &inspection, self.memory)),
        }
        Ok(match inspection.fault {
            None => ExitCode::SUCCESS,
            Some(_) => ExitCode::FAILURE,
        })
    }

    fn loader(&self) -> anyhow::Result<(Arc<Loader>, CompileLimits)> {
        let sandbox = Arc::new(Sandbox::new(1, Ceilings::default())?);
        let (loader, compile) = match self.config.clone() {
            None => (Loader::keeping_nothing(sandbox), CompileLimits::default()),
            Some(config) => {
                let server = ConfigFile { config }.load_or_explain()?.server;
                (Loader::new(sandbox, &server), server.compile)
            }
        };
        Ok((Arc::new(loader), compile))
    }

    fn document<'a>(&self, file: String, inspection: &'a Inspection) -> Document<'a> {
        let Inspection {
            bytes,
            sha256,
            facts,
            fault,
        } = inspection;
        Document {
            file,
            bytes: *bytes,
            sha256,
            facts,
            memory: self.memory,
            would_load: fault.is_none(),
            reason: fault.as_deref(),
        }
    }
}
