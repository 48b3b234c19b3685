//! The client as tests use it: names lead where a test says, and time is short.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use hyper::body::Body;

use crate::egress::resolver::{Resolver, told};
use crate::egress::upload::BodyError;
use crate::egress::*;

/// Longer than anything that is not meant to be late.
pub(super) const AMPLE: Duration = Duration::from_secs(60);
/// Shorter than anybody wants to wait, and longer than a good server takes.
pub(super) const SHORT: Duration = Duration::from_millis(150);

pub(super) struct Client {
    egress: Egress,
    looked_up: Arc<AtomicUsize>,
}

impl Client {
    /// Rules for the names that a test uses, all of which lead to loopback.
    pub(super) fn of(rules: &[String]) -> Self {
        Self::trusting(rules, &["127.0.0.1"], &Authorities::default())
    }

    pub(super) fn trusting(rules: &[String], networks: &[&str], own: &Authorities) -> Self {
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let networks = networks.iter().map(|net| net.parse().unwrap()).collect();
        let policy = EgressPolicy::new(rules, networks);
        let client = Self {
            egress: Egress::new(policy, Roots::only(own)),
            looked_up: Arc::default(),
        };
        client.told(|_| Ok(vec![[127, 0, 0, 1].into()]))
    }

    /// What each look-up finds, by how many there were before it.
    pub(super) fn told(
        self,
        tell: impl Fn(usize) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Self {
        let looked_up = Arc::clone(&self.looked_up);
        self.resolving(move |_| {
            let found = tell(looked_up.fetch_add(1, Ordering::SeqCst));
            Box::pin(async { found })
        })
    }

    pub(super) fn resolving(
        mut self,
        tell: impl Fn(&str) -> told::Told + Send + Sync + 'static,
    ) -> Self {
        self.egress.dialer_mut().resolver = Resolver::Told(Box::new(tell));
        self
    }

    pub(super) fn asking_the_system(mut self) -> Self {
        self.egress.dialer_mut().resolver = Resolver::System;
        self
    }

    pub(super) fn idle(mut self, limit: Duration) -> Self {
        self.egress.dialer_mut().waits.idle = limit;
        self
    }

    pub(super) fn connecting_within(mut self, limit: Duration) -> Self {
        let waits = &mut self.egress.dialer_mut().waits;
        (waits.resolve, waits.connect) = (limit, limit);
        self
    }

    pub(super) fn look_ups(&self) -> usize {
        self.looked_up.load(Ordering::SeqCst)
    }

    pub(super) async fn get(&self, url: &str) -> Result<(Fetched, Vec<u8>), EgressError> {
        let limits = Limits {
            bytes: 1024 * 1024,
            time: AMPLE,
        };
        self.get_within(url, limits).await
    }

    pub(super) async fn get_within(
        &self,
        url: &str,
        limits: Limits,
    ) -> Result<(Fetched, Vec<u8>), EgressError> {
        let mut sink = Kept(Vec::new());
        let fetched = self.egress.get(url, limits, &mut sink).await;
        assert!(sink.0.len() as u64 <= limits.bytes);
        Ok((fetched?, sink.0))
    }

    pub(super) async fn get_into(&self, url: &str, sink: &mut impl Sink) -> EgressError {
        let limits = Limits {
            bytes: 1024,
            time: AMPLE,
        };
        self.egress.get(url, limits, sink).await.unwrap_err()
    }

    pub(super) async fn post<B>(&self, url: &str, post: Post<B>) -> Result<StatusCode, EgressError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        // As the host does it: on whichever thread there is.
        fn is_send<T: Send>(future: T) -> T {
            future
        }
        is_send(self.egress.post(url, post)).await
    }
}

/// What was fetched, in memory.
struct Kept(Vec<u8>);

impl Sink for Kept {
    async fn take(&mut self, bytes: Bytes) -> io::Result<()> {
        self.0.extend_from_slice(&bytes);
        Ok(())
    }
}

/// What a failure is, without its details, and whether it passes.
pub(super) fn kind(error: &EgressError) -> (&'static str, bool) {
    let kind = match error {
        EgressError::Refused(_) => "refused",
        EgressError::Unresolved { .. } => "unresolved",
        EgressError::NoAddress { .. } => "no address",
        EgressError::Unreachable { .. } => "unreachable",
        EgressError::Tls { .. } => "tls",
        EgressError::Broken { .. } => "broken",
        EgressError::Stalled { .. } => "stalled",
        EgressError::Late { .. } => "late",
        EgressError::Status { .. } => "status",
        EgressError::Redirects { .. } => "redirects",
        EgressError::Ambiguous { .. } => "ambiguous",
        EgressError::Encoded { .. } => "encoded",
        EgressError::TooLong { .. } => "too long",
        EgressError::Unfinished { .. } => "unfinished",
        EgressError::Source(_) => "source",
        EgressError::Sink(_) => "sink",
    };
    let text = error.to_string();
    assert!(!text.contains("s3cret"), "{text}");
    assert!(!text.is_empty());
    (kind, error.is_passing())
}
