//! The host as a child process, which never outlives this one.

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::{Context as _, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::account::Account;
use crate::command;
use crate::workspace::Workspace;

/// Where the example add-ons are served; signatures are made over it.
pub(crate) const LISTEN: &str = "127.0.0.1:8080";

/// What precedes the address in the host's first line.
const LISTENING: &str = "listening on http://";

/// How long the host may take until it listens: it compiles components first.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long it may take to finish what it is doing when told to stop.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running host.
pub(crate) struct Host {
    child: Child,
    address: String,
    events: Receiver<Event>,
}

enum Event {
    /// The host wrote a line.
    Line(String),
    /// The host closed its standard output: it has ended, or is about to.
    Ended,
    /// This process received a signal.
    Signal(i32),
}

impl Host {
    /// Starts the host and waits until it listens.
    pub(crate) fn start(workspace: &Workspace, config: &Path, account: &Account) -> Result<Self> {
        let (sender, events) = mpsc::channel();
        forward_signals(sender.clone())?;
        let mut serve = Command::new(workspace.host());
        serve.current_dir(&workspace.root).stdout(Stdio::piped());
        serve
            .args(["serve", "--listen", LISTEN, "--config"])
            .arg(config);
        account.give_to(&mut serve);
        command::print(&serve);
        let child = serve.spawn().context("the host could not be started")?;
        let mut host = Self {
            child,
            address: String::new(),
            events,
        };
        let output = host
            .child
            .stdout
            .take()
            .context("the host's output is not piped")?;
        thread::spawn(move || forward_lines(output, &sender));
        host.address = host.wait_for_address()?;
        host.show_lines_that_follow()?;
        Ok(host)
    }

    /// Where it listens, as `ADDRESS:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Shows what the host wrote meanwhile; an error when it, or we, shall stop.
    pub(crate) fn check_running(&mut self) -> Result<()> {
        while let Ok(event) = self.events.try_recv() {
            self.react(event)?;
        }
        Ok(())
    }

    /// Shows what the host writes until a signal comes; then waits for its end.
    pub(crate) fn serve_until_signalled(mut self) -> Result<()> {
        loop {
            match self.events.recv()? {
                Event::Line(line) => println!("{line}"),
                Event::Ended => bail!("the host ended ({})", self.child.wait()?),
                Event::Signal(signal) => return self.end_after(signal),
            }
        }
    }

    /// Tells the host to stop, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end_after(SIGTERM)
    }

    fn wait_for_address(&mut self) -> Result<String> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self
                .events
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(Event::Line(line)) => {
                    println!("{line}");
                    if let Some(address) = line.strip_prefix(LISTENING) {
                        return Ok(address.trim().to_owned());
                    }
                }
                Ok(Event::Ended) => {
                    bail!("the host ended before it listened ({})", self.child.wait()?)
                }
                Ok(Event::Signal(_)) => bail!("stopped by a signal"),
                Err(_) => bail!("the host did not listen within {START_LIMIT:?}"),
            }
        }
    }

    /// The table of add-ons follows the address at once, and belongs above the
    /// first answer.
    fn show_lines_that_follow(&mut self) -> Result<()> {
        while let Ok(event) = self.events.recv_timeout(Duration::from_millis(100)) {
            self.react(event)?;
        }
        Ok(())
    }

    fn react(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Line(line) => println!("{line}"),
            Event::Ended => bail!("the host ended ({})", self.child.wait()?),
            Event::Signal(signal) => {
                self.end_after(signal)?;
                bail!("stopped by a signal");
            }
        }
        Ok(())
    }

    /// Waits for the end of the host after `signal`. A terminal's Ctrl-C reaches
    /// both of us, because we are one process group; every other signal is passed on.
    fn end_after(&mut self, signal: i32) -> Result<()> {
        if signal != SIGINT {
            terminate(&self.child)?;
        }
        let deadline = Instant::now() + STOP_LIMIT;
        loop {
            match self
                .events
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(Event::Line(line)) => println!("{line}"),
                Ok(Event::Signal(_)) => {}
                Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => {
                    self.child.wait()?;
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the host did not stop within {STOP_LIMIT:?}, and was killed")
                }
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Both fail only where the host has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the host can listen. Asked first of all: nobody should wait for a build
/// only to hear of another program on the port.
pub(crate) fn check_port() -> Result<()> {
    let probe = TcpListener::bind(LISTEN).map(drop);
    if probe
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    {
        bail!("{LISTEN} is taken by another program; stop that program, and try again");
    }
    probe.with_context(|| format!("{LISTEN} cannot be listened on"))
}

fn forward_signals(sender: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        let mut signals = signals.forever().map(Event::Signal);
        signals.try_for_each(|signal| sender.send(signal))
    });
    Ok(())
}

fn forward_lines(output: impl Read, sender: &Sender<Event>) {
    let lines = BufReader::new(output).lines().map_while(io::Result::ok);
    let sent = lines
        .map(Event::Line)
        .try_for_each(|line| sender.send(line));
    // Nobody listens any more where a line could not be sent.
    if sent.is_ok() {
        let _ = sender.send(Event::Ended);
    }
}

/// The standard library can only kill, which would not let the host finish.
fn terminate(child: &Child) -> Result<()> {
    let script = format!("kill -TERM {}", child.id());
    command::capture(Command::new("sh").args(["-c", &script])).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(script: &str) -> Host {
        let mut shell = Command::new("sh");
        let mut child = shell
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, events) = mpsc::channel();
        thread::spawn(move || forward_lines(output, &sender));
        Host {
            child,
            address: String::new(),
            events,
        }
    }

    #[test]
    fn the_address_is_read_from_the_hosts_own_line() {
        let mut host =
            running("echo ready soon; echo listening on http://127.0.0.1:8080; exec sleep 60");
        assert_eq!(host.wait_for_address().unwrap(), "127.0.0.1:8080");
    }

    #[test]
    fn a_host_that_ends_before_it_listens_is_an_error_with_its_status() {
        let error = running("exit 2").wait_for_address().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the host ended before it listened (exit status: 2)"
        );
    }

    #[test]
    fn stopping_lets_the_host_finish() {
        let mut host = running(
            "trap 'kill $!; echo finishing; exit 0' TERM\n\
             sleep 60 > /dev/null & echo listening on http://x; wait",
        );
        host.wait_for_address().unwrap();
        terminate(&host.child).unwrap();
        let lines = host.events.iter().map_while(|event| match event {
            Event::Line(line) => Some(line),
            Event::Ended | Event::Signal(_) => None,
        });
        assert_eq!(lines.collect::<Vec<_>>(), ["finishing"]);
        assert!(host.child.wait().unwrap().success());
    }

    #[test]
    fn a_dropped_host_is_gone() {
        let host = running("echo listening on http://x; exec sleep 60");
        let id = host.child.id();
        drop(host);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }
}
