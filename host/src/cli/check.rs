//! `jackfield check`.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::control::Place;
use super::report::Report;
use super::{ConfigFile, output};
use crate::config::Config;
use crate::host::Host;
use crate::reload::{self, Assembly};
use crate::sandbox::Ceilings;
use crate::state::{State, Who};

/// Check a configuration and its components, and serve nothing.
///
/// All mistakes are shown at once. What passes here is what a host would load: it is
/// checked by the same code.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  all is well
  1  a mistake in the configuration, or a component that would not be served
  2  the question could not be asked: a malformed .env, a wrong argument

Examples:
  jackfield check
  jackfield check --config staging/addons.toml --json | jq '.errors[] | .file, .line'")]
pub(super) struct Check {
    #[command(flatten)]
    file: ConfigFile,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Ask the running host what a reload would change now. It compiles nothing, and
    /// changes nothing.
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    place: Place,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.diff {
            return self.place.diff(&self.file);
        }
        let report = match self.file.load()? {
            Ok(config) => self.components(config)?,
            Err(errors) => {
                if !self.json {
                    output::complain(&output::explained(&errors));
                }
                Report::of_mistakes(&errors)
            }
        };
        if self.json {
            output::json(&report)?;
        }
        Ok(match report.ok {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn components(&self, mut config: Config) -> anyhow::Result<Report> {
        let warnings = std::mem::take(&mut config.warnings);
        let host = Arc::new(Host::new(
            &config.server,
            config.jobs.clone(),
            Ceilings::default(),
        )?);
        let loaded = super::runtime()?.block_on(assemble(&host, config));
        let warnings = warnings.into_iter().chain(loaded.remarks);
        let registry = host.registry();
        let report = Report::of(warnings.collect(), &registry);
        if !self.json {
            let warnings = report.warnings.iter();
            warnings.for_each(|warning| output::warn(warning));
            output::line(&output::add_ons(registry.add_ons().map(Arc::as_ref)));
            let faults = report.faults().map(anyhow::Error::msg);
            faults.for_each(|fault| output::complain(&fault));
        }
        Ok(report)
    }
}

/// Loads everything as a host does, but for what that remembers: what would be served is
/// what is in place.
async fn assemble(host: &Arc<Host>, config: Config) -> reload::Report {
    let (verdicts, _) = mpsc::unbounded_channel();
    let state = Arc::new(State::unkept());
    let assembly = Assembly::new(Arc::clone(host), state, verdicts);
    assembly.take_up(&Who::Start, config).await
}
