//! Operators who come from elsewhere: by TLS, with a token, to a name of the certificate.

use jackfield_tests::{Answer, Authority, Signed, TestHost, Twilio, shake_hands};
use tokio::net::TcpStream;
use tokio_rustls::rustls::ALL_VERSIONS;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::{Metrics, ask, builder, listens_at, operator};

const NAME: &str = "ops.example.com";
const TOKEN: &str = "a-token-of-the-operators";
const TABLE: &str = "[operators]
listen = \"0.0.0.0:0\"
token = { file = \"token\" }
tls = { certificates = [{ chain = \"ops.pem\", key = \"ops.key\" }] }
";

/// A host that operators reach from everywhere, and where they reach it.
fn secured(authority: &Authority) -> (TestHost, String) {
    let guest = jackfield_tests::guest("echo");
    let sid = jackfield_tests::add_on_sid('a');
    let builder = TestHost::builder().add_on("it", &sid, &guest, "");
    let builder = builder.toml(TABLE);
    std::fs::write(builder.path().join("token"), TOKEN).unwrap();
    let _ = authority.issue(builder.path(), "ops", &[NAME]);
    let host = builder.start();
    let address = listens_at(&host, "0.0.0.0");
    (host, address)
}

/// What is answered over TLS, and the certificate that is shown.
async fn over_tls(
    address: &str,
    authority: &Authority,
    request: Signed,
) -> (Answer, CertificateDer<'static>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let stream = shake_hands(stream, authority.client(ALL_VERSIONS), NAME).await;
    let stream = stream.unwrap();
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    (request.send_over(stream).await, shown.into_owned())
}

fn proved(operator: &Twilio, path: &str) -> Signed {
    let request = ask(operator, path).header("host", NAME);
    request.header("authorization", &format!("Bearer {TOKEN}"))
}

#[tokio::test]
async fn they_are_answered_by_tls_with_the_token_at_a_name_of_the_certificate() {
    let authority = Authority::new();
    let (host, address) = secured(&authority);
    let operator = host.twilio().to(&address);
    let good = || proved(&operator, "/healthz");
    for (request, status) in [
        (good(), 200),
        (good().header("host", "localhost"), 200),
        (good().header("host", "rebound.example.com"), 403),
        (good().header("origin", "https://ops.example.com"), 403),
        (good().without("authorization"), 401),
        (good().header("authorization", "Bearer another"), 401),
    ] {
        let (answer, _) = over_tls(&address, &authority, request).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn handshakes_and_the_end_of_the_certificate_are_told_and_a_new_one_is_taken_up() {
    let authority = Authority::new();
    let (host, address) = secured(&authority);
    let operator = host.twilio().to(&address);
    let mut plain = TcpStream::connect(&address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET /healthz HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let (page, before) = over_tls(&address, &authority, proved(&operator, "/metrics")).await;
    let metrics = Metrics::read(page.text());
    let at = |result| {
        let labels = [("listener", "operators"), ("result", result)];
        metrics.sum("jackfield_tls_handshakes_total", &labels)
    };
    assert_eq!((at("agreed"), at("failed")), (Some(1.0), Some(1.0)));
    let labels = [("listener", "operators"), ("name", NAME)];
    let end = metrics.sum("jackfield_certificate_expiry_timestamp_seconds", &labels);
    assert!(end.unwrap() > 1.7e9, "{end:?}");
    let renewed = authority.issue(host.path(), "ops", &[NAME]);
    assert_ne!(renewed, before);
    let shown = async || {
        let request = proved(&operator, "/healthz");
        over_tls(&address, &authority, request).await.1 == renewed
    };
    host.until("the new certificate is shown", shown).await;
}

#[tokio::test]
async fn connections_and_the_process_are_told() {
    let host = builder("echo", "").start();
    let operator = operator(&host);
    let idle = TcpStream::connect(host.address()).await.unwrap();
    let counted = async || {
        let metrics = Metrics::of(&operator).await;
        let public = [("listener", "public")];
        metrics.sum("jackfield_connections_open", &public) == Some(1.0)
    };
    host.until("the connection is counted", counted).await;
    drop(idle);
    let metrics = Metrics::of(&operator).await;
    for name in [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_threads",
        "process_open_fds",
        "process_max_fds",
    ] {
        assert!(metrics.sum(name, &[]).unwrap() > 0.0, "{name}");
    }
}
