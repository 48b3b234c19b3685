//! Where the host connects to, and where it does not, whatever a request says.

use jackfield_tests::recording::Shape;
use jackfield_tests::{Receiver, Reply, TestHost, add_on_sid, request_sid};

use super::{CALLBACK, accepted, echo, recording, refused};

/// What no rule of the tests' hosts is for, and what none could be for.
fn elsewhere(other: &Receiver) -> Vec<String> {
    let port = other.port();
    let mut urls = vec![other.url("/")];
    urls.extend(
        [
            "https://evil.example.com/",
            "https://handler-1234.twil.io/",
            "https://api.twilio.com.evil.example/",
            "https://api.twilio.com@evil.example/",
            "https://user:password@api.twilio.com/",
            "https://169.254.169.254/latest/meta-data",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "//127.0.0.1/",
            "callback",
        ]
        .map(str::to_owned),
    );
    urls.extend([
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
    ]);
    urls
}

#[tokio::test]
async fn a_callback_off_the_list_is_refused_before_anything_is_kept() {
    let (host, receiver) = echo("");
    let other = Receiver::start();
    for url in elsewhere(&other) {
        let sent = recording(&host, &receiver).callback(&url);
        assert_eq!(
            refused(sent).await,
            (200, "callback_refused".into()),
            "{url}"
        );
    }
    assert!(host.jobs().await.is_empty());
    host.cleared().await;
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn audio_off_the_list_is_refused_before_anything_is_fetched() {
    let (host, receiver) = echo("");
    let other = Receiver::start();
    for url in elsewhere(&other) {
        let sent = recording(&host, &receiver).shape(Shape::Form).at(&url);
        assert_eq!(refused(sent).await, (200, "audio_refused".into()), "{url}");
    }
    assert!(host.jobs().await.is_empty());
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn this_machine_is_out_of_reach_unless_an_operator_opens_it() {
    let receiver = Receiver::start();
    let hosts = format!("hosts = [\"{}\"]", receiver.origin());
    let host: TestHost = TestHost::builder()
        .egress(&hosts)
        .recorder("echo-recording", &add_on_sid('a'), "")
        .start();
    let sent = recording(&host, &receiver);
    assert_eq!(refused(sent).await, (200, "callback_refused".into()));
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_that_the_list_does_not() {
    let (host, receiver) = echo("");
    let other = Receiver::start();
    for (number, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
        let path = format!("/{status}");
        receiver.on(&path, [Reply::redirect(status, &other.url("/taken"))]);
        let sent = recording(&host, &receiver)
            .request_sid(&request_sid(number as u64))
            .field("Duration", "150")
            .callback(&receiver.url(&path));
        accepted(sent).await;
    }
    let jobs = host.at_rest().await;
    assert!(jobs.iter().all(|job| job.state == "dead"), "{jobs:?}");
    assert_eq!(other.connections(), 0);
    // Nor does one that leads for the audio.
    receiver.on("/audio", [Reply::redirect(302, &other.url("/audio"))]);
    let sent = recording(&host, &receiver).request_sid(&request_sid(9));
    accepted(sent.shape(Shape::Form).at(&receiver.url("/audio"))).await;
    let seen = receiver.answered(CALLBACK, 1).await;
    assert_eq!(seen[0].json()["error_code"], "audio_unavailable");
    assert_eq!(other.connections(), 0);
}
