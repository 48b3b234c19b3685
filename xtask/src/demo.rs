//! The demonstration: the host with the example add-ons, and a signed request for
//! every integration point, whose answer is shown and checked, and a recording's whole way.

mod account;
mod exchange;
mod host;
mod receiver;
mod recording;
mod showcase;
mod wav;

use std::process::Command;

use account::Account;
use anyhow::{Result, bail};
use exchange::Exchange;
use host::Host;
use receiver::CallbackReceiver;
use showcase::Showcase;

use crate::progress::Progress;
use crate::toolchain::WasmToolchain;
use crate::workspace::Workspace;
use crate::{command, components};

/// The add-ons that are shown.
const CONFIG: &str = "addons.toml";

/// Shows everything, then goes on serving until a signal comes, unless `once`.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress, once: bool) -> Result<()> {
    host::check_port()?;
    let account = Account::from_environment()?;
    let toolchain = WasmToolchain::prepare(workspace, progress)?;
    build_host(workspace, progress)?;
    components::build_providers(workspace, &toolchain, progress)?;
    let receiver = CallbackReceiver::start()?;
    let config = recording::config(workspace, &receiver)?;
    let mut host = progress.step("Start the host", || {
        Host::start(workspace, &config, &account)
    })?;
    let mut wrong = show_all(workspace, &account, &mut host, progress)?;
    let name = "recording-insight calls back".to_owned();
    let shown = progress.step(&name, || recording::show(workspace, &account, &receiver));
    host.check_running()?;
    if let Err(fault) = shown {
        println!("    {fault:#}");
        wrong.push(name);
    }
    if once {
        host.stop()?;
        return judge(&wrong);
    }
    if let Err(wrong) = judge(&wrong) {
        println!("\n{wrong:#}");
    }
    println!(
        "\nThe host goes on serving on http://{}; Ctrl-C stops it.",
        host.address()
    );
    host.serve_until_signalled()
}

/// Builds the host as it is shipped.
pub(crate) fn build_host(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    progress.step("Build the host", || {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--release", "--package", "jackfield"]);
        // With the SDK beside it, every dependency has the features that the tests
        // give it, and wasmtime is compiled once for both.
        command::run(cargo.args(["--package", "jackfield-sdk"]))
    })
}

/// Shows one showcase after another; returns the names of those that were wrong.
fn show_all(
    workspace: &Workspace,
    account: &Account,
    host: &mut Host,
    progress: &mut Progress,
) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for showcase in showcase::ALL {
        let name = format!("{} answers {}", showcase.addon, showcase.point);
        let shown = progress.step(&name, || show(showcase, workspace, account));
        host.check_running()?;
        if let Err(fault) = shown {
            println!("    {fault:#}");
            wrong.push(name);
        }
    }
    Ok(wrong)
}

fn show(showcase: &Showcase, workspace: &Workspace, account: &Account) -> Result<()> {
    let mut call = Command::new(workspace.host());
    call.current_dir(&workspace.root)
        .args(["call", "--config", CONFIG]);
    account.give_to(call.args(showcase.arguments()));
    let printed = command::run_and_show(&mut call)?;
    let faults = showcase.faults(&Exchange::parse(&printed)?);
    if !faults.is_empty() {
        bail!(
            "the answer is wrong, because this does not hold: {}",
            faults.join("; ")
        );
    }
    println!("    checked: {}", showcase.claims_in_words());
    Ok(())
}

fn judge(wrong: &[String]) -> Result<()> {
    if !wrong.is_empty() {
        bail!(
            "these answers were not what they should be: {}",
            wrong.join(", ")
        );
    }
    Ok(())
}
