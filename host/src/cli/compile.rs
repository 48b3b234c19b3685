//! The compiler's process, which the host starts for itself.

use std::process::ExitCode;

use crate::sandbox;

/// Compile one component, from standard input to standard output. The host calls itself
/// so; it is not for people.
#[derive(Debug, clap::Args)]
pub(super) struct Compile {
    /// The most address space, in bytes.
    #[arg(long)]
    memory: u64,
    /// The most processor time, in seconds.
    #[arg(long)]
    seconds: u64,
    /// The most that is written, in bytes.
    #[arg(long)]
    artifact: u64,
    /// Whether the memory of its instances is filled by copying.
    #[arg(long, action = clap::ArgAction::Set)]
    copied: bool,
}

impl Compile {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        sandbox::compile(self.memory, self.seconds, self.artifact, self.copied)
    }
}
