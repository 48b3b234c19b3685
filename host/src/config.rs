//! `addons.toml`: read as it is written ([`raw`]), then checked into what the host is
//! built from ([`checked`]). Every refusal points at a file, a line and a key.

mod checked;
mod environment;
mod error;
mod raw;
mod source;

mod accounts;
mod addons;
mod server;
mod values;

use std::path::{Path, PathBuf};

pub use checked::{AddOnConfig, AddOnName, Component, Config, Limits, Paths, ServerConfig};
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
        let root = directory_of(path);
        let files = source::read_all(path, &root)?;
        Checking::new(root, environment).run(&files)
    }
}

/// The directory that relative paths start from.
fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
