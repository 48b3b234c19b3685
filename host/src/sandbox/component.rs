//! From a file to a provider: opening, checking, compiling, linking.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::debug;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::artifacts::{Artifact, Artifacts, Key, Unfinished};
use super::compiler::{CompileError, Compiler};
use super::entry::Entry;
use super::grants::Grants;
use super::guest::Guest;
use super::load_error::{CompileMishap, LoadCause, LoadError};
use super::provider::{Linked, Provider};
use super::quarantine::{Case, Quarantine};
use super::{Sandbox, World, media, needs, open, settings, stack};
use crate::config::{self, CompileLimits, ServerConfig};
use crate::protocol::signature::body_hash;
use crate::state::Draft;

/// What makes providers out of components, at a start and at every reload.
pub struct Loader {
    sandbox: Arc<Sandbox>,
    artifacts: Option<Artifacts>,
    quarantine: Option<Quarantine>,
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
    key: Key,
}

/// The right to have a component in the making. Whoever has it holds one in memory, and
/// what is made of it, and may have a compiler running.
pub struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
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
        Opened {
            key: Key::new(&sha256, &self.sandbox.engine),
            file,
            sha256,
            bytes,
        }
    }

    /// Checks a component, compiles and links it. Nothing of this happens on the way of a
    /// request. What it does is not known yet: [`Provider::probe`] tries.
    ///
    /// # Errors
    /// Where it cannot be served, with the reason.
    pub async fn load(
        self: &Arc<Self>,
        opened: &Opened,
        grants: &Grants,
        compile: CompileLimits,
    ) -> Result<Provider, LoadError> {
        let loaded = self.make(opened, grants, compile).await;
        loaded.map_err(|cause| LoadError {
            file: opened.file.clone(),
            cause,
        })
    }

    async fn make(
        self: &Arc<Self>,
        opened: &Opened,
        grants: &Grants,
        compile: CompileLimits,
    ) -> Result<Provider, LoadCause> {
        if Engine::detect_precompiled(&opened.bytes).is_some() {
            return Err(LoadCause::Precompiled);
        }
        let (loader, wanted) = (Arc::clone(self), opened.clone());
        let artifact = match blocking(move || loader.known(&wanted, compile)).await? {
            Some(artifact) => artifact,
            None => self.compile(opened, compile).await?,
        };
        let (loader, opened, grants) = (Arc::clone(self), opened.clone(), grants.clone());
        blocking(move || loader.link(&artifact, &opened, &grants)).await
    }

    /// What an earlier start made of it, or how it ended then.
    fn known(
        &self,
        opened: &Opened,
        compile: CompileLimits,
    ) -> Result<Option<Artifact>, LoadCause> {
        let kept = self.artifacts.as_ref();
        if let Some(artifact) = kept.and_then(|kept| kept.find(&opened.key)) {
            return Ok(Some(artifact));
        }
        let quarantine = self.quarantine.as_ref();
        match quarantine.and_then(|quarantine| quarantine.find(&self.case(opened, compile))) {
            Some((fault, record)) => Err(LoadCause::Quarantined { fault, record }),
            None => Ok(None),
        }
    }

    /// Compiles it in another process, and keeps what comes of it, good or bad.
    async fn compile(
        self: &Arc<Self>,
        opened: &Opened,
        compile: CompileLimits,
    ) -> Result<Artifact, LoadCause> {
        debug!(bytes = opened.bytes.len(), "compiling");
        let unfinished = self.begin().map_err(uncompiled)?;
        let compiler = Compiler {
            limits: compile,
            artifact: self.sandbox.ceilings.artifact,
        };
        let compiled = compiler.compile(&opened.bytes, unfinished.file()).await;
        let (loader, opened) = (Arc::clone(self), opened.clone());
        let case = self.case(&opened, compile);
        blocking(move || loader.end(&opened, &case, unfinished, compiled)).await
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
        case: &Case,
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
                    && let Err(error) = quarantine.keep(case, &fault)
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
        grants: &Grants,
    ) -> Result<Provider, LoadCause> {
        let component = self.component(artifact, &opened.bytes, grants.memory)?;
        let checker = settings::checker(&component)?;
        let world = grants.world;
        world.check(&component)?;
        let linked = self.linked(&component, checker.is_some(), grants)?;
        let entry = Entry::of(world, linked).map_err(|error| world.missing(&error))?;
        let linked = Linked {
            entry,
            checker,
            settings: settings::given(grants.settings.as_ref()),
            stack: stack::largest(&opened.bytes),
        };
        Ok(Provider::new(&self.sandbox, linked))
    }

    /// Links a component to what its add-on is granted, and to nothing else.
    fn linked(
        &self,
        component: &Component,
        checks: bool,
        grants: &Grants,
    ) -> Result<InstancePre<Guest>, LoadCause> {
        let asks = settings::asks(component, &self.sandbox.engine);
        if asks && grants.settings.is_none() {
            return Err(LoadCause::NoSettings(grants.add_on.clone()));
        }
        let linker = self.linker(grants.world, asks);
        let linked = linker.and_then(|linker| linker.instantiate_pre(component));
        if !asks && !checks && grants.settings.is_some() {
            self.remark(format!(
                "`addons.{}.settings`: the provider does not ask for settings",
                grants.add_on
            ));
        }
        linked.map_err(|error| LoadCause::Import(format!("{error:#}")))
    }

    /// What a component of this world is linked to.
    fn linker(&self, world: World, asks: bool) -> wasmtime::Result<Linker<Guest>> {
        let mut linker = self.sandbox.linker.clone();
        if asks {
            settings::add_to(&mut linker)?;
        }
        match world {
            World::Lookup => {}
            World::Analysis => media::add_to(&mut linker)?,
        }
        Ok(linker)
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

    fn case(&self, opened: &Opened, compile: CompileLimits) -> Case {
        Case::new(&opened.key, &compile, self.sandbox.ceilings.artifact)
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
