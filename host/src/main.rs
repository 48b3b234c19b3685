//! The `jackfield` binary: reads the command line, then makes one call.

use std::process::ExitCode;

use clap::Parser;
use jackfield::cli::Cli;

/// What is allocated on one thread is often freed on another, and a request makes dozens:
/// docs/benchmarks.md has what this one is faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Cli::parse().run()
}
