//! The wish that the host ends: a signal or an operator brings it about, once.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether the host is to end. All clones are one.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// A host that is not to end yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks the host to end. Returns whether nobody had before.
    pub fn ask(&self) -> bool {
        !self.0.send_replace(true)
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready once somebody has asked.
    pub async fn asked(&self) {
        // The sender is here, so this ends for one reason alone.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
