//! What a component's file is: what it says of itself, and whether the host would load it.

mod facts;
mod need;
mod plain;

use std::path::Path;
use std::sync::Arc;

use super::component::Loader;
use super::grants::Grants;
use super::load_error::{CompileMishap, LoadCause, LoadError};
use crate::config::{self, CompileLimits};

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

/// Inspects a file of a directory, for an add-on that grants so much.
///
/// # Errors
/// Where it cannot be read, or could not be judged through no fault of its own.
pub async fn inspect(
    loader: &Arc<Loader>,
    file: &Path,
    directory: &Path,
    grants: &Grants,
    compile: CompileLimits,
) -> Result<Inspection, LoadError> {
    let component = config::Component {
        path: file.to_owned(),
        sha256: None,
    };
    let _turn = loader.turn().await;
    let opened = loader.open(&component, directory).await?;
    let fault = match loader.load(&opened, grants, compile).await {
        Ok(_) => None,
        Err(error) if is_undecided(&error.cause) => return Err(error),
        Err(error) => Some(one_line(&error.cause.to_string(), LONGEST_REASON)),
    };
    Ok(Inspection {
        bytes: opened.bytes.len(),
        facts: Facts::read(&opened.bytes),
        sha256: opened.sha256,
        fault,
    })
}

/// Whether nothing is known of the component: the machine failed.
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
        | LoadCause::NoSettings(_)
        | LoadCause::World(_)
        | LoadCause::SettingsExport
        | LoadCause::Start(_)
        | LoadCause::SettingsCheck(_)
        | LoadCause::Settings(_)
        | LoadCause::Smoke(_) => false,
    }
}
