//! Add-ons for recordings, as an operator writes them.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::bad::complaints;
use super::*;
use crate::config::{AddOnConfig, RecordingsConfig};
use crate::protocol::fields::FieldSource;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::recording::{RecordingFields, RecordingTerms};
use crate::protocol::shape::Shape;
use crate::protocol::signature::MultipartProof;

fn with_recordings(keys: &str) -> String {
    with_add_on(&format!("serves = [\"recordings\"]\n{keys}"))
}

/// The add-on, and what is warned of.
#[track_caller]
fn good(text: &str) -> (AddOnConfig, Vec<String>) {
    match load(text) {
        Ok(mut config) => (config.add_ons.remove(0), config.warnings),
        Err(errors) => panic!("{}", errors.render(false)),
    }
}

#[track_caller]
fn recordings(text: &str) -> RecordingsConfig {
    good(text).0.recordings.expect("it serves recordings")
}

#[test]
fn an_add_on_for_recordings_needs_to_say_so_and_no_more() {
    let (add_on, warnings) = good(&with_recordings(""));
    let expected = RecordingsConfig {
        terms: RecordingTerms {
            signature: vec![MultipartProof::BodyHash, MultipartProof::SignedFields],
            fields: RecordingFields::default(),
            duration_unit: Duration::from_millis(1),
        },
        credentials: None,
    };
    assert_eq!(add_on.recordings, Some(expected));
    let path = add_on.paths.of(IntegrationPoint::Recordings);
    assert_eq!(path, Some("/recordings"));
    assert_eq!(add_on.terms.shapes, Shape::OF_RECORDINGS);
    assert_eq!(add_on.limits.cpu, Duration::from_secs(10));
    assert_eq!(add_on.limits.concurrency, 4);
    assert_eq!(
        (add_on.limits.memory, add_on.limits.reply),
        (32 << 20, 100 << 20)
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn an_add_on_that_does_not_say_so_is_for_none() {
    let (add_on, _) = good(&with_add_on(""));
    assert_eq!(add_on.recordings, None);
    assert_eq!(add_on.paths.of(IntegrationPoint::Recordings), None);
}

#[test]
fn every_key_of_an_add_on_for_recordings_is_understood() {
    let text = with_recordings(
        r#"
        path = "/transcription"
        methods = ["multipart"]
        signature = ["body-hash"]
        duration_unit = "s"
        callback = { username = "jackfield", password = { env = "AUTH_TOKEN" } }
        cpu = "2m"
        memory = "64MiB"
        reply_limit = "1MiB"
        concurrency = 16
        log_lines = 0
        weight = 2
        envelope = "verbatim"
        on_error = { status = "{code}" }
        grants = { fields = ["CallSid"] }
        require = { query = { k = { env = "AUTH_TOKEN" } } }
        breaker = { failures = 3 }
        [addons.caller-name.settings]
        region = "eu"
        "#,
    );
    let (add_on, warnings) = good(&text);
    let path = add_on.paths.of(IntegrationPoint::Recordings);
    assert_eq!(path, Some("/transcription"));
    assert_eq!(add_on.terms.shapes, [Shape::Multipart]);
    assert_eq!(add_on.limits.cpu, Duration::from_secs(120));
    assert_eq!(
        (add_on.limits.memory, add_on.limits.reply),
        (64 << 20, 1 << 20)
    );
    assert_eq!((add_on.limits.concurrency, add_on.limits.weight), (16, 2));
    let RecordingsConfig { terms, credentials } = add_on.recordings.unwrap();
    assert_eq!(terms.signature, [MultipartProof::BodyHash]);
    assert_eq!(terms.duration_unit, Duration::from_secs(1));
    let (user, password) = credentials.unwrap();
    assert_eq!(user, "jackfield");
    assert_eq!(password.expose_secret(), "token of the environment");
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn every_field_of_a_recording_may_have_another_name() {
    let text = with_recordings(
        r#"
        [addons.caller-name.fields]
        audio = "a"
        url = "b"
        size = "c"
        duration = ["d", "e"]
        format = { header = "x-format" }
        channels = "f"
        sample_rate = "g"
        callback = "h"
        extra = { agent = "i" }
        "#,
    );
    let (add_on, warnings) = good(&text);
    let named = |name: &str| vec![FieldSource::Parameter(name.to_owned())];
    let expected = RecordingFields {
        audio: named("a"),
        url: named("b"),
        size: named("c"),
        duration: [named("d"), named("e")].concat(),
        format: vec![FieldSource::Header("x-format".parse().unwrap())],
        channels: named("f"),
        sample_rate: named("g"),
        callback: named("h"),
        extra: vec![("agent".to_owned(), named("i"))],
    };
    assert_eq!(add_on.recordings.unwrap().terms.fields, expected);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`x-format`"), "{warnings:?}");
}

#[test]
fn what_a_signature_hardly_covers_is_warned_of() {
    let (_, warnings) = good(&with_recordings(
        "signature = [\"body-hash\", \"url-only\"]",
    ));
    assert_eq!(
        warnings,
        [
            "`addons.caller-name.signature` believes `url-only`: whoever sees one signed URL may \
             send any recording there for good, and have the result sent to any callback that \
             `[egress]` allows"
        ]
    );
}

#[test]
fn who_calls_back_is_not_shown_and_a_change_of_it_is_one() {
    let text =
        with_recordings("callback = { username = \"u\", password = { file = \"password\" } }");
    let directory = Directory::of(&[("addons.toml", &text), ("password", "Sup3rS3cret")]);
    let before = directory.load().unwrap();
    let shown = format!("{before:?}");
    assert!(!shown.contains("Sup3r"), "{shown}");
    fs::write(directory.0.path().join("password"), "another").unwrap();
    assert_ne!(before.add_ons, directory.load().unwrap().add_ons);
    let other = text.replace("\"u\"", "\"v\"");
    let of_another =
        recordings(&other.replace("{ file = \"password\" }", "{ env = \"AUTH_TOKEN\" }"));
    assert_eq!(of_another.credentials.unwrap().0, "v");
}

#[test]
fn each_limit_of_recordings_holds_at_both_of_its_ends() {
    for (key, good, bad) in [
        ("cpu", ["2ms", "10m"], ["1ms", "601s"]),
        ("memory", ["64KiB", "64MiB"], ["63KiB", "65MiB"]),
        ("reply_limit", ["64B", "100MiB"], ["63B", "101MiB"]),
    ] {
        let load = |value: &str| load(&with_recordings(&format!("{key} = \"{value}\"")));
        for value in good {
            assert!(load(value).is_ok(), "{key} = {value}");
        }
        for value in bad {
            let errors = load(value).expect_err(key);
            let error = errors.iter().next().unwrap();
            assert_eq!(error.key(), format!("addons.caller-name.{key}"));
            assert!(error.problem().contains(value), "{error}");
        }
    }
}

#[test]
fn recordings_that_cannot_be_served() {
    insta::assert_snapshot!(complaints([
        (
            "beside something else",
            with_add_on("serves = [\"lookups\", \"recordings\"]")
        ),
        (
            "a path that is not served",
            with_add_on("path = { recordings = \"/transcription\" }")
        ),
        ("the shared path", with_recordings("path = \"/recordings\"")),
        ("a query", with_recordings("methods = [\"get\", \"form\"]")),
        (
            "parts of a lookup",
            with_add_on("methods = [\"multipart\"]")
        ),
    ]));
}

#[test]
fn proofs_and_units_that_are_none() {
    insta::assert_snapshot!(complaints([
        ("no proof", with_recordings("signature = []")),
        (
            "another proof",
            with_recordings("signature = [\"body-hash\", \"none\"]")
        ),
        ("no list", with_recordings("signature = \"body-hash\"")),
        ("another unit", with_recordings("duration_unit = \"min\"")),
        ("no text", with_recordings("duration_unit = 1000")),
    ]));
}

#[test]
fn credentials_that_are_none() {
    let callback = |keys: &str| with_recordings(&format!("callback = {{ {keys} }}"));
    insta::assert_snapshot!(complaints([
        (
            "a colon in the name",
            callback("username = \"a:b\", password = { env = \"AUTH_TOKEN\" }")
        ),
        ("no password", callback("username = \"a\"")),
        ("no name", callback("password = { env = \"AUTH_TOKEN\" }")),
        (
            "a password in the open",
            callback("username = \"a\", password = \"Sup3rS3cret\"")
        ),
        (
            "no such variable",
            callback("username = \"a\", password = { env = \"NOWHERE\" }")
        ),
        (
            "both in the open",
            with_recordings("callback = \"a:Sup3rS3cret\"")
        ),
        ("another key", callback("user = \"a\"")),
    ]));
}

#[test]
fn fields_that_are_none() {
    let field = |field: &str| with_recordings(&format!("fields = {{ {field} }}"));
    insta::assert_snapshot!(complaints([
        (
            "audio in a header",
            field("audio = { header = \"x-audio\" }")
        ),
        ("no name", field("url = \"\"")),
        ("no source", field("callback = []")),
        ("no header", field("size = { header = \"a b\" }")),
        ("another key", field("sound = \"a\"")),
    ]));
}

/// What is said of a key alone, at its own place.
#[track_caller]
fn refused(text: &str, key: &str, problem: &str) {
    let errors = load(text).expect_err(key);
    let said: Vec<_> = errors
        .iter()
        .map(|error| (error.key(), error.problem()))
        .collect();
    let expected = (format!("addons.caller-name.{key}"), problem.to_owned());
    assert_eq!(said, [expected], "{text}");
}

#[test]
fn what_is_for_recordings_alone_is_refused_elsewhere() {
    for (key, line) in [
        ("signature", "signature = [\"body-hash\"]"),
        ("duration_unit", "duration_unit = \"s\""),
        (
            "callback",
            "callback = { username = \"a\", password = { env = \"AUTH_TOKEN\" } }",
        ),
        ("fields.audio", "fields.audio = \"a\""),
        ("fields.url", "fields.url = \"a\""),
        ("fields.size", "fields.size = \"a\""),
        ("fields.duration", "fields.duration = \"a\""),
        ("fields.format", "fields.format = \"a\""),
        ("fields.channels", "fields.channels = \"a\""),
        ("fields.sample_rate", "fields.sample_rate = \"a\""),
        ("fields.callback", "fields.callback = \"a\""),
    ] {
        refused(&with_add_on(line), key, "the key is for recordings alone");
        good(&with_recordings(line));
    }
}

#[test]
fn what_is_for_a_waiting_caller_is_refused_for_recordings() {
    let second = "{ component = \"plugins/b.wasm\" }";
    for (key, line) in [
        ("accepts", "accepts = [\"e164\"]".to_owned()),
        ("default_region", "default_region = \"GB\"".to_owned()),
        ("fallback", "fallback = { score = 0 }".to_owned()),
        ("timeout", "timeout = \"1s\"".to_owned()),
        ("queue", "queue = 1".to_owned()),
        ("overload", "overload = \"retry\"".to_owned()),
        ("canary", format!("canary = {second}")),
        ("shadow", format!("shadow = {second}")),
        ("smoke", "smoke = { phone = \"+15005550006\" }".to_owned()),
        ("fields.phone", "fields.phone = \"a\"".to_owned()),
        ("fields.other", "fields.other = \"a\"".to_owned()),
        ("fields.body", "fields.body = \"a\"".to_owned()),
    ] {
        refused(
            &with_recordings(&line),
            key,
            "the key is not for recordings",
        );
        good(&with_add_on(&line));
    }
}
