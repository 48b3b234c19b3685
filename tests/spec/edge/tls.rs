//! TLS on the public listener: who is shown which certificate, when, and who is not waited
//! for.

mod call;
mod floods;
mod generators;
mod http2;
mod kinds;
mod load;
mod tools;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jackfield_tests::{
    Answer, Authority, NUMBER, TestHost, TestHostBuilder, add_on_sid, shake_hands,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, ProtocolVersion};

const NAME: &str = "addons.example.com";

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host to be, with an add-on, that speaks TLS by certificates of these stems.
fn with_tls(stems: &[&str], keys: &str) -> TestHostBuilder {
    let certificates: Vec<String> = stems
        .iter()
        .map(|stem| format!("{{ chain = \"{stem}.pem\", key = \"{stem}.key\" }}"))
        .collect();
    let certificates = certificates.join(", ");
    TestHost::with("echo", &add_on_sid('a'), "").server(&format!(
        "tls = {{ certificates = [{certificates}]{keys} }}"
    ))
}

/// A host with one certificate, and that.
fn one_name(authority: &Authority, keys: &str) -> (TestHost, CertificateDer<'static>) {
    let builder = with_tls(&["it"], keys);
    let certificate = authority.issue(builder.path(), "it", &[NAME, "127.0.0.1"]);
    (builder.start(), certificate)
}

async fn connect(
    host: &TestHost,
    client: ClientConfig,
    name: &str,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(host.address()).await?;
    shake_hands(stream, client, name).await
}

/// The certificate that is shown to who asks for a name.
async fn shown(host: &TestHost, authority: &Authority, name: &str) -> CertificateDer<'static> {
    let stream = connect(host, authority.client(ALL_VERSIONS), name).await;
    let stream = stream.unwrap_or_else(|error| panic!("{name}: {error}"));
    stream.get_ref().1.peer_certificates().unwrap()[0].clone()
}

async fn ask(host: &TestHost, stream: TlsStream<TcpStream>) -> Answer {
    let request = host.twilio().lookup(&add_on_sid('a'), NUMBER);
    request.send_over(stream).await
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    for (offered, spoken) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let stream = connect(&host, authority.client(&[offered]), NAME).await;
        let stream = stream.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
        let answer = ask(&host, stream).await;
        assert_eq!(answer.status, 200, "{spoken:?}");
        assert_eq!(answer.error_code(), serde_json::Value::Null);
    }
}

/// A greeting of a client that knows no version above this one, as a record.
fn greeting(version: u8) -> Vec<u8> {
    let mut hello = vec![3, version];
    hello.extend([7; 32]);
    // No session; ECDHE-ECDSA with AES-128, as GCM and as CBC; no compression.
    hello.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    let extensions: [&[u8]; 3] = [
        // The groups X25519 and P-256; plain points; ECDSA with P-256 and SHA-256.
        &[0, 10, 0, 6, 0, 4, 0, 29, 0, 23],
        &[0, 11, 0, 2, 1, 0],
        &[0, 13, 0, 4, 0, 2, 4, 3],
    ];
    let extensions = extensions.concat();
    hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[tokio::test]
async fn tls_1_0_and_1_1_are_refused_where_1_2_is_not() {
    let (host, _) = one_name(&Authority::new(), "");
    // What comes first: an alert, and which; or the server's own greeting.
    for (version, kind, rest) in [(1, 21, &[2, 70][..]), (2, 21, &[2, 70]), (3, 22, &[2])] {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(&greeting(version)).await.unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).await.unwrap();
        let mut content = vec![0; rest.len()];
        stream.read_exact(&mut content).await.unwrap();
        assert_eq!((head[0], &content[..]), (kind, rest), "3.{version}");
    }
}

