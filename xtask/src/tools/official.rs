//! Twilio's own libraries for Node.js and Python: what the host says of a signature
//! is compared with what they say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;
use crate::{command, files};

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
        install_node(&pins, &node)?;
        install_python(&pins, &python)?;
        Ok(Self {
            node_modules: node.join("node_modules"),
            python: python.join("bin/python3"),
        })
    }
}

fn install_node(pins: &Path, directory: &Path) -> Result<()> {
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

/// Fills `directory` by `install`, unless that was done for the same `pins`. The
/// stamp is written last, so that an interrupted installation is done again.
fn once(directory: &Path, pins: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = directory.join("installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    files::remove_directory(directory)?;
    install()?;
    files::write_if_changed(&stamp, pins.as_bytes())?;
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn an_installation_is_done_once_for_the_same_pins() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("node");
        let mut count = 0;
        for pins in ["one", "one", "two"] {
            once(&directory, pins, || {
                count += 1;
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn a_failed_installation_is_tried_again() {
        let root = tempfile::tempdir().unwrap();
        assert!(once(root.path(), "one", || bail!("no network")).is_err());
        let mut tried = false;
        once(root.path(), "one", || {
            tried = true;
            Ok(())
        })
        .unwrap();
        assert!(tried);
    }
}
