//! A disk that is full: nothing is accepted that could not be kept, and nothing that was
//! accepted is lost.

use jackfield_tests::wav::Wav;
use jackfield_tests::{Gate, Receiver, Reply, SmallDisk, TestHost, request_sid};

use super::{CALLBACK, accepted, builder, recording, result};

const SIZE: u64 = 8 * 1024 * 1024;

/// A host whose spool, or all that it keeps, is on a small disk.
fn on(disk: &SmallDisk, receiver: &Receiver, all: bool) -> TestHost {
    let builder = builder("toil", receiver, "");
    let path = disk.path();
    match all {
        true => builder.state_dir(&path.join("state")),
        false => builder.jobs(&format!("spool = \"{}/spool\"", path.display())),
    }
    .start()
}

#[tokio::test]
async fn what_cannot_be_kept_is_to_come_again() {
    let receiver = Receiver::start();
    for all in [false, true] {
        let disk = SmallDisk::new(SIZE);
        let host = on(&disk, &receiver, all);
        disk.fill();
        for wav in [Wav::tone(1_000), Wav::tone(100_000)] {
            let answer = recording(&host, &receiver).audio(&wav).send().await;
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert_eq!(answer.headers["retry-after"], "1");
        }
        disk.free();
        let sent = recording(&host, &receiver).request_sid(&request_sid(u64::from(all)));
        accepted(sent).await;
        receiver.answered(CALLBACK, 1 + usize::from(all)).await;
    }
}

#[tokio::test]
async fn a_result_that_has_no_room_waits_for_it() {
    let receiver = Receiver::start();
    let disk = SmallDisk::new(SIZE);
    let host = on(&disk, &receiver, false);
    let gate = Gate::shut();
    let audio = Reply::status(200).body(Wav::tone(100).bytes());
    receiver.on("/audio", [audio.behind(&gate)]);
    let sent = recording(&host, &receiver).field("Duration", "60000");
    accepted(sent.no_audio().at(&receiver.url("/audio"))).await;
    receiver
        .wait_for("the audio is asked for", |seen| !seen.is_empty())
        .await;
    disk.fill();
    gate.open();
    let put_off = async || host.jobs().await[0].why.is_some();
    host.until("it is put off", put_off).await;
    assert_eq!(host.jobs().await[0].state, "accepted");
    disk.free();
    let told = result(&receiver).await.json();
    assert_eq!(told["error_code"], serde_json::Value::Null, "{told}");
}
