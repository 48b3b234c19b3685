//! Fuzzing: a program for each claim of `fuzz/`, let loose on it for a while.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::command;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// How long each claim is tried.
const TIME: Duration = Duration::from_secs(120);

/// The longest case, in bytes. Longer ones are slower, and show little that is new.
const LONGEST: usize = 4096;

/// Tries to break each claim. What is found is kept for the next time, below `target`.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    progress.step("Build the fuzzers", || build(workspace))?;
    for target in targets(&workspace.fuzz().join("corpus"))? {
        let step = format!("Fuzz {target} for {} s", TIME.as_secs());
        progress.step(&step, || fuzz(workspace, &target))?;
    }
    Ok(())
}

fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["build", "--release", "--package", "jackfield-fuzz"])
        .args(["--features", "libfuzzer", "--bins"])
        .env("RUSTC_WORKSPACE_WRAPPER", workspace.fuzz().join("rustc.sh"));
    command::run(&mut cargo)
}

/// The names of the claims: each has a corpus.
fn targets(corpus: &Path) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(corpus).with_context(|| format!("cannot read {}", corpus.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn fuzz(workspace: &Workspace, target: &str) -> Result<()> {
    let made = workspace.target.join("fuzz").join(target);
    let (corpus, broken) = (made.join("corpus"), made.join("broken"));
    for directory in [&corpus, &broken] {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    let mut fuzzer = fuzzer(workspace, target, &broken);
    // What is new goes into the first directory, and the second is only read.
    fuzzer
        .arg(&corpus)
        .arg(workspace.fuzz().join("corpus").join(target));
    command::run(&mut fuzzer).with_context(|| {
        format!(
            "the claim of `{target}` does not hold of a case in {}: mend what it shows, and put the \
             case into fuzz/corpus/{target}",
            broken.display()
        )
    })
}

fn fuzzer(workspace: &Workspace, target: &str, broken: &Path) -> Command {
    let mut fuzzer = Command::new(
        workspace
            .target
            .join("release")
            .join(format!("fuzz-{target}")),
    );
    fuzzer
        .current_dir(&workspace.root)
        .env("RUST_BACKTRACE", "1")
        .arg(format!("-max_total_time={}", TIME.as_secs()))
        .arg(format!("-max_len={LONGEST}"))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", broken.display()));
    let dictionary = workspace.fuzz().join("dictionaries").join(target);
    if dictionary.exists() {
        fuzzer.arg(format!("-dict={}", dictionary.display()));
    }
    fuzzer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_corpus_is_a_claim() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["query", "fields"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        assert_eq!(targets(directory.path()).unwrap(), ["fields", "query"]);
        let missing = targets(&directory.path().join("none")).unwrap_err();
        assert!(missing.to_string().contains("cannot read"), "{missing}");
    }
}
