//! One version of a provider, in service: what is called, and what is watched meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::breaker::Breaker;
use crate::config::AddOnConfig;
use crate::sandbox::Provider;
use crate::trial::Trial;

/// A component that was loaded.
pub struct Version {
    /// What is called.
    pub provider: Provider,
    /// The component's SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// What it imports, by the names of the interfaces.
    pub imports: BTreeSet<String>,
}

/// A version that serves an add-on.
#[derive(Clone)]
pub struct Serving {
    /// What serves.
    pub version: Arc<Version>,
    /// What leaves it alone when it keeps failing.
    pub breaker: Arc<Breaker>,
    /// What watches its first calls, if there is anything to go back to.
    pub trial: Option<Arc<Trial>>,
}

impl Serving {
    /// A version that begins to serve an add-on.
    #[must_use]
    pub fn new(config: &AddOnConfig, version: Arc<Version>, trial: Option<Trial>) -> Self {
        Self {
            version,
            breaker: Arc::new(breaker(config)),
            trial: trial.map(Arc::new),
        }
    }

    /// The same version under other settings. What is known of its failures is kept,
    /// unless they would have been counted otherwise.
    #[must_use]
    pub fn under(&self, old: &AddOnConfig, new: &AddOnConfig) -> Self {
        let counted = |config: &AddOnConfig| (config.breaker, config.limits.timeout);
        let breaker = match counted(old) == counted(new) {
            true => Arc::clone(&self.breaker),
            false => Arc::new(breaker(new)),
        };
        Self {
            breaker,
            ..self.clone()
        }
    }
}

fn breaker(config: &AddOnConfig) -> Breaker {
    Breaker::new(config.name.clone(), config.breaker, config.limits.timeout)
}
