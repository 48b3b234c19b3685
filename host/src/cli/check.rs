//! `jackfield check`.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::control::Place;
use super::{ConfigFile, output};
use crate::add_on::AddOn;
use crate::config::Config;
use crate::host::Host;
use crate::reload::{Assembly, Report};
use crate::sandbox::Ceilings;
use crate::state::{State, Who};

/// The largest stack that is not worth a word, in bytes: that much of a guest's memory
/// stays mapped between calls.
const ORDINARY_STACK: u32 = 128 * 1024;

/// Check a configuration and its components, and serve nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    file: ConfigFile,
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
        let host = Arc::new(Host::new(&config.server, Ceilings::default())?);
        let report = super::runtime()?.block_on(assemble(&host, config));
        for remark in &report.remarks {
            output::warn(remark);
        }
        let registry = host.registry();
        output::line(&output::add_ons(registry.add_ons().map(Arc::as_ref)));
        for add_on in registry.add_ons() {
            if let Some(warning) = stack_warning(add_on) {
                output::warn(&warning);
            }
        }
        let mut faults: Vec<String> = registry
            .add_ons()
            .filter_map(|add_on| {
                let fault = add_on.fault()?;
                let (name, fault) = (&add_on.config().name, output::on_one_line(fault));
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

/// Loads everything as the host does, but for what it remembers: what would be served is
/// what is in place.
async fn assemble(host: &Arc<Host>, config: Config) -> Report {
    let (verdicts, _) = mpsc::unbounded_channel();
    let state = Arc::new(State::unkept());
    let assembly = Assembly::new(Arc::clone(host), state, verdicts);
    assembly.take_up(&Who::Start, config).await
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
