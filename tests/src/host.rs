//! A host, started from the real binary with a configuration of its own.

mod hand;
mod launch;
mod recorder;

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Output};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use self::hand::Patience;
pub use self::hand::put;
pub use self::launch::{Killer, run};
use self::launch::{Launch, Started, cut_off, log_of, read, runs, signal};
use crate::twilio::Twilio;
use crate::unlimited::WITHOUT;
use crate::{ACCOUNT, OTHER_TOKEN, PUBLIC_URL, TOKEN, artefacts};

/// What must never be found in a log, gathered while a test runs.
pub(crate) type Secrets = Arc<Mutex<BTreeSet<String>>>;

/// A host to be started.
pub struct TestHostBuilder {
    directory: TempDir,
    include: String,
    server: String,
    accounts: String,
    add_ons: String,
    /// Whom it may reach, further keys of `[egress]`, and those of `[jobs]`.
    origins: Vec<String>,
    egress: String,
    jobs: String,
    /// Where it keeps what it has, if not where hosts keep it by default.
    state: Option<PathBuf>,
    launch: Launch,
}

impl TestHostBuilder {
    /// Includes the files that match a pattern.
    #[must_use]
    pub fn include(mut self, pattern: &str) -> Self {
        self.include = format!("include = [\"{pattern}\"]");
        self
    }

    /// Adds keys to the `[server]` table.
    #[must_use]
    pub fn server(mut self, toml: &str) -> Self {
        self.server.push_str(toml);
        self.server.push('\n');
        self
    }

    /// Has it keep what it has in another directory.
    #[must_use]
    pub fn state_dir(mut self, directory: &Path) -> Self {
        self.state = Some(directory.to_owned());
        self.server(&format!("state_dir = \"{}\"", directory.display()))
    }

    /// Adds `[accounts]` tables. Without any, the environment names the one account.
    #[must_use]
    pub fn accounts(mut self, toml: &str) -> Self {
        self.accounts.push_str(toml);
        self.accounts.push('\n');
        self
    }

    /// Adds an add-on that is served by a component, with further keys.
    #[must_use]
    pub fn add_on(self, name: &str, sid: &str, component: &Path, toml: &str) -> Self {
        let component = std::fs::read(component).expect("the component is read");
        self.add_on_of(name, sid, &component, toml)
    }

    /// Adds an add-on that is served by a component of these bytes, with further keys.
    #[must_use]
    pub fn add_on_of(mut self, name: &str, sid: &str, component: &[u8], toml: &str) -> Self {
        let file = format!("plugins/{name}.wasm");
        std::fs::write(self.path().join(&file), component).expect("the component is written");
        self.add_ons.push_str(&format!(
            "[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"{file}\"\n{toml}\n"
        ));
        self
    }

    /// Adds anything to the end of the configuration.
    #[must_use]
    pub fn toml(mut self, toml: &str) -> Self {
        self.add_ons.push_str(toml);
        self.add_ons.push('\n');
        self
    }

    /// Sets a variable of the host's environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.launch
            .environment
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an argument to `serve`.
    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.launch.arguments.push(argument.to_owned());
        self
    }

    /// Starts `program`, which is the `unlimited` binary, in place of the binary, and has
    /// it serve without one limit.
    #[must_use]
    pub fn without(mut self, limit: &str, program: &str) -> Self {
        self.launch.program = Some(program.into());
        self.env(WITHOUT, limit)
    }

    /// Hands it a listening socket, as systemd does, at every start.
    #[must_use]
    pub fn handed(mut self, socket: &Arc<TcpListener>) -> Self {
        self.launch.handed = Some(Arc::clone(socket));
        self
    }

    /// Has another command run the binary, in front of which its words are put.
    #[must_use]
    pub fn under(mut self, command: Vec<String>) -> Self {
        self.launch.under = command;
        self
    }

    /// The directory of the configuration; components lie in `plugins`.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the configuration and starts the host.
    ///
    /// # Panics
    /// Where it does not say that it listens, with what it said instead.
    #[must_use]
    pub fn start(self) -> TestHost {
        self.configure();
        let Started {
            child,
            output,
            address,
        } = self.launch.start(self.path());
        let state = || self.path().join(".jackfield");
        TestHost {
            state: self.state.clone().unwrap_or_else(state),
            address,
            output: Some(output),
            secrets: Secrets::new(Mutex::new(
                [TOKEN, OTHER_TOKEN]
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
            )),
            child,
            launch: self.launch,
            directory: self.directory,
        }
    }

    /// Starts a host that is not going to start, and returns its status and what it said.
    #[must_use]
    pub fn fail(self) -> (Option<i32>, String) {
        self.configure();
        let mut child = self.launch.spawn(self.path());
        let status = child.wait().expect("the host ends");
        (status.code(), read(&log_of(self.path())))
    }

    fn configure(&self) {
        let Self {
            include,
            server,
            accounts,
            add_ons,
            ..
        } = self;
        let asynchronous = self.asynchronous();
        let config =
            format!("{include}\n[server]\n{server}\n{asynchronous}\n{accounts}\n{add_ons}");
        std::fs::write(self.path().join("addons.toml"), config).expect("the file is written");
    }
}

