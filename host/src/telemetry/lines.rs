//! Lines on their way out. Who has one puts it down and goes on; a thread that has nothing
//! else to do writes all that has come together, and waits for the reader if it must. A
//! request that was answered neither writes to a file nor waits for a reader.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most bytes that wait for the reader. Lines that come then are lost, and counted.
const MOST_WAITING: usize = 1024 * 1024;
/// How long lines may come together after some were written. After a longer silence, a
/// line is written at once.
const GATHERING: Duration = Duration::from_millis(1);

/// Where lines go.
pub(super) trait Destination: Sync {
    /// Writes, and waits for the reader if it must. There is nowhere to say that it failed.
    fn write(&self, bytes: &[u8]);
}

/// What is logged, in the order in which it was.
pub(super) struct Lines<To> {
    waiting: Mutex<Waiting>,
    /// Told where the thread is to write, and where somebody waits until it has.
    wanted: Condvar,
    /// Told where a batch is written, and where nothing is left to be.
    written: Condvar,
    to: To,
}

struct Waiting {
    bytes: Vec<u8>,
    /// The vector that was last written from, kept for the next batch.
    spare: Vec<u8>,
    /// Whether all is written, and the thread waits to be told of more.
    at_rest: bool,
    /// Batches that were written since the start.
    batches: u64,
    /// How many wait until what they know of is written.
    settling: usize,
    /// Lines that were lost since the start, and those of them that nothing was said of.
    lost: u64,
    untold: u64,
}

impl<To: Destination> Lines<To> {
    pub(super) const fn to(to: To) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                bytes: Vec::new(),
                spare: Vec::new(),
                at_rest: false,
                batches: 0,
                settling: 0,
                lost: 0,
                untold: 0,
            }),
            wanted: Condvar::new(),
            written: Condvar::new(),
            to,
        }
    }

    /// How many lines were lost since the start, because nobody read them in time.
    pub(super) fn lost(&self) -> u64 {
        self.waiting().lost
    }

    /// Puts down one line, or several.
    pub(super) fn put(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        waiting.add(line);
        if std::mem::take(&mut waiting.at_rest) {
            drop(waiting);
            self.wanted.notify_one();
        }
    }

    /// Writes what has been put down, once there is something: for one thread alone, and
    /// again and again. Returns how many lines were lost that nothing was said of.
    pub(super) fn write_next(&self) -> u64 {
        let mut waiting = self.gather();
        if waiting.is_all_said() {
            waiting = self.rest(waiting);
        }
        let mut batch = waiting.take();
        drop(waiting);
        self.to.write(&batch);
        batch.clear();
        let mut waiting = self.waiting();
        waiting.spare = batch;
        waiting.batches += 1;
        self.written.notify_all();
        std::mem::take(&mut waiting.untold)
    }

    /// Waits until all is written that was put down before, but not longer than `patience`.
    pub(super) fn settle(&self, patience: Duration) {
        let mut waiting = self.waiting();
        waiting.settling += 1;
        self.wanted.notify_one();
        // The one that is being written may have begun without the last line.
        let enough = waiting.batches + 2;
        let unsettled = |it: &mut Waiting| !it.at_rest && it.batches < enough;
        let (mut waiting, _) = self
            .written
            .wait_timeout_while(waiting, patience, unsettled)
            .unwrap_or_else(PoisonError::into_inner);
        waiting.settling -= 1;
    }

    fn gather(&self) -> MutexGuard<'_, Waiting> {
        let nobody_waits = |it: &mut Waiting| it.settling == 0;
        let (waiting, _) = self
            .wanted
            .wait_timeout_while(self.waiting(), GATHERING, nobody_waits)
            .unwrap_or_else(PoisonError::into_inner);
        waiting
    }

    fn rest<'a>(&'a self, mut waiting: MutexGuard<'a, Waiting>) -> MutexGuard<'a, Waiting> {
        waiting.at_rest = true;
        self.written.notify_all();
        self.wanted
            .wait_while(waiting, |it| it.at_rest)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing that holds the lock can panic half way.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, line: &[u8]) {
        if self.bytes.len().saturating_add(line.len()) > MOST_WAITING {
            self.lost += 1;
            self.untold += 1;
        } else {
            self.bytes.extend_from_slice(line);
        }
    }

    fn take(&mut self) -> Vec<u8> {
        let spare = std::mem::take(&mut self.spare);
        std::mem::replace(&mut self.bytes, spare)
    }

    fn is_all_said(&self) -> bool {
        self.bytes.is_empty() && self.untold == 0
    }
}

impl<To: Destination> io::Write for &Lines<To> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
