//! What a component's file is: what it says of itself, and whether the host would load it.

mod facts;
mod need;
mod plain;

use std::path::Path;
use std::sync::Arc;

use super::World;
use super::component::{Loader, Opened};
use super::grants::Grants;
use super::load_error::{CompileMishap, LoadCause, LoadError};
use crate::config::{self, CompileLimits, Limits, Settings};

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

/// Inspects a file of a directory, for an add-on with these limits.
///
/// # Errors
/// Where it cannot be read, or could not be judged through no fault of its own.
pub async fn inspect(
    loader: &Arc<Loader>,
    file: &Path,
    directory: &Path,
    limits: &Limits,
    compile: CompileLimits,
) -> Result<Inspection, LoadError> {
    let component = config::Component {
        path: file.to_owned(),
        sha256: None,
    };
    let _turn = loader.turn().await;
    let opened = loader.open(&component, directory).await?;
    let facts = Facts::read(&opened.bytes);
    let fault = match load_for_all(loader, &opened, &facts, limits, compile).await {
        Ok(()) => None,
        Err(error) if is_undecided(&error.cause) => return Err(error),
        Err(error) => Some(one_line(&error.cause.to_string(), LONGEST_REASON)),
    };
    Ok(Inspection {
        bytes: opened.bytes.len(),
        facts,
        sha256: opened.sha256,
        fault,
    })
}

/// Loads a component for every world that it says it is for. One that is for none is
/// refused with the reason that an add-on for lookups would have.
async fn load_for_all(
    loader: &Arc<Loader>,
    opened: &Opened,
    facts: &Facts,
    limits: &Limits,
    compile: CompileLimits,
) -> Result<(), LoadError> {
    let worlds = match facts.served.as_slice() {
        [] => &[World::Lookup],
        worlds => worlds,
    };
    for world in worlds {
        load(loader, opened, *world, limits, compile).await?;
    }
    Ok(())
}

/// Loads a component as a host does, and starts it once.
async fn load(
    loader: &Arc<Loader>,
    opened: &Opened,
    world: World,
    limits: &Limits,
    compile: CompileLimits,
) -> Result<(), LoadError> {
    let grants = Grants {
        add_on: "NAME".to_owned(),
        world,
        memory: limits.memory,
        // The operator's to give: a component is not refused for asking.
        settings: Some(Settings::default()),
    };
    loader.starts(opened, &grants, limits, compile).await
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
        | LoadCause::World { .. }
        | LoadCause::OtherWorld { .. }
        | LoadCause::SettingsExport
        | LoadCause::Start(_)
        | LoadCause::SettingsCheck(_)
        | LoadCause::Settings(_)
        | LoadCause::Smoke(_) => false,
    }
}
