//! `jackfield version`.

use std::process::ExitCode;

use serde::Serialize;

use super::output;
use crate::sandbox::{ENGINE, World};

/// Show what this program is: how it was built, and what it can serve.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  always

Examples:
  jackfield version
  jackfield version --json | jq -r .wasmtime")]
pub(super) struct Version {
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Told {
    version: &'static str,
    commit: Option<&'static str>,
    target: &'static str,
    rustc: &'static str,
    wasmtime: &'static str,
    contract: Vec<Contract>,
}

/// A world of the contract that components are served for.
#[derive(Serialize)]
struct Contract {
    world: &'static str,
    interface: &'static str,
}

impl Version {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let told = told();
        match self.json {
            true => output::json(&told)?,
            false => output::line(&shown(&told)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn told() -> Told {
    let contract = World::ALL.map(|world| Contract {
        world: world.name(),
        interface: world.interface(),
    });
    Told {
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("JACKFIELD_COMMIT").filter(|commit| !commit.is_empty()),
        target: env!("JACKFIELD_TARGET"),
        rustc: env!("JACKFIELD_RUSTC"),
        wasmtime: ENGINE,
        contract: contract.into(),
    }
}

fn shown(told: &Told) -> String {
    let mut lines = vec![
        format!("jackfield {}", told.version),
        format!("commit    {}", told.commit.unwrap_or("unknown")),
        format!("target    {}", told.target),
        format!("rustc     {}", told.rustc),
        format!("wasmtime  {}", told.wasmtime),
    ];
    let contract = told.contract.iter();
    lines.extend(contract.map(|it| format!("contract  {} ({})", it.interface, it.world)));
    lines.join("\n")
}
