//! `addons.toml`: read as it is written ([`raw`]), then checked into what the host is
//! built from ([`checked`]). Every refusal points at a file, a line and a key.

mod checked;
mod document;
mod environment;
mod error;
mod raw;
mod shape;
mod source;
mod veil;

mod accounts;
mod addons;
mod server;
mod values;

use std::path::Path;

pub use checked::{
    AddOnConfig, AddOnName, BreakerRule, CompileLimits, Component, Config, Limits, Overload, Paths,
    ServerConfig, Settings, Smoke,
};
pub use environment::Environment;
pub use environment::EnvironmentError;
pub use error::{ConfigError, ConfigErrors};
pub(crate) use server::is_loopback;

use checked::Checking;

impl Config {
    /// Reads and checks a configuration and all that it includes.
    ///
    /// # Errors
    /// All that is wrong with it, together.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigErrors> {
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let files = source::read_all(path, &root)?;
        Checking::new(root, environment).run(&files)
    }
}

#[cfg(test)]
mod tests;
