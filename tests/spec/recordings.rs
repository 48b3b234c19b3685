//! Recordings: what is accepted, what comes of it, and to whom that is told.

mod accepting;
mod addresses;
mod calling_back;
mod dead_letters;
mod disk;
mod erasing;
mod failing;
mod fetching;
mod forms;
mod keys;
mod limits;
mod operating;
mod repeating;
mod retrying;
mod signing;

use jackfield_tests::recording::Recording;
use jackfield_tests::{Receiver, Seen, TestHost, TestHostBuilder, add_on_sid, request_sid};
use serde_json::Value;

/// Where results are wanted.
const CALLBACK: &str = "/callback";

/// A host whose add-on reports what it was given, and whoever it calls back.
fn echo(toml: &str) -> (TestHost, Receiver) {
    let receiver = Receiver::start();
    (builder("echo-recording", &receiver, toml).start(), receiver)
}

/// A host that is to be started with one add-on, a guest.
fn builder(guest: &str, receiver: &Receiver, toml: &str) -> TestHostBuilder {
    TestHost::recorder(guest, &add_on_sid('a'), receiver, toml)
}

/// A recording for that add-on, of the first request, with its callback.
fn recording(host: &TestHost, receiver: &Receiver) -> Recording {
    let recording = host.twilio().recording(&add_on_sid('a'));
    let recording = recording.request_sid(&request_sid(1));
    recording.callback(&receiver.url(CALLBACK))
}

/// Sends it, and returns what it is answered that is no recording to analyse.
async fn refused(recording: Recording) -> (u16, Value) {
    let answer = recording.send().await;
    (answer.status.as_u16(), answer.error_code())
}

/// Sends it, and makes sure that it is accepted.
async fn accepted(recording: Recording) {
    let answer = recording.send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (202, ""));
}

/// Waits for the one result, and returns it.
async fn result(receiver: &Receiver) -> Seen {
    let mut seen = receiver.answered(CALLBACK, 1).await;
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}
