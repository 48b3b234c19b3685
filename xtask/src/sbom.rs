//! The bill of materials: every crate that is built into the host, in CycloneDX's format.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::progress::Progress;
use crate::tools::CargoCyclonedx;
use crate::workspace::Workspace;
use crate::{command, files};

/// What the file is called. The tool writes one beside the manifest of each member, and has
/// no way to write another number of them, or elsewhere.
const NAME: &str = "jackfield.cdx";

/// Writes it to `target/sbom`, for all platforms, and checks that it is one of this host.
pub(crate) fn write(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    let tool = progress.step("Find cargo-cyclonedx", || {
        CargoCyclonedx::prepare(workspace)
    })?;
    progress.step("Write the bill of materials", || {
        let bill = generated(workspace, &tool)?;
        let wasmtime = locked(&workspace.root.join("Cargo.lock"), "wasmtime")?;
        ensure!(
            has(&serde_json::from_str(&bill)?, "wasmtime", &wasmtime),
            "the bill of materials does not have wasmtime {wasmtime}"
        );
        let directory = workspace.target.join("sbom");
        fs::create_dir_all(&directory)?;
        let file = directory.join(format!("{NAME}.json"));
        files::write_if_changed(&file, bill.as_bytes())?;
        println!("{}", file.display());
        Ok(())
    })
}

/// The host's bill. Those of the other members are removed.
fn generated(workspace: &Workspace, tool: &CargoCyclonedx) -> Result<String> {
    let mut cargo = tool.cargo(workspace.cargo());
    cargo.args(["cyclonedx", "--quiet", "--format", "json"]);
    cargo.args(["--spec-version", "1.5", "--target", "all"]);
    let ran = command::run(cargo.args(["--override-filename", NAME]));
    let host = workspace.root.join("host");
    let bill = fs::read_to_string(host.join(format!("{NAME}.json")));
    for member in &workspace.members {
        remove(&member.join(format!("{NAME}.json")))?;
    }
    ran?;
    let bill = bill.context("cargo-cyclonedx wrote no bill of materials for the host")?;
    Ok(without_place(&bill, &workspace.root))
}

fn remove(file: &PathBuf) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The bill without the directory that it was made in, which is nobody's business.
fn without_place(bill: &str, root: &Path) -> String {
    bill.replace(&format!("file://{}", root.display()), "file://")
}

/// Whether a bill has this version of a crate.
fn has(bill: &Value, name: &str, version: &str) -> bool {
    let components = bill["components"].as_array().into_iter().flatten();
    let mut components = components.filter(|it| it["name"] == name);
    components.any(|it| it["version"] == version)
}

/// The version of a crate that is locked.
fn locked(lock: &Path, name: &str) -> Result<String> {
    let lock = fs::read_to_string(lock)?;
    let package = format!("name = \"{name}\"\nversion = \"");
    let version = lock
        .split_once(&package)
        .and_then(|(_, rest)| rest.split_once('"'));
    let (version, _) = version.with_context(|| format!("Cargo.lock does not have `{name}`"))?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bill_has_a_crate_in_the_version_that_is_locked() {
        let bill = json!({ "components": [
            { "name": "wasmtime-environ", "version": "2.0.0" },
            { "name": "wasmtime", "version": "1.0.0" },
        ] });
        assert!(has(&bill, "wasmtime", "1.0.0"));
        assert!(!has(&bill, "wasmtime", "2.0.0"));
        assert!(!has(&json!({}), "wasmtime", "1.0.0"));
    }

    #[test]
    fn the_lock_tells_the_version_of_wasmtime() {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        let version = locked(&lock, "wasmtime").unwrap();
        assert_eq!(version.split('.').count(), 3, "{version}");
        assert!(locked(&lock, "no-such-crate").is_err());
    }

    #[test]
    fn where_it_was_made_is_not_told() {
        let bill = r#"{"bom-ref": "path+file:///home/me/jackfield/host#jackfield@0.1.0"}"#;
        assert_eq!(
            without_place(bill, Path::new("/home/me/jackfield")),
            r#"{"bom-ref": "path+file:///host#jackfield@0.1.0"}"#
        );
    }
}
