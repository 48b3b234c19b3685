//! `jackfield check`.

use std::process::ExitCode;
use std::sync::Arc;

use super::{ConfigFile, output};
use crate::add_on::AddOn;
use crate::host::Host;
use crate::sandbox::Ceilings;

/// The largest stack that is not worth a word, in bytes: that much of a guest's memory
/// stays mapped between calls.
const ORDINARY_STACK: u32 = 128 * 1024;

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
        let host = super::runtime()?.block_on(Host::build(config, Ceilings::default()))?;
        for remark in host.loader.remarks() {
            output::warn(&remark);
        }
        output::line(&output::add_ons(host.registry.add_ons().map(Arc::as_ref)));
        for add_on in host.registry.add_ons() {
            if let Some(warning) = stack_warning(add_on) {
                output::warn(&warning);
            }
        }
        let mut faults: Vec<String> = host
            .registry
            .add_ons()
            .filter_map(|add_on| {
                let fault = add_on.fault()?;
                let (name, fault) = (&add_on.config().name, output::fault(fault));
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

fn stack_warning(add_on: &AddOn) -> Option<String> {
    let stack = add_on.stack().filter(|stack| *stack > ORDINARY_STACK)?;
    let size = bytesize::ByteSize::b(u64::from(stack)).display().iec();
    Some(format!(
        "`addons.{}`: every call sets {size} of stack aside; link the provider with \
         `-zstack-size=65536` or less, if it needs no more, and calls get cheaper",
        add_on.config().name
    ))
}
