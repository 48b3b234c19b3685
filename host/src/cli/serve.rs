//! `jackfield serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, warn};

use super::{ConfigFile, output};
use crate::config::Config;
use crate::handle::respond;
use crate::host::Host;
use crate::sandbox::{Allocation, Ceilings};
use crate::server::{self, Bounds};
use crate::telemetry;

/// Serve the add-ons of a configuration.
///
/// The first line on standard output is `listening on http://ADDRESS`, and a table of the
/// add-ons follows. An add-on whose component is broken answers `unavailable`; the log
/// says why, and the others are served. On SIGTERM or SIGINT, running requests end first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  it was told to stop
  2  a mistake in the configuration, the address is taken, or --strict and a broken component

Examples:
  jackfield serve
  jackfield serve --config staging/addons.toml --listen 127.0.0.1:0 --strict
  jackfield serve --log warn,jackfield=debug")]
pub(super) struct Serve {
    #[command(flatten)]
    file: ConfigFile,
    /// Listen here instead of at the configuration's `listen`. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Do not start while any add-on's component is broken.
    #[arg(long)]
    strict: bool,
    /// What to log, as in `info` or `warn,jackfield=debug`.
    #[arg(
        long,
        value_name = "FILTER",
        env = "JACKFIELD_LOG",
        default_value = "info"
    )]
    log: String,
}

impl Serve {
    pub(super) fn run(
        self,
        alter: impl FnOnce(&mut Config, &mut Ceilings),
    ) -> anyhow::Result<ExitCode> {
        telemetry::start(&self.log)?;
        let mut config = self.file.load_or_explain()?;
        if let Some(listen) = self.listen {
            anyhow::ensure!(
                config.server.verify || listen.ip().is_loopback(),
                "`verify = false` serves this machine alone, and `{listen}` is reached by others"
            );
            config.server.listen = listen;
        }
        let mut ceilings = Ceilings::default();
        alter(&mut config, &mut ceilings);
        super::runtime()?.block_on(serve(config, ceilings, self.strict))
    }
}

async fn serve(config: Config, ceilings: Ceilings, strict: bool) -> anyhow::Result<ExitCode> {
    for warning in &config.warnings {
        warn!("{warning}");
    }
    if !config.server.verify {
        warn!("signatures are NOT checked (`verify = false`): only this machine is served");
    }
    let listen = config.server.listen;
    // The port is taken before anything is compiled: two hosts on one port is the
    // commonest mistake, and should not take seconds to tell.
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}: choose another address with --listen")
    })?;
    let host = Host::build(config, ceilings).await?;
    if let (Allocation::OnDemand, Some(reason)) =
        (host.sandbox.allocation(), host.sandbox.pool_error())
    {
        warn!("no memory pool for guests, so each call is slower: {reason}");
    }
    for remark in host.loader.remarks() {
        warn!("{remark}");
    }
    let mut broken = 0;
    for add_on in host.registry.add_ons() {
        if let Some(fault) = add_on.fault() {
            broken += 1;
            let reason = output::on_one_line(&fault);
            error!(
                add_on = add_on.config().name.as_str(),
                reason, "unavailable"
            );
        }
    }
    anyhow::ensure!(
        !strict || broken == 0,
        "{broken} add-on(s) are unavailable (--strict)"
    );
    let stop = stop_signal()?;
    output::line(&format!("listening on http://{}", listener.local_addr()?));
    output::line(&output::add_ons(host.registry.add_ons().map(Arc::as_ref)));
    let bounds = Bounds {
        connections: host.server.connections,
        header_timeout: host.server.header_timeout,
    };
    let host = Arc::new(host);
    let handler = move |request| respond(Arc::clone(&host), request);
    server::serve(listener, bounds, handler, stop).await;
    Ok(ExitCode::SUCCESS)
}

/// Ready once the process is told to stop.
pub(super) fn stop_signal() -> anyhow::Result<impl Future> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
