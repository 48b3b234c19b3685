//! Which certificate a client is shown: that of the name it asks for, of a kind that it knows.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::certificate::Certificate;

/// One certificate, or several of one name whose keys are of different kinds, in the order of
/// the configuration.
type Several = Vec<Arc<CertifiedKey>>;

/// Certificates by the names that they are for.
#[derive(Debug)]
pub(super) struct Choice {
    by_name: HashMap<String, Several>,
    /// For who asks for no name, as by an address, or for one that there is not. Clients
    /// refuse what is not of the name they want, and say so better than we could.
    first: Several,
}

impl Choice {
    pub(super) fn among(certificates: &[Certificate]) -> Self {
        let mut by_name = HashMap::<_, Several>::new();
        for certificate in certificates {
            for name in certificate.names() {
                let of_name = by_name.entry(name.clone()).or_default();
                of_name.push(Arc::clone(certificate.certified()));
            }
        }
        let first = certificates.first().map(Certificate::names);
        let beside = |certificate: &&Certificate| Some(certificate.names()) == first;
        let first = certificates.iter().filter(beside);
        Self {
            by_name,
            first: first.map(|it| Arc::clone(it.certified())).collect(),
        }
    }

    /// Those of a name: its own before those whose star stands for its first label.
    pub(super) fn of(&self, name: &str) -> Option<&Several> {
        let name = name.to_ascii_lowercase();
        let starred = || {
            let (_, rest) = name.split_once('.')?;
            self.by_name.get(&format!("*.{rest}"))
        };
        self.by_name.get(&name).or_else(starred)
    }
}

impl ResolvesServerCert for Choice {
    /// The first that the client can check. Where it can check none, the handshake fails by
    /// any of them.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.of(name));
        let several = named.unwrap_or(&self.first);
        let offered = hello.signature_schemes();
        let checked = |it: &&Arc<CertifiedKey>| it.key.choose_scheme(offered).is_some();
        several.iter().find(checked).or(several.first()).cloned()
    }
}
