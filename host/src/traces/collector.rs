//! The collector, as OpenTelemetry's exporter asks it: over the one client for all that
//! the host sends.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::sync::OnceCell;
use tracing::{info, warn};

use crate::config::TracesConfig;
use crate::egress::{Egress, EgressError, Limits, Roots};

/// What one attempt may take.
const LIMITS: Limits = Limits {
    bytes: 64 * 1024,
    time: Duration::from_secs(5),
};

/// What traces are sent to.
pub(super) struct Collector {
    config: TracesConfig,
    egress: OnceCell<Egress>,
    /// Whether it did not take what it got last.
    refuses: AtomicBool,
}

impl Collector {
    pub(super) fn new(config: &TracesConfig) -> Self {
        Self {
            config: config.clone(),
            egress: OnceCell::new(),
            refuses: AtomicBool::new(false),
        }
    }

    /// The client. The system's authorities are read when there is something to send.
    async fn egress(&self) -> &Egress {
        let TracesConfig {
            policy,
            authorities,
            ..
        } = &self.config;
        let made = self.egress.get_or_init(async || {
            let roots = Roots::of_the_system_and(authorities);
            Egress::new(policy.clone(), roots)
        });
        made.await
    }

    /// Says when traces stop arriving, and when they arrive again, and nothing in between.
    fn tell(&self, answered: &Result<Response<Bytes>, EgressError>) {
        let reason = match answered {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answered {}", response.status().as_u16())),
            Err(error) => Some(error.to_string()),
        };
        match (reason, self.refuses.load(Ordering::Relaxed)) {
            (Some(reason), false) => warn!(reason, "the collector does not take traces"),
            (None, true) => info!("the collector takes traces again"),
            (Some(_), true) | (None, false) => return,
        }
        self.refuses.fetch_not(Ordering::Relaxed);
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (mut head, body) = request.into_parts();
        head.headers.extend(self.config.head());
        let url = &self.config.endpoint;
        let egress = self.egress().await;
        let answered = egress.ask(url, head.headers, body, LIMITS).await;
        self.tell(&answered);
        Ok(answered?)
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
