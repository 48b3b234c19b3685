//! `jackfield check`.

use std::process::ExitCode;
use std::sync::Arc;

use super::{ConfigFile, output};
use crate::host::Host;

/// Check a configuration and its components, and serve nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    file: ConfigFile,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = match self.file.load()? {
            Ok(config) => config,
            Err(errors) => {
                output::complain(&output::explained(&errors));
                return Ok(ExitCode::FAILURE);
            }
        };
        for warning in &config.warnings {
            output::warn(warning);
        }
        let host = super::runtime()?.block_on(Host::build(config))?;
        output::line(&output::add_ons(host.registry.add_ons().map(Arc::as_ref)));
        let mut faults: Vec<String> = host
            .registry
            .add_ons()
            .filter_map(|add_on| {
                let fault = add_on.fault()?;
                let (name, fault) = (&add_on.config().name, output::on_one_line(&fault));
                Some(format!("`addons.{name}`: {fault}"))
            })
            .collect();
        faults.sort();
        for fault in &faults {
            output::complain(&anyhow::anyhow!("{fault}"));
        }
        Ok(match faults.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}
