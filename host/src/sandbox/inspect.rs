//! What a component's file is: what it says of itself, and whether the host would load it.

mod facts;
mod need;
mod plain;

use std::path::Path;
use std::sync::Arc;

use super::component::Loader;
use super::load_error::{CompileMishap, LoadCause, LoadError};
use super::{Ceilings, open};
use crate::config;
use crate::protocol::signature::body_hash;

pub use facts::{Export, Facts, Import, Kind, List, Memory, Producer, Table};
pub use plain::one_line;

/// The longest reason that is repeated, in characters. Compilers quote what they refuse.
const LONGEST_REASON: usize = 2_000;

/// What is known of a file.
#[derive(Debug)]
pub struct Inspection {
    /// Its size, in bytes.
    pub bytes: usize,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// What it says of itself.
    pub facts: Facts,
    /// Why the host would not load it, where it would not, as what follows "because it".
    pub fault: Option<String>,
}

/// Inspects a file, wherever it lies, for an add-on that may have so many bytes of
/// `memory`. The loader's plugin directory is to be the file's own.
///
/// # Errors
/// Where it cannot be read, or could not be judged through no fault of its own.
pub async fn inspect(
    loader: &Arc<Loader>,
    file: &Path,
    directory: &Path,
    memory: usize,
) -> Result<Inspection, LoadError> {
    let unread = |cause| LoadError {
        file: file.display().to_string(),
        cause,
    };
    let bytes = open::read(file, directory, Ceilings::default().component).map_err(unread)?;
    let sha256 = body_hash(&bytes);
    let component = config::Component {
        path: file.to_owned(),
        // What is judged is what was read, even if the file is replaced meanwhile.
        sha256: Some(sha256.clone()),
    };
    let fault = match loader.load(&component, memory).await {
        Ok(_) => None,
        Err(error) if is_undecided(&error.cause) => return Err(error),
        Err(error) => Some(one_line(&error.cause.to_string(), LONGEST_REASON)),
    };
    Ok(Inspection {
        bytes: bytes.len(),
        facts: Facts::read(&bytes),
        sha256,
        fault,
    })
}

/// Whether nothing is known of the component: the machine failed, or the file changed.
fn is_undecided(cause: &LoadCause) -> bool {
    match cause {
        LoadCause::Unreadable(_)
        | LoadCause::NotAFile
        | LoadCause::Outside
        | LoadCause::TooLarge { .. }
        | LoadCause::Pin { .. }
        | LoadCause::Panicked
        | LoadCause::Uncompiled(
            CompileMishap::NotStarted(_)
            | CompileMishap::Helpless(_)
            | CompileMishap::Killed(_)
            | CompileMishap::Starved(_),
        ) => true,
        LoadCause::Precompiled
        | LoadCause::Refused(_)
        | LoadCause::Quarantined { .. }
        | LoadCause::Needs(_)
        | LoadCause::Unloadable(_)
        | LoadCause::Import(_)
        | LoadCause::World(_) => false,
    }
}
