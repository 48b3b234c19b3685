//! The signals that end the process: the first one lets what runs end, the second does not
//! wait for it.

use std::convert::Infallible;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::warn;

use crate::telemetry;

/// SIGTERM, as managers of services send it, and SIGINT, as terminals do.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on neither of them ends the process by itself.
    ///
    /// # Errors
    /// Where the system does not let us wait for them.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Asks for an end at the first signal, and ends the process at the second: with the
    /// status that shells give to whom such a signal ended, 143 or 130.
    pub async fn obey(mut self, ask: impl FnOnce()) -> Infallible {
        self.next().await;
        ask();
        let second = self.next().await;
        warn!("told to end again: what still ran is cut off");
        telemetry::finish();
        std::process::exit(128 + second.as_raw_value())
    }

    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}
