//! The host: everything that a request meets, built from a checked configuration.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::add_on::AddOn;
use crate::config::{AddOnConfig, Config, ServerConfig};
use crate::protocol::address;
use crate::registry::Registry;
use crate::sandbox::{self, Ceilings, Sandbox, SandboxError};

/// A host, ready to answer.
pub struct Host {
    /// What every request meets.
    pub server: ServerConfig,
    /// The add-ons.
    pub registry: Registry,
    /// The guests that may still start.
    pub room: Semaphore,
    /// Kept for as long as any provider runs.
    pub sandbox: Arc<Sandbox>,
}

impl Host {
    /// Compiles every add-on's component and puts the host together. An add-on whose
    /// component is broken is served as unavailable; the others are not held up.
    ///
    /// # Errors
    /// Where the sandbox does not start.
    pub async fn build(config: Config, ceilings: Ceilings) -> Result<Self, SandboxError> {
        let Config {
            server,
            accounts,
            add_ons,
            warnings: _,
        } = config;
        // The phone tables take a while to read: the first request need not wait for them.
        address::warm_up();
        let sandbox = Arc::new(Sandbox::new(server.concurrency, ceilings)?);
        let mut loading = Vec::new();
        for add_on in add_ons {
            let (sandbox, directory) = (Arc::clone(&sandbox), server.plugin_dir.clone());
            loading.push(tokio::task::spawn_blocking(move || {
                load(&sandbox, add_on, &directory)
            }));
        }
        let mut loaded = Vec::new();
        for task in loading {
            loaded.push(task.await.map_err(SandboxError::crashed)?);
        }
        Ok(Self {
            registry: Registry::new(accounts, loaded),
            room: Semaphore::new(server.concurrency),
            server,
            sandbox,
        })
    }
}

fn load(sandbox: &Sandbox, config: AddOnConfig, plugin_dir: &Path) -> AddOn {
    let provider = sandbox::load(sandbox, &config.component, plugin_dir);
    AddOn::new(config, provider)
}
