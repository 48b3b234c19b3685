//! From a component to its artifact: what an earlier start made of it, or what a compiler
//! makes of it now.

use std::io;
use std::sync::Arc;

use tracing::debug;
use wasmtime::Engine;

use super::artifacts::{Artifact, Artifacts, Unfinished};
use super::compiler::{CompileError, Compiler};
use super::component::{Loader, Opened, blocking};
use super::load_error::{CompileMishap, LoadCause};
use super::quarantine::Case;
use crate::config::CompileLimits;
use crate::state::Draft;

impl Loader {
    /// What a component is compiled to, now or before.
    pub(super) async fn artifact(
        self: &Arc<Self>,
        opened: &Opened,
        compile: CompileLimits,
    ) -> Result<Arc<Artifact>, LoadCause> {
        if Engine::detect_precompiled(&opened.bytes).is_some() {
            return Err(LoadCause::Precompiled);
        }
        let (loader, wanted) = (Arc::clone(self), opened.clone());
        let artifact = match blocking(move || loader.known(&wanted, compile)).await? {
            Some(artifact) => artifact,
            None => self.compile(opened, compile).await?,
        };
        Ok(Arc::new(artifact))
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
            copied: self.quarters(&opened.sums).copied,
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

    fn case(&self, opened: &Opened, compile: CompileLimits) -> Case {
        Case::new(&opened.key, &compile, self.sandbox.ceilings.artifact)
    }
}

/// A failure that is the machine's.
fn uncompiled(error: io::Error) -> LoadCause {
    LoadCause::Uncompiled(CompileMishap::Helpless(error.to_string()))
}
