//! A configuration that is checked again and again, and the compilers it starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jackfield_tests::{ACCOUNT, TOKEN, add_on_sid, binary};
use tempfile::TempDir;

/// A directory with a configuration and its components.
pub(super) struct Place {
    directory: TempDir,
    server: String,
    add_ons: String,
}

/// What a check said.
pub(super) struct Checked {
    pub(super) status: Option<i32>,
    pub(super) complaints: String,
    pub(super) took: Duration,
}

impl Place {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("plugins")).unwrap();
        Self {
            directory,
            server: "public_url = \"https://addons.example.com\"\n".to_owned(),
            add_ons: String::new(),
        }
    }

    /// A place with one component, called `it`.
    pub(super) fn with(component: &[u8]) -> Self {
        Self::new().add_on("it", 'a', component, "")
    }

    pub(super) fn server(mut self, toml: &str) -> Self {
        self.server.push_str(toml);
        self.server.push('\n');
        self
    }

    /// Replaces a text in the `[server]` table.
    pub(super) fn replace(mut self, old: &str, new: &str) -> Self {
        self.server = self.server.replace(old, new);
        self
    }

    pub(super) fn add_on(mut self, name: &str, digit: char, bytes: &[u8], toml: &str) -> Self {
        let (sid, file) = (add_on_sid(digit), format!("plugins/{name}.wasm"));
        fs::write(self.path().join(&file), bytes).unwrap();
        self.add_ons.push_str(&format!(
            "[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"{file}\"\n{toml}\n"
        ));
        self
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The files that the host keeps under this name, in order.
    pub(super) fn kept(&self, name: &str) -> Vec<PathBuf> {
        let directory = self.path().join(".jackfield").join(name);
        let entries = fs::read_dir(directory).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    pub(super) fn check(&self) -> Checked {
        let started = Instant::now();
        let Output { status, stderr, .. } = self.start().wait_with_output().unwrap();
        Checked {
            status: status.code(),
            complaints: String::from_utf8(stderr).unwrap(),
            took: started.elapsed(),
        }
    }

    /// Starts a check, which may take a while.
    pub(super) fn start(&self) -> Child {
        let config = format!("[server]\n{}\n{}", self.server, self.add_ons);
        // In one step: another check may be reading it.
        let (draft, file) = ("addons.toml.new", "addons.toml");
        fs::write(self.path().join(draft), config).unwrap();
        fs::rename(self.path().join(draft), self.path().join(file)).unwrap();
        Command::new(binary())
            .arg("check")
            .current_dir(self.path())
            .env("ACCOUNT_SID", ACCOUNT)
            .env("AUTH_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// A compiler that a host has started.
pub(super) struct Compiler(PathBuf);

impl Compiler {
    /// Waits for the one that a process starts, until it has bounded itself.
    pub(super) fn of(host: &Child) -> Self {
        until(|| {
            let processes = fs::read_dir("/proc").unwrap().flatten();
            let compilers = processes.map(|entry| Self(entry.path()));
            let mut own = compilers.filter(|compiler| compiler.is_of(host.id()));
            own.find(|compiler| compiler.limit("Max core file size").starts_with("1 "))
        })
    }

    fn is_of(&self, host: u32) -> bool {
        let parent = format!("PPid:\t{host}\n");
        self.read("status").contains(&parent) && self.read("cmdline").contains("compile-component")
    }

    /// A file of its process', empty if it is gone.
    pub(super) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.0.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The soft and the hard limit under this name, and their unit.
    pub(super) fn limit(&self, name: &str) -> String {
        let limits = self.read("limits");
        let line = limits.lines().find_map(|line| line.strip_prefix(name));
        let parts = line.unwrap_or_default().split_whitespace();
        parts.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn signal(&self, name: &str) {
        signal(&self.0.file_name().unwrap().to_string_lossy(), name);
    }

    /// Waits until its process is gone.
    pub(super) fn gone(&self) {
        until(|| self.read("cmdline").is_empty().then_some(()));
    }
}

pub(super) fn signal(process: &str, name: &str) {
    let kill = Command::new("kill").args(["-s", name, process]).status();
    assert!(kill.unwrap().success());
}

/// Looks again and again, for a minute.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never seen");
        std::thread::yield_now();
    }
}
