//! What the tests run and load. `cargo xtask test` makes all of it and says where it is.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

fn workspace() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests lie in the workspace")
        .to_owned()
}

/// A place that the test run names, or where `cargo xtask` puts it by default.
fn place(variable: &str, default: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| workspace().join(default), PathBuf::from)
}

/// The `jackfield` binary. Outside of `cargo xtask test` it is built first, so that no
/// test judges an old one.
#[must_use]
pub fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let named = || std::env::var_os("JACKFIELD_BIN").map(PathBuf::from);
    BUILT.get_or_init(|| named().unwrap_or_else(build)).clone()
}

fn build() -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "jackfield"])
        // As the tests are built: another set of features would compile wasmtime again.
        .args(["--package", "jackfield-sdk"])
        .current_dir(workspace())
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the host does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| workspace().join("target"));
    target.join("release/jackfield")
}

fn existing(path: PathBuf, made_by: &str) -> PathBuf {
    assert!(
        path.exists(),
        "{} is missing: run `{made_by}`",
        path.display()
    );
    path
}

/// A guest that exists for one behaviour.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    let guests = place("JACKFIELD_GUESTS", "tests/guests/target/components");
    existing(
        guests.join(format!("{}.wasm", name.replace('-', "_"))),
        "cargo xtask guests",
    )
}

/// An example provider, by the name of its file without the ending.
#[must_use]
pub fn plugin(name: &str) -> PathBuf {
    let plugins = place("JACKFIELD_PLUGINS", "plugins");
    existing(plugins.join(format!("{name}.wasm")), "cargo xtask plugins")
}

/// An example provider as the real `cargo component build --release` made it.
#[must_use]
pub fn cargo_component(target: &str, name: &str) -> PathBuf {
    let built = place("JACKFIELD_CARGO_COMPONENT", "target/cargo-component");
    existing(
        built.join(target).join(format!("{name}.wasm")),
        "cargo xtask test",
    )
}

/// The directory that holds the official npm package.
#[must_use]
pub fn node_modules() -> PathBuf {
    existing(
        place("JACKFIELD_NODE_MODULES", "target/tools/node/node_modules"),
        "cargo xtask test",
    )
}

/// The Python that has the official PyPI package.
#[must_use]
pub fn python() -> PathBuf {
    existing(
        place("JACKFIELD_PYTHON", "target/tools/python/bin/python"),
        "cargo xtask test",
    )
}

/// Prometheus' judge of metrics and rules.
#[must_use]
pub fn promtool() -> PathBuf {
    std::env::var_os("JACKFIELD_PROMTOOL").map_or_else(|| "promtool".into(), PathBuf::from)
}

/// How often a long proof repeats itself: `few` in an ordinary run, `many` in a soak.
#[must_use]
pub fn scale(few: usize, many: usize) -> usize {
    match std::env::var_os("JACKFIELD_SOAK") {
        Some(_) => many,
        None => few,
    }
}
