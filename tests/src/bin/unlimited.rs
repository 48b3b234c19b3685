//! The host, less one limit: what the specification runs to see that the attack which
//! the limit stops succeeds without it. `JACKFIELD_WITHOUT` names the limit.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jackfield::cli::Cli;
use jackfield_tests::unlimited;

fn main() -> ExitCode {
    Cli::parse().run_altered(Arc::new(unlimited::alter))
}
