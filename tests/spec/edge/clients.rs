//! Who asks, from where, and how much. The tests' clients have addresses of their own: all
//! of `127.0.0.0/8` is this machine.

mod rates;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use jackfield_tests::{
    Answer, Authority, NUMBER, Signed, TestHost, TestHostBuilder, add_on_sid, shake_hands,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::rustls::ALL_VERSIONS;

/// Whom hosts trust in these tests, a proxy beside it, and a stranger.
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Whose requests hosts take in these tests, and somebody else.
const WELCOME: &str = "192.0.2.77";
const UNWELCOME: &str = "198.51.100.88";

/// A host that takes requests of 192.0.2.0/24 alone, and believes the proxy, with these
/// keys.
fn behind_a_proxy(keys: &str) -> TestHostBuilder {
    TestHost::with("echo", &add_on_sid('a'), "")
        .server("allowed_networks = [\"192.0.2.0/24\"]\ntrusted_proxies = [\"127.0.0.2\"]")
        .server(keys)
}

/// Starts it; in its log, there must be no address of a client's.
fn started(builder: TestHostBuilder) -> TestHost {
    let host = builder.start();
    for address in [WELCOME, UNWELCOME, "127.0.0.2", "127.0.0.3"] {
        host.keep_secret(address);
    }
    host
}

async fn connect(host: &TestHost, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let address: SocketAddr = host.address().parse().unwrap();
    socket.connect(address).await.unwrap()
}

fn lookup(host: &TestHost) -> Signed {
    host.twilio().lookup(&add_on_sid('a'), NUMBER)
}

/// Status and `error_code`, in short.
fn told(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.error_code())
}

fn good() -> (u16, Value) {
    (200, Value::Null)
}

fn refused() -> (u16, Value) {
    (403, "address_not_allowed".into())
}

async fn send(host: &TestHost, from: Ipv4Addr, request: Signed) -> (u16, Value) {
    told(&request.send_over(connect(host, from).await).await)
}

/// Sends a header of the PROXY protocol, or whatever it is, and then a request.
async fn introduced(host: &TestHost, from: Ipv4Addr, header: &[u8]) -> Answer {
    let mut stream = connect(host, from).await;
    stream.write_all(header).await.unwrap();
    lookup(host).send_over(stream).await
}

/// Whether the host ends a connection without a word.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    match stream.read_to_end(&mut read).await {
        Ok(_) => read.is_empty(),
        // What it did not read of ours ends the connection the hard way.
        Err(error) => error.kind() == ErrorKind::ConnectionReset && read.is_empty(),
    }
}

fn version_1(client: &str) -> Vec<u8> {
    format!("PROXY TCP4 {client} 10.0.0.1 40000 443\r\n").into_bytes()
}

fn version_2(client: &str) -> Vec<u8> {
    let client: Ipv4Addr = client.parse().unwrap();
    let head = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
    let ports = [156, 64, 1, 187];
    [&head[..], &client.octets(), &[10, 0, 0, 1], &ports].concat()
}

#[tokio::test]
async fn a_proxy_is_believed_about_whom_it_passes_on_and_nobody_else_is() {
    let host = started(behind_a_proxy("forwarded = \"x-forwarded-for\""));
    let both = format!("{UNWELCOME}, {WELCOME}");
    let forged = format!("{WELCOME}, {UNWELCOME}");
    for (from, header, expected) in [
        (PROXY, WELCOME, good()),
        (PROXY, &both, good()),
        (PROXY, UNWELCOME, refused()),
        (PROXY, &forged, refused()),
        (PROXY, "unknown", refused()),
        (STRANGER, WELCOME, refused()),
    ] {
        let request = lookup(&host).header("x-forwarded-for", header);
        assert_eq!(
            send(&host, from, request).await,
            expected,
            "{from} {header}"
        );
    }
    // A header that the proxy does not write may be anybody's.
    let request = lookup(&host).header("forwarded", &format!("for={WELCOME}"));
    assert_eq!(send(&host, PROXY, request).await, refused());
    let line = |text: &str| lookup(&host).header("x-forwarded-for", text);
    let lines = line(UNWELCOME).another_header("x-forwarded-for", WELCOME);
    assert_eq!(send(&host, PROXY, lines).await, good());
    let lines = line(WELCOME).another_header("x-forwarded-for", UNWELCOME);
    assert_eq!(send(&host, PROXY, lines).await, refused());
}

