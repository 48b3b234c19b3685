//! Debian's packages, for what a machine has to have and cannot get otherwise.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

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

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
