//! The `jackfield` binary: reads the command line, then makes one call.

use std::process::ExitCode;

use clap::Parser;
use jackfield::Allocator;
use jackfield::cli::Cli;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    Cli::parse().run()
}
