//! From a configuration to a registry: every add-on's version is found, loaded and tried,
//! and then all of it takes the place of what was served.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::mpsc::UnboundedSender;

use super::choice::{Choice, Search};
use super::report::Report;
use crate::add_on::Hindrance;
use crate::config::{AddOnConfig, Config, ServerConfig};
use crate::host::Host;
use crate::sandbox::{LoadCause, LoadError, Opened, imports};
use crate::state::{Served, State, Who};
use crate::trial::{Subject, Trial, Verdict};
use crate::version::Version;

/// What puts registries together.
#[derive(Clone)]
pub struct Assembly {
    pub(super) host: Arc<Host>,
    pub(super) state: Arc<State>,
    verdicts: UnboundedSender<Verdict>,
}

impl Assembly {
    /// What puts registries together for a host. Verdicts on new versions are sent.
    #[must_use]
    pub fn new(host: Arc<Host>, state: Arc<State>, verdicts: UnboundedSender<Verdict>) -> Self {
        Self {
            host,
            state,
            verdicts,
        }
    }

    /// Takes a configuration up, as at a start.
    pub async fn take_up(&self, who: &Who, config: Config) -> Report {
        let choices = self.choose(&config).await;
        self.commit(who, config, choices).await
    }

    /// Finds what every add-on is to be served by, some at once. Nothing changes by it.
    pub(super) async fn choose(&self, config: &Config) -> Vec<Choice> {
        let registry = self.host.registry();
        let tasks = config.add_ons.iter().map(|add_on| {
            let (assembly, server) = (self.clone(), config.server.clone());
            let (config, current) = (
                Arc::new(add_on.clone()),
                registry.named(&add_on.name).cloned(),
            );
            // On a worker of the runtime: a compiler dies with the thread that started it.
            let task = tokio::spawn({
                let config = Arc::clone(&config);
                async move {
                    let record = assembly.state.records.of(&config.name);
                    let search = Search {
                        assembly: &assembly,
                        server: &server,
                        config,
                        current,
                        record,
                    };
                    search.choose().await
                }
            });
            async move { task.await.unwrap_or_else(|_| panicked(config)) }
        });
        join_all(tasks).await
    }

    /// Loads a component, and tries it.
    pub(super) async fn load(
        &self,
        opened: &Opened,
        config: &AddOnConfig,
        server: &ServerConfig,
    ) -> Result<Version, LoadError> {
        let loader = &self.host.loader;
        Ok(Version {
            provider: loader.load(opened, config, server.compile).await?,
            sha256: opened.sha256.clone(),
            imports: imports(&opened.bytes),
        })
    }

    /// The copy of a component that served before.
    pub(super) async fn stored(&self, sha256: &str) -> Option<Opened> {
        let (assembly, sha256) = (self.clone(), sha256.to_owned());
        let read = move || {
            let bytes = assembly.state.components.as_ref()?.find(&sha256)?;
            let file = format!("components/{sha256}.wasm");
            Some(assembly.host.loader.opened(file, bytes))
        };
        tokio::task::spawn_blocking(read).await.ok().flatten()
    }

    /// The trial of a version, if it has to stand one: it is new, and there is one before
    /// it to go back to.
    pub(super) fn trial(&self, config: &AddOnConfig, sha256: &str) -> Option<Trial> {
        self.state.records.of(&config.name).before(sha256)?;
        self.trial_beside(config, sha256)
    }

    /// The trial of a version beside the one that serves, to which there always is a way
    /// back.
    pub(super) fn trial_beside(&self, config: &AddOnConfig, sha256: &str) -> Option<Trial> {
        let record = self.state.records.of(&config.name);
        let proven = |served: &Served| served.sha256 == sha256 && served.proven;
        if config.trial.requests == 0 || record.versions.iter().any(proven) {
            return None;
        }
        let subject = Subject {
            add_on: config.name.clone(),
            sha256: sha256.to_owned(),
        };
        Some(Trial::new(subject, config.trial, self.verdicts.clone()))
    }
}

fn panicked(config: Arc<AddOnConfig>) -> Choice {
    let error = LoadError {
        file: config.component.path.display().to_string(),
        cause: LoadCause::Panicked,
    };
    Choice {
        config,
        main: None,
        hindrance: Some(Hindrance {
            sha256: None,
            why: error.to_string(),
            held: false,
        }),
        unfinished: false,
        waits: false,
        canary: None,
        shadow: None,
    }
}
