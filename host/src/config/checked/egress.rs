//! Where the host itself connects to, as an operator has decided.

use crate::egress::{Authorities, EgressPolicy};

/// Where the host itself connects to, and whom it believes there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressConfig {
    /// Which names and which addresses.
    pub policy: EgressPolicy,
    /// The authorities that are believed besides the system's.
    pub authorities: Authorities,
}
