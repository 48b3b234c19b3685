//! `jackfield man`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::{output, visible};

/// Print the manual page, or write a page for every command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  the page is printed, or all are written
  2  the directory cannot be written

Examples:
  jackfield man | man -l -
  jackfield man --out /usr/local/share/man/man1")]
pub(super) struct Manual {
    /// Write `jackfield.1` and a page for each command into this directory, which is made
    /// if it is not there. Without it, the main page is printed.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

impl Manual {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut command = visible().disable_help_subcommand(true);
        command.build();
        match self.out {
            None => output::text(&String::from_utf8_lossy(&page(command)?)),
            Some(directory) => {
                let failed = || format!("`{}` cannot be written", directory.display());
                fs::create_dir_all(&directory).with_context(failed)?;
                let verbs: Vec<Command> = command.get_subcommands().cloned().collect();
                for command in std::iter::once(command).chain(verbs) {
                    let file = directory.join(Man::new(command.clone()).get_filename());
                    fs::write(&file, page(command)?).with_context(failed)?;
                    output::line(&file.display().to_string());
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One command's page, in the sections that manual pages have.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let further = command.get_after_long_help().map(ToString::to_string);
    let has_verbs = command.has_subcommands();
    let title = command.get_display_name().unwrap_or("jackfield").to_owned();
    let man = Man::new(command);
    let mut page = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    // Without a date: the same version is the same page.
    writeln!(
        page,
        ".TH {title} 1 \"\" \"jackfield {version}\" \"Jackfield\""
    )?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_verbs {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&further.unwrap_or_default(), &mut page)?;
    Ok(page)
}

/// What stands behind a command's options: lines with a colon at their end begin a
/// section, and all other lines stay as they are.
fn sections(text: &str, page: &mut impl Write) -> io::Result<()> {
    let mut roff = Roff::new();
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_suffix(':') {
            Some(heading) if !heading.starts_with(' ') => {
                if is_open {
                    roff.control("fi", []);
                }
                roff.control("SH", [heading.to_uppercase().as_str()]);
                roff.control("nf", []);
                is_open = true;
            }
            _ if line.is_empty() => {}
            _ => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    if is_open {
        roff.control("fi", []);
    }
    roff.to_writer(page)
}
