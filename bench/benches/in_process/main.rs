//! What a request costs inside the process: no socket, no other process, one thread.
//!
//! `cargo xtask plugins` and `cargo xtask bench` build the components that are called here.
//! Criterion keeps its estimates below `target/criterion/GROUP/NAME/new/estimates.json`:
//!
//! | group | what is measured |
//! |---|---|
//! | `provider` | a fresh instance and a call of each example provider, as the product makes them |
//! | `engine` | a fresh instance and a call by wasmtime alone: with the product's settings and with wasmtime's own, of the provider caller-name and of the same built as Rust does by default |
//! | `crowd` | all of these on every processor at once, by the time that each of them takes for a call |
//! | `parts` | what `engine/product-caller-name` is made of: `store`, `instantiate`, `call`, `drop` |
//! | `protocol` | what the host does for a Lookup around the call: `signature`, `parameters`, `invocation`, `fingerprint`, `reply`, `envelope` |

#![allow(missing_docs, reason = "criterion's macros document nothing")]

mod crowd;
mod engine;
mod guest;
mod parts;
mod protocol;
mod provider;
mod setting;

use std::process::ExitCode;

use clap::Parser as _;
use criterion::Criterion;
use jackfield::cli::Cli;
use jackfield::sandbox::COMPILE;

fn main() -> ExitCode {
    // The product compiles in another process of its own program, which this is here.
    if std::env::args().nth(1).as_deref() == Some(COMPILE) {
        return Cli::parse().run();
    }
    let mut criterion = Criterion::default().configure_from_args();
    provider::measure(&mut criterion);
    engine::measure(&mut criterion);
    crowd::measure(&mut criterion);
    parts::measure(&mut criterion);
    protocol::measure(&mut criterion);
    criterion.final_summary();
    ExitCode::SUCCESS
}
