//! From a file to a provider: opening, checking, compiling, linking.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::artifacts::{Artifact, Artifacts, Key};
use super::grants::Grants;
use super::load_error::{LoadCause, LoadError};
use super::provider::Provider;
use super::quarantine::Quarantine;
use super::room::Room;
use super::rooms::Quarters;
use super::size::Size;
use super::sums::{self, Sums};
use super::{Sandbox, open};
use crate::config::{self, AddOnConfig, CompileLimits, Limits, ServerConfig};
use crate::protocol::signature::body_hash;

/// What makes providers out of components, at a start and at every reload.
pub struct Loader {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) artifacts: Option<Artifacts>,
    pub(super) quarantine: Option<Quarantine>,
    /// The components that may be in the making at once.
    turns: Semaphore,
    remarks: Mutex<Vec<String>>,
}

/// A component as it was read.
#[derive(Clone)]
pub struct Opened {
    /// Where it was read from, to tell people.
    pub file: String,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// All of it.
    pub bytes: Bytes,
    /// What its instances start with.
    pub(super) sums: Sums,
    pub(super) key: Key,
}

/// The right to have a component in the making. Whoever has it holds one in memory, and
/// what is made of it, and may have a compiler running.
pub struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

impl Opened {
    /// What is wrong with it.
    pub(super) fn fault(&self, cause: LoadCause) -> LoadError {
        LoadError {
            file: self.file.clone(),
            cause,
        }
    }
}

impl Loader {
    /// A loader for the components of a host. Where the state directory cannot be used,
    /// it works without, and remarks on it.
    #[must_use]
    pub fn new(sandbox: Arc<Sandbox>, server: &ServerConfig) -> Self {
        let ceilings = sandbox.ceilings;
        let mut remarks = Vec::new();
        let artifacts = Artifacts::open(&server.state_dir, ceilings.artifacts)
            .map_err(|error| {
                remarks.push(format!(
                    "every start compiles every component again, because {error}"
                ));
            })
            .ok();
        let quarantine = artifacts
            .as_ref()
            .and_then(|_| Quarantine::open(&server.state_dir).ok());
        Self {
            remarks: Mutex::new(remarks),
            artifacts,
            quarantine,
            ..Self::keeping_nothing(sandbox)
        }
    }

    /// A loader without a state directory: what it compiles is gone with it.
    #[must_use]
    pub fn keeping_nothing(sandbox: Arc<Sandbox>) -> Self {
        Self {
            turns: Semaphore::new(available_parallelism().map_or(1, Into::into)),
            remarks: Mutex::default(),
            artifacts: None,
            quarantine: None,
            sandbox,
        }
    }

    /// Whether what it compiles is kept for the next start.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.artifacts.is_some()
    }

    /// Waits for a turn. Nothing is read, compiled or tried without one.
    pub async fn turn(&self) -> Turn<'_> {
        // Never closed, so there always is a turn.
        let permit = self.turns.acquire().await.ok();
        Turn { _permit: permit }
    }

    /// Reads a component's file.
    ///
    /// # Errors
    /// Where it holds nothing that may be compiled, with the reason.
    pub async fn open(
        self: &Arc<Self>,
        component: &config::Component,
        plugin_dir: &Path,
    ) -> Result<Opened, LoadError> {
        let (loader, plugin_dir) = (Arc::clone(self), plugin_dir.to_owned());
        let file = component.path.clone();
        let component = component.clone();
        let opened = blocking(move || {
            let limit = loader.sandbox.ceilings.component;
            let bytes = open::read(&component.path, &plugin_dir, limit)?;
            let opened = loader.opened(component.path.display().to_string(), bytes.into());
            let pin = component.sha256.as_ref();
            match pin.is_some_and(|pin| *pin != opened.sha256) {
                true => Err(LoadCause::Pin {
                    actual: opened.sha256,
                }),
                false => Ok(opened),
            }
        });
        opened.await.map_err(|cause| LoadError {
            file: file.display().to_string(),
            cause,
        })
    }

    /// A component that was read already.
    #[must_use]
    pub fn opened(&self, file: String, bytes: Bytes) -> Opened {
        let sha256 = body_hash(&bytes);
        let sums = sums::at_start(&bytes);
        Opened {
            key: Key::new(&sha256, &self.quarters(&sums).serving.engine),
            file,
            sha256,
            bytes,
            sums,
        }
    }

    /// The rooms for instances that start with so much.
    pub(super) fn quarters(&self, sums: &Sums) -> &Quarters {
        self.sandbox.rooms.of(Size::of(sums))
    }

    /// Checks a component, compiles it, and tries whether it does what its add-on asks of
    /// it. Nothing of this happens on the way of a request.
    ///
    /// # Errors
    /// Where it cannot be served, with the reason.
    pub async fn load(
        self: &Arc<Self>,
        opened: &Opened,
        add_on: &AddOnConfig,
        compile: CompileLimits,
    ) -> Result<Provider, LoadError> {
        let grants = Grants::from(add_on);
        let trial = async |tried: Provider| tried.probe(add_on).await;
        let served = self.tried(opened, &grants, compile, trial).await;
        served.map_err(|cause| opened.fault(cause))
    }

    /// The same for nobody's add-on: checks it, compiles it, and tries whether it starts.
    ///
    /// # Errors
    /// Where it could not be served, with the reason.
    pub(super) async fn starts(
        self: &Arc<Self>,
        opened: &Opened,
        grants: &Grants,
        limits: &Limits,
        compile: CompileLimits,
    ) -> Result<(), LoadError> {
        let trial = async |tried: Provider| tried.starts(limits).await;
        let served = self.tried(opened, grants, compile, trial).await;
        served.map(drop).map_err(|cause| opened.fault(cause))
    }

    /// Has a component stand a trial in a room of its own, and only then links it where it
    /// serves: what was tried is gone by then, and the other can have its memory.
    async fn tried(
        self: &Arc<Self>,
        opened: &Opened,
        grants: &Grants,
        compile: CompileLimits,
        trial: impl AsyncFnOnce(Provider) -> Result<(), LoadCause>,
    ) -> Result<Provider, LoadCause> {
        let Quarters {
            trying, serving, ..
        } = self.quarters(&opened.sums);
        let artifact = self.artifact(opened, compile).await?;
        trial(self.provider(&artifact, opened, grants, trying).await?).await?;
        self.provider(&artifact, opened, grants, serving).await
    }

    /// A provider that is tried, or serves, in this room.
    async fn provider(
        self: &Arc<Self>,
        artifact: &Arc<Artifact>,
        opened: &Opened,
        grants: &Grants,
        room: &Arc<Room>,
    ) -> Result<Provider, LoadCause> {
        let (loader, artifact) = (Arc::clone(self), Arc::clone(artifact));
        let (opened, grants, room) = (opened.clone(), grants.clone(), Arc::clone(room));
        blocking(move || loader.link(&artifact, &opened, &grants, &room)).await
    }

    /// Makes room in the cache, once everything that is needed was loaded.
    pub fn tidy(&self) {
        if let Some(artifacts) = &self.artifacts {
            artifacts.tidy();
        }
    }

    /// What is worth a word to the operator since this was asked last.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        std::mem::take(&mut *self.remarks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn remark(&self, remark: String) {
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
}

/// Does what waits for a disk, or works for long, outside of the runtime's workers.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoadCause> + Send + 'static,
) -> Result<T, LoadCause> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(LoadCause::Panicked))
}
