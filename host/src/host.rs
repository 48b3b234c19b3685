//! The host: everything that a request meets, built from a checked configuration.

use std::sync::Arc;

use crate::add_on::AddOn;
use crate::admission::{Admission, Demand, Gate};
use crate::config::{AddOnConfig, Config, ServerConfig};
use crate::protocol::address;
use crate::registry::Registry;
use crate::sandbox::{Ceilings, LoadCause, LoadError, Loader, Sandbox, SandboxError};

/// A host, ready to answer.
pub struct Host {
    /// What every request meets.
    pub server: ServerConfig,
    /// The add-ons.
    pub registry: Registry,
    /// Kept for as long as any provider runs.
    pub sandbox: Arc<Sandbox>,
    /// What makes providers out of components.
    pub loader: Arc<Loader>,
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
        let loader = Arc::new(Loader::new(Arc::clone(&sandbox), &server));
        let demands = add_ons.iter().map(|config| Demand::from(&config.limits));
        let demands: Vec<Demand> = demands.collect();
        let gates = Admission::divide(server.concurrency, ceilings.fairness, &demands);
        let add_ons = load(&loader, add_ons, gates).await;
        loader.tidy();
        Ok(Self {
            registry: Registry::new(accounts, add_ons),
            server,
            sandbox,
            loader,
        })
    }
}

/// Loads every component, some at once. One that brings its loading down is not loaded,
/// and that is all.
async fn load(loader: &Arc<Loader>, configs: Vec<AddOnConfig>, gates: Vec<Gate>) -> Vec<AddOn> {
    let tasks: Vec<_> = configs
        .into_iter()
        .map(|config| {
            let (loader, own) = (Arc::clone(loader), config.clone());
            // On a worker of the runtime: a compiler dies with the thread that started it.
            let task = tokio::spawn(async move {
                let provider = loader.load(&own).await?;
                let probed = provider.probe(&own).await;
                probed.map_err(|cause| LoadError::of(&own, cause))?;
                Ok(provider)
            });
            (config, task)
        })
        .collect();
    let mut add_ons = Vec::new();
    for ((config, task), gate) in tasks.into_iter().zip(gates) {
        let provider = task.await.unwrap_or_else(|_| Err(panicked(&config)));
        add_ons.push(AddOn::new(config, provider, gate));
    }
    add_ons
}

fn panicked(config: &AddOnConfig) -> LoadError {
    LoadError::of(config, LoadCause::Panicked)
}