/// A running host. When it is dropped, it is stopped, and its log is searched for
/// everything that should not be in it.
pub struct TestHost {
    address: String,
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    secrets: Secrets,
    launch: Launch,
    state: PathBuf,
    directory: TempDir,
}

impl TestHost {
    /// A host with nothing but a public URL.
    #[must_use]
    pub fn builder() -> TestHostBuilder {
        let directory = tempfile::tempdir().expect("a directory is made");
        std::fs::create_dir(directory.path().join("plugins")).expect("a directory is made");
        TestHostBuilder {
            directory,
            include: String::new(),
            server: format!("public_url = \"{PUBLIC_URL}\"\n"),
            accounts: String::new(),
            add_ons: String::new(),
            origins: Vec::new(),
            egress: String::new(),
            jobs: String::new(),
            state: None,
            launch: Launch::default(),
        }
    }

    /// A host with no public URL either, for tests that set their own.
    #[must_use]
    pub fn bare() -> TestHostBuilder {
        let mut builder = Self::builder();
        builder.server.clear();
        builder
    }

    /// A host with one add-on, a guest.
    #[must_use]
    pub fn with(guest: &str, sid: &str, toml: &str) -> TestHostBuilder {
        Self::builder().add_on(guest, sid, &artefacts::guest(guest), toml)
    }

    /// Where it listens, as in `127.0.0.1:49152`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The directory of its configuration.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The directory of what it keeps.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Twilio, as the tests' account.
    #[must_use]
    pub fn twilio(&self) -> Twilio {
        self.twilio_as(ACCOUNT, TOKEN)
    }

    /// Twilio, as another account.
    #[must_use]
    pub fn twilio_as(&self, account: &str, token: &str) -> Twilio {
        Twilio::new(&self.address, account, token, Arc::clone(&self.secrets))
    }

    /// What it has logged until now. Lines are written a moment after what they tell of;
    /// who is answered on the control channel finds all that were before. That takes a
    /// process: whoever looks again and again, looks at what is [written](Self::written).
    ///
    /// # Panics
    /// Where it runs, and does not answer there.
    #[must_use]
    pub fn log(&self) -> String {
        let state = self.state.to_string_lossy();
        let patience = Patience::begin();
        while runs(&self.child)
            && !self
                .cli(&["status", "--state-dir", &state])
                .status
                .success()
        {
            assert!(patience.lasts(), "it does not answer:\n{}", self.written());
        }
        self.written()
    }

    /// What of its log is written by now.
    #[must_use]
    pub fn written(&self) -> String {
        read(&log_of(self.path()))
    }

    /// The number of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// What ends it as a power cut would.
    #[must_use]
    pub fn killer(&self) -> Killer {
        Killer::of(&self.child)
    }

    /// Keeps a text out of the log: the test fails if it is found there at the end.
    pub fn keep_secret(&self, text: &str) {
        self.secrets
            .lock()
            .expect("no test panics here")
            .insert(text.to_owned());
    }

    /// Runs the binary beside the host, as its operator does.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> Output {
        run(arguments, &[], self.path())
    }

    /// Waits for a host that is ending, and returns its status.
    pub fn wait(&mut self) -> Option<i32> {
        // It ended on purpose.
        self.output = None;
        self.child.wait().expect("the host ends").code()
    }

    /// Ends the host as an operator does, and returns the rest of what it printed.
    #[must_use]
    pub fn stop(mut self) -> (Option<i32>, String) {
        signal(&self.child, "TERM");
        let status = self.child.wait().expect("the host ends");
        let mut rest = String::new();
        if let Some(mut output) = self.output.take() {
            output
                .read_to_string(&mut rest)
                .expect("the host prints text");
        }
        (status.code(), rest)
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        let alive = runs(&self.child);
        if alive && !std::thread::panicking() {
            cut_off(&self.child);
        }
        // It may have ended by itself, on purpose or not.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.written();
        if std::thread::panicking() {
            #[expect(
                clippy::print_stderr,
                reason = "what the host said explains the failure"
            )]
            {
                eprintln!("--- the host's log ---\n{log}");
            }
            return;
        }
        assert!(alive || self.output.is_none(), "the host died:\n{log}");
        for secret in self.secrets.lock().expect("no test panics here").iter() {
            assert!(
                !log.contains(secret.as_str()),
                "the log holds `{secret}`:\n{log}"
            );
        }
    }
}
