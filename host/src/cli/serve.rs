//! `jackfield serve`.

mod listeners;

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use listeners::Listeners;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

use super::{Alter, ConfigFile, output};
use crate::clients::Reception;
use crate::config::Config;
use crate::control::{Channel, Control};
use crate::host::Host;
use crate::jobs::Keeper;
use crate::operators::Operators;
use crate::process::{Descriptors, Inherited, Manager, Signals};
use crate::reload::{Reloader, Source, SourceError};
use crate::sandbox::{Allocation, Ceilings, Sandbox};
use crate::server::tls::Acceptor;
use crate::server::{self, Bounds};
use crate::state::{State, Who};
use crate::stop::Stop;
use crate::telemetry::{self, LogFormat};

/// How long an answer may be kept beyond its time where no request comes.
const TIDY: Duration = Duration::from_secs(10);

/// How long files may still be looked at when all else has ended: one that hangs, on a file
/// system that is gone, does not keep the process.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Serve the add-ons of a configuration.
///
/// The first line on standard output is `listening on http://ADDRESS`, `https` with TLS,
/// and a table of the add-ons follows. An add-on whose component is broken answers
/// `unavailable`; the log says why, and the others are served. On SIGTERM or SIGINT, running requests end first;
/// a second one ends the host at once. systemd is told how it goes, and may hand over the
/// listening socket.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  it was told to stop
  143, 130
     it was told twice, by SIGTERM or SIGINT: what ran was cut off
  2  a mistake in the configuration, the address is taken, or --strict and a broken component

Examples:
  jackfield serve
  jackfield serve --config staging/addons.toml --listen 127.0.0.1:0 --strict
  jackfield serve --log warn,jackfield=debug --log-format json")]
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
    /// How to log: lines for people, or a JSON object a line for programs.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "JACKFIELD_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
}

impl Serve {
    pub(super) fn run(self, alter: Alter) -> anyhow::Result<ExitCode> {
        // Before there is another thread: it changes the environment.
        let inherited = Inherited::from_environment()
            .context("what was handed over to listen on is no TCP socket")?;
        telemetry::start(&self.log, self.log_format)?;
        let ended = self.start(alter, inherited);
        telemetry::finish();
        ended
    }

    fn start(self, alter: Alter, inherited: Inherited) -> anyhow::Result<ExitCode> {
        let mut ceilings = Ceilings::default();
        let source = Source {
            path: self.file.config.clone(),
            listen: self.listen,
            alter: {
                let alter = Arc::clone(&alter);
                Arc::new(move |config| alter(config, &mut Ceilings::default()))
            },
        };
        let (_, config) = source.load();
        let config = config.map_err(|error| match error {
            SourceError::Config(errors) => output::explained(&errors),
            other => other.into(),
        })?;
        alter(&mut config.clone(), &mut ceilings);
        let runtime = super::runtime()?;
        let ended = runtime.block_on(async {
            let listeners = Listeners::open(inherited, &config.server).await?;
            serve(source, config, ceilings, self.strict, listeners).await
        });
        runtime.shutdown_timeout(AFTERMATH);
        ended
    }
}