#[tokio::test]
async fn a_proxy_may_write_forwarded_instead() {
    let host = started(behind_a_proxy("forwarded = \"forwarded\""));
    for (header, expected) in [
        (format!("for={WELCOME};proto=https"), good()),
        (format!("for=\"x, for=\"{WELCOME}:4711\""), good()),
        (format!("for={WELCOME}, for={UNWELCOME}"), refused()),
        ("for=_hidden".to_owned(), refused()),
    ] {
        let request = lookup(&host).header("forwarded", &header);
        assert_eq!(send(&host, PROXY, request).await, expected, "{header}");
    }
    let request = lookup(&host).header("x-forwarded-for", WELCOME);
    assert_eq!(send(&host, PROXY, request).await, refused());
}

#[tokio::test]
async fn no_header_changes_what_is_signed() {
    let host = started(behind_a_proxy("forwarded = \"forwarded\""));
    let forwarded = format!("for={WELCOME};host=other.example;proto=http");
    let others = |request: Signed| {
        let request = request.header("forwarded", &forwarded);
        let request = request.header("x-forwarded-host", "other.example");
        let request = request.header("x-forwarded-proto", "http");
        request.header("x-forwarded-prefix", "/twilio")
    };
    assert_eq!(send(&host, PROXY, others(lookup(&host))).await, good());
    for url in ["http://other.example", "https://other.example"] {
        let twilio = host.twilio().at(url);
        let request = others(twilio.lookup(&add_on_sid('a'), NUMBER));
        let expected = (403, "signature_invalid".into());
        assert_eq!(send(&host, PROXY, request).await, expected, "{url}");
    }
}

#[tokio::test]
async fn a_proxy_may_say_it_before_everything_else() {
    let host = started(behind_a_proxy("proxy_protocol = true"));
    for version in [version_1, version_2] {
        let answer = introduced(&host, PROXY, &version(WELCOME)).await;
        assert_eq!(told(&answer), good());
        let answer = introduced(&host, PROXY, &version(UNWELCOME)).await;
        assert_eq!(told(&answer), refused());
        // Who is no proxy speaks no HTTP by that.
        let answer = introduced(&host, STRANGER, &version(WELCOME)).await;
        assert_eq!(answer.status, 400);
    }
    // The proxy for itself is whoever it is.
    let answer = introduced(&host, PROXY, b"PROXY UNKNOWN\r\n").await;
    assert_eq!(told(&answer), refused());
    // One who is passed on is believed about nobody.
    let mut stream = connect(&host, PROXY).await;
    stream.write_all(&version_2(UNWELCOME)).await.unwrap();
    let request = lookup(&host).header("x-forwarded-for", WELCOME);
    assert_eq!(told(&request.send_over(stream).await), refused());
}

