//! From a file to a provider: opening, checking, compiling, linking.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tracing::debug;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

use super::artifacts::{Artifact, Artifacts, Key, Unfinished};
use super::compiler::{CompileError, Compiler};
use super::contract::LookupProviderPre;
use super::guest::Guest;
use super::load_error::{CompileMishap, LoadCause, LoadError};
use super::private::Draft;
use super::provider::{Linked, Provider};
use super::quarantine::{Case, Quarantine};
use super::{Sandbox, needs, open, settings, stack};
use crate::config::{self, AddOnConfig, ServerConfig};
use crate::protocol::signature::body_hash;

/// What makes providers out of components, at a start and at every reload.
pub struct Loader {
    sandbox: Arc<Sandbox>,
    plugin_dir: PathBuf,
    compiler: Compiler,
    artifacts: Option<Artifacts>,
    quarantine: Option<Quarantine>,
    /// The components that may be in the making at once.
    turns: Semaphore,
    remarks: Mutex<Vec<String>>,
}

/// A component as it was read.
#[derive(Clone)]
struct Opened {
    bytes: Bytes,
    key: Key,
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
            plugin_dir: server.plugin_dir.clone(),
            compiler: Compiler {
                limits: server.compile,
                artifact: ceilings.artifact,
            },
            turns: Semaphore::new(available_parallelism().map_or(1, Into::into)),
            remarks: Mutex::new(remarks),
            artifacts,
            quarantine,
            sandbox,
        }
    }

    /// Opens an add-on's component, checks, compiles and links it. Nothing of this happens
    /// on the way of a request. What it does is not known yet: [`Provider::probe`] tries.
    ///
    /// # Errors
    /// Where it cannot be served, with the reason.
    pub async fn load(self: &Arc<Self>, add_on: &AddOnConfig) -> Result<Provider, LoadError> {
        // Never closed, so there always is a turn. Whoever has one holds a component and
        // what is made of it in memory, and may have a compiler running.
        let _turn = self.turns.acquire().await;
        let made = self.make(add_on).await;
        made.map_err(|cause| LoadError::of(add_on, cause))
    }

    async fn make(self: &Arc<Self>, add_on: &AddOnConfig) -> Result<Provider, LoadCause> {
        let (loader, component) = (Arc::clone(self), add_on.component.clone());
        let opened = blocking(move || loader.open(&component)).await?;
        let (loader, wanted) = (Arc::clone(self), opened.clone());
        let artifact = match blocking(move || loader.known(&wanted)).await? {
            Some(artifact) => artifact,
            None => self.compile(&opened).await?,
        };
        let (loader, add_on) = (Arc::clone(self), add_on.clone());
        blocking(move || loader.link(&artifact, &opened, &add_on)).await
    }

    fn open(&self, component: &config::Component) -> Result<Opened, LoadCause> {
        let limit = self.sandbox.ceilings.component;
        let bytes = open::read(&component.path, &self.plugin_dir, limit)?;
        let actual = body_hash(&bytes);
        if component.sha256.as_ref().is_some_and(|pin| *pin != actual) {
            return Err(LoadCause::Pin { actual });
        }
        if Engine::detect_precompiled(&bytes).is_some() {
            return Err(LoadCause::Precompiled);
        }
        Ok(Opened {
            key: Key::new(&actual, &self.sandbox.engine),
            bytes: bytes.into(),
        })
    }

    /// What an earlier start made of it, or how it ended then.
    fn known(&self, opened: &Opened) -> Result<Option<Artifact>, LoadCause> {
        let kept = self.artifacts.as_ref();
        if let Some(artifact) = kept.and_then(|kept| kept.find(&opened.key)) {
            return Ok(Some(artifact));
        }
        let quarantine = self.quarantine.as_ref();
        match quarantine.and_then(|quarantine| quarantine.find(&self.case(opened))) {
            Some((fault, record)) => Err(LoadCause::Quarantined { fault, record }),
            None => Ok(None),
        }
    }

    /// Compiles it in another process, and keeps what comes of it, good or bad.
    async fn compile(self: &Arc<Self>, opened: &Opened) -> Result<Artifact, LoadCause> {
        debug!(bytes = opened.bytes.len(), "compiling");
        let unfinished = self.begin().map_err(uncompiled)?;
        let compiled = self
            .compiler
            .compile(&opened.bytes, unfinished.file())
            .await;
        let (loader, opened) = (Arc::clone(self), opened.clone());
        blocking(move || loader.end(&opened, unfinished, compiled)).await
    }

    /// Where the artifact goes: into memory where nothing can be kept.
    fn begin(&self) -> io::Result<Unfinished> {
        match self.artifacts.as_ref().map(Artifacts::begin) {
            Some(Ok(draft)) => return Ok(draft),
            Some(Err(error)) => self.remark(format!("what is compiled is not kept: {error}")),
            None => {}
        }
        Unfinished::nameless()
    }

    fn end(
        &self,
        opened: &Opened,
        unfinished: Unfinished,
        compiled: Result<(), CompileError>,
    ) -> Result<Artifact, LoadCause> {
        if let (Unfinished::Draft(draft), Some(kept), Err(_)) =
            (&unfinished, &self.artifacts, &compiled)
        {
            kept.discard(draft);
        }
        match compiled {
            Ok(()) => self.keep(opened, unfinished).map_err(uncompiled),
            Err(CompileError::Mishap(mishap)) => Err(LoadCause::Uncompiled(mishap)),
            Err(CompileError::Fault(fault)) => {
                if let Some(quarantine) = &self.quarantine
                    && let Err(error) = quarantine.keep(&self.case(opened), &fault)
                {
                    self.remark(format!("what did not compile is not remembered: {error}"));
                }
                Err(LoadCause::Refused(fault))
            }
        }
    }

    fn keep(&self, opened: &Opened, unfinished: Unfinished) -> io::Result<Artifact> {
        match (unfinished, &self.artifacts) {
            (Unfinished::Draft(draft), Some(kept)) => kept.keep(&opened.key, draft),
            (Unfinished::Draft(Draft { file, .. }) | Unfinished::Nameless(file), _) => {
                Ok(Artifact::nameless(file))
            }
        }
    }

    fn link(
        &self,
        artifact: &Artifact,
        opened: &Opened,
        add_on: &AddOnConfig,
    ) -> Result<Provider, LoadCause> {
        let component = self.component(artifact, &opened.bytes, add_on.limits.memory)?;
        let checker = settings::checker(&component)?;
        let linked = self.linked(&component, checker.is_some(), add_on)?;
        let provider = LookupProviderPre::new(linked);
        let provider = provider.map_err(|error| LoadCause::World(format!("{error:#}")))?;
        let linked = Linked {
            provider,
            checker,
            settings: settings::given(add_on.settings.as_ref()),
            stack: stack::largest(&opened.bytes),
        };
        Ok(Provider::new(&self.sandbox, linked))
    }

    /// Links a component to what its add-on is granted, and to nothing else.
    fn linked(
        &self,
        component: &Component,
        checks: bool,
        add_on: &AddOnConfig,
    ) -> Result<InstancePre<Guest>, LoadCause> {
        let import = |error: wasmtime::Error| LoadCause::Import(format!("{error:#}"));
        let linker = &self.sandbox.linker;
        let asks = settings::asks(component, &self.sandbox.engine);
        let linked = match (asks, &add_on.settings) {
            (true, None) => return Err(LoadCause::NoSettings(add_on.name.clone())),
            (true, Some(_)) => {
                settings::with_store(linker).and_then(|linker| linker.instantiate_pre(component))
            }
            (false, _) => linker.instantiate_pre(component),
        };
        if !asks && !checks && add_on.settings.is_some() {
            self.remark(format!(
                "`addons.{}.settings`: the provider does not ask for settings",
                add_on.name
            ));
        }
        linked.map_err(import)
    }

    /// Loads what was compiled, if the add-on has what it needs.
    fn component(
        &self,
        artifact: &Artifact,
        bytes: &[u8],
        memory: usize,
    ) -> Result<Component, LoadCause> {
        let ceilings = &self.sandbox.ceilings;
        let component = match artifact.component(&self.sandbox.engine) {
            Ok(component) => component,
            // The pool refuses what would not fit into it, in its own words. Ours come
            // from an engine without one.
            Err(error) => {
                needs::check_without_pool(artifact, bytes, memory, ceilings)?;
                return Err(LoadCause::Unloadable(format!("{error:#}")));
            }
        };
        needs::check(&component, bytes, memory, ceilings).map_err(LoadCause::Needs)?;
        Ok(component)
    }

    fn case(&self, opened: &Opened) -> Case {
        Case::new(&opened.key, &self.compiler.limits, self.compiler.artifact)
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

    fn remark(&self, remark: String) {
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
}

/// A failure that is the machine's.
fn uncompiled(error: io::Error) -> LoadCause {
    LoadCause::Uncompiled(CompileMishap::Helpless(error.to_string()))
}

/// Does what waits for a disk, or works for long, outside of the runtime's workers.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoadCause> + Send + 'static,
) -> Result<T, LoadCause> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(LoadCause::Panicked))
}