#[tokio::test]
async fn a_client_is_shown_the_certificate_of_the_name_it_asks_for() {
    let authority = Authority::new();
    let builder = with_tls(&["first", "second", "third"], "");
    let issue = |stem: &str, names: &[&str]| authority.issue(builder.path(), stem, names);
    let first = issue("first", &["first.example", "127.0.0.1"]);
    let second = issue("second", &["second.example", "*.second.example"]);
    let third = issue("third", &["own.second.example"]);
    let host = builder.start();
    for (name, expected) in [
        ("first.example", &first),
        ("second.example", &second),
        ("SECOND.example", &second),
        ("any.second.example", &second),
        ("own.second.example", &third),
        // Who connects to an address asks for no name.
        ("127.0.0.1", &first),
    ] {
        assert_eq!(&shown(&host, &authority, name).await, expected, "{name}");
    }
    for unknown in ["elsewhere.example", "a.b.second.example"] {
        let refused = connect(&host, authority.client(ALL_VERSIONS), unknown).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("first.example"), "{unknown}: {refused}");
    }
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_old_ones_go_on() {
    let authority = Authority::new();
    let (host, old) = one_name(&authority, "");
    let stream = connect(&host, authority.client(ALL_VERSIONS), NAME).await;
    let (mut kept, connection) = http1::handshake(TokioIo::new(stream.unwrap()))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut ask = async || {
        let request = host.twilio().lookup(&add_on_sid('a'), NUMBER);
        kept.ready().await.unwrap();
        let response = kept.send_request(request.into_request()).await;
        Answer::of(response.unwrap()).await.status
    };
    assert_eq!(ask().await, 200);
    let new = authority.issue(host.path(), "it", &[NAME]);
    let taken_up = async || {
        let shown = shown(&host, &authority, NAME).await;
        assert!(shown == old || shown == new);
        shown == new
    };
    host.until("the new certificate is shown", taken_up).await;
    assert_eq!(ask().await, 200);
}

#[tokio::test]
async fn a_certificate_that_is_no_good_is_told_and_the_old_one_stays() {
    let authority = Authority::new();
    let (host, old) = one_name(&authority, "");
    let key = std::fs::read(host.path().join("it.key")).unwrap();
    let _ = authority.issue(host.path(), "other", &[NAME]);
    let foreign = std::fs::read(host.path().join("other.key")).unwrap();
    for (file, content, said) in [
        (
            "it.key",
            &foreign[..],
            "does not belong to the first certificate",
        ),
        ("it.key", b"", "there is no private key in it"),
        ("it.pem", b"", "there is no certificate in it"),
    ] {
        host.put("it.key", &key);
        host.put(file, content);
        let reload = host.cli(&["reload"]);
        let told = [reload.stdout, reload.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(!reload.status.success() && told.contains(said), "{told}");
        assert_eq!(shown(&host, &authority, NAME).await, old, "{said}");
    }
    let new = authority.issue(host.path(), "it", &[NAME]);
    let taken_up = async || shown(&host, &authority, NAME).await == new;
    host.until("the good one is shown", taken_up).await;
}

#[tokio::test]
async fn nobody_waits_for_those_who_never_shake_hands() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ", handshake_timeout = \"1m\"");
    let greeting = greeting(3);
    let mut idlers = Vec::new();
    for sent in [0, 1, 5, greeting.len() - 1].repeat(25) {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(&greeting[..sent]).await.unwrap();
        idlers.push(stream);
    }
    let stream = connect(&host, authority.client(ALL_VERSIONS), NAME).await;
    assert_eq!(ask(&host, stream.unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_handshake_counts_as_a_connection_until_its_time_is_over() {
    let authority = Authority::new();
    let builder = with_tls(&["it"], ", handshake_timeout = \"300ms\"");
    let _ = authority.issue(builder.path(), "it", &[NAME]);
    let host = builder.server("connections = 1").start();
    let mut idler = TcpStream::connect(host.address()).await.unwrap();
    idler.write_all(&greeting(3)[..5]).await.unwrap();
    let stream = connect(&host, authority.client(ALL_VERSIONS), NAME).await;
    // There was room for one alone, so the other is gone by now.
    let mut rest = Vec::new();
    let cut = idler.read_to_end(&mut rest);
    let cut = tokio::time::timeout(PATIENCE, cut).await;
    assert!(cut.is_ok_and(|cut| cut.is_err() || rest.is_empty()));
    assert_eq!(ask(&host, stream.unwrap()).await.status, 200);
}

#[tokio::test]
async fn plain_http_is_not_answered_where_tls_is_spoken() {
    let (host, _) = one_name(&Authority::new(), "");
    let request = host.twilio().lookup(&add_on_sid('a'), NUMBER).raw();
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut read = Vec::new();
    // What it did not read of ours may end the connection the hard way.
    let _ = stream.read_to_end(&mut read).await;
    // An alert and no word of HTTP.
    assert!(read.is_empty() || read[0] == 21, "{read:?}");
}

#[tokio::test]
async fn a_host_that_ends_closes_connections_as_tls_has_it() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let stream = connect(&host, authority.client(ALL_VERSIONS), NAME).await;
    let mut stream = stream.unwrap();
    let (status, _) = host.stop();
    assert_eq!(status, Some(0));
    let mut rest = Vec::new();
    // Without a word of goodbye, this would be an error.
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
}