#[tokio::test]
async fn a_proxy_that_says_nothing_or_nonsense_is_not_served() {
    let host = started(
        behind_a_proxy("proxy_protocol = true")
            .server("header_timeout = \"300ms\"")
            .toml("[operators]\nlisten = \"127.0.0.1:0\"\n"),
    );
    let request = lookup(&host).raw();
    let nonsense = b"PROXY TCP4 here there 1 2\r\n";
    for begun in [&b""[..], &request, nonsense, &version_2(WELCOME)[..20]] {
        let mut stream = connect(&host, PROXY).await;
        stream.write_all(begun).await.unwrap();
        assert!(is_closed(&mut stream).await, "{begun:?}");
    }
    // Whoever only looks whether somebody is there does not count.
    drop(connect(&host, PROXY).await);
    let answer = introduced(&host, PROXY, &version_1(WELCOME)).await;
    assert_eq!(told(&answer), good());
    let metrics = crate::operators::page_of(&host, "/metrics").await;
    let counted = "jackfield_connections_refused_total{reason=\"proxy_header\"} 4";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn what_a_proxy_says_comes_before_tls() {
    let authority = Authority::new();
    let tls = "tls = { certificates = [{ chain = \"it.pem\", key = \"it.key\" }] }";
    let builder = behind_a_proxy(&format!("proxy_protocol = true\n{tls}"));
    let _ = authority.issue(builder.path(), "it", &["addons.example.com"]);
    let host = started(builder);
    for (client, expected) in [(WELCOME, good()), (UNWELCOME, refused())] {
        let mut stream = connect(&host, PROXY).await;
        stream.write_all(&version_2(client)).await.unwrap();
        let client = authority.client(ALL_VERSIONS);
        let stream = shake_hands(stream, client, "addons.example.com")
            .await
            .unwrap();
        assert_eq!(told(&lookup(&host).send_over(stream).await), expected);
    }
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_told_before_its_body_is_read() {
    let host = started(
        TestHost::with("echo", &add_on_sid('a'), "").server("allowed_networks = [\"127.0.0.2\"]"),
    );
    assert_eq!(send(&host, PROXY, lookup(&host)).await, good());
    let answer = lookup(&host)
        .send_over(connect(&host, STRANGER).await)
        .await;
    insta::assert_snapshot!(answer.shown(), @r#"
    403 Forbidden
    {"error_code":"address_not_allowed","message":"requests from this address are not taken"}
    "#);
    for target in ["/lookups", "/recordings", "/nowhere"] {
        let mut stream = connect(&host, STRANGER).await;
        let head = format!("POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // No more of it comes, and still there is an answer.
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 403", "{target}");
    }
    host.configure(|config| config.replace("\"127.0.0.2\"", "\"127.0.0.3\""));
    let taken_up = async || send(&host, STRANGER, lookup(&host)).await == good();
    host.until("the other address is allowed", taken_up).await;
    assert_eq!(send(&host, PROXY, lookup(&host)).await, refused());
}

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may_and_others_have_theirs() {
    let host = started(
        TestHost::with("echo", &add_on_sid('a'), "")
            .server("connections_per_address = 2\ntrusted_proxies = [\"127.0.0.2\"]")
            .server("forwarded = \"forwarded\"")
            .toml("[operators]\nlisten = \"127.0.0.1:0\"\n"),
    );
    let request = lookup(&host).raw();
    let kept = async |from| {
        let mut stream = connect(&host, from).await;
        stream.write_all(&request).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        stream
    };
    let (first, second) = (kept(STRANGER).await, kept(STRANGER).await);
    assert!(is_closed(&mut connect(&host, STRANGER).await).await);
    assert_eq!(
        send(&host, Ipv4Addr::LOCALHOST, lookup(&host)).await,
        good()
    );
    // A proxy has many clients behind it.
    let of_proxy = [kept(PROXY).await, kept(PROXY).await, kept(PROXY).await];
    drop(first);
    let again = async || !is_closed_at_once(&host, &request).await;
    host.until("there is room again", again).await;
    drop((second, of_proxy));
    let metrics = crate::operators::page_of(&host, "/metrics").await;
    let name = "jackfield_connections_refused_total{reason=\"address_full\"} ";
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    let count: u64 = line.unwrap().parse().unwrap();
    assert!(count >= 1, "{metrics}");
}

async fn is_closed_at_once(host: &TestHost, request: &[u8]) -> bool {
    let mut stream = connect(host, STRANGER).await;
    // It may be closed before that.
    let _ = stream.write_all(request).await;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.is_err()
}
