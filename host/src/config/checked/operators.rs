//! The operators' listener, as it is configured.

use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::SecretString;

use super::same_secret;
use crate::server::tls::Tls;

/// Where operators see how the host is.
#[derive(Debug, Clone)]
pub struct OperatorsConfig {
    /// Where to listen: an address that this machine alone reaches, unless there are TLS and
    /// a token.
    pub listen: SocketAddr,
    /// What proves an operator, where that is demanded.
    pub token: Option<SecretString>,
    /// What the listener speaks, if not plain text.
    pub tls: Option<Arc<Tls>>,
}

impl PartialEq for OperatorsConfig {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.token, &other.token) {
            (None, None) => true,
            (Some(one), Some(two)) => same_secret(one, two),
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.listen == other.listen && self.tls == other.tls && same
    }
}
