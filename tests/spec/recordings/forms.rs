//! In which forms and under which names a recording may come.

use jackfield_tests::recording::{Naming, Shape};
use jackfield_tests::wav::{Samples, Sound, Wav};
use jackfield_tests::{Receiver, Reply, TestHost, add_on_sid, body_hash, request_sid};
use serde_json::Value;

use super::{CALLBACK, accepted, builder, echo, recording, refused};

/// What the provider was told by the n-th call.
async fn told(receiver: &Receiver, count: usize) -> Value {
    let seen = receiver.answered(CALLBACK, count).await;
    seen[count - 1].json()["results"].clone()
}

#[tokio::test]
async fn audio_that_is_sent_and_audio_that_is_fetched_are_the_same_to_a_provider() {
    let (host, receiver) = echo("");
    let wav = Wav::new(Samples::MuLaw, 8_000)
        .channel(&[Sound::Digits("1234")])
        .channel(&[Sound::Silence(700)]);
    let (bytes, at) = (wav.bytes(), receiver.url("/audio.wav"));
    receiver.on("/audio.wav", [Reply::status(200).body(bytes.clone())]);
    let sent = |number| {
        let sent = recording(&host, &receiver).audio(&wav);
        sent.request_sid(&request_sid(number))
    };
    let ways = [
        sent(1),
        sent(2).at(&at).shape(Shape::Form),
        sent(3).at(&at).shape(Shape::Json),
        sent(4).at(&at).shape(Shape::Multipart),
    ];
    for (place, way) in ways.into_iter().enumerate() {
        accepted(way).await;
        let told = told(&receiver, place + 1).await;
        assert_eq!(told["audio"]["sha256"], body_hash(&bytes), "{place}");
        assert_eq!(told["audio"]["bytes"], bytes.len());
        assert_eq!(told["duration_ms"], 800);
        assert_eq!(told["channels"], 2);
    }
    assert_eq!(receiver.seen_at("/audio.wav").len(), 3);
    host.cleared().await;
}

#[tokio::test]
async fn every_known_naming_is_understood() {
    for naming in Naming::ALL {
        let unit = match naming {
            Naming::Sample => "s",
            Naming::Reference | Naming::Vendor => "ms",
        };
        let (host, receiver) = echo(&format!("duration_unit = \"{unit}\""));
        accepted(recording(&host, &receiver).named(naming)).await;
        let told = told(&receiver, 1).await;
        assert_eq!(told["duration_ms"], 1_000, "{naming:?}");
        assert_eq!(told["channels"], 1, "{naming:?}");
        assert_eq!(told["audio"]["bytes"], 16_044, "{naming:?}");
    }
}

#[tokio::test]
async fn other_names_can_be_configured() {
    let fields = "fields = { audio = \"Sound\", callback = \"Report\", duration = \"Length\" }";
    let receiver = Receiver::start();
    let host = builder("echo-recording", &receiver, fields).start();
    let boundary = "b";
    let wav = Wav::tone(100).bytes();
    let form = jackfield_tests::Multipart::new(boundary)
        .field("Length", "2500")
        .field("Report", &receiver.url(CALLBACK))
        .file("Sound", wav.clone());
    let content_type = form.content_type();
    let sent = recording(&host, &receiver).instead(&content_type, form.end());
    accepted(sent).await;
    let told = told(&receiver, 1).await;
    assert_eq!(told["duration_ms"], 2_500);
    assert_eq!(told["audio"]["sha256"], body_hash(&wav));
}

#[tokio::test]
async fn the_audio_may_stand_anywhere_among_the_parts_and_the_parts_be_apart_by_anything() {
    let (host, receiver) = echo("");
    for (count, (before, boundary)) in [(0, "x"), (3, "--"), (100, "a'()+_,-./:=?")]
        .into_iter()
        .enumerate()
    {
        let sent = recording(&host, &receiver)
            .request_sid(&request_sid(count as u64))
            .audio_after(before)
            .boundary(boundary);
        accepted(sent).await;
        let told = told(&receiver, count + 1).await;
        assert_eq!(told["audio"]["bytes"], 16_044, "{before}");
        assert_eq!(told["duration_ms"], 1_000, "{before}");
    }
}

#[tokio::test]
async fn the_duration_is_read_from_the_audio_where_no_field_tells_it() {
    let (host, receiver) = echo("");
    let wav = Wav::tone(2_340);
    receiver.on("/audio.wav", [Reply::status(200).body(wav.bytes())]);
    let sent = |number| {
        let sent = recording(&host, &receiver).audio(&wav);
        let sent = sent.request_sid(&request_sid(number));
        sent.without_field("Duration")
    };
    let fetched = sent(2).at(&receiver.url("/audio.wav"));
    for (count, sent) in [sent(1), fetched].into_iter().enumerate() {
        accepted(sent).await;
        let deadline = told(&receiver, count + 1).await["deadline_ms"].clone();
        let deadline = deadline.as_u64().unwrap();
        assert!((10_001..=23_400).contains(&deadline), "{deadline}");
    }
}

#[tokio::test]
async fn each_registered_shape_is_taken_and_no_other() {
    for registered in ["multipart", "form", "json"] {
        let receiver = Receiver::start();
        let toml = format!("methods = [\"{registered}\"]");
        let host: TestHost = builder("echo-recording", &receiver, &toml).start();
        receiver.on("/a", [Reply::status(200).body(Wav::tone(100).bytes())]);
        for (name, shape) in [
            ("multipart", Shape::Multipart),
            ("form", Shape::Form),
            ("json", Shape::Json),
        ] {
            let sent = host.twilio().recording(&add_on_sid('a'));
            let sent = sent.callback("").at(&receiver.url("/a")).shape(shape);
            match name == registered {
                true => accepted(sent).await,
                false => assert_eq!(refused(sent).await, (403, "method_mismatch".into())),
            }
        }
    }
}
