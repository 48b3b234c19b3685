//! `strace`, which shows the tests in which order the host calls the system: whether
//! something is on the disk when its client is told so.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{apt, command};

/// What it is called, by itself and by Debian.
const NAME: &str = "strace";

/// Finds it, or installs it where we may.
pub(crate) fn prepare() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    if !apt::may_install() {
        bail!(
            "`{NAME}` was not found, and only root on Debian can have it installed here; \
             install it (Debian's package is `{NAME}`), and try again"
        );
    }
    apt::update()?;
    apt::install(&[NAME])
}

fn is_there() -> bool {
    command::capture(Command::new(NAME).arg("--version")).is_ok()
}
