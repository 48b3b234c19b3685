//! Lines on their way out. Of all who have one at the same moment, one writes for
//! everybody; and where the reader is slow, a thread does that has nothing else to do. A
//! request that was answered neither stands in line for a file nor waits for a reader.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most bytes that wait for the reader. Lines that come then are lost, and counted.
const MOST_WAITING: usize = 1024 * 1024;
/// How often somebody writes what others have put down meanwhile, before the thread does.
const ROUNDS: usize = 4;

/// Where lines go.
pub(super) trait Destination: Sync {
    /// Writes, and waits for the reader if it must. There is nowhere to say that it failed.
    fn write(&self, bytes: &[u8]);

    /// Whether writing so many bytes may wait for the reader.
    fn would_wait(&self, bytes: usize) -> bool;
}

/// What is logged, in the order in which it was.
pub(super) struct Lines<To> {
    waiting: Mutex<Waiting>,
    /// Told where the thread is to write, and where all is written.
    changed: Condvar,
    to: To,
}

struct Waiting {
    bytes: Vec<u8>,
    /// The vector that was last written from, kept for the next batch.
    spare: Vec<u8>,
    writer: Writer,
    /// Lines that were lost since the start, and those of them that nothing was said of.
    lost: u64,
    untold: u64,
}

/// Who writes what waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Nobody,
    /// One of those who log.
    Somebody,
    TheThread,
}

impl<To: Destination> Lines<To> {
    pub(super) const fn to(to: To) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                bytes: Vec::new(),
                spare: Vec::new(),
                writer: Writer::Nobody,
                lost: 0,
                untold: 0,
            }),
            changed: Condvar::new(),
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
        if waiting.writer == Writer::Nobody {
            waiting.writer = Writer::Somebody;
            self.write_some(waiting);
        }
    }

    /// Waits until those who log would have to wait for the reader, and writes in their
    /// place. Returns how many lines were lost that nothing was said of.
    pub(super) fn relieve(&self) -> u64 {
        let mut waiting = self
            .changed
            .wait_while(self.waiting(), |it| it.writer != Writer::TheThread)
            .unwrap_or_else(PoisonError::into_inner);
        while !waiting.bytes.is_empty() {
            waiting = self.write_batch(waiting);
        }
        waiting.writer = Writer::Nobody;
        self.changed.notify_all();
        std::mem::take(&mut waiting.untold)
    }

    /// Waits until all lines are written, but not longer than `patience`.
    pub(super) fn settle(&self, patience: Duration) {
        let at_work = |it: &mut Waiting| it.writer != Writer::Nobody;
        let _ = self
            .changed
            .wait_timeout_while(self.waiting(), patience, at_work);
    }

    fn write_some<'a>(&'a self, mut waiting: MutexGuard<'a, Waiting>) {
        for _ in 0..ROUNDS {
            if waiting.is_all_said() {
                waiting.writer = Writer::Nobody;
                return;
            }
            if self.to.would_wait(waiting.bytes.len()) {
                break;
            }
            waiting = self.write_batch(waiting);
        }
        waiting.writer = Writer::TheThread;
        self.changed.notify_all();
    }

    /// Writes what waits, while more may be put down.
    fn write_batch<'a>(&'a self, mut waiting: MutexGuard<'a, Waiting>) -> MutexGuard<'a, Waiting> {
        let mut batch = waiting.take();
        drop(waiting);
        self.to.write(&batch);
        batch.clear();
        let mut waiting = self.waiting();
        waiting.spare = batch;
        waiting
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
