//! Prometheus' own judge of metrics and rules. It is the machine's, or comes out of Debian's
//! package, whose server is not installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::Workspace;
use crate::{apt, command};

const NAME: &str = "promtool";
const PACKAGE: &str = "prometheus";

/// Finds it, or fetches it. Returns what it is called by.
pub(crate) fn prepare(workspace: &Workspace) -> Result<PathBuf> {
    if runs(Path::new(NAME)) {
        return Ok(NAME.into());
    }
    let own = workspace.tools().join(NAME);
    let program = own.join("usr/bin").join(NAME);
    if !runs(&program) {
        apt::unpack(PACKAGE, &own).with_context(|| {
            format!("`{NAME}` was not found; install it (Debian's package is `{PACKAGE}`), and try again")
        })?;
        ensure!(
            runs(&program),
            "the package `{PACKAGE}` brought no `{NAME}` that runs"
        );
    }
    Ok(program)
}

fn runs(program: &Path) -> bool {
    command::capture(Command::new(program).arg("--version")).is_ok()
}
