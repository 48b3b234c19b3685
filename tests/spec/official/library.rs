//! Twilio's own packages, each asked in one process.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use jackfield_tests::{node_modules, python};
use serde_json::{Value, json};

use super::call::Pair;

/// One of the official packages.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Library {
    /// `twilio` for Node.js.
    Npm,
    /// `twilio` for Python.
    PyPi,
}

/// What a package is asked to sign.
pub(crate) fn to_sign(token: &str, url: &str, form: &[Pair], body: Option<&str>) -> Value {
    json!({ "token": token, "url": url, "form": form, "body": body })
}

/// What a package is asked to judge.
pub(crate) fn to_judge(mut signed: Value, signature: &str) -> Value {
    signed["signature"] = signature.into();
    signed
}

impl Library {
    /// One answer for each question, in order.
    pub(crate) fn ask(self, questions: &[Value]) -> Vec<Value> {
        let mut process = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the package's language is installed");
        let lines: String = questions.iter().map(|one| format!("{one}\n")).collect();
        let mut input = process.stdin.take().expect("standard input is piped");
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = process.wait_with_output().expect("the package ends");
        writer
            .join()
            .expect("the writer ends")
            .expect("the package reads everything");
        assert!(output.status.success(), "{self:?}: {}", output.status);
        let answers: Vec<Value> = output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("each line is JSON"))
            .collect();
        assert_eq!(answers.len(), questions.len(), "{self:?}");
        answers
    }

    fn command(self) -> Command {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("official");
        match self {
            Self::Npm => {
                let mut command = Command::new("node");
                command.arg(scripts.join("library.js"));
                command.env("NODE_PATH", node_modules());
                command
            }
            Self::PyPi => {
                let mut command = Command::new(python());
                command.arg(scripts.join("library.py"));
                command
            }
        }
    }
}
