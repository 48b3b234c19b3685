//! The command line: a file for each verb.

mod call;
mod check;
mod compile;
mod control;
mod masked;
mod observe;
mod output;
mod serve;
mod signed;
mod status;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigErrors, Environment};
use crate::sandbox::{self, Ceilings};

/// Answers Twilio Marketplace add-on requests out of sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "jackfield", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the add-ons of a configuration.
    Serve(serve::Serve),
    /// Check a configuration and its components, and serve nothing.
    Check(check::Check),
    /// Call an add-on of a running host, signed as Twilio signs.
    Call(call::Call),
    /// Check one signature, as when Twilio reports a 403.
    Verify(verify::Verify),
    Status(status::ShowStatus),
    Reload(control::Reload),
    Rollback(control::Rollback),
    Approve(control::Approve),
    Pause(control::Pause),
    Resume(control::Resume),
    Freeze(control::FreezeHost),
    Thaw(control::Thaw),
    Drain(control::Drain),
    /// Record what requests look like, for the first contact with the real Twilio.
    Observe(observe::Observe),
    #[command(name = sandbox::COMPILE, hide = true)]
    Compile(compile::Compile),
}

/// What takes limits away, at the start and at every reload.
pub type Alter = Arc<dyn Fn(&mut Config, &mut Ceilings) + Send + Sync>;

impl Cli {
    /// Carries the command out. The exit status is 0 for yes, 1 for no, and 2 where the
    /// question could not be asked.
    #[must_use]
    pub fn run(self) -> ExitCode {
        self.run_altered(Arc::new(|_, _| {}))
    }

    /// Carries the command out, where `serve` serves under other limits than configured.
    /// The proofs that a limit matters take it away; the binary has no way to.
    #[must_use]
    pub fn run_altered(self, alter: Alter) -> ExitCode {
        let result = match self.command {
            Command::Serve(serve) => serve.run(alter),
            Command::Check(check) => check.run(),
            Command::Call(call) => call.run(),
            Command::Verify(verify) => verify.run(),
            Command::Observe(observe) => observe.run(),
            Command::Status(status) => status.run(),
            Command::Reload(reload) => reload.run(),
            Command::Rollback(rollback) => rollback.run(),
            Command::Approve(approve) => approve.run(),
            Command::Pause(pause) => pause.run(),
            Command::Resume(resume) => resume.run(),
            Command::Freeze(freeze) => freeze.run(),
            Command::Thaw(thaw) => thaw.run(),
            Command::Drain(drain) => drain.run(),
            Command::Compile(compile) => compile.run(),
        };
        result.unwrap_or_else(|error| {
            output::complain(&error);
            ExitCode::from(2)
        })
    }
}

/// The configuration that most verbs need.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "addons.toml")]
    config: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Result<Config, ConfigErrors>> {
        let environment = Environment::beside(&self.config)?;
        Ok(Config::load(&self.config, &environment))
    }

    /// The configuration, or an error that shows all that is wrong with it.
    fn load_or_explain(&self) -> anyhow::Result<Config> {
        self.load()?.map_err(|errors| output::explained(&errors))
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}
