//! The wish that the host ends: a signal or an operator brings it about, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether the host is to end. All clones are one.
#[derive(Debug, Clone)]
pub struct Stop(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    /// Every answer looks at it, on all threads, and none of them writes.
    asked: AtomicBool,
    told: Notify,
}

impl Stop {
    /// A host that is not to end yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Asks the host to end. Returns whether nobody had before.
    pub fn ask(&self) -> bool {
        let first = !self.0.asked.swap(true, Ordering::SeqCst);
        self.0.told.notify_waiters();
        first
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Ready once somebody has asked.
    pub async fn asked(&self) {
        // Whoever waits to be told first and looks then misses nothing.
        let told = self.0.told.notified();
        if !self.is_asked() {
            told.await;
        }
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
