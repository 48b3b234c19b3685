//! Traces, as they are configured.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::same_secret;
use crate::egress::{Authorities, EgressPolicy};

/// Where requests are traced to, and how many of them.
#[derive(Debug, Clone)]
pub struct TracesConfig {
    /// What takes traces, by its whole URL.
    pub endpoint: String,
    /// What may be connected to: that alone.
    pub policy: EgressPolicy,
    /// The authorities that are believed besides the system's.
    pub authorities: Authorities,
    /// The share of all requests that is traced, from 0 to 1.
    pub share: f64,
    /// What the collector wants in the head of each request.
    pub headers: Vec<(HeaderName, SecretString)>,
}

impl TracesConfig {
    /// What goes into the head of each request.
    pub(crate) fn head(&self) -> HeaderMap {
        let headers = self.headers.iter().filter_map(|(name, value)| {
            let mut value = HeaderValue::from_str(value.expose_secret()).ok()?;
            value.set_sensitive(true);
            Some((name.clone(), value))
        });
        headers.collect()
    }
}

impl PartialEq for TracesConfig {
    fn eq(&self, other: &Self) -> bool {
        let pairs = || self.headers.iter().zip(&other.headers);
        self.endpoint == other.endpoint
            && self.share == other.share
            && self.authorities == other.authorities
            && self.headers.len() == other.headers.len()
            && pairs().all(|(one, two)| one.0 == two.0 && same_secret(&one.1, &two.1))
    }
}
