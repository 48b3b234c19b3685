//! Libraries for Node.js, exactly as a lock file has them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::pins::{once, read};
use crate::{command, files};

/// Installs what `package-lock.json` in `pins` pins into `directory`, unless it is.
pub(super) fn install(pins: &Path, directory: &Path) -> Result<()> {
    let lock = read(&pins.join("package-lock.json"))?;
    let version = command::capture(Command::new("node").arg("--version"))?;
    once(directory, &format!("{version}{lock}"), || {
        let manifest = read(&pins.join("package.json"))?;
        files::write_if_changed(&directory.join("package.json"), manifest.as_bytes())?;
        files::write_if_changed(&directory.join("package-lock.json"), lock.as_bytes())?;
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        command::run(npm.current_dir(directory))
    })
}
