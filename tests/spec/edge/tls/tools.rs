//! Other people's programs: `openssl` and `curl` as clients.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use jackfield_tests::{PUBLIC_URL, sign};

use super::*;

/// All ciphers that there are, also those that nobody should use, with keys of any length.
const ANYTHING: &str = "ALL:@SECLEVEL=0";

/// A server that speaks one version of TLS, until it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts it with a certificate that `openssl` has made itself.
    fn start(directory: &Path, version: &str) -> Self {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-subj", "/CN=addons.example.com"])
            .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-keyout", "its.key", "-out", "its.pem"])
            .current_dir(directory)
            .output()
            .expect("openssl is there");
        assert!(made.status.success(), "{}", told(&made));
        let mut child = Command::new("openssl")
            .args([
                "s_server", "-accept", "0", "-www", "-cert", "its.pem", "-key", "its.key",
            ])
            .args([version, "-cipher", ANYTHING])
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is there");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = said.find_map(|line| Some(line.unwrap().rsplit_once("ACCEPT ")?.1.to_owned()));
        let port = port
            .expect("it listens")
            .rsplit_once(':')
            .unwrap()
            .1
            .to_owned();
        let address = format!("127.0.0.1:{port}");
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It runs until it is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether `openssl` shakes hands in a version, and what it says.
fn shakes_hands(address: &str, version: &str) -> (bool, String) {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", address, "-servername", NAME])
        .args([version, "-cipher", ANYTHING, "-brief"])
        .stdin(Stdio::null())
        .output()
        .expect("openssl is there");
    (output.status.success(), told(&output))
}

fn told(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn openssl_is_refused_in_tls_1_0_and_1_1_and_accepted_in_1_2_and_1_3() {
    let (host, _) = one_name(&Authority::new(), "");
    for (version, name, accepted) in [
        ("-tls1", "TLSv1", false),
        ("-tls1_1", "TLSv1.1", false),
        ("-tls1_2", "TLSv1.2", true),
        ("-tls1_3", "TLSv1.3", true),
    ] {
        // It speaks the version itself: to a server that does, it gets through.
        let server = Server::start(host.path(), version);
        let spoken = format!("Protocol version: {name}\n");
        let (done, said) = shakes_hands(&server.address, version);
        assert!(done && said.contains(&spoken), "{version}: {said}");
        let (done, said) = shakes_hands(host.address(), version);
        assert_eq!(done, accepted, "{version}: {said}");
        let heard = match accepted {
            true => &spoken,
            // By the host, whichever reason it gives, and not by itself.
            false => "SSL alert number",
        };
        assert!(said.contains(heard), "{version}: {said}");
    }
}

/// `curl` with further arguments; its exit status, and the status, version and body of
/// what it was answered.
fn curl(host: &TestHost, arguments: &[&str]) -> (Option<i32>, String) {
    let port = host.address().rsplit_once(':').unwrap().1;
    let target = "/lookups?phone=%2B12125550123";
    let signature = sign(
        jackfield_tests::TOKEN,
        &format!("{PUBLIC_URL}{target}"),
        &[],
    );
    let output = Command::new("curl")
        .args(["--silent", "--cacert", "ca.pem"])
        .args(["--resolve", &format!("{NAME}:{port}:127.0.0.1")])
        .args([
            "--header",
            &format!("X-Twilio-VendorAccountSid: {}", jackfield_tests::ACCOUNT),
        ])
        .args([
            "--header",
            &format!("X-Twilio-AddOnSid: {}", add_on_sid('a')),
        ])
        .args(["--header", &format!("X-Twilio-Signature: {signature}")])
        .args(["--write-out", "\n%{http_code} %{http_version}"])
        .args(arguments)
        .arg(format!("https://{NAME}:{port}{target}"))
        .current_dir(host.path())
        .output()
        .expect("curl is there");
    (output.status.code(), told(&output))
}

#[test]
fn curl_is_answered_over_every_version_that_is_spoken() {
    const SSL_CONNECT_ERROR: i32 = 35;
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ", http2 = true");
    let _ = authority.write(host.path());
    host.keep_secret(NUMBER);
    for (arguments, end) in [
        (&["--http1.1"][..], "\n200 1.1"),
        (&["--http2"], "\n200 2"),
        (&["--tlsv1.2", "--tls-max", "1.2"], "\n200 2"),
        (&["--tlsv1.3"], "\n200 2"),
    ] {
        let (status, said) = curl(&host, arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        assert!(
            said.contains("\"error_code\":null"),
            "{arguments:?}: {said}"
        );
        assert!(said.ends_with(end), "{arguments:?}: {said}");
    }
    let old = ["--tlsv1.0", "--tls-max", "1.1", "--ciphers", ANYTHING];
    assert_eq!(curl(&host, &old).0, Some(SSL_CONNECT_ERROR));
}
