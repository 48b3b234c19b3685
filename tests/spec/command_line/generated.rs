//! What is generated from the commands and the types: completions, manual pages, the
//! schema of the configuration.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use jackfield_tests::run;
use tempfile::TempDir;

use super::text;

/// What the command says with these arguments, which it carries out.
fn said(arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let output = run(arguments, &[], directory.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    text(&output.stdout).to_owned()
}

/// The commands that people are shown, but for `help`.
fn verbs() -> Vec<String> {
    let help = said(&["--help"]);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let names: Vec<_> = names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    names
}

/// The options that a command's own help names.
fn options(verb: &str) -> BTreeSet<String> {
    let help = said(&[verb, "--help"]);
    let words = help.split(|c: char| !c.is_ascii_lowercase() && c != '-');
    let options = words.filter(|word| word.starts_with("--") && word.len() > 2);
    options.map(str::to_owned).collect()
}

#[test]
fn completions_are_scripts_that_know_every_command_and_no_hidden_one() {
    let verbs = verbs();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(&["completions", shell]);
        for verb in &verbs {
            assert!(script.contains(verb), "{shell}: {verb}");
            for option in options(verb) {
                let name = option.trim_start_matches('-');
                assert!(script.contains(name), "{shell}: {verb} {option}");
            }
        }
        assert!(!script.contains("compile-component"), "{shell}");
    }
}

#[test]
fn bash_reads_its_completions_and_completes_by_them() {
    let script = said(&["completions", "bash"]);
    let mut bash = Command::new("bash")
        .args(["--norc", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ask = "COMP_WORDS=(jackfield insp)\nCOMP_CWORD=1\n_jackfield jackfield insp jackfield\n\
               echo \"${COMPREPLY[@]}\"\n";
    let input = format!("set -e\n{script}\n{ask}");
    bash.stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stdout).trim(), "inspect");
}

#[test]
fn a_shell_that_is_not_known_is_told_those_that_are() {
    let output = run(&["completions", "tcsh"], &[], Path::new("/"));
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("bash, elvish, fish, powershell, zsh"),
        "{said}"
    );
}

/// A page as it reads without its markup.
fn page(directory: &Path, name: &str) -> String {
    let page = fs::read_to_string(directory.join(format!("{name}.1"))).unwrap();
    page.replace("\\-", "-")
}

#[test]
fn every_command_has_a_manual_page_that_names_its_options() {
    let directory = TempDir::new().unwrap();
    let out = directory.path().join("man/man1");
    let written = said(&["man", "--out", out.to_str().unwrap()]);
    let verbs = verbs();
    assert_eq!(written.lines().count(), verbs.len() + 1, "{written}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), verbs.len() + 1);
    let main = page(&out, "jackfield");
    assert_eq!(said(&["man"]).replace("\\-", "-"), main);
    for verb in &verbs {
        assert!(main.contains(&format!("jackfield-{verb}(1)")), "{verb}");
        let page = page(&out, &format!("jackfield-{verb}"));
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "\"EXIT STATUS\"",
            "EXAMPLES",
        ] {
            // `schema` asks nothing, and still takes `--help`.
            assert!(
                page.contains(&format!(".SH {section}\n")),
                "{verb}: {section}\n{page}"
            );
        }
        for option in options(verb) {
            assert!(page.contains(&option), "{verb}: {option}\n{page}");
        }
    }
    assert!(!written.contains("compile-component") && !main.contains("compile-component"));
}

#[test]
fn pages_that_cannot_be_written_are_an_error() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("man"), "").unwrap();
    let output = run(&["man", "--out", "man"], &[], directory.path());
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("error: `man` cannot be written: "),
        "{said}"
    );
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_the_types_give() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let kept = fs::read_to_string(root.join("addons.schema.json")).unwrap_or_default();
    assert!(
        kept == said(&["schema"]),
        "addons.schema.json is not what the types give: run \
         `cargo run --release -p jackfield -- schema > addons.schema.json`"
    );
}
