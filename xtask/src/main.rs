//! What a person types: `cargo xtask COMMAND`.
//!
//! Each command says what it runs, keeps what it made under `target`, and does
//! nothing twice. Start reading at [`mod@test`], which is the longest of them.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to talk to the person who started it"
)]

mod apt;
mod bench;
mod command;
mod components;
mod demo;
mod files;
mod fuzz;
mod progress;
mod sbom;
mod test;
mod toolchain;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use progress::Progress;
use toolchain::WasmToolchain;
use workspace::Workspace;

#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    about = "Builds, shows, tests and measures Jackfield"
)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the example providers into plugins/NAME.wasm
    Plugins,
    /// Builds the tests' guests into tests/guests/target/components/NAME.wasm
    Guests,
    /// Starts the host with the example add-ons and sends each a signed request
    ///
    /// ACCOUNT_SID and AUTH_TOKEN are kept where the environment has them, and
    /// are values for demonstration where it has not.
    Demo {
        /// Stop after the requests; fail unless every answer is right
        #[arg(long)]
        once: bool,
    },
    /// Checks everything: format, lints, licences, and all tests
    Test {
        /// Arguments for the test binaries, after `--`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Writes the host's bill of materials to target/sbom/jackfield.cdx.json
    Sbom,
    /// Measures the host beside what it could be compared with, in one run
    Bench(bench::Options),
    /// Runs the tests alone, with the large counts of a soak test, and then the fuzzers
    Soak {
        /// Arguments for the test binaries, after `--`; `-- fuzz` runs the fuzzers alone
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut progress = Progress::default();
    let done =
        Workspace::locate().and_then(|workspace| run(arguments.command, &workspace, &mut progress));
    progress.print_summary();
    // Not `main`'s own report, which RUST_BACKTRACE would bury in frames.
    let Err(error) = done else {
        return ExitCode::SUCCESS;
    };
    eprintln!("\nerror: {error:#}");
    ExitCode::FAILURE
}

fn run(task: Task, workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    match task {
        Task::Plugins => {
            let toolchain = WasmToolchain::prepare(workspace, progress)?;
            components::build_providers(workspace, &toolchain, progress)
        }
        Task::Guests => {
            let toolchain = WasmToolchain::prepare(workspace, progress)?;
            components::build_guests(workspace, &toolchain, progress)
        }
        Task::Demo { once } => demo::run(workspace, progress, once),
        Task::Test { arguments } => test::run_everything(workspace, progress, &arguments),
        Task::Sbom => sbom::write(workspace, progress),
        Task::Bench(options) => bench::run(workspace, progress, &options),
        Task::Soak { arguments } => test::soak(workspace, progress, &arguments),
    }
}
