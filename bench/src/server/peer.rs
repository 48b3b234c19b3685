//! Servers that somebody else makes.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;
use serde::Deserialize;

use super::process::Process;
use crate::account::{PUBLIC_URL, TOKEN};

/// What stands for the port in arguments and environment.
const PORT: &str = "{port}";

/// A server that is asked the same, and how it is started.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// What the report calls it.
    pub name: String,
    /// What it is made of, with versions.
    pub version: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments, with `{port}` where the port goes.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Variables of its environment, likewise.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// The directory that it is started in.
    pub directory: Option<PathBuf>,
    /// What is in every right answer of it.
    pub mark: String,
}

impl Peer {
    pub(super) fn start(&self) -> Result<Process> {
        let port = free_port()?;
        let filled = |text: &String| text.replace(PORT, &port.to_string());
        let mut command = Command::new(&self.program);
        command.args(self.arguments.iter().map(filled));
        let environment = self.environment.iter();
        command.envs(environment.map(|(name, value)| (name, filled(value))));
        command
            .env("AUTH_TOKEN", TOKEN)
            .env("PUBLIC_URL", PUBLIC_URL);
        command.stderr(Stdio::null());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        Process::connectable(&mut command, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
