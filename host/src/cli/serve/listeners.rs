//! Where the host listens: on sockets that were handed over, or else at the addresses of
//! its configuration.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;
use tracing::info;

use crate::config::ServerConfig;
use crate::process::Inherited;

/// The sockets of one host.
pub(super) struct Listeners {
    /// Where requests arrive.
    pub(super) public: Listener,
    /// Where operators ask, if they may.
    pub(super) operators: Option<Listener>,
}

/// One socket.
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    /// Whether somebody else keeps it open when the host has ended.
    pub(super) shared: bool,
}

impl Listeners {
    /// Takes all of them. That comes before anything is compiled: two hosts on one port is
    /// the commonest mistake, and should not take seconds to tell.
    pub(super) async fn open(
        mut inherited: Inherited,
        server: &ServerConfig,
    ) -> anyhow::Result<Self> {
        let public = Listener::open(&mut inherited, server.listen, "--listen").await?;
        let operators = match &server.operators {
            Some(operators) => {
                let opened = Listener::open(&mut inherited, operators.listen, "`operators.listen`");
                Some(opened.await?)
            }
            None => None,
        };
        let left: Vec<String> = inherited.left().map(|at| at.to_string()).collect();
        anyhow::ensure!(
            left.is_empty(),
            "nothing is served at {}, which was handed over as well",
            left.join(", ")
        );
        Ok(Self { public, operators })
    }
}

impl Listener {
    async fn open(inherited: &mut Inherited, listen: SocketAddr, by: &str) -> anyhow::Result<Self> {
        let Some(handed) = inherited.take(listen) else {
            let socket = TcpListener::bind(listen).await.with_context(|| {
                format!("cannot listen on {listen}: choose another address with {by}")
            })?;
            let shared = false;
            return Ok(Self { socket, shared });
        };
        handed.set_nonblocking(true)?;
        let (socket, shared) = (TcpListener::from_std(handed)?, true);
        info!(address = %socket.local_addr()?, "listens on the socket that was handed over");
        Ok(Self { socket, shared })
    }
}
