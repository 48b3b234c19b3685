//! When all is quiet: nothing has happened for a moment, and nobody is in the middle of
//! writing a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long nothing must have happened. A copy of a file is several events, microseconds
/// apart.
const MOMENT: Duration = Duration::from_millis(15);
/// How long somebody who has not closed a file may pause without being overtaken.
const PAUSE: Duration = Duration::from_secs(2);
/// How long events that never end put a reload off.
const PATIENCE: Duration = Duration::from_secs(5);

/// What has happened since the last reload.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    first: Option<Instant>,
    last: Option<Instant>,
    writing: HashMap<PathBuf, Instant>,
}

impl Quiet {
    /// Something has happened.
    pub(super) fn stir(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// A file is being written, and not closed yet.
    pub(super) fn writing(&mut self, path: &Path, now: Instant) {
        self.writing.insert(path.to_owned(), now);
        self.stir(now);
    }

    /// A file has got its content, or its name.
    pub(super) fn written(&mut self, path: &Path, now: Instant) {
        self.writing.remove(path);
        self.stir(now);
    }

    /// When to look at what has happened, if anything has.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, last) = (self.first?, self.last?);
        let written = self.writing.values().map(|since| *since + PAUSE).max();
        let quiet = (last + MOMENT).max(written.unwrap_or(last));
        Some(quiet.min(first + PATIENCE))
    }

    /// It is looked at.
    pub(super) fn rest(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_file_that_was_closed_is_looked_at_after_a_moment() {
        let (start, a) = (Instant::now(), Path::new("a"));
        let mut quiet = Quiet::default();
        assert_eq!(quiet.due(), None);
        quiet.writing(a, start);
        quiet.writing(a, start + ms(1));
        assert_eq!(quiet.due(), Some(start + ms(1) + PAUSE));
        quiet.written(a, start + ms(2));
        assert_eq!(quiet.due(), Some(start + ms(2) + MOMENT));
        quiet.rest();
        assert_eq!(quiet.due(), None);
    }

    #[test]
    fn a_file_that_is_being_written_holds_the_others_up() {
        let start = Instant::now();
        let mut quiet = Quiet::default();
        quiet.writing(Path::new("a"), start);
        quiet.written(Path::new("b"), start + ms(500));
        assert_eq!(quiet.due(), Some(start + PAUSE));
        quiet.writing(Path::new("a"), start + ms(1_000));
        assert_eq!(quiet.due(), Some(start + ms(1_000) + PAUSE));
    }

    #[test]
    fn events_that_never_end_do_not_put_it_off_for_ever() {
        let start = Instant::now();
        let mut quiet = Quiet::default();
        for event in 0..1_000 {
            quiet.written(Path::new("a"), start + ms(event * 10));
        }
        assert_eq!(quiet.due(), Some(start + PATIENCE));
    }
}
