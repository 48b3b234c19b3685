//! The command line: a file for each verb.

mod call;
mod check;
mod compile;
mod completions;
mod control;
mod erase;
mod inspect;
mod jobs;
mod man;
mod masked;
mod observe;
mod output;
mod report;
mod schema;
mod serve;
mod signed;
mod status;
mod verify;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::{Config, ConfigErrors, Environment};
use crate::sandbox::{self, Ceilings};

/// Answers Twilio Marketplace add-on requests out of sandboxed WebAssembly components.
///
/// `serve` is the host. The other commands prepare what it serves, and find out what
/// happened where it refused.
#[derive(Debug, Parser)]
#[command(
    name = "jackfield",
    version,
    max_term_width = 100,
    after_long_help = "Exit status:
  0  yes
  1  no
  2  the question could not be asked: a wrong argument, an unreadable file, no connection

Environment:
  ACCOUNT_SID, AUTH_TOKEN, AUTH_TOKEN_SECONDARY
     the one account, where addons.toml has no [accounts] table; also from .env
  JACKFIELD_LOG
     what `serve` logs

Files:
  addons.toml
     the configuration; docs/operations.md explains every key
  .env
     beside it, variables that the environment does not have"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Inspect(inspect::Inspect),
    Call(call::Call),
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
    Jobs(jobs::Jobs),
    Erase(erase::Erase),
    Observe(observe::Observe),
    Schema(schema::Schema),
    Version(version::Version),
    Completions(completions::Completions),
    #[command(name = "man")]
    Manual(man::Manual),
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
            Command::Inspect(inspect) => inspect.run(),
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
            Command::Jobs(jobs) => jobs.run(),
            Command::Erase(erase) => erase.run(),
            Command::Schema(schema) => Ok(schema.run()),
            Command::Version(version) => version.run(),
            Command::Completions(completions) => Ok(completions.run()),
            Command::Manual(manual) => manual.run(),
            Command::Compile(compile) => compile.run(),
        };
        result.unwrap_or_else(|error| {
            output::complain(&error);
            ExitCode::from(2)
        })
    }
}

/// The command line as people see it: the host alone calls the verbs that are hidden, and
/// what is generated for shells and manuals would show them.
fn visible() -> clap::Command {
    let all = Cli::command();
    let verbs = all.get_subcommands().filter(|verb| !verb.is_hide_set());
    let mut visible = clap::Command::new("jackfield")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .subcommand_help_heading("COMMANDS")
        .subcommand_value_name("COMMAND")
        .subcommands(verbs.cloned());
    if let Some(about) = all.get_about() {
        visible = visible.about(about.clone());
    }
    if let Some(about) = all.get_long_about() {
        visible = visible.long_about(about.clone());
    }
    if let Some(further) = all.get_after_long_help() {
        visible = visible.after_long_help(further.clone());
    }
    visible
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
