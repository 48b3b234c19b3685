//! `jackfield schema`.

use std::process::ExitCode;

use super::output;
use crate::config;

/// Print the JSON schema of `addons.toml`, by which editors complete and check it.
///
/// It knows the shape alone: `jackfield check` knows more. An editor that understands
/// TOML finds it by the first line of the file, `#:schema ./addons.schema.json`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  always

Examples:
  jackfield schema > addons.schema.json")]
pub(super) struct Schema {}

impl Schema {
    #[expect(
        clippy::unused_self,
        reason = "a verb without options runs as all others do"
    )]
    pub(super) fn run(self) -> ExitCode {
        output::text(&config::schema());
        ExitCode::SUCCESS
    }
}
