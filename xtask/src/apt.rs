//! Debian's packages, for what a machine has to have and cannot get otherwise.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command;

/// Whether packages can be installed: this is Debian, with its installer, and we are root.
pub(crate) fn may_install() -> bool {
    let is_debian = Path::new("/etc/debian_version").exists();
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    is_debian && is_root && command::capture(apt().arg("--version")).is_ok()
}

/// Asks for the newest list of packages.
pub(crate) fn update() -> Result<()> {
    command::run(apt().arg("update"))
}

/// Installs packages and what they cannot do without.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let mut apt = apt();
    apt.args(["install", "-y", "--no-install-recommends"]);
    command::run(apt.args(packages))
}

/// Puts what a package holds below a directory, and installs nothing: neither what it cannot
/// do without, nor a service that would run from then on.
pub(crate) fn unpack(package: &str, into: &Path) -> Result<()> {
    let fetched = tempfile::tempdir()?;
    let fetch = || {
        command::run(
            apt()
                .current_dir(fetched.path())
                .args(["download", package]),
        )
    };
    if let Err(error) = fetch() {
        // A machine that was never asked to install has no list of packages.
        anyhow::ensure!(may_install(), error);
        update()?;
        fetch()?;
    }
    let archive = archive_in(fetched.path())?;
    fs::create_dir_all(into)?;
    command::run(Command::new("dpkg").arg("-x").arg(archive).arg(into))
}

fn archive_in(directory: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(directory)?.filter_map(Result::ok);
    let mut files = entries.map(|entry| entry.path());
    let is_archive = |file: &PathBuf| file.extension().is_some_and(|it| it == "deb");
    files.find(is_archive).context("no package was fetched")
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
