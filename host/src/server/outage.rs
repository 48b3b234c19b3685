//! Connections that cannot be accepted: the system has no descriptor or no memory left, and
//! says so at every try.

use std::io;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

/// How long to wait before accepting again.
const PAUSE: Duration = Duration::from_millis(50);
/// How often the log says again that it is so.
const AGAIN: Duration = Duration::from_secs(10);

/// What was said of failures so far.
#[derive(Default)]
pub(crate) struct Outage {
    said: Option<Instant>,
}

impl Outage {
    /// Says that a connection could not be accepted, unless that was said of late, and
    /// waits: trying again at once would only burn the processor.
    pub(crate) async fn note(&mut self, whose: &str, error: &io::Error) {
        let now = Instant::now();
        if self.said.is_none_or(|said| now - said >= AGAIN) {
            warn!(%error, "a connection{whose} could not be accepted");
            self.said = Some(now);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
