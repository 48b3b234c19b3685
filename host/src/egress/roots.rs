//! Whom the host believes about who a server is.

use std::fmt;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// Certificates of an operator's own, for receivers that no public authority knows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a file holds no such certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthoritiesError {
    /// It is not written as PEM.
    #[error("it is not PEM")]
    NotPem,
    /// There is none in it.
    #[error("there is no certificate in it")]
    Empty,
    /// One of them is none.
    #[error("certificate {number} in it cannot be used: {why}")]
    Unusable {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Authorities {
    /// Reads a PEM file's content, and checks each certificate.
    ///
    /// # Errors
    /// Where there is none, or one that cannot be used.
    pub fn parse(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|_| AuthoritiesError::NotPem)?;
        if found.is_empty() {
            return Err(AuthoritiesError::Empty);
        }
        let mut store = RootCertStore::empty();
        for (at, certificate) in found.iter().enumerate() {
            store
                .add(certificate.clone())
                .map_err(|error| AuthoritiesError::Unusable {
                    number: at + 1,
                    why: error.to_string(),
                })?;
        }
        Ok(Self(found))
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

/// All that are believed.
#[derive(Debug, Clone)]
pub struct Roots {
    store: RootCertStore,
    problems: Vec<String>,
}

impl Roots {
    /// The operator's own alone.
    #[must_use]
    pub fn only(own: &Authorities) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(own.0.iter().cloned());
        let problems = Vec::new();
        Self { store, problems }
    }

    /// Those of the system, and the operator's own. It reads files, some hundred of them
    /// on some systems.
    #[must_use]
    pub fn of_the_system_and(own: &Authorities) -> Self {
        let mut roots = Self::only(own);
        let found = rustls_native_certs::load_native_certs();
        let errors = found.errors.iter();
        roots.problems = errors.map(ToString::to_string).collect();
        // Systems ship some that are malformed, which are nobody's loss.
        roots.store.add_parsable_certificates(found.certs);
        roots
    }

    /// Whether nobody is believed, so that every connection by TLS fails.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    /// What could not be read of the system's.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    pub(super) fn into_store(self) -> RootCertStore {
        self.store
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new([]).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn an_operators_file_may_hold_several() {
        let pem = format!("# ours\n{}\n{}", authority(), authority());
        let own = Authorities::parse(pem.as_bytes()).unwrap();
        assert_eq!(format!("{own:?}"), "Authorities(2)");
        let roots = Roots::only(&own);
        assert!(!roots.is_empty() && roots.problems().is_empty());
        assert!(Roots::only(&Authorities::default()).is_empty());
    }

    #[test]
    fn a_file_without_a_usable_certificate_says_why() {
        let said = |pem: &str| Authorities::parse(pem.as_bytes()).unwrap_err().to_string();
        assert_eq!(said(""), "there is no certificate in it");
        assert_eq!(said("no PEM"), "there is no certificate in it");
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        assert_eq!(said(&key), "there is no certificate in it");
        let torn = authority().replace("-----END CERTIFICATE-----", "");
        assert_eq!(said(&torn), "it is not PEM");
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let two = said(&format!("{}{junk}", authority()));
        assert!(
            two.starts_with("certificate 2 in it cannot be used: "),
            "{two}"
        );
    }
}
