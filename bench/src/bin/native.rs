//! The host with a provider linked as a Rust function: what the sandbox itself costs is
//! the difference.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jackfield::Allocator;
use jackfield::cli::Cli;
use jackfield_bench::native;

/// The host's own.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    Cli::parse().run_altered(Arc::new(|_, ceilings| native::instead_of_guests(ceilings)))
}
