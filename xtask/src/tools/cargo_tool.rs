//! Cargo commands of others, each of exactly one version.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{command, files};

/// `cargo deny`, which checks licences, sources and banned crates.
pub(crate) struct CargoDeny(Installed);

/// `cargo cyclonedx`, which writes bills of materials.
pub(crate) struct CargoCyclonedx(Installed);

/// `cargo component`, with which most vendors build.
pub(crate) struct CargoComponent(Installed);

impl CargoDeny {
    /// Finds it, or compiles it, which takes minutes.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        Installed::prepare("cargo-deny", "0.20.2", &["--version"], workspace).map(Self)
    }

    /// `cargo`, to which `deny` is known.
    pub(crate) fn cargo(&self, cargo: Command) -> Command {
        self.0.known_to(cargo)
    }
}

impl CargoCyclonedx {
    /// Finds it, or compiles it, which takes minutes.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let asked = ["cyclonedx", "--version"];
        Installed::prepare("cargo-cyclonedx", "0.5.9", &asked, workspace).map(Self)
    }

    /// `cargo`, to which `cyclonedx` is known.
    pub(crate) fn cargo(&self, cargo: Command) -> Command {
        self.0.known_to(cargo)
    }
}

impl CargoComponent {
    /// Finds it, or compiles it, which takes minutes.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        Installed::prepare("cargo-component", "0.21.1", &["--version"], workspace).map(Self)
    }

    /// `cargo`, to which `component` is known.
    pub(crate) fn cargo(&self, cargo: Command) -> Command {
        self.0.known_to(cargo)
    }
}

/// A cargo command that is there: in a directory of its own, or on `PATH`.
struct Installed {
    directory: Option<PathBuf>,
}

impl Installed {
    /// Finds it, by what it prints when it is `asked`, or compiles it.
    fn prepare(name: &str, version: &str, asked: &[&str], workspace: &Workspace) -> Result<Self> {
        let root = workspace.tools().join(format!("{name}-{version}"));
        let directory = root.join("bin");
        if says_version(&directory.join(name), asked, version) {
            return Ok(Self {
                directory: Some(directory),
            });
        }
        if says_version(Path::new(name), asked, version) {
            return Ok(Self { directory: None });
        }
        // Without optimisation: it compiles in half the time, and runs but briefly.
        install(name, version, &["--debug"], &root, workspace)?;
        Ok(Self {
            directory: Some(directory),
        })
    }

    fn known_to(&self, mut cargo: Command) -> Command {
        let Some(directory) = &self.directory else {
            return cargo;
        };
        let path = own_path(&cargo)
            .or_else(|| env::var_os("PATH"))
            .unwrap_or_default();
        let path = [directory.clone()]
            .into_iter()
            .chain(env::split_paths(&path));
        if let Ok(path) = env::join_paths(path) {
            cargo.env("PATH", path);
        }
        cargo
    }
}

fn own_path(command: &Command) -> Option<std::ffi::OsString> {
    let (_, path) = command.get_envs().find(|(name, _)| *name == "PATH")?;
    path.map(ToOwned::to_owned)
}

/// Whether a program prints its name and this version, as nearly all of them do, whether or
/// not run through cargo.
pub(super) fn is_version(program: &Path, version: &str) -> bool {
    says_version(program, &["--version"], version)
}

fn says_version(program: &Path, asked: &[&str], version: &str) -> bool {
    let printed = command::capture(Command::new(program).args(asked));
    printed.is_ok_and(|printed| printed.split_whitespace().last() == Some(version))
}

/// Compiles a program of others from its crate, below `root`, built as `how` says.
pub(super) fn install(
    name: &str,
    version: &str,
    how: &[&str],
    root: &Path,
    workspace: &Workspace,
) -> Result<()> {
    // A directory that stays lets an interrupted build go on where it stopped.
    let build = workspace.tools().join("build");
    let mut cargo = workspace.cargo();
    cargo.args(["install", "--locked", "--version", version]);
    cargo
        .args(how)
        .arg("--root")
        .arg(root)
        .arg(name)
        .env("CARGO_TARGET_DIR", &build);
    command::run(&mut cargo)?;
    files::remove_directory(&build)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_the_pinned_version_counts_as_installed() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("cargo-deny");
        assert!(!is_version(&program, "0.20.2"));
        fs::write(&program, "#!/bin/sh\necho cargo-deny 0.20.2\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(is_version(&program, "0.20.2"));
        assert!(!is_version(&program, "0.20.1"));
    }

    #[test]
    fn a_tools_directory_goes_before_the_path_that_the_command_has() {
        let installed = Installed {
            directory: Some("/tools/bin".into()),
        };
        let mut cargo = Command::new("cargo");
        cargo.env("PATH", "/one:/two");
        let cargo = installed.known_to(cargo);
        assert_eq!(own_path(&cargo).unwrap(), "/tools/bin:/one:/two");
    }
}
