//! The verbs that ask a running host for something: `reload`, `rollback`, `approve`,
//! `pause`, `resume`, `freeze`, `thaw` and `drain`.

mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{ConfigFile, output};
use crate::config::state_dir_of;
use crate::control::{self, AskError, Freeze, OfAddOn, Order, PauseOf, PlanOf, RollbackOf};
use crate::reload::{Plan, Report};

/// Where the running host is found.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The host's state directory, if not the one that the configuration names.
    #[arg(long, value_name = "DIRECTORY")]
    state_dir: Option<PathBuf>,
}

/// A running host, found by its configuration or by its state directory.
#[derive(Debug, clap::Args)]
pub(super) struct Running {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    place: Place,
}

impl Running {
    /// Asks it. What it refuses comes back as an answer of its own.
    pub(super) fn ask<T: DeserializeOwned>(&self, order: &Order) -> anyhow::Result<Told<T>> {
        self.place.ask(&self.file, order)
    }

    /// Asks it for something about which there is nothing more to tell.
    pub(super) fn have_done(&self, order: &Order, done: &str) -> anyhow::Result<ExitCode> {
        Ok(match self.ask::<IgnoredAny>(order)? {
            Told::Answer(_) => {
                output::line(done);
                ExitCode::SUCCESS
            }
            Told::Refused(code) => code,
        })
    }

    /// Asks it for something that changes what is served, of one add-on or of all.
    fn have_changed(&self, order: &Order, of: Option<&str>) -> anyhow::Result<ExitCode> {
        Ok(match self.ask::<Report>(order)? {
            Told::Answer(report) => report::show(&report, of),
            Told::Refused(code) => code,
        })
    }
}

/// What a host told.
pub(super) enum Told<T> {
    /// What it was asked for.
    Answer(T),
    /// That it does not do it, which was printed.
    Refused(ExitCode),
}

impl Place {
    fn ask<T: DeserializeOwned>(
        &self,
        file: &ConfigFile,
        order: &Order,
    ) -> anyhow::Result<Told<T>> {
        let named = || state_dir_of(&file.config);
        let state = self.state_dir.clone().unwrap_or_else(named);
        match super::runtime()?.block_on(control::ask(&state, order)) {
            Ok(answer) => Ok(Told::Answer(answer)),
            Err(refused @ AskError::Refused { .. }) => {
                output::complain(&refused.into());
                Ok(Told::Refused(ExitCode::FAILURE))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Shows what a reload would change, and what it would not take up.
    pub(super) fn diff(&self, file: &ConfigFile) -> anyhow::Result<ExitCode> {
        let config = std::path::absolute(&file.config)?;
        let order = Order::Plan(PlanOf {
            config: Some(config),
        });
        Ok(match self.ask::<Plan>(file, &order)? {
            Told::Answer(plan) => report::show_plan(&plan),
            Told::Refused(code) => code,
        })
    }
}

/// Have the running host take up what has changed, now.
///
/// The host does so by itself when a file changes, unless it is frozen or `watch = false`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  all of it is taken up, or nothing has changed\n  1  something is not taken up\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield reload\n  jackfield reload --config /etc/jackfield/addons.toml"
)]
pub(super) struct Reload {
    #[command(flatten)]
    host: Running,
}

impl Reload {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        self.host.have_changed(&Order::Reload, None)
    }
}

/// Go back to the version of an add-on that served before.
///
/// The file in place is not served again, not after a restart either, until it changes or
/// `jackfield approve` lets it.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield rollback caller-name\n  jackfield rollback caller-name --reason \"wrong names for Canada\""
)]
pub(super) struct Rollback {
    /// The add-on, by its name in the configuration.
    #[arg(value_name = "ADDON")]
    addon: String,
    /// Why, for the next person: it is shown by `status` and in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    host: Running,
}

impl Rollback {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let addon = self.addon.clone();
        let reason = self.reason;
        let order = Order::Rollback(RollbackOf { addon, reason });
        self.host.have_changed(&order, Some(&self.addon))
    }
}

/// Let an add-on's component serve that is held.
///
/// That is one that imports more than the version before (`approve = "grants"`), that
/// failed its trial, or that was rolled back. `jackfield status` shows them.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield status\n  jackfield approve caller-name"
)]
pub(super) struct Approve {
    /// The add-on, by its name in the configuration.
    #[arg(value_name = "ADDON")]
    addon: String,
    #[command(flatten)]
    host: Running,
}

impl Approve {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let addon = self.addon.clone();
        let order = Order::Approve(OfAddOn { addon });
        self.host.have_changed(&order, Some(&self.addon))
    }
}

/// Answer an add-on's requests without calling its provider, until it is resumed.
///
/// They are answered `paused`, or with the add-on's `fallback`, or with the object in the
/// file that --answer names. It survives a restart.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield pause caller-name --reason \"the vendor is down\"\n  jackfield pause caller-name --answer unknown.json --reason \"the vendor is down\""
)]
pub(super) struct Pause {
    /// The add-on, by its name in the configuration.
    #[arg(value_name = "ADDON")]
    addon: String,
    /// A file with a JSON object, at most 32 KiB, that is answered meanwhile.
    #[arg(long, value_name = "FILE")]
    answer: Option<PathBuf>,
    /// Why, for the next person: it is shown by `status` and in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    host: Running,
}

impl Pause {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let read = |file: &PathBuf| {
            let shown = file.display();
            let text = std::fs::read(file).with_context(|| format!("`{shown}` cannot be read"))?;
            serde_json::from_slice(&text).with_context(|| format!("`{shown}` holds no JSON"))
        };
        let answer = self.answer.as_ref().map(read).transpose()?;
        let done = format!("`{}` is paused", self.addon);
        let order = Order::Pause(PauseOf {
            addon: self.addon,
            reason: self.reason,
            answer,
        });
        self.host.have_done(&order, &done)
    }
}

/// Call a paused add-on's provider again.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield resume caller-name"
)]
pub(super) struct Resume {
    /// The add-on, by its name in the configuration.
    #[arg(value_name = "ADDON")]
    addon: String,
    #[command(flatten)]
    host: Running,
}

impl Resume {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let done = format!("`{}` is called again", self.addon);
        let order = Order::Resume(OfAddOn { addon: self.addon });
        self.host.have_done(&order, &done)
    }
}

/// Have the running host take up no file that changes, until it is thawed.
///
/// What is asked for by hand, as with `jackfield reload`, is done all the same. It
/// survives a restart; a restart itself takes up what is in place.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield freeze --reason \"incident 17\""
)]
pub(super) struct FreezeHost {
    /// Why, for the next person: it is shown by `status` and in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    host: Running,
}

impl FreezeHost {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let order = Order::Freeze(Freeze {
            reason: self.reason,
        });
        let done = "frozen: files that change are not taken up";
        self.host.have_done(&order, done)
    }
}

/// Have the running host take up again what changes, and what has changed meanwhile.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield thaw"
)]
pub(super) struct Thaw {
    #[command(flatten)]
    host: Running,
}

impl Thaw {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let done = "thawed: files that change are taken up";
        self.host.have_done(&Order::Thaw, done)
    }
}

/// Have the running host end, once all that runs has ended.
///
/// As on SIGTERM, it accepts no more requests, lets those that run end, and exits with
/// status 0.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is done\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield drain"
)]
pub(super) struct Drain {
    #[command(flatten)]
    host: Running,
}

impl Drain {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        self.host.have_done(&Order::Drain, "the host is ending")
    }
}
