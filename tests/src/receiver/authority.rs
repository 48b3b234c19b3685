//! Certificates that are made for one test, good ones and others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::host::put;

/// Whoever signs the certificates of a test's servers.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// One that nobody knows yet.
    ///
    /// # Panics
    /// Where no key can be made.
    #[must_use]
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Who is signed has another name, or OpenSSL takes it for its own authority.
        let name = DnType::CommonName;
        params.distinguished_name.push(name, "an authority");
        let key = KeyPair::generate().expect("a key is made");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("it signs itself");
        Self { issuer }
    }

    /// Writes its certificate into a directory, as PEM, for the host's `egress.ca`.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[must_use]
    pub fn write(&self, directory: &Path) -> PathBuf {
        let path = directory.join("ca.pem");
        std::fs::write(&path, self.issuer.pem()).expect("the file is written");
        path
    }

    /// Writes a chain and a key for these names into a directory, as `STEM.pem` and
    /// `STEM.key`, and returns the certificate.
    ///
    /// # Panics
    /// Where they cannot be written.
    #[must_use]
    pub fn issue(&self, directory: &Path, stem: &str, names: &[&str]) -> CertificateDer<'static> {
        let key = KeyPair::generate().expect("a key is made");
        let certificate = params(names).signed_by(&key, &self.issuer);
        let certificate = certificate.expect("it is signed");
        let chain = format!("{}{}", certificate.pem(), self.issuer.pem());
        put(&directory.join(format!("{stem}.pem")), chain);
        put(&directory.join(format!("{stem}.key")), key.serialize_pem());
        certificate.der().clone()
    }

    /// A client that believes this authority alone, and speaks these versions.
    #[must_use]
    pub fn client(&self, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let added = roots.add(self.issuer.der().clone());
        added.expect("it is a certificate");
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("ring speaks them")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// What a server needs that has these names or addresses.
    #[must_use]
    pub fn server(&self, names: &[&str]) -> Arc<ServerConfig> {
        self.sign(params(names))
    }

    /// The same, of a server whose certificate was good until 2020.
    #[must_use]
    pub fn expired(&self, names: &[&str]) -> Arc<ServerConfig> {
        let mut params = params(names);
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key is made");
        let certificate = params.signed_by(&key, &self.issuer).expect("it is signed");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.expect("key and certificate belong together"))
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names = names.iter().map(|name| (*name).to_owned());
    CertificateParams::new(names.collect::<Vec<_>>()).expect("names or addresses")
}
