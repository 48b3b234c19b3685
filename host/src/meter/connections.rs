//! The connections of each listener: how many there are, how many could not be accepted, and
//! what came of their handshakes.

use std::sync::Arc;

use crate::counter::Counter;
use crate::server::Unaccepted;
use crate::server::tls::HandshakeError;

/// What is counted of each listener.
#[derive(Default)]
pub struct Listeners {
    /// Where requests arrive.
    pub public: Arc<Connections>,
    /// Where operators ask.
    pub operators: Arc<Connections>,
}

/// What is counted of one listener.
#[derive(Debug, Default)]
pub struct Connections {
    opened: Counter,
    closed: Counter,
    agreed: Counter,
    failed: Counter,
    late: Counter,
    unaccepted: [Counter; Unaccepted::ALL.len()],
}

/// A connection, until it is dropped.
pub struct Open(Arc<Connections>);

impl Connections {
    /// Counts a connection, which is open for as long as what is returned is kept.
    #[must_use]
    pub fn open(self: &Arc<Self>) -> Open {
        self.opened.count();
        Open(Arc::clone(self))
    }

    /// Counts what came of a handshake.
    pub fn count_handshake<T>(&self, result: &Result<T, HandshakeError>) {
        match result {
            Ok(_) => self.agreed.count(),
            Err(HandshakeError::Failed(_)) => self.failed.count(),
            Err(HandshakeError::TimedOut(_)) => self.late.count(),
        }
    }

    /// Counts a connection that could not be accepted.
    pub fn count_unaccepted(&self, reason: Unaccepted) {
        self.unaccepted[reason as usize].count();
    }

    /// How many were opened since the start.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.opened.read()
    }

    /// How many are open.
    #[must_use]
    pub fn now(&self) -> u64 {
        // In this order: one that closes in between may be told of once more, never less.
        let closed = self.closed.read();
        self.opened.read().saturating_sub(closed)
    }

    /// The handshakes, by what came of them.
    #[must_use]
    pub fn handshakes(&self) -> [(&'static str, u64); 3] {
        [
            ("agreed", self.agreed.read()),
            ("failed", self.failed.read()),
            ("timed_out", self.late.read()),
        ]
    }

    /// The connections that could not be accepted, by why.
    #[must_use]
    pub fn unaccepted(&self) -> [(&'static str, u64); Unaccepted::ALL.len()] {
        Unaccepted::ALL.map(|reason| (reason.name(), self.unaccepted[reason as usize].read()))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed.count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_counted_for_as_long_as_it_is_open() {
        let connections = Arc::new(Connections::default());
        let (one, two) = (connections.open(), connections.open());
        assert_eq!((connections.now(), connections.opened()), (2, 2));
        drop(one);
        assert_eq!((connections.now(), connections.opened()), (1, 2));
        drop(two);
        assert_eq!((connections.now(), connections.opened()), (0, 2));
    }
}
