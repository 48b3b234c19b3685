//! A real PostgreSQL server on a directory and a port of its own, with the durability that
//! it has by default, which can be stopped, killed and started again.
//!
//! A shell stands between the server and the test: it holds the other end of a pipe, and
//! when the test is gone, however it ended, so are the server and its directory.

mod place;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::place::{Programs, User};

/// Runs a server until it is told a signal, or until nobody is there to tell it one.
const GUARDIAN: &str = r#"
directory=$1; shift
"$@" < /dev/null & server=$!
exec 2> /dev/null
if read -r signal; then
    kill -s "$signal" "$server"; wait "$server"
else
    kill -s QUIT "$server"; wait "$server"; rm -rf "$directory"
fi
"#;

/// What differs from PostgreSQL's defaults: it is small, it is alone, and it says what
/// happens in one language. Durability is as it is delivered, and said again here.
const SETTINGS: [&str; 9] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=16MB",
    "max_connections=60",
    "lc_messages=C",
    "logging_collector=off",
];

/// The ports that are tried: below those that the machine gives to whoever asks for any, so
/// that none of these is taken while the server is stopped.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How many ports are tried.
const TRIES: usize = 20;

/// A server, which ends when this is dropped.
pub struct Postgres {
    programs: Programs,
    user: Option<User>,
    directory: PathBuf,
    port: u16,
    guardian: Option<Guardian>,
    databases: AtomicUsize,
    log: Arc<Mutex<String>>,
}

/// The shell around a server that runs.
struct Guardian(Child);

impl Postgres {
    /// A new server, without a database of anybody's.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let (programs, user) = (Programs::find(), User::unprivileged());
        let directory = tempfile::Builder::new()
            .prefix("jackfield-postgres-")
            .tempdir();
        let directory = directory.expect("a directory is made").keep();
        if let Some(user) = user {
            chown(&directory, Some(user.id), Some(user.group)).expect("we are root");
        }
        let mut postgres = Self {
            programs,
            user,
            directory,
            port: 0,
            guardian: None,
            databases: AtomicUsize::new(0),
            log: Arc::default(),
        };
        postgres.initialize();
        let started = (0..TRIES).any(|_| {
            postgres.port = free_port();
            postgres.launch()
        });
        assert!(started, "PostgreSQL does not start:\n{}", postgres.log());
        postgres
    }

    /// The URL of a new database, which is empty.
    ///
    /// # Panics
    /// Where it cannot be made.
    #[must_use]
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.query(&self.url("postgres"), &format!("create database {name}"));
        self.url(&name)
    }

    /// Asks something by SQL; rows are lines, and columns are held apart by `|`.
    ///
    /// # Panics
    /// Where that is an error.
    pub fn query(&self, url: &str, sql: &str) -> String {
        let mut psql = self.command("psql");
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            url,
            "-c",
            sql,
        ]);
        let output = psql.output().expect("psql starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{sql}` fails: {said}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Stops it as an administrator does: its clients are disconnected.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn stop(&mut self) {
        self.guardian.take().expect("it runs").tell("INT");
    }

    /// Ends it as a crash does: nothing is written that was not, and the next start has to
    /// recover what was promised.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn kill(&mut self) {
        self.guardian.take().expect("it runs").tell("QUIT");
    }

    /// Starts it where it was, on the same port.
    ///
    /// # Panics
    /// Where it runs already, or does not start.
    pub fn start_again(&mut self) {
        assert!(self.guardian.is_none(), "it runs");
        assert!(self.launch(), "PostgreSQL does not start:\n{}", self.log());
    }

    /// What it has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Where its files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn initialize(&self) {
        let mut initdb = self.command("initdb");
        // What is made here is not worth a sync; what is written afterwards is.
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
        ]);
        initdb.args(["--locale=C", "--pgdata"]).arg(self.data());
        let output = initdb.output().expect("initdb starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "initdb fails: {said}");
    }

    /// Starts the server, and waits until it serves. Returns whether it does.
    fn launch(&mut self) -> bool {
        let mut shell = self.command("sh");
        shell
            .args(["-c", GUARDIAN, "guardian"])
            .arg(&self.directory);
        shell.arg(self.programs.path("postgres"));
        shell.arg("-D").arg(self.data());
        shell.args(["-p", &self.port.to_string()]);
        shell.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        shell.stdin(Stdio::piped()).stderr(Stdio::piped());
        // Keys that end the test are not for the server.
        let mut child = shell.process_group(0).spawn().expect("a shell starts");
        let said = child.stderr.take().expect("it is piped");
        self.guardian = Some(Guardian(child));
        let serves = self.follow(BufReader::new(said));
        if !serves {
            self.kill();
        }
        serves
    }

    /// Keeps what the server says. Returns whether it says that it serves.
    fn follow(&self, mut said: BufReader<ChildStderr>) -> bool {
        let log = Arc::clone(&self.log);
        let mut next = move || {
            let mut line = String::new();
            let length = said.read_line(&mut line).unwrap_or(0);
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(&line);
            (length > 0).then_some(line)
        };
        while let Some(line) = next() {
            if line.contains("ready to accept connections") {
                std::thread::spawn(move || while next().is_some() {});
                return true;
            }
        }
        false
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// A program of PostgreSQL's or the system's, run as whoever the server runs as.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        command.current_dir(&self.directory);
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }
}

impl Guardian {
    /// Passes on a signal, and waits for the end.
    fn tell(mut self, signal: &str) {
        let mut pipe = self.0.stdin.take().expect("it is piped");
        // Where the server has ended by itself, the shell waits for this all the same.
        writeln!(pipe, "{signal}").expect("the shell listens");
        self.0.wait().expect("the shell ends");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        match self.guardian.take() {
            Some(Guardian(mut child)) => {
                drop(child.stdin.take());
                // It removes the directory.
                let _ = child.wait();
            }
            None => drop(std::fs::remove_dir_all(&self.directory)),
        }
    }
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[cfg(test)]
mod tests;
