//! Who is asked: processes that are started for one measurement and ended after it.

mod component;
mod host;
mod peer;
mod process;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

pub use component::told_apart;
pub use host::{AddOn, Host, Log};
pub use peer::Peer;
pub use process::{Memory, Process};

use crate::account::{PUBLIC_URL, TOKEN};

/// A server that can be started.
#[derive(Debug)]
pub enum Server {
    /// The limit.
    Bare(PathBuf),
    /// The host.
    Host(Host),
    /// Something else that answers such requests.
    Peer(Peer),
}

impl Server {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// Where it does not.
    pub fn start(&self) -> Result<Process> {
        match self {
            Self::Bare(program) => {
                let mut command = Command::new(program);
                Process::announced(command.arg(PUBLIC_URL).env("AUTH_TOKEN", TOKEN))
            }
            Self::Host(host) => host.start(),
            Self::Peer(peer) => peer.start(),
        }
    }

    /// The instances that it has created since it was started, where it counts them.
    ///
    /// # Errors
    /// Where a host does not tell.
    pub fn instances(&self) -> Result<Option<u64>> {
        match self {
            Self::Host(host) => host.instances(),
            Self::Bare(_) | Self::Peer(_) => Ok(None),
        }
    }

    /// What is in every right answer of it.
    #[must_use]
    pub fn mark(&self) -> &str {
        match self {
            Self::Peer(peer) => &peer.mark,
            Self::Bare(_) | Self::Host(_) => "\"error_code\":null",
        }
    }
}
