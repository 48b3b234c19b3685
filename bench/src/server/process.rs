//! A running server, and what it holds of the machine.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(900);

/// How long to wait before looking again whether one listens that does not say so.
const LOOK: Duration = Duration::from_millis(5);

/// What a process holds, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// All of it that is there.
    pub resident: u64,
    /// The same, with what is shared divided among those who share it.
    pub proportional: u64,
}

/// A running server. It ends when this is dropped, with all that it has started.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took until it listened.
    pub took: Duration,
}

impl Process {
    /// Starts a server that prints `listening on http://ADDRESS` once it listens.
    ///
    /// # Errors
    /// Where it prints anything else first.
    pub(super) fn announced(command: &mut Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = spawn(command.stdout(Stdio::piped()))?;
        let output = child.stdout.take().context("nothing is piped")?;
        let mut output = BufReader::new(output);
        let mut first = String::new();
        output.read_line(&mut first)?;
        let took = started.elapsed();
        // It may print more than a pipe holds, and would wait for a reader.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        let address = first.trim().strip_prefix("listening on http://");
        let Some(address) = address.and_then(|it| it.parse().ok()) else {
            end(&mut child);
            bail!("{} does not start: `{}`", name(command), first.trim());
        };
        Ok(Self {
            child,
            address,
            took,
        })
    }

    /// Starts a server that says nothing, at an address that was free a moment ago.
    ///
    /// # Errors
    /// Where it ends, or nobody listens there for long.
    pub(super) fn connectable(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let started = Instant::now();
        let mut child = spawn(command.stdout(Stdio::null()))?;
        while TcpStream::connect(address).is_err() {
            let ended = child.try_wait()?.is_some();
            if ended || started.elapsed() > PATIENCE {
                end(&mut child);
                bail!("{} does not start", name(command));
            }
            pause();
        }
        let took = started.elapsed();
        Ok(Self {
            child,
            address,
            took,
        })
    }

    /// What it holds.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = std::fs::read_to_string(path).context("no smaps_rollup")?;
        Ok(Memory {
            resident: kibibytes(&text, "Rss:")? * 1024,
            proportional: kibibytes(&text, "Pss:")? * 1024,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// In a group of its own, so that whatever it starts can be ended with it.
fn spawn(command: &mut Command) -> Result<Child> {
    let command = command.stdin(Stdio::null()).process_group(0);
    let spawned = command.spawn();
    spawned.with_context(|| format!("{} cannot be started", name(command)))
}

/// Without its directory, which is nobody's business.
fn name(command: &Command) -> String {
    let path = Path::new(command.get_program());
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It may have ended by itself, which whoever asked it has seen.
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
    let _ = child.wait();
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells when a peer listens"
)]
fn pause() {
    std::thread::sleep(LOOK);
}

fn kibibytes(text: &str, name: &str) -> Result<u64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let number = lines.next().and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("no `{name}` in smaps_rollup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_kibibytes() {
        let text =
            "55d5-7ffc ---p 00000000 00:00 0    [rollup]\nRss:      2048 kB\nPss:       512 kB\n";
        assert_eq!(kibibytes(text, "Rss:").unwrap(), 2048);
        assert_eq!(kibibytes(text, "Pss:").unwrap(), 512);
        assert!(kibibytes(text, "Swap:").is_err());
    }
}
