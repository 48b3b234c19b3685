//! Where a run took place: what a reader needs to judge its figures, and nothing that names
//! the machine.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde::Serialize;

use crate::suite::Run;

/// What the figures depend on besides the code.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processors that may be used.
    pub cores: usize,
    /// Their model.
    pub processor: String,
    /// The kernel's version.
    pub kernel: String,
    /// The compiler's.
    pub rustc: String,
    /// The host's.
    pub jackfield: String,
    /// Those of what it was measured beside.
    pub peers: BTreeSet<String>,
    /// How often everything was measured.
    pub rounds: usize,
    /// For how long each time, in seconds.
    pub seconds: f64,
    /// The kept connections.
    pub lines: usize,
}

impl Machine {
    /// This one, for a run.
    #[must_use]
    pub fn here(run: &Run) -> Self {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        // What follows its version may name whoever built it.
        let kernel = kernel.trim().split(['-', '+']).next().unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor(),
            kernel: kernel.to_owned(),
            rustc: rustc(),
            jackfield: env!("CARGO_PKG_VERSION").to_owned(),
            peers: run.peers.iter().map(|peer| peer.version.clone()).collect(),
            rounds: run.rounds,
            seconds: run.measured.as_secs_f64(),
            lines: run.lines,
        }
    }

    /// In one paragraph.
    #[must_use]
    pub fn in_words(&self) -> String {
        let versions: Vec<&str> = self.peers.iter().map(String::as_str).collect();
        format!(
            "Jackfield {}, {}, {}, Linux {}, {} × {}; {} rounds of {} s, {} connections.",
            self.jackfield,
            versions.join(", "),
            self.rustc,
            self.kernel,
            self.cores,
            self.processor,
            self.rounds,
            self.seconds,
            self.lines
        )
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(": "));
    model.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |(_, model)| model.to_owned(),
    )
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.split(" (")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}
