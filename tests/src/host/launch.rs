//! How the binary is started, and told to end.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use crate::{ACCOUNT, TOKEN, artefacts};

/// How the binary is started, once and again.
#[derive(Default)]
pub(super) struct Launch {
    pub(super) environment: Vec<(String, String)>,
    pub(super) arguments: Vec<String>,
    pub(super) program: Option<PathBuf>,
    /// A command that runs the program, in front of it.
    pub(super) under: Vec<String>,
    /// A socket to listen on that is ours.
    pub(super) handed: Option<Arc<TcpListener>>,
}

/// How long a host may take to end that is told not to wait for anything.
const OBEDIENCE: Timespec = Timespec {
    tv_sec: 10,
    tv_nsec: 0,
};

/// Makes its standard input the first descriptor that systemd hands over. The program that
/// the process becomes has the same number.
const HAND_OVER: &str =
    "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=jackfield.socket exec \"$@\"";

/// A process, the rest of what it prints, and where it listens.
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) output: BufReader<ChildStdout>,
    pub(super) address: String,
}

/// Ends a host as a power cut would, at once and from any thread.
#[derive(Clone)]
pub struct Killer(Arc<OwnedFd>);

/// Runs the binary to its end, with nothing of this process' environment that it reads.
#[must_use]
pub fn run(arguments: &[&str], environment: &[(&str, &str)], directory: &Path) -> Output {
    command(&artefacts::binary(), directory)
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .expect("the binary starts")
}

fn command(program: &Path, directory: &Path) -> Command {
    without_ours(Command::new(program), directory)
}

fn without_ours(mut command: Command, directory: &Path) -> Command {
    command.current_dir(directory).stdin(Stdio::null());
    for name in [
        "ACCOUNT_SID",
        "AUTH_TOKEN",
        "AUTH_TOKEN_SECONDARY",
        "JACKFIELD_LOG",
        "JACKFIELD_LOG_FORMAT",
    ] {
        command.env_remove(name);
    }
    command
}

impl Launch {
    pub(super) fn start(&self, directory: &Path) -> Started {
        let mut child = self.spawn(directory);
        let output = child.stdout.take().expect("standard output is piped");
        let mut output = BufReader::new(output);
        let mut first = String::new();
        output.read_line(&mut first).expect("the host prints");
        let url = first.trim().strip_prefix("listening on ");
        let Some((_, address)) = url.and_then(|url| url.split_once("://")) else {
            let status = child.wait();
            panic!(
                "the host does not start ({status:?}):\n{}",
                read(&log_of(directory))
            );
        };
        Started {
            address: address.to_owned(),
            child,
            output,
        }
    }

    pub(super) fn spawn(&self, directory: &Path) -> Child {
        let log = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(log_of(directory))
            .expect("the log is made");
        let program = self.program.clone().unwrap_or_else(artefacts::binary);
        let hand_over = ["sh", "-c", HAND_OVER, "sh"].map(PathBuf::from);
        let hand_over = self.handed.iter().flat_map(|_| hand_over.clone());
        let under = self.under.iter().map(PathBuf::from);
        let mut words = hand_over.chain(under).chain([program]);
        let mut command = Command::new(words.next().expect("there is a program"));
        command.args(words);
        let mut command = without_ours(command, directory);
        if let Some(socket) = &self.handed {
            let socket = socket.try_clone().expect("a socket can be shared");
            command.stdin(OwnedFd::from(socket));
        }
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(&self.arguments)
            .env("ACCOUNT_SID", ACCOUNT)
            .env("AUTH_TOKEN", TOKEN)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the host starts")
    }
}

pub(super) fn log_of(directory: &Path) -> PathBuf {
    directory.join("log")
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

pub(super) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status()
        .expect("kill starts");
    assert!(status.success(), "the host is gone already");
}

/// Whether it has not ended.
pub(super) fn runs(child: &Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(number(child)), options).is_ok_and(|ended| ended.is_none())
}

/// Ends it without what it is at, but with the whole of its log, if it obeys.
pub(super) fn cut_off(child: &Child) {
    let killer = Killer::of(child);
    for signal in [Signal::TERM, Signal::INT] {
        // It may have ended by the first one.
        let _ = pidfd_send_signal(&*killer.0, signal);
    }
    let mut ended = [PollFd::new(&*killer.0, PollFlags::IN)];
    let _ = poll(&mut ended, Some(&OBEDIENCE));
}

fn number(child: &Child) -> Pid {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    process.expect("a process has a number")
}

impl Killer {
    pub(super) fn of(child: &Child) -> Self {
        // It stands for this process alone, also when the number is another one's by then.
        let handle = pidfd_open(number(child), PidfdFlags::empty()).expect("the host runs");
        Self(Arc::new(handle))
    }

    /// Kills it. Returns whether it still ran.
    pub fn kill(&self) -> bool {
        pidfd_send_signal(&*self.0, Signal::KILL).is_ok()
    }
}
