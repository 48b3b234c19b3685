//! `jackfield completions`.

use std::process::ExitCode;

use clap_complete::Shell;

use super::{output, visible};

/// Print what makes a shell complete `jackfield` and its options.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  always
  2  there is no such shell

Examples:
  jackfield completions bash > ~/.local/share/bash-completion/completions/jackfield
  jackfield completions zsh > ~/.zfunc/_jackfield
  jackfield completions fish > ~/.config/fish/completions/jackfield.fish")]
pub(super) struct Completions {
    /// The shell that is to read it.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> ExitCode {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut visible(), "jackfield", &mut script);
        output::text(&String::from_utf8_lossy(&script));
        ExitCode::SUCCESS
    }
}
