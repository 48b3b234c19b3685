//! The system calls of a host, as `strace` saw them: in which order they began and returned.
//!
//! `strace` stops a thread at both ends of a call, and lets it go on after it has written
//! that down. So a call whose end stands above another's beginning had returned before the
//! other one began, whichever threads they belong to.

mod promise;

pub use self::promise::{Broken, Promises};

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The calls that are looked at: what makes files durable, what gives them their names, and
/// what tells a client.
const CALLS: &str = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,\
                     write,writev,pwrite64,pwritev,sendto,sendmsg";
/// How much is kept of what is written: a page of SQLite's log, which names the job's files.
const KEPT: &str = "8192";

/// The command that runs another one and writes its calls into a file. The other one stays
/// the direct child of whoever runs this, so that it can be stopped and killed.
#[must_use]
pub fn strace(file: &Path) -> Vec<String> {
    let mut command: Vec<_> = ["strace", "-D", "-f", "-yy", "-s", KEPT, "-e", CALLS, "-o"]
        .map(str::to_owned)
        .into();
    command.push(file.to_str().expect("a path of text").to_owned());
    command
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The thread that made it.
    pub thread: u32,
    /// Its name, as in `fsync`.
    pub name: String,
    /// Its arguments, as far as they were seen.
    pub arguments: String,
    /// The line at which it began.
    pub began: usize,
    /// The line at which it returned, and with what; none where it never did.
    pub returned: Option<(usize, i64)>,
}

/// Everything that was seen, in the order in which the calls began.
#[derive(Debug, Default)]
pub struct Trace {
    calls: Vec<Call>,
    /// Calls that have not returned yet, by their threads.
    open: HashMap<u32, usize>,
    /// Whether the last process has ended.
    ended: bool,
}

/// What one line says.
#[derive(Debug, PartialEq, Eq)]
enum Event<'a> {
    /// A call that has returned: its name, its arguments, its result.
    Whole(&'a str, &'a str, i64),
    /// A call that others came between.
    Begun(&'a str, &'a str),
    /// The rest of such a call.
    Resumed(&'a str, &'a str, Option<i64>),
    /// A thread is gone.
    Gone,
    /// Anything else: signals, and calls that never return.
    Other,
}

impl Trace {
    /// Reads what `strace` has written into a file.
    ///
    /// # Panics
    /// Where there is no such file, or a line is none of `strace`'s.
    #[must_use]
    pub fn read(file: &Path) -> Self {
        let bytes = std::fs::read(file).expect("strace has written something");
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Reads a text of `strace`'s.
    ///
    /// # Panics
    /// Where a line is none of its lines.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut trace = Self::default();
        for (number, line) in text.lines().enumerate() {
            let parsed = parse(line);
            let (thread, event) = parsed.unwrap_or_else(|| panic!("no line of strace's: {line}"));
            trace.take(number, thread, event);
        }
        trace
    }

    /// All calls, in the order in which they began.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Whether the last of the traced threads is gone, so that nothing further will come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    fn take(&mut self, line: usize, thread: u32, event: Event<'_>) {
        self.ended = event == Event::Gone;
        match event {
            Event::Whole(name, arguments, result) => {
                let call = Call::new(thread, name, arguments, line);
                let returned = Some((line, result));
                self.calls.push(Call { returned, ..call });
            }
            Event::Begun(name, arguments) => {
                self.open.insert(thread, self.calls.len());
                self.calls.push(Call::new(thread, name, arguments, line));
            }
            Event::Resumed(name, rest, result) => {
                let place = self.open.remove(&thread).expect("a call that began");
                let call = &mut self.calls[place];
                assert_eq!(call.name, name, "thread {thread} resumes another call");
                call.arguments.push_str(rest);
                call.returned = result.map(|result| (line, result));
            }
            Event::Gone | Event::Other => {}
        }
    }
}

impl Call {
    fn new(thread: u32, name: &str, arguments: &str, began: usize) -> Self {
        Self {
            thread,
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            began,
            returned: None,
        }
    }

    /// The line at which it returned, if it did what it was asked to.
    #[must_use]
    pub fn done(&self) -> Option<usize> {
        self.returned
            .filter(|(_, result)| *result >= 0)
            .map(|(line, _)| line)
    }

    /// The file, directory or connection that its first argument stands for.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        let (number, rest) = self.arguments.split_once('<')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        // A connection has both its ends in brackets; a device has its numbers behind its name.
        let end = rest.find("]>").map(|end| end + 1);
        let end = end
            .filter(|_| rest.starts_with("TCP"))
            .or_else(|| rest.find(['<', '>']));
        end.filter(|_| is_number).map(|end| &rest[..end])
    }

    /// The paths that it gives a name to and takes one from, where it does.
    #[must_use]
    pub fn renames(&self) -> Option<(PathBuf, PathBuf)> {
        let places: Vec<_> = match self.name.as_str() {
            "rename" | "link" => texts(&self.arguments).map(|text| (None, text)).collect(),
            "renameat" | "renameat2" | "linkat" => self.beside_directories(),
            _ => return None,
        };
        let path = |(directory, name): &(Option<&str>, &str)| {
            directory.map_or_else(|| PathBuf::from(name), |it| Path::new(it).join(name))
        };
        match &places[..] {
            [from, to] => Some((path(from), path(to))),
            _ => None,
        }
    }

    /// Names and the directories before them.
    fn beside_directories(&self) -> Vec<(Option<&str>, &str)> {
        let mut directories = self.arguments.split('"').step_by(2).map(|before| {
            let (_, path) = before.rsplit_once('<')?;
            path.split_once('>').map(|(path, _)| path)
        });
        let names = texts(&self.arguments);
        names
            .map(|name| (directories.next().flatten(), name))
            .collect()
    }

    /// Whether it writes a text, somewhere in what was kept of it.
    #[must_use]
    pub fn writes(&self, text: &str) -> bool {
        let writes = [
            "write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg",
        ];
        writes.contains(&self.name.as_str()) && self.arguments.contains(text)
    }
}

/// The texts between quotes. Names of files have none in them.
fn texts(arguments: &str) -> impl Iterator<Item = &str> {
    arguments.split('"').skip(1).step_by(2)
}

fn parse(line: &str) -> Option<(u32, Event<'_>)> {
    let (thread, rest) = line.trim_start().split_once(' ')?;
    let (thread, rest) = (thread.parse().ok()?, rest.trim_start());
    let event = if rest.starts_with("+++") {
        Event::Gone
    } else if rest.starts_with("---") {
        Event::Other
    } else if let Some(rest) = rest.strip_prefix("<... ") {
        let (name, rest) = rest.split_once(" resumed>")?;
        let (arguments, result) = split_result(rest)?;
        Event::Resumed(name, arguments, result)
    } else {
        let (name, rest) = rest.split_once('(')?;
        match rest.strip_suffix(" <unfinished ...>") {
            Some(arguments) => Event::Begun(name, arguments),
            None => match split_result(rest)? {
                (arguments, Some(result)) => Event::Whole(name, arguments, result),
                (_, None) => Event::Other,
            },
        }
    };
    Some((thread, event))
}

/// Arguments, and the result behind them: none where it is only a question mark.
fn split_result(rest: &str) -> Option<(&str, Option<i64>)> {
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().strip_suffix(')')?;
    let result = result.split_whitespace().next()?;
    // What is opened is told with its name.
    let number = result.split('<').next()?;
    match number {
        "?" => Some((arguments, None)),
        _ => Some((arguments, Some(number.parse().ok()?))),
    }
}

#[cfg(test)]
mod tests;
