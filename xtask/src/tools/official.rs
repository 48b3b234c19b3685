//! Twilio's own libraries for Node.js and Python: what the host says of a signature
//! is compared with what they say.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::npm;
use super::pins::{once, read};
use crate::command;
use crate::workspace::Workspace;

/// Where the libraries are installed.
pub(crate) struct OfficialLibraries {
    /// The `node_modules` that holds `twilio`.
    pub(crate) node_modules: PathBuf,
    /// A Python that can `import twilio`.
    pub(crate) python: PathBuf,
}

impl OfficialLibraries {
    /// Installs both in the versions that `tests/official` pins, unless they are.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let pins = workspace.root.join("tests/official");
        let node = workspace.tools().join("node");
        let python = workspace.tools().join("python");
        npm::install(&pins, &node)?;
        install_python(&pins, &python)?;
        Ok(Self {
            node_modules: node.join("node_modules"),
            python: python.join("bin/python3"),
        })
    }
}

fn install_python(pins: &Path, directory: &Path) -> Result<()> {
    let requirements = pins.join("requirements.txt");
    let version = command::capture(Command::new("python3").arg("--version"))?;
    once(
        directory,
        &format!("{version}{}", read(&requirements)?),
        || {
            let mut venv = Command::new("python3");
            command::run(venv.args(["-m", "venv", "--clear"]).arg(directory))
                .context("Python's `venv` module is needed; Debian has it in `python3-venv`")?;
            let mut pip = Command::new(directory.join("bin/python3"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]);
            command::run(pip.args(["--no-deps", "--requirement"]).arg(requirements))
        },
    )
}
