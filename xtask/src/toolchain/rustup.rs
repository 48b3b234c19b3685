//! rustup, asked for targets and never for toolchains.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::WasmTarget;
use crate::command;

/// A target's library is some 20 MB; a machine without a network must not wait
/// for long to hear of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether there is a rustup to ask.
pub(super) fn is_installed() -> bool {
    command::capture(Command::new("rustup").arg("--version")).is_ok()
}

/// Adds every target to the active toolchain.
pub(super) fn add_targets() -> Result<()> {
    WasmTarget::ALL.into_iter().try_for_each(|target| {
        let mut rustup = Command::new("rustup");
        // Were the active toolchain not installed, rustup would download it.
        rustup
            .env("RUSTUP_AUTO_INSTALL", "0")
            .env_remove("RUST_BACKTRACE");
        command::run_within(rustup.args(["target", "add", target.triple()]), PATIENCE)
    })
}
