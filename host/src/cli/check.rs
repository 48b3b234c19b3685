//! `jackfield check`.

use std::process::ExitCode;
use std::sync::Arc;

use super::report::Report;
use super::{ConfigFile, output};
use crate::config::Config;
use crate::host::Host;
use crate::sandbox::Ceilings;

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
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
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
        let host = super::runtime()?.block_on(Host::build(config, Ceilings::default()))?;
        let report = Report::of_host(warnings, &host);
        if !self.json {
            report
                .warnings
                .iter()
                .for_each(|warning| output::warn(warning));
            output::line(&output::add_ons(host.registry.add_ons().map(Arc::as_ref)));
            let faults = report.faults().map(anyhow::Error::msg);
            faults.for_each(|fault| output::complain(&fault));
        }
        Ok(report)
    }
}