async fn serve(
    source: Source,
    config: Config,
    ceilings: Ceilings,
    strict: bool,
    listeners: Listeners,
) -> anyhow::Result<ExitCode> {
    // From here on a hang-up does not end the process.
    let hangup = signal(SignalKind::hangup())?;
    let server = config.server.clone();
    for warning in &config.warnings {
        warn!("{warning}");
    }
    if !server.verify {
        warn!("signatures are NOT checked (`verify = false`): only this machine is served");
    }
    let descriptors = Descriptors::raise(&config);
    if descriptors.are_too_few() {
        warn!("{descriptors}");
    }
    let Listeners { public, operators } = listeners;
    let host = Arc::new(Host::new(&server, config.jobs.clone(), ceilings)?);
    warn_of_the_sandbox(&host.sandbox);
    let (state, remark) = State::open(&server.state_dir);
    // Where nothing compiled can be kept either, the loader says so.
    if let Some(remark) = remark.filter(|_| host.loader.keeps()) {
        warn!("nothing is remembered from one start to the next: {remark}");
    }
    let (reloader, verdicts) = Reloader::new(source, Arc::clone(&host), Arc::new(state));
    let stop = Stop::new();
    let control = Arc::new(Control::new(Arc::clone(&reloader), stop.clone()));
    let operators = operators.map(|it| Operators::start(it.socket, Arc::clone(&control)));
    reloader.start(config).await;
    let broken = host.registry().unavailable();
    anyhow::ensure!(
        !strict || broken == 0,
        "{broken} add-on(s) are unavailable (--strict)"
    );
    tokio::spawn(Arc::clone(&reloader).run(verdicts));
    reloader.watch();
    tokio::spawn(reload_on(hangup, Arc::clone(&reloader)));
    tokio::spawn(keep_tidy(Arc::clone(&host)));
    let jobs = Keeper::new(Arc::clone(&host), stop.clone()).start().await;
    let (signals, told) = (Signals::listen()?, Arc::clone(&control));
    tokio::spawn(signals.obey(move || told.drain(&Who::Signal)));
    let channel = open_channel(&server.state_dir, control);
    warn_of_the_hand(&reloader);
    let scheme = match server.tls {
        Some(_) => "https",
        None => "http",
    };
    output::line(&format!(
        "listening on {scheme}://{}",
        public.socket.local_addr()?
    ));
    let told = tokio::spawn(Manager.follow(Arc::clone(&host), stop.clone()));
    tokio::spawn(Manager.keep_alive());
    let registry = host.registry();
    output::line(&output::add_ons(registry.add_ons().map(Arc::as_ref)));
    if let Some(frozen) = reloader.frozen() {
        output::line(&format!("FROZEN: {}", frozen.reason));
    }
    let bounds = Bounds {
        connections: server.connections,
        header_timeout: server.header_timeout,
        drain_timeout: server.drain_timeout,
        shared: public.shared,
    };
    drop(registry);
    let served = Arc::clone(&host);
    let acceptor = Acceptor::following(move || served.registry().server().tls.clone())
        .counting(&host.listeners.public);
    let followed = Arc::clone(&host);
    let rules = move || Arc::clone(&followed.registry().server().clients);
    let reception = Reception::following(Arc::clone(&host.clients), rules);
    let traced = Arc::clone(&host);
    let doors = (reception, acceptor);
    server::serve(public.socket, bounds, doors, host, &stop).await;
    // A panic in them is logged, and the host ends in any case.
    let _ = jobs.await;
    traced.traces.finish().await;
    let _ = told.await;
    if let Some(channel) = channel {
        channel.close().await;
    }
    if let Some(operators) = operators {
        operators.close().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the control channel, if there is a place for it.
fn open_channel(state: &Path, control: Arc<Control>) -> Option<Channel> {
    Channel::open(state, control)
        .inspect_err(|why| warn!("there is no control channel: {why}"))
        .ok()
}

/// Says what an operator has decided that still holds.
fn warn_of_the_hand(reloader: &Reloader) {
    if let Some(frozen) = reloader.frozen() {
        let (reason, by) = (&frozen.reason, &frozen.by);
        warn!(reason, %by, "frozen: files that change are not taken up");
    }
    for add_on in reloader.host().registry().add_ons() {
        if let Some(pause) = &add_on.pause {
            let (add_on, reason, by) = (add_on.config.name.as_str(), &pause.reason, &pause.by);
            warn!(add_on, reason, %by, "paused");
        }
    }
}

fn warn_of_the_sandbox(sandbox: &Sandbox) {
    if let (Allocation::OnDemand, Some(reason)) = (sandbox.allocation(), sandbox.pool_error()) {
        warn!("no memory pool for guests, so each call is slower: {reason}");
    }
}

/// Lets go of what is kept for too long, also where no further request comes.
async fn keep_tidy(host: Arc<Host>) {
    loop {
        tokio::time::sleep(TIDY).await;
        let keep = host.registry().server().ledger.keep;
        host.ledger.tidy(keep);
        host.clients.tidy();
    }
}

/// Reloads whenever the process is told to, as other servers do.
async fn reload_on(mut hangup: Signal, reloader: Arc<Reloader>) {
    while hangup.recv().await.is_some() {
        Manager.reloading();
        reloader.request(Who::Signal).await;
        Manager.reloaded();
    }
}
