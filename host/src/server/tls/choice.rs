//! Which certificate a client is shown: that of the name it asks for.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::certificate::Certificate;

/// Certificates by the names that they are for.
#[derive(Debug)]
pub(super) struct Choice {
    by_name: HashMap<String, Arc<CertifiedKey>>,
    /// For who asks for no name, as by an address, or for one that there is not. Clients
    /// refuse what is not of the name they want, and say so better than we could.
    first: Option<Arc<CertifiedKey>>,
}

impl Choice {
    pub(super) fn among(certificates: &[Certificate]) -> Self {
        let named = certificates.iter().flat_map(|certificate| {
            let names = certificate.names().iter().cloned();
            names.map(|name| (name, Arc::clone(certificate.certified())))
        });
        let first = certificates.first();
        Self {
            by_name: named.collect(),
            first: first.map(|first| Arc::clone(first.certified())),
        }
    }

    /// The one of a name: its own before one whose star stands for its first label.
    fn of(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        let starred = || {
            let (_, rest) = name.split_once('.')?;
            self.by_name.get(&format!("*.{rest}"))
        };
        self.by_name.get(&name).or_else(starred)
    }
}

impl ResolvesServerCert for Choice {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.of(name));
        named.or(self.first.as_ref()).cloned()
    }
}
