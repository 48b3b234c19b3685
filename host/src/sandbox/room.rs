//! Where guests live: an engine, and what they are linked to.

use std::sync::Arc;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Engine};

use super::guest::Guest;
use super::{World, media, settings, wasi};

/// Where guests serve, or are tried.
pub(super) struct Room {
    pub(super) engine: Engine,
    linker: Linker<Guest>,
}

impl Room {
    /// A room for guests that are made so.
    ///
    /// # Errors
    /// Where the engine does not start.
    pub(super) fn new(config: &Config) -> wasmtime::Result<Arc<Self>> {
        let engine = Engine::new(config)?;
        let linker = wasi::linker(&engine)?;
        Ok(Arc::new(Self { engine, linker }))
    }

    /// Links a component to what one of its world may have, and to nothing else.
    ///
    /// # Errors
    /// Where it asks for anything else.
    pub(super) fn link(
        &self,
        component: &Component,
        world: World,
        asks_for_settings: bool,
    ) -> wasmtime::Result<InstancePre<Guest>> {
        let mut linker = self.linker.clone();
        if asks_for_settings {
            settings::add_to(&mut linker)?;
        }
        match world {
            World::Lookup => {}
            World::Analysis => media::add_to(&mut linker)?,
        }
        linker.instantiate_pre(component)
    }
}

/// What guests may be made of: WebAssembly and components, and none of the newer proposals
/// that only widen what can go wrong. Their memory is filled by copying, or mapped.
pub(super) fn guest_config(copied: bool) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model(true)
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .memory_init_cow(!copied)
        // For other unwinders than wasmtime's own. Each module would register it with the
        // system's, in one list for the process.
        .native_unwind_info(false)
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Enable);
    config
}
