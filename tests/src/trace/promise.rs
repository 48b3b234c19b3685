//! What has to be on the disk before something is said, and whether it was.
//!
//! A file counts as kept once these have returned, each begun after the one before it: the
//! last write to it, its sync, its renaming, and the sync of its directory; and, begun after
//! the renaming, a write to the database's log that names it, and the sync of that log.
//!
//! Which file belongs to which sentence cannot be seen, but it can be counted: when the n-th
//! sentence begins to be said, n files have to be kept.

use std::path::{Path, PathBuf};

use super::{Call, Trace};

/// What has to be kept before what is said.
#[derive(Debug, Clone, Copy)]
pub struct Promises<'a> {
    /// The directory of the files.
    pub directory: &'a Path,
    /// What the names of these files end in.
    pub ending: &'a str,
    /// What the name of the database's log ends in.
    pub log: &'a str,
    /// How each sentence begins, as in `HTTP/1.1 202`.
    pub said: &'a str,
}

/// A promise that was made before it could be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A file got its name without being on the disk, or is named by nothing that is.
    #[error("`{0}` is never kept: {1}")]
    Never(PathBuf, &'static str),
    /// Something was said too early.
    #[error("sentence {sentence}, at line {line}, is said when {kept} files are kept")]
    Early {
        /// The number of the sentence, from 1.
        sentence: usize,
        /// The line of the trace at which it begins.
        line: usize,
        /// How many files were kept by then.
        kept: usize,
    },
}

impl Promises<'_> {
    /// How many sentences were said, each of them after what it promises was kept.
    ///
    /// # Errors
    /// Where one was not.
    pub fn check(&self, trace: &Trace) -> Result<usize, Broken> {
        let calls = trace.calls();
        let renamed = calls
            .iter()
            .filter_map(|call| Some((call, self.naming(call)?)));
        let kept = renamed.map(|(call, (from, to))| self.kept(calls, call, &from, &to));
        let mut kept = kept.collect::<Result<Vec<_>, _>>()?;
        kept.sort_unstable();
        let said = calls.iter().filter(|call| {
            let begins = call.arguments.contains(&format!("\"{}", self.said));
            begins
                && call.writes(self.said)
                && call.subject().is_some_and(|it| it.starts_with("TCP"))
        });
        let mut sentences = 0;
        for call in said {
            sentences += 1;
            let before = kept.partition_point(|line| *line < call.began);
            if before < sentences {
                return Err(Broken::Early {
                    sentence: sentences,
                    line: call.began,
                    kept: before,
                });
            }
        }
        Ok(sentences)
    }

    /// Both names, where a call gives one of the files its own.
    fn naming(&self, call: &Call) -> Option<(PathBuf, PathBuf)> {
        let (from, to) = call.renames().filter(|_| call.done().is_some())?;
        let ends = to.to_str().is_some_and(|it| it.ends_with(self.ending));
        (ends && to.parent() == Some(self.directory)).then_some((from, to))
    }

    /// The line at which a file is kept for good.
    fn kept(&self, calls: &[Call], named: &Call, from: &Path, to: &Path) -> Result<usize, Broken> {
        let never = |why| move || Broken::Never(to.to_owned(), why);
        let is_on =
            |path: &Path, call: &Call| call.subject().is_some_and(|it| Path::new(it) == path);
        let written = calls
            .iter()
            .filter(|call| is_on(from, call) && call.name.contains("write"));
        // A write that never returned is none that the name can wait for.
        let written = written
            .map(|call| call.done().unwrap_or(usize::MAX))
            .max()
            .unwrap_or(0);
        let is_sync = |call: &&Call| matches!(call.name.as_str(), "fsync" | "fdatasync");
        let syncs = || calls.iter().filter(is_sync);
        let mut file = syncs().filter(|call| is_on(from, call) && call.began > written);
        file.find(|call| call.done().is_some_and(|done| done < named.began))
            .ok_or_else(never(
                "it is not synced between its last write and its renaming",
            ))?;
        let renamed = named.done().unwrap_or(usize::MAX);
        let mut directory = syncs().filter(|call| is_on(self.directory, call));
        let directory = directory
            .find_map(|call| call.done().filter(|_| call.began > renamed))
            .ok_or_else(never("its directory is not synced after its renaming"))?;
        let name = to
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let is_log = |call: &&Call| call.subject().is_some_and(|it| it.ends_with(self.log));
        let mut rows = calls
            .iter()
            .filter(is_log)
            .filter(|call| call.began > renamed);
        let row = rows
            .find_map(|call| call.done().filter(|_| call.writes(name)))
            .ok_or_else(never("no row names it"))?;
        let mut log = syncs().filter(is_log).filter(|call| call.began > row);
        let log = log
            .find_map(Call::done)
            .ok_or_else(never("the row that names it is not synced"))?;
        Ok(directory.max(log))
    }
}
