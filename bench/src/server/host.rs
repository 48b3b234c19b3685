//! The host: the binary as it is shipped, with a configuration of its own.

use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use super::process::Process;
use crate::account::{ACCOUNT, PUBLIC_URL, TOKEN};

/// What the host logs, into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What it logs unless it is told otherwise: a line for each request.
    Default,
    /// What needs somebody's attention.
    Warnings,
}

/// An add-on to be served.
#[derive(Debug, Clone)]
pub struct AddOn {
    /// Its name, in the configuration and of its component's file.
    pub name: String,
    /// Its SID.
    pub sid: String,
    /// Its component's bytes.
    pub component: Vec<u8>,
    /// Further lines of its table.
    pub toml: String,
}

/// A host that can be started, once and again; what it compiled is kept in between.
#[derive(Debug)]
pub struct Host {
    program: PathBuf,
    directory: TempDir,
    log: Log,
    makes_instances: bool,
}

impl Host {
    /// One that serves these add-ons, with all defaults.
    ///
    /// # Errors
    /// Where its files cannot be written.
    pub fn new(program: &Path, log: Log, add_ons: &[AddOn]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::create_dir(directory.path().join("plugins"))?;
        let mut config = format!("[server]\npublic_url = \"{PUBLIC_URL}\"\n");
        for AddOn {
            name,
            sid,
            component,
            toml,
        } in add_ons
        {
            let file = format!("plugins/{name}.wasm");
            fs::write(directory.path().join(&file), component)?;
            config +=
                &format!("[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"{file}\"\n{toml}\n");
        }
        fs::write(directory.path().join("addons.toml"), config)?;
        let program = program.to_owned();
        Ok(Self {
            program,
            directory,
            log,
            makes_instances: true,
        })
    }

    /// The same, of a binary whose provider is a function of its own.
    #[must_use]
    pub fn without_instances(mut self) -> Self {
        self.makes_instances = false;
        self
    }

    /// Starts it, and refuses to if it does not serve everything.
    pub(super) fn start(&self) -> Result<Process> {
        let log = self.directory.path().join("log");
        let mut command = self.command("serve");
        command
            .args(["--listen", "127.0.0.1:0", "--strict"])
            .env("ACCOUNT_SID", ACCOUNT)
            .env("AUTH_TOKEN", TOKEN)
            .stderr(File::create(&log)?);
        if self.log == Log::Warnings {
            command.args(["--log", "warn"]);
        }
        let started = Process::announced(&mut command);
        started.with_context(|| format!("its log is `{}`", beginning(&log)))
    }

    /// The instances that it has created since its start, where it is of a version that
    /// counts them.
    pub(super) fn instances(&self) -> Result<Option<u64>> {
        if !self.makes_instances {
            return Ok(None);
        }
        let output = self
            .command("status")
            .arg("--json")
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            bail!("the host does not tell its status");
        }
        let status: Value = serde_json::from_slice(&output.stdout)?;
        Ok(status["instances"].as_u64())
    }

    /// The binary, with nothing of this process' environment that it reads.
    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.directory.path())
            .arg(verb)
            .stdin(Stdio::null());
        for name in [
            "ACCOUNT_SID",
            "AUTH_TOKEN",
            "AUTH_TOKEN_SECONDARY",
            "JACKFIELD_LOG",
        ] {
            command.env_remove(name);
        }
        command
    }
}

/// The first lines of a file, which tell why a start failed.
fn beginning(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().take(10).collect::<Vec<_>>().join("\n")
}
