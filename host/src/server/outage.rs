//! Connections that cannot be accepted: the system has no descriptor or no memory left, and
//! says so at every try. Or a client has gone by then, and the next is there already.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::meter::Connections;

/// How long to wait before accepting again.
const PAUSE: Duration = Duration::from_millis(50);
/// How often the log says again that it is so.
const AGAIN: Duration = Duration::from_secs(10);

/// Why a connection could not be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaccepted {
    /// As many files are open as there may be, of the process or of the system.
    Descriptors,
    /// The system has no memory for it.
    Memory,
    /// It broke before it was accepted, by its client or by the network.
    Gone,
    /// What else there may be.
    Other,
}

impl Unaccepted {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Descriptors, Self::Memory, Self::Gone, Self::Other];

    /// What operators know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Descriptors => "descriptors",
            Self::Memory => "memory",
            Self::Gone => "gone",
            Self::Other => "other",
        }
    }

    /// Only what is never true of the next connection as well makes one gone: nothing else
    /// may be tried again at once.
    fn of(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => Self::Descriptors,
            Some(Errno::NOBUFS | Errno::NOMEM) => Self::Memory,
            Some(Errno::CONNABORTED | Errno::HOSTUNREACH | Errno::NETUNREACH | Errno::PROTO) => {
                Self::Gone
            }
            _ => Self::Other,
        }
    }
}

/// The failures of one listener: where they are counted, and when the log last told of them.
#[derive(Default)]
pub(crate) struct Outage {
    counted: Arc<Connections>,
    said: Option<Instant>,
}

impl Outage {
    /// Failures that are counted here.
    pub(crate) fn counting(connections: &Arc<Connections>) -> Self {
        Self {
            counted: Arc::clone(connections),
            said: None,
        }
    }

    /// Counts a connection that could not be accepted. Where the next could not be either,
    /// says so, unless that was said of late, and waits: trying again at once would only burn
    /// the processor.
    pub(crate) async fn note(&mut self, whose: &str, error: &io::Error) {
        let reason = Unaccepted::of(error);
        self.counted.count_unaccepted(reason);
        if reason == Unaccepted::Gone {
            debug!(%error, "a connection{whose} was gone before it was accepted");
            return;
        }
        let now = Instant::now();
        if self.said.is_none_or(|said| now - said >= AGAIN) {
            warn!(%error, "a connection{whose} could not be accepted");
            self.said = Some(now);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn failed(error: Errno) -> io::Error {
        io::Error::from_raw_os_error(error.raw_os_error())
    }

    #[tokio::test]
    async fn whoever_is_gone_is_not_waited_for_and_everything_else_is() {
        let connections = Arc::default();
        let mut outage = Outage::counting(&connections);
        for (error, waits) in [
            (Errno::MFILE, true),
            (Errno::NFILE, true),
            (Errno::NOMEM, true),
            (Errno::CONNABORTED, false),
            (Errno::HOSTUNREACH, false),
            (Errno::PERM, true),
        ] {
            let noted = outage.note("", &failed(error)).now_or_never();
            assert_eq!(noted.is_none(), waits, "{error}");
        }
        let counted = connections.unaccepted();
        let expected = [("descriptors", 2), ("memory", 1), ("gone", 2), ("other", 1)];
        assert_eq!(counted, expected);
    }
}
