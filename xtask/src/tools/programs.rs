//! Programs of the machine's that the tests run.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{apt, command};

/// A program, and Debian's package that has it.
pub(crate) struct Program {
    name: &'static str,
    package: &'static str,
}

/// Shows the tests in which order the host calls the system: whether something is on the
/// disk when its client is told so.
pub(crate) const STRACE: Program = Program {
    name: "strace",
    package: "strace",
};

/// Tells the tests whether systemd would understand the unit files. Nothing of systemd has
/// to run for that.
pub(crate) const SYSTEMD_ANALYZE: Program = Program {
    name: "systemd-analyze",
    package: "systemd",
};

impl Program {
    /// Finds it, or installs it where we may.
    pub(crate) fn prepare(&self) -> Result<()> {
        if self.is_there() {
            return Ok(());
        }
        let Self { name, package } = self;
        if !apt::may_install() {
            bail!(
                "`{name}` was not found, and only root on Debian can have it installed here; \
                 install it (Debian's package is `{package}`), and try again"
            );
        }
        apt::update()?;
        apt::install(&[package])
    }

    fn is_there(&self) -> bool {
        command::capture(Command::new(self.name).arg("--version")).is_ok()
    }
}
