//! From a file to a provider: opening, checking, compiling, linking.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use wasmtime::component::Component;

use super::Sandbox;
use super::contract::LookupProviderPre;
use super::provider::Provider;
use super::stack;
use crate::config;

/// The largest component, in bytes. Those of interpreted languages carry their
/// interpreter, some 12 MB.
const LARGEST_COMPONENT: u64 = 64 * 1024 * 1024;

/// Why a file holds no provider that can be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be opened or read.
    #[error("`{file}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The name leads to something else than a file.
    #[error("`{file}` is not a regular file")]
    NotAFile {
        /// The file.
        file: String,
    },
    /// The name leads out of the plugin directory.
    #[error("`{file}` leads out of the plugin directory")]
    Outside {
        /// The file.
        file: String,
    },
    /// The file is larger than [`LARGEST_COMPONENT`].
    #[error("`{file}` is larger than {LARGEST_COMPONENT} bytes")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// The file's bytes are not those that the operator pinned.
    #[error("`{file}` has the SHA-256 {actual}, and the configuration pins another")]
    Pin {
        /// The file.
        file: String,
        /// Its hash.
        actual: String,
    },
    /// The file is machine code, which would run outside of every sandbox.
    #[error("`{file}` is precompiled machine code; give the component itself")]
    Precompiled {
        /// The file.
        file: String,
    },
    /// The file is no valid component.
    #[error("`{file}` is not a WebAssembly component: {reason}")]
    Invalid {
        /// The file.
        file: String,
        /// What the compiler says.
        reason: String,
    },
    /// The component imports what this host does not have, or did not grant.
    #[error("`{file}` imports what it is not granted: {reason}")]
    Import {
        /// The file.
        file: String,
        /// Which import.
        reason: String,
    },
    /// The component does not implement the contract.
    #[error(
        "`{file}` does not export `jackfield:addon/lookup@1.0.0` as the contract has it: {reason}"
    )]
    World {
        /// The file.
        file: String,
        /// What is missing.
        reason: String,
    },
}

/// Opens a component, checks and compiles it.
///
/// # Errors
/// Where it cannot be served, with the reason.
pub fn load(
    sandbox: &Sandbox,
    component: &config::Component,
    plugin_dir: &Path,
) -> Result<Provider, LoadError> {
    let file = component.path.display().to_string();
    let bytes = read(&component.path, plugin_dir, &file)?;
    let actual = crate::protocol::signature::body_hash(&bytes);
    if component.sha256.as_ref().is_some_and(|pin| *pin != actual) {
        return Err(LoadError::Pin { file, actual });
    }
    compile(sandbox, &bytes, file)
}

/// The bytes of a regular file inside the plugin directory. It is opened once; what is
/// checked is what is compiled.
fn read(path: &Path, plugin_dir: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    let file = || name.to_owned();
    let unreadable = |source| LoadError::Unreadable {
        file: file(),
        source,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    let directory = plugin_dir.canonicalize().map_err(unreadable)?;
    if !real.starts_with(directory) {
        return Err(LoadError::Outside { file: file() });
    }
    // Opening a pipe would wait for its writer, so it is looked at first.
    if !real.metadata().map_err(unreadable)?.is_file() {
        return Err(LoadError::NotAFile { file: file() });
    }
    let opened = File::open(&real).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened
        .take(LARGEST_COMPONENT + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_COMPONENT {
        return Err(LoadError::TooLarge { file: file() });
    }
    Ok(bytes)
}

fn compile(sandbox: &Sandbox, bytes: &[u8], file: String) -> Result<Provider, LoadError> {
    if wasmtime::Engine::detect_precompiled(bytes).is_some() {
        return Err(LoadError::Precompiled { file });
    }
    let component = match Component::from_binary(&sandbox.engine, bytes) {
        Ok(component) => component,
        Err(error) => {
            let reason = format!("{error:#}");
            return Err(LoadError::Invalid { file, reason });
        }
    };
    let linked = match sandbox.linker.instantiate_pre(&component) {
        Ok(linked) => linked,
        Err(error) => {
            let reason = format!("{error:#}");
            return Err(LoadError::Import { file, reason });
        }
    };
    match LookupProviderPre::new(linked) {
        Ok(provider) => {
            let stack = stack::largest(bytes);
            Ok(Provider::new(sandbox, provider, stack))
        }
        Err(error) => {
            let reason = format!("{error:#}");
            Err(LoadError::World { file, reason })
        }
    }
}
