//! The reference server of the benchmark: Express, with Twilio's own library.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::npm;
use crate::workspace::Workspace;

/// The server, with what it needs installed.
pub(crate) struct Express {
    server: PathBuf,
    node_modules: PathBuf,
}

impl Express {
    /// Installs the versions that `bench/peers/express` pins, unless they are.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let source = workspace.peers().join("express");
        let directory = workspace.tools().join("express");
        npm::install(&source, &directory)?;
        Ok(Self {
            server: source.join("server.js"),
            node_modules: directory.join("node_modules"),
        })
    }

    /// Starts it as it would be in production, but for its own environment: `PORT`,
    /// `PUBLIC_URL` and `AUTH_TOKEN`.
    pub(crate) fn command(&self) -> Command {
        let mut node = Command::new("node");
        node.arg(&self.server)
            .env("NODE_PATH", &self.node_modules)
            .env("NODE_ENV", "production");
        node
    }
}
