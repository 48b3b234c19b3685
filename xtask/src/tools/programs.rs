//! Programs of the machine's that the tests run.

use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;

/// A program, and Debian's package that has it.
pub(crate) struct Program {
    name: &'static str,
    package: &'static str,
    /// What makes it tell its version, and the status that it ends with then.
    version: &'static str,
    status: i32,
}

/// Shows the tests in which order the host calls the system: whether something is on the
/// disk when its client is told so.
pub(crate) const STRACE: Program = Program {
    name: "strace",
    package: "strace",
    version: "--version",
    status: 0,
};

/// Tells the tests whether systemd would understand the unit files. Nothing of systemd has
/// to run for that.
pub(crate) const SYSTEMD_ANALYZE: Program = Program {
    name: "systemd-analyze",
    package: "systemd",
    version: "--version",
    status: 0,
};

/// Speaks every version of TLS, also those that the host must not.
pub(crate) const OPENSSL: Program = Program {
    name: "openssl",
    package: "openssl",
    version: "version",
    status: 0,
};

/// Asks the host over TLS and HTTP/2 as somebody else's client.
pub(crate) const CURL: Program = Program {
    name: "curl",
    package: "curl",
    version: "--version",
    status: 0,
};

/// Asks the host over and over, over TLS, as fast as it can.
pub(crate) const WRK: Program = Program {
    name: "wrk",
    package: "wrk",
    version: "--version",
    status: 1,
};

/// Does the same over HTTP/2.
pub(crate) const H2LOAD: Program = Program {
    name: "h2load",
    package: "nghttp2-client",
    version: "--version",
    status: 0,
};

impl Program {
    /// Finds it, or installs it where we may.
    pub(crate) fn prepare(&self) -> Result<()> {
        if self.is_there() {
            return Ok(());
        }
        let Self { name, package, .. } = self;
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
        let told = Command::new(self.name).arg(self.version).output();
        told.is_ok_and(|told| told.status.code() == Some(self.status))
    }
}
