//! Why a component is not served.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use super::World;
use super::inspect::one_line;
use super::outcome::{CallError, ReplyError};
use super::settings::STORE;
use crate::expectation::Unexpected;

/// The longest reason that is told, in characters. Compilers quote what they refuse.
const LONGEST_REASON: usize = 4_000;

/// Why a file holds no provider that can be served.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` {cause}")]
pub struct LoadError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub cause: LoadCause,
}

impl LoadError {
    /// What people are told. It may quote the component, so nothing in it reaches a
    /// terminal as anything but text; a provider's own sentences have a line each.
    #[must_use]
    pub fn told(&self) -> String {
        match self.cause {
            LoadCause::Settings(_) => self.to_string(),
            _ => one_line(&self.to_string(), LONGEST_REASON),
        }
    }
}

/// What is wrong with a component's file. The texts continue the file's name.
#[derive(Debug, thiserror::Error)]
pub enum LoadCause {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// The name leads to something else than a file.
    #[error("is not a regular file")]
    NotAFile,
    /// The name leads out of the plugin directory.
    #[error("leads out of the plugin directory (links must be relative and stay inside)")]
    Outside,
    /// It is too large to be looked at.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// Its bytes are not those that the operator pinned.
    #[error("has the SHA-256 {actual}, and the configuration pins another")]
    Pin {
        /// Its hash.
        actual: String,
    },
    /// It is machine code, which would run outside of every sandbox.
    #[error("is precompiled machine code; give the component itself")]
    Precompiled,
    /// It does not compile.
    #[error("{0}")]
    Refused(CompileFault),
    /// It did not compile before, and was not tried again.
    #[error("{fault}; so it ended before, and was not tried again: to try, delete `{record}`")]
    Quarantined {
        /// What happened before.
        fault: CompileFault,
        /// The file that remembers it.
        record: PathBuf,
    },
    /// It was not compiled, through no fault of its own.
    #[error("could not be compiled: {0}")]
    Uncompiled(CompileMishap),
    /// It needs more than a guest may have, before it has done anything.
    #[error("{0}")]
    Needs(Need),
    /// It was compiled, and the engine does not take it.
    #[error("is compiled, and cannot be loaded: {0}")]
    Unloadable(String),
    /// It imports what this host does not have, or did not grant.
    #[error("imports what it is not granted: {0}")]
    Import(String),
    /// It imports the settings, and the operator gave it none.
    #[error(
        "imports `{STORE}`, and has no settings: add a table [addons.{0}.settings], which may be empty"
    )]
    NoSettings(String),
    /// It does not implement the contract.
    #[error("does not export `{}` as the contract has it: {why}", .needs.interface())]
    World {
        /// What its add-on needs.
        needs: World,
        /// What is not as it should be.
        why: String,
    },
    /// It implements another part of the contract than its add-on needs.
    #[error(
        "exports `{}` for {}, and its add-on serves {}, which need `{}`",
        .has.interface(),
        .has.serves(),
        .needs.serves(),
        .needs.interface()
    )]
    OtherWorld {
        /// What it implements.
        has: World,
        /// What its add-on needs.
        needs: World,
    },
    /// It checks its settings in another way than the contract has it.
    #[error("exports `jackfield:addon/settings@1.0.0`, but not as the contract has it")]
    SettingsExport,
    /// It does not get as far as its first call.
    #[error("does not start: {0}")]
    Start(CallError),
    /// Its own check of its settings ends with no result.
    #[error("fails when it checks its settings: {0}")]
    SettingsCheck(CallError),
    /// It does not accept its settings, and says why in some sentences, which are fit to
    /// be shown. Each has a line of its own.
    #[error("does not accept its settings:{}", items(.0))]
    Settings(Vec<String>),
    /// It does not answer the smoke request as it should.
    #[error("fails its smoke request: {0}")]
    Smoke(SmokeFault),
    /// The host made a mistake of its own with it.
    #[error("brought its loading down; the log says where")]
    Panicked,
}

impl LoadCause {
    /// Whether it may be that somebody is still writing the file, or has just taken it
    /// away to put another in its place.
    #[must_use]
    pub fn may_be_unfinished(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_)
                | Self::NotAFile
                | Self::Pin { .. }
                | Self::Refused(CompileFault::Invalid(_))
                | Self::Quarantined {
                    fault: CompileFault::Invalid(_),
                    ..
                }
        )
    }
}

/// How a provider fails its smoke request. Nothing of its answer is repeated.
#[derive(Debug, thiserror::Error)]
pub enum SmokeFault {
    /// The call brought nothing.
    #[error(transparent)]
    Call(CallError),
    /// What it brought is not passed on.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// It is JSON that is no value: a number without bounds, say.
    #[error("the provider's reply cannot be read")]
    Unreadable,
    /// It is something else than it should be.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
}

/// What is wrong with a component that does not compile. It would end in the same way if
/// it were tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompileFault {
    /// The compiler refused it.
    #[error("is not a WebAssembly component: {0}")]
    Invalid(String),
    /// The compiler reached its bound of memory, in bytes.
    #[error("takes more than {} to compile (`compile_memory`)", size(*.0))]
    Memory(usize),
    /// The compiler reached its bound of processor time.
    #[error("takes longer than {} to compile (`compile_time`)", humantime::format_duration(*.0))]
    Time(Duration),
    /// What was made of it is larger than this, in bytes.
    #[error("compiles to more than {}", size(*.0))]
    Artifact(usize),
    /// The compiler crashed.
    #[error("crashes the compiler: {0}")]
    Crash(String),
}

/// What kept a compiler from its work.
#[derive(Debug, thiserror::Error)]
pub enum CompileMishap {
    /// It could not be started.
    #[error("the compiler does not start: {0}")]
    NotStarted(io::Error),
    /// It could not limit itself, or do what every compilation does.
    #[error("the compiler does not work here: {0}")]
    Helpless(String),
    /// Somebody ended it: a person, or a system that was out of memory.
    #[error("the compiler was ended by signal {0}")]
    Killed(i32),
    /// It got too little of the processor.
    #[error("the compiler did not end within {}", humantime::format_duration(*.0))]
    Starved(Duration),
}

/// What a component needs in excess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Need {
    /// Memory at its start, in bytes.
    #[error("starts with {} of memory, and its add-on may have {}: raise `memory`", size(*.needs), size(*.may))]
    Memory {
        /// What it needs.
        needs: usize,
        /// What it may have.
        may: usize,
    },
    /// Core instances.
    #[error("has {needs} core instances, and a provider may have {may}")]
    Instances {
        /// What it needs.
        needs: usize,
        /// What it may have.
        may: usize,
    },
    /// Memories.
    #[error("has {needs} memories, and a provider may have {may}")]
    Memories {
        /// What it needs.
        needs: usize,
        /// What it may have.
        may: usize,
    },
    /// Tables.
    #[error("has {needs} tables, and a provider may have {may}")]
    Tables {
        /// What it needs.
        needs: usize,
        /// What it may have.
        may: usize,
    },
    /// Elements of a table.
    #[error("starts with tables of {needs} elements, and a provider may have {may}")]
    Elements {
        /// What it needs.
        needs: usize,
        /// What it may have.
        may: usize,
    },
}

fn items(sentences: &[String]) -> String {
    let lines = sentences.iter().map(|sentence| format!("\n  - {sentence}"));
    lines.collect()
}

fn size(bytes: usize) -> bytesize::Display {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    ByteSize::b(bytes).display().iec()
}
