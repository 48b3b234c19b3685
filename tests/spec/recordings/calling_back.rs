//! Who gets a result over which connection, and what is sent along.

use jackfield_tests::{Authority, Receiver, Reply, TestHost, add_on_sid, request_sid};

use super::{CALLBACK, accepted, builder, recording, result};

/// A host whose authorities are the system's and one that a test made.
fn trusting(authority: &Authority, receiver: &Receiver) -> TestHost {
    let builder = builder("echo-recording", receiver, "");
    let path = authority.write(builder.path());
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    builder.egress(&format!("ca = \"{name}\"")).start()
}

#[tokio::test]
async fn a_result_goes_over_tls_to_whoever_a_believed_authority_vouches_for() {
    let authority = Authority::new();
    let receiver = Receiver::with_tls(authority.server(&["127.0.0.1"]));
    let host = trusting(&authority, &receiver);
    accepted(recording(&host, &receiver)).await;
    result(&receiver).await;
    assert_eq!(receiver.refused(), 0);
}

#[tokio::test]
async fn a_result_goes_to_nobody_whose_certificate_is_not_believed() {
    let (believed, strange) = (Authority::new(), Authority::new());
    for certificate in [
        strange.server(&["127.0.0.1"]),
        believed.server(&["callbacks.example.com"]),
        believed.expired(&["127.0.0.1"]),
    ] {
        let receiver = Receiver::with_tls(certificate);
        let host = trusting(&believed, &receiver);
        // Time for one attempt, or two.
        let short = recording(&host, &receiver).field("Duration", "150");
        accepted(short).await;
        let jobs = host.at_rest().await;
        assert_eq!(jobs[0].state, "dead");
        let why = jobs[0].why.clone().unwrap();
        assert!(why.contains("no TLS with `127.0.0.1`"), "{why}");
        assert!(receiver.refused() >= 1);
        assert!(receiver.seen().is_empty());
    }
}

#[tokio::test]
async fn every_result_names_the_request_it_belongs_to() {
    let receiver = Receiver::start();
    let host = builder("mischief-recording", &receiver, "").start();
    for number in 1..=3 {
        let sent = recording(&host, &receiver).request_sid(&request_sid(number));
        accepted(sent).await;
    }
    // It knows no act of no name, and panics: a failure names its request.
    let seen = receiver.answered(CALLBACK, 3).await;
    let mut named: Vec<_> = seen
        .iter()
        .map(|it| it.json()["request_sid"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    assert_eq!(named, [1, 2, 3].map(request_sid));
}

#[tokio::test]
async fn one_whose_receiver_is_slow_holds_up_nobody_elses() {
    let (slow, quick) = (Receiver::start(), Receiver::start());
    slow.on(CALLBACK, [Reply::silence()]);
    let host = TestHost::recorder("echo-recording", &add_on_sid('a'), &slow, "");
    let host = host
        .reaching(&quick)
        .recorder("toil", &add_on_sid('b'), "")
        .jobs("workers = 2")
        .start();
    for number in 0..8 {
        let sent = recording(&host, &slow).request_sid(&request_sid(number));
        accepted(sent).await;
    }
    slow.wait_for("somebody is kept waiting", |seen| seen.len() >= 2)
        .await;
    let sent = host.twilio().recording(&add_on_sid('b'));
    accepted(sent.callback(&quick.url(CALLBACK))).await;
    result(&quick).await;
    assert!(slow.seen().iter().all(|it| it.answered().is_none()));
}
