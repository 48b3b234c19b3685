//! A recording's whole way: it is sent and accepted, analysed, and called back.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::account::Account;
use super::receiver::{CallbackReceiver, CalledBack};
use super::{host, wav};
use crate::command;
use crate::workspace::Workspace;

/// The add-on that is shown.
const ADD_ON: &str = "recording-insight";

/// A JSON pointer, what must hold there, and that in words.
type Claim = (&'static str, fn(&Value) -> bool, &'static str);

/// What the result must say at a JSON pointer: one side talked for two of three seconds,
/// the other pressed a key.
const CLAIMS: [Claim; 5] = [
    (
        "/results/duration_ms",
        |it| *it == json!(3000),
        "is 3000, as long as the recording",
    ),
    (
        "/results/channels/0/speech_ms",
        |it| it.as_u64().is_some_and(|ms| (1_800..=2_200).contains(&ms)),
        "is about 2000, as long as one side talked",
    ),
    (
        "/results/channels/1/digits",
        |it| *it == json!("5"),
        "is `5`, the key that the other pressed",
    ),
    ("/error_code", Value::is_null, "is null"),
    (
        "/request_sid",
        |it| it.as_str().is_some_and(|sid| sid.starts_with("XR")),
        "names the request",
    ),
];

/// The example configuration, but for what differs here: where the host may call back to.
pub(super) fn config(workspace: &Workspace, receiver: &CallbackReceiver) -> Result<PathBuf> {
    let directory = workspace.target.join("demo");
    fs::create_dir_all(&directory)?;
    let example = fs::read_to_string(workspace.root.join(super::CONFIG))?;
    let root = workspace.root.display();
    let places = format!("[server]\nplugin_dir = \"{root}/plugins\"\n");
    let text = example.replacen("[server]\n", &places, 1).replace(
        "component = \"plugins/",
        &format!("component = \"{root}/plugins/"),
    );
    let origin = receiver.origin();
    let egress = "# This machine takes Twilio's place, which is asked for by HTTPS alone.\n\
                  [egress]\nnetworks = [\"127.0.0.0/8\"]\n";
    let text = format!("{text}\n{egress}hosts = [\"{origin}\"]\n");
    let file = directory.join("addons.toml");
    fs::write(&file, text)?;
    Ok(file)
}

/// Sends a recording, and shows what is called back.
pub(super) fn show(
    workspace: &Workspace,
    account: &Account,
    receiver: &CallbackReceiver,
) -> Result<()> {
    let audio = workspace.target.join("demo/call.wav");
    fs::write(&audio, wav::call())?;
    let callback = format!("{}/called-back", receiver.origin());
    let mut call = Command::new(workspace.host());
    call.current_dir(&workspace.root)
        .args(["call", "--config", super::CONFIG, "--addon", ADD_ON])
        .arg("--audio")
        .arg(&audio)
        .args(["--callback", &callback]);
    account.give_to(call.args(["--to", host::LISTEN]));
    command::run_and_show(&mut call)?;
    let called_back = receiver.next()?;
    print(&called_back)?;
    list_jobs(workspace)?;
    judge(&called_back)
}

fn print(called_back: &CalledBack) -> Result<()> {
    println!("and then, from the host:");
    for line in &called_back.head {
        println!("> {line}");
    }
    println!("{}", serde_json::to_string_pretty(&called_back.body)?);
    Ok(())
}

fn list_jobs(workspace: &Workspace) -> Result<()> {
    let mut list = Command::new(workspace.host());
    let state = workspace.target.join("demo/.jackfield");
    list.args(["jobs", "list", "--limit", "3", "--state-dir"]);
    command::run_and_show(list.arg(state)).map(drop)
}

fn judge(called_back: &CalledBack) -> Result<()> {
    let mut faults: Vec<String> = CLAIMS
        .iter()
        .filter(|(pointer, holds, _)| !called_back.body.pointer(pointer).is_some_and(holds))
        .map(|(pointer, _, words)| format!("`{pointer}` {words}"))
        .collect();
    if !called_back.authorized {
        faults.push("the host proves who it is".to_owned());
    }
    if !faults.is_empty() {
        bail!(
            "the result is wrong, because this does not hold: {}",
            faults.join("; ")
        );
    }
    let claims = CLAIMS.map(|(pointer, _, words)| format!("`{pointer}` {words}"));
    println!("    checked: {}", claims.join(", "));
    Ok(())
}
