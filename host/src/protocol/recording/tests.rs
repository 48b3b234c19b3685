//! How a recording is read, in each naming that was seen.

use std::time::Duration;

use super::super::headers::Claims;
use super::super::multipart::Parts;
use super::super::received::tests::received;
use super::super::shape::Shape;
use super::*;

fn terms() -> Terms {
    let digits = "0".repeat(32);
    Terms {
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        shapes: Shape::OF_RECORDINGS.to_vec(),
        fields: super::super::fields::FieldMap::default(),
        grants: FieldGrants::default(),
        accepts: Vec::new(),
        default_region: None,
    }
}

fn recordings() -> RecordingTerms {
    RecordingTerms {
        signature: MultipartProof::DEFAULT.to_vec(),
        fields: RecordingFields::default(),
        duration_unit: Duration::from_millis(1),
    }
}

fn pairs(texts: &[(&str, &str)]) -> Vec<Parameter> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    texts.iter().map(pair).collect()
}

fn audio() -> Audio {
    Audio {
        media_type: Some("audio/wav".to_owned()),
        digest: [7; 32],
        length: 58_924,
    }
}

fn multipart(texts: &[(&str, &str)], audio: Option<Audio>) -> Verified {
    let mut request = received("/recordings", Some("multipart/form-data; boundary=x"), "");
    request.parts = Some(Parts {
        texts: pairs(texts),
        audio,
        digest: [0; 32],
        fault: None,
    });
    Verified::unchecked(request).unwrap()
}

fn read(
    verified: &Verified,
    terms: &Terms,
    recordings: &RecordingTerms,
) -> Result<Recording, RecordingError> {
    let parameters = verified.parameters().unwrap();
    let sources = Sources {
        parameters: &parameters,
        headers: &verified.received().headers,
    };
    let claims = Claims::read(&verified.received().headers);
    Recording::parse(verified, sources, &claims, (terms, recordings))
}

fn parse(texts: &[(&str, &str)], audio: Option<Audio>) -> Result<Recording, RecordingError> {
    read(&multipart(texts, audio), &terms(), &recordings())
}

#[test]
fn every_naming_that_was_seen_says_the_same() {
    let reference = [
        ("Size", "58924"),
        ("Duration", "3680"),
        ("Format", "SIGNED_16BIT_SLINEAR"),
        ("Channels", "2"),
        ("SampleRate", "8000"),
        ("callback", "https://api.twilio.com/c"),
    ];
    let vendor = [
        ("size", "58924"),
        ("duration", "3680"),
        ("format", "audio/x-wav"),
        ("channels", "2"),
        ("media_sid", "WcS4"),
        ("callback_url", "https://api.twilio.com/c"),
    ];
    for (texts, format, rate) in [
        (reference.as_slice(), "SIGNED_16BIT_SLINEAR", Some(8_000)),
        (vendor.as_slice(), "audio/x-wav", None),
    ] {
        let recording = parse(texts, Some(audio())).unwrap();
        let facts = recording.facts;
        assert_eq!(facts.duration, Some(Duration::from_millis(3_680)));
        assert_eq!(facts.media_type.as_deref(), Some(format));
        assert_eq!(facts.channels, Some(2));
        assert_eq!(facts.size, Some(58_924));
        assert_eq!(facts.sample_rate, rate);
        assert!(facts.fields.is_empty());
        let callback = recording.callback.unwrap();
        assert_eq!(callback.url, "https://api.twilio.com/c");
    }
}

#[test]
fn the_duration_counts_in_its_unit_and_nonsense_is_none() {
    let seconds = RecordingTerms {
        duration_unit: Duration::from_secs(1),
        ..recordings()
    };
    for (text, expected) in [
        ("4", Some(4_000)),
        ("3.68", Some(3_680)),
        (" 4 ", Some(4_000)),
        ("0", None),
        ("-4", None),
        ("1e300", None),
        ("NaN", None),
        ("four", None),
        ("", None),
    ] {
        let verified = multipart(&[("duration", text), ("callback", "")], Some(audio()));
        let duration = read(&verified, &terms(), &seconds).unwrap().facts.duration;
        assert_eq!(duration, expected.map(Duration::from_millis), "{text}");
    }
}

#[test]
fn an_empty_callback_wants_nothing_and_a_missing_one_is_an_error() {
    let recording = parse(&[("callback", " ")], Some(audio())).unwrap();
    assert!(recording.callback.is_none());
    let missing = parse(&[], Some(audio()));
    assert_eq!(missing.err(), Some(RecordingError::CallbackMissing));
}

#[test]
fn audio_that_was_sent_counts_before_audio_that_is_to_be_fetched() {
    let texts = [("url", "https://api.twilio.com/a.wav"), ("callback", "")];
    let sent = parse(&texts, Some(audio())).unwrap();
    assert!(sent.source == Source::Sent(audio()));
    let fetched = parse(&texts, None).unwrap();
    assert!(fetched.source == Source::At("https://api.twilio.com/a.wav".to_owned()));
    let neither = parse(&[("url", ""), ("callback", "")], None);
    assert_eq!(neither.err(), Some(RecordingError::AudioMissing));
}

#[test]
fn an_address_without_end_and_two_that_differ_are_refused() {
    let long = format!("https://api.twilio.com/{}", "a".repeat(LONGEST_URL));
    let parsed = parse(&[("callback", &long)], Some(audio()));
    assert_eq!(parsed.err(), Some(RecordingError::UrlTooLong));
    let two = [("callback", "https://a"), ("callback", "https://b")];
    let parsed = parse(&two, Some(audio()));
    assert_eq!(parsed.err(), Some(RecordingError::Ambiguous(Ambiguous)));
}

#[test]
fn a_callback_is_signed_only_where_a_signature_covers_it() {
    let unchecked = parse(&[("callback", "https://a")], Some(audio())).unwrap();
    assert!(!unchecked.callback.unwrap().signed);
}

#[test]
fn what_is_granted_arrives_and_what_is_a_field_does_not_arrive_twice() {
    let mut terms = terms();
    terms.grants.all = true;
    let mut recordings = recordings();
    let source = FieldSource::Parameter("lang".to_owned());
    recordings.fields.extra = vec![("language".to_owned(), vec![source])];
    let texts = [
        ("lang", "en"),
        ("media_sid", "x"),
        ("size", "1"),
        ("callback", ""),
    ];
    let verified = multipart(&texts, Some(audio()));
    let facts = read(&verified, &terms, &recordings).unwrap().facts;
    assert_eq!(
        facts.fields,
        pairs(&[("language", "en"), ("media_sid", "x")])
    );
}
