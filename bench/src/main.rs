//! Runs all benchmarks, and shows what came of them. `cargo xtask bench` builds whatever is
//! needed, and starts this with it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use jackfield_bench::report::{Machine, Report};
use jackfield_bench::suite::Run;

#[derive(Parser)]
#[command(about = "Measures the host beside what it could be compared with")]
struct Arguments {
    /// The host's binary
    #[arg(long)]
    host: PathBuf,
    /// The directory of the example providers
    #[arg(long)]
    plugins: PathBuf,
    /// The numbers that caller-name knows
    #[arg(long)]
    callers: PathBuf,
    /// A JSON file with the peers
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Where the report is written, as JSON
    #[arg(long)]
    report: PathBuf,
    /// The directory of the page that is to have the figures
    #[arg(long)]
    publish: Option<PathBuf>,
    /// How often everything is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// For how long each time
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// For how long each is asked before that
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// The kept connections
    #[arg(long, default_value_t = 32)]
    lines: usize,
    /// What is measured, by the beginning of its name; may be repeated
    #[arg(long)]
    only: Vec<String>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let run = run(&arguments)?;
    let report = Report::new(Machine::here(&run), run.measure()?);
    show(&report.tables());
    report.write(&arguments.report)?;
    let sound = report.results.failures.is_empty();
    if let (Some(docs), true) = (&arguments.publish, sound) {
        report.publish(docs)?;
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(arguments: &Arguments) -> Result<Run> {
    let beside = std::env::current_exe()?;
    let peers = match &arguments.peers {
        Some(path) => serde_json::from_slice(&std::fs::read(path).context("no peers")?)?,
        None => Vec::new(),
    };
    Ok(Run {
        // It is started in directories of its own.
        host: arguments.host.canonicalize().context("no host")?,
        bare: beside.with_file_name("bare"),
        native: beside.with_file_name("native"),
        plugins: arguments.plugins.clone(),
        callers: arguments.callers.clone(),
        peers,
        rounds: arguments.rounds,
        measured: Duration::from_secs_f64(arguments.seconds),
        warm_up: Duration::from_secs_f64(arguments.warm_up),
        lines: arguments.lines,
        only: arguments.only.clone(),
    })
}

#[expect(
    clippy::print_stdout,
    reason = "this program's purpose is to show this"
)]
fn show(text: &str) {
    println!("{text}");
}
