//! One certificate: what an operator's two files hold, checked before anybody is shown it.
//!
//! No error here repeats what a file holds: one of the two is a secret.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, SignatureAlgorithm, crypto};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// What a key says of itself in PEM where a password is needed to read it.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

/// A server's certificate and those that vouch for it, one after the other.
#[derive(Debug)]
pub struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    names: Vec<String>,
    validity: (Timestamp, Timestamp),
}

/// Why a file holds no chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It is not written as PEM.
    #[error("it is not PEM")]
    NotPem,
    /// There is none in it.
    #[error("there is no certificate in it")]
    Empty,
    /// One of them is none. They are counted from 1.
    #[error("certificate {0} in it cannot be read")]
    Unreadable(usize),
    /// One of them is not of the authority that signed the one before it.
    #[error("certificate {0} in it is not of the authority that signed the one before it")]
    Order(usize),
}

/// Why a file holds no key for a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not written as PEM.
    #[error("it is not PEM")]
    NotPem,
    /// There is none in it.
    #[error("there is no private key in it")]
    Empty,
    /// It takes a password to read it.
    #[error("the key in it is encrypted")]
    Encrypted,
    /// It is of no kind that TLS is spoken with here.
    #[error("the key in it is none of RSA, ECDSA (P-256, P-384) or Ed25519")]
    Unusable,
    /// It is the key of another certificate.
    #[error("the key in it does not belong to the first certificate of the chain")]
    Foreign,
}

impl Chain {
    /// Reads a PEM file's content.
    ///
    /// # Errors
    /// Where there is no certificate in it, or those in it are no chain.
    pub fn parse(pem: &[u8]) -> Result<Self, ChainError> {
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|_| ChainError::NotPem)?;
        let first = certificates.first().ok_or(ChainError::Empty)?;
        ParsedCertificate::try_from(first).map_err(|_| ChainError::Unreadable(1))?;
        let read = |(at, der): (usize, &CertificateDer<'_>)| {
            X509::from_der(der).map_err(|_| ChainError::Unreadable(at + 1))
        };
        let numbered = certificates.iter().enumerate();
        let read = numbered.map(read).collect::<Result<Vec<X509>, _>>()?;
        in_order(&read)?;
        let names = names(&read[0]).ok_or(ChainError::Unreadable(1))?;
        let validity = validity(&read[0]).ok_or(ChainError::Unreadable(1))?;
        Ok(Self {
            certificates,
            names,
            validity,
        })
    }

    /// Puts its key to it, out of a PEM file's content.
    ///
    /// # Errors
    /// Where there is no key in it, or another one's.
    pub fn with_key(self, pem: &[u8]) -> Result<Certificate, KeyError> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
            _ if is_encrypted(pem) => KeyError::Encrypted,
            PemError::NoItemsFound => KeyError::Empty,
            _ => KeyError::NotPem,
        })?;
        let ring = crypto::ring::default_provider();
        let certified = CertifiedKey::from_der(self.certificates, key, &ring);
        let certified = certified.map_err(|error| match error {
            Error::InconsistentKeys(_) => KeyError::Foreign,
            _ => KeyError::Unusable,
        })?;
        Ok(Certificate {
            certified: Arc::new(certified),
            names: self.names,
            validity: self.validity,
        })
    }
}

fn in_order(chain: &[X509]) -> Result<(), ChainError> {
    let broken = chain
        .windows(2)
        .position(|pair| pair[0].tbs_certificate().issuer() != pair[1].tbs_certificate().subject());
    match broken {
        Some(at) => Err(ChainError::Order(at + 2)),
        None => Ok(()),
    }
}

/// The DNS names of a certificate, in lower case. Others, as addresses, nobody can ask for.
fn names(certificate: &X509) -> Option<Vec<String>> {
    let found = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>();
    let Some((_, SubjectAltName(names))) = found.ok()? else {
        return Some(Vec::new());
    };
    let dns = names.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
        _ => None,
    });
    Some(dns.collect())
}

fn validity(certificate: &X509) -> Option<(Timestamp, Timestamp)> {
    let validity = certificate.tbs_certificate().validity();
    let at = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        Timestamp::from_second(seconds).ok()
    };
    Some((at(validity.not_before)?, at(validity.not_after)?))
}

fn is_encrypted(pem: &[u8]) -> bool {
    pem.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED)
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Certificate {
    certified: Arc<CertifiedKey>,
    names: Vec<String>,
    validity: (Timestamp, Timestamp),
}

impl Certificate {
    /// Its DNS names in lower case, with `*.` in front of those that stand for many.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// From when on it counts.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.validity.0
    }

    /// Until when it counts.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.validity.1
    }

    /// The kind of its key. Clients may know but one of them.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.certified.key.algorithm() {
            SignatureAlgorithm::RSA => "RSA",
            SignatureAlgorithm::ED25519 => "Ed25519",
            _ => "ECDSA",
        }
    }

    pub(super) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }
}

impl PartialEq for Certificate {
    /// There is but one key to a certificate.
    fn eq(&self, other: &Self) -> bool {
        self.certified.cert == other.certified.cert
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificate").field(&self.names).finish()
    }
}
