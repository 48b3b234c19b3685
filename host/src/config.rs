//! `addons.toml`: read as it is written ([`raw`]), then checked into what the host is
//! built from ([`checked`]). Every refusal points at a file, a line and a key.

mod at;
mod checked;
mod clients;
mod document;
mod environment;
mod error;
mod inputs;
mod raw;
mod schema;
mod shape;
mod source;
mod state_dir;
mod tables;
mod veil;

mod accounts;
mod addons;
mod egress;
mod included;
mod jobs;
mod operators;
mod server;
mod tls;
mod traces;
mod values;

use std::path::Path;

pub use checked::{
    AddOnConfig, AddOnName, BreakerRule, Candidate, CompileLimits, Component, Config, EgressConfig,
    JobStore, JobsConfig, LedgerRule, Limits, OperatorsConfig, Overload, Paths, RecordingsConfig,
    ReloadRule, ServerConfig, Settings, Smoke, TracesConfig, TrialRule,
};
pub use environment::Environment;
pub use environment::EnvironmentError;
pub use error::{ConfigError, ConfigErrors};
pub use inputs::Inputs;
pub use schema::schema;
pub(crate) use server::is_loopback;
pub use state_dir::state_dir_of;

use checked::Checking;

impl Config {
    /// Reads and checks a configuration and all that it includes.
    ///
    /// # Errors
    /// All that is wrong with it, together.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigErrors> {
        Reading::of(path, environment).config
    }
}

/// A configuration, good or bad, and what it was read from.
#[derive(Debug)]
pub struct Reading {
    /// Every file that had a part in it.
    pub inputs: Inputs,
    /// What came of it.
    pub config: Result<Config, ConfigErrors>,
}

impl Reading {
    /// Reads a configuration and all that it includes.
    #[must_use]
    pub fn of(path: &Path, environment: &Environment) -> Self {
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut inputs = environment.inputs();
        let files = source::read_all(path, &root, &mut inputs);
        let config = files.and_then(|files| {
            let checking = Checking::new(root, environment, &mut inputs);
            checking.run(&files)
        });
        Self { inputs, config }
    }
}

#[cfg(test)]
mod tests;
