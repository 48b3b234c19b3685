//! Certificates of one name whose keys are of different kinds: a client is shown one that it
//! can check.

use std::sync::Arc;

use jackfield_tests::Authority;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore};

use super::{NAME, ask, connect, with_tls};

// Made once for all, for `NAME` and a hundred years: ring makes no keys of this kind.
const RSA: &str = include_str!("../../../fixtures/rsa.pem");
const RSA_KEY: &str = include_str!("../../../fixtures/rsa.key");

/// A client of TLS 1.2 that knows keys of one kind alone, by the name of its cipher suites.
fn knowing(kind: &str, believed: CertificateDer<'static>) -> ClientConfig {
    let mut provider = ring::default_provider();
    let of_kind = |suite: &str| suite.starts_with(&format!("TLS_ECDHE_{kind}_"));
    let suites = &mut provider.cipher_suites;
    suites.retain(|it| it.suite().as_str().is_some_and(of_kind));
    client(provider, believed)
}

fn client(provider: CryptoProvider, believed: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(believed).unwrap();
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_client_is_shown_the_certificate_that_it_can_check() {
    let authority = Authority::new();
    let rsa = CertificateDer::from_pem_slice(RSA.as_bytes()).unwrap();
    for stems in [["it", "rsa"], ["rsa", "it"]] {
        let builder = with_tls(&stems, "");
        let ecdsa = authority.issue(builder.path(), "it", &[NAME]);
        jackfield_tests::put(&builder.path().join("rsa.pem"), RSA);
        jackfield_tests::put(&builder.path().join("rsa.key"), RSA_KEY);
        let ca = CertificateDer::from_pem_file(authority.write(builder.path())).unwrap();
        let host = builder.start();
        for (kind, believed, expected) in [("RSA", &rsa, &rsa), ("ECDSA", &ca, &ecdsa)] {
            let stream = connect(&host, knowing(kind, believed.clone()), NAME).await;
            let stream = stream.unwrap_or_else(|error| panic!("{kind}, {stems:?}: {error}"));
            let shown = stream.get_ref().1.peer_certificates().unwrap();
            assert_eq!(&shown[0], expected, "{kind}, {stems:?}");
            assert_eq!(ask(&host, stream).await.status, 200);
        }
        // Who knows both is shown the first.
        let both = match stems[0] {
            "rsa" => client(ring::default_provider(), rsa.clone()),
            _ => authority.client(ALL_VERSIONS),
        };
        let first = connect(&host, both, NAME).await.unwrap();
        let shown = first.get_ref().1.peer_certificates().unwrap();
        let expected = if stems[0] == "rsa" { &rsa } else { &ecdsa };
        assert_eq!(&shown[0], expected, "{stems:?}");
    }
}
