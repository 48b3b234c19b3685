//! Running other programs: every command is shown before it runs, and a failure
//! names it.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{iter, thread};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::workspace;

/// Runs `command` to its end on our own terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    print(command);
    let status = command
        .status()
        .map_err(|error| not_started(command, error))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs `command` and returns what it wrote to its standard output; its standard
/// error stays on our terminal, so that progress can be seen.
pub(crate) fn run_for_output(command: &mut Command) -> Result<String> {
    print(command);
    capture(command.stderr(Stdio::inherit()))
}

/// Runs `command` and shows what it writes to its standard output, which is
/// returned as well when it succeeds.
pub(crate) fn run_and_show(command: &mut Command) -> Result<String> {
    print(command);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| not_started(command, error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{}", text.trim_end());
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    Ok(text)
}

/// Runs a quick question quietly and returns its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| not_started(command, error))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` failed ({})\n{}",
            line(command),
            output.status,
            complaint.trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no text", line(command)))
}

/// Runs `command` to its end, or kills it when `limit` has passed.
///
/// The end shows in the closing of its standard error, which is ours to forward.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    print(command);
    let spawned = command.stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| not_started(command, error))?;
    let errors = child
        .stderr
        .take()
        .context("the standard error is not piped")?;
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(errors).lines().map_while(io::Result::ok);
        lines.for_each(|line| drop(sender.send(line)));
    });
    let deadline = Instant::now() + limit;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => println!("{line}"),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                bail!("`{}` took longer than {limit:?}", line(command));
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Prints `command` as one could type it in the repository's root directory.
pub(crate) fn print(command: &Command) {
    let here = command.get_current_dir();
    let variables = command.get_envs().filter_map(|(name, value)| {
        let name = name.to_str()?;
        let shown = SHOWN_VARIABLES
            .iter()
            .any(|prefix| name.starts_with(prefix));
        shown.then_some(format!("{name}={} ", word(value?, here)))
    });
    println!("$ {}{}", variables.collect::<String>(), line(command));
}

/// The settings that a reader needs to repeat the command; never a secret.
const SHOWN_VARIABLES: [&str; 2] = ["JACKFIELD_", "RUSTC"];

/// The command without its environment.
fn line(command: &Command) -> String {
    let here = command.get_current_dir();
    let program = command.get_program();
    let active = workspace::active_cargo();
    let program = if program == active {
        OsStr::new("cargo")
    } else {
        program
    };
    let words = iter::once(program).chain(command.get_args());
    words
        .map(|text| word(text, here))
        .collect::<Vec<_>>()
        .join(" ")
}

/// One argument as a shell takes it, and a path as seen from `here`.
fn word(text: &OsStr, here: Option<&Path>) -> String {
    let below = here.and_then(|here| Path::new(text).strip_prefix(here).ok());
    let text = below.map_or(text, Path::as_os_str).to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn not_started(command: &Command, error: io::Error) -> anyhow::Error {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    if error.kind() == io::ErrorKind::NotFound {
        return anyhow!("`{name}` was not found: {}", advice(&name));
    }
    anyhow::Error::new(error).context(format!("`{name}` could not be started"))
}

fn advice(program: &str) -> &'static str {
    match program {
        "node" | "npm" => "install Node.js 20 or later, which brings npm, and try again",
        "python3" => "install Python 3.11 or later with its `venv` module, and try again",
        "cargo" | "rustc" | "rustup" => "install Rust with rustup, and try again",
        _ => "install it, or put its directory on PATH, and try again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_printed_as_one_could_type_it() {
        let mut command = Command::new("/repository/target/release/jackfield");
        command
            .current_dir("/repository")
            .args(["call", "--body", "it's fine"]);
        command
            .env("JACKFIELD_SOAK", "1")
            .env("AUTH_TOKEN", "secret");
        assert_eq!(
            line(&command),
            r"target/release/jackfield call --body 'it'\''s fine'"
        );
    }

    #[test]
    fn a_missing_program_comes_with_advice() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`no-such-program-anywhere` was not found: \
             install it, or put its directory on PATH, and try again"
        );
    }

    #[test]
    fn a_command_that_hangs_is_ended_at_its_limit() {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped());
        let error = run_within(&mut command, Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "`cat` took longer than 50ms");
    }

    #[test]
    fn a_command_that_fails_in_time_is_reported_with_its_status() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 3"]);
        let error = run_within(&mut command, Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("exit status: 3"), "{error}");
    }
}
