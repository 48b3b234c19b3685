//! The benchmark: builds the host, its providers and what it is measured beside, and has
//! `jackfield-bench` measure them all in one run.

mod peers;

use std::path::Path;

use anyhow::Result;

use crate::progress::Progress;
use crate::toolchain::WasmToolchain;
use crate::workspace::Workspace;
use crate::{command, components, files};

/// How the benchmark is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often everything is measured; figures are medians
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// For how long each time
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// What is measured, by the beginning of its name in the report; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Write the figures and the chart into docs/
    #[arg(long)]
    publish: bool,
}

/// Builds everything, and measures it.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress, options: &Options) -> Result<()> {
    let toolchain = WasmToolchain::prepare(workspace, progress)?;
    components::build_providers(workspace, &toolchain, progress)?;
    let peers = peers::prepare(workspace, &toolchain, progress)?;
    progress.step("Build the host and the benchmark", || build(workspace))?;
    let list = workspace.bench().join("peers.json");
    files::write_if_changed(&list, &serde_json::to_vec_pretty(&peers)?)?;
    progress.step("Run the benchmark", || measure(workspace, &list, options))
}

/// In one build, so that the host is compiled once for its own binary and for those that
/// are made of it. It is built as operators build it, and so is what it is measured beside.
fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--profile", "dist", "--package", "jackfield"]);
    command::run(cargo.args(["--package", "jackfield-bench"]))
}

fn measure(workspace: &Workspace, peers: &Path, options: &Options) -> Result<()> {
    let built = workspace.dist();
    let mut bench = std::process::Command::new(built.join("jackfield-bench"));
    bench.current_dir(&workspace.root);
    bench.arg("--host").arg(built.join("jackfield"));
    bench.arg("--plugins").arg(workspace.plugins());
    bench
        .arg("--callers")
        .arg(workspace.plugins().join("caller-name/data/callers.csv"));
    bench.arg("--peers").arg(peers);
    bench
        .arg("--report")
        .arg(workspace.bench().join("report.json"));
    bench.arg("--rounds").arg(options.rounds.to_string());
    bench.arg("--seconds").arg(options.seconds.to_string());
    for name in &options.only {
        bench.arg("--only").arg(name);
    }
    if options.publish {
        bench.arg("--publish").arg(workspace.root.join("docs"));
    }
    command::run(&mut bench)
}
