//! The `jackfield` binary: reads the command line, then makes one call.

use std::process::ExitCode;

use clap::Parser;
use jackfield::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}
