//! `wasmtime`, whose `serve` the benchmark measures beside the host.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_tool::{install, is_version};
use crate::workspace::Workspace;

/// The version of the engine that is built into the host.
const VERSION: &str = "48.0.8";

/// What `serve` needs, and what makes it fast. Without the rest it compiles in half the
/// time, and answers as it does with it.
const FEATURES: &str = "run,serve,component-model,component-model-async,cranelift,\
                        parallel-compilation,pooling-allocator";

/// The program `wasmtime`.
pub(crate) struct WasmtimeCli {
    /// Where it is.
    pub(crate) program: PathBuf,
}

impl WasmtimeCli {
    /// Finds it, or compiles it with optimisation, which takes many minutes. One that is on
    /// `PATH` does not count: nobody knows what it was built with.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let root = workspace.tools().join(format!("wasmtime-cli-{VERSION}"));
        let program = root.join("bin/wasmtime");
        if !is_version(&program, VERSION) {
            let how = ["--no-default-features", "--features", FEATURES];
            install("wasmtime-cli", VERSION, &how, &root, workspace)?;
        }
        Ok(Self { program })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_the_version_that_is_built_into_the_host() {
        let lock = include_str!("../../../Cargo.lock");
        let package = format!("name = \"wasmtime\"\nversion = \"{VERSION}\"\n");
        assert!(lock.contains(&package));
    }

    #[test]
    fn the_list_of_features_has_no_blanks() {
        assert!(!FEATURES.contains(char::is_whitespace));
    }
}
