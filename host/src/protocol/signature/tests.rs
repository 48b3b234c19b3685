use proptest::prelude::*;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::protocol::parameters::ParametersError;
use crate::protocol::public_url::UrlParts;
use crate::protocol::received::tests::received;

/// A signature case of the official libraries' own tests, or of Twilio's documentation.
#[derive(Deserialize)]
struct Vector {
    id: String,
    auth_token: String,
    method: String,
    url: String,
    content_type: Option<String>,
    body: String,
    signature: Option<String>,
    valid: Option<bool>,
}

/// Where the official libraries differ, this host takes the URL byte for byte.
const POLICY: [(&str, bool); 3] = [("lib-19", false), ("lib-41", true), ("lib-43", false)];

fn key(token: &str) -> SigningKey {
    SigningKey::new(&SecretString::from(token))
}

impl Vector {
    fn expected(&self) -> bool {
        let policy = POLICY.iter().find(|(id, _)| *id == self.id);
        self.valid
            .or(policy.map(|(_, valid)| *valid))
            .expect("a vector without a verdict needs a policy")
    }

    fn accepted(&self) -> bool {
        let request = received(&self.url, self.content_type.as_deref(), &self.body);
        let (query, form) = decoded(&request).unwrap();
        let sorted = signing_order(form);
        let text = SignedText::over(UrlParts::parse(&self.url).unwrap()).with_form(&sorted);
        let signature = self.signature.as_deref().unwrap_or_default();
        find(
            signature,
            Algorithm::HmacSha1,
            &[key(&self.auth_token)],
            &text,
        )
        .is_some()
            && check_body_hash(request.body_kind(), &request.body, &query).is_ok()
    }
}

#[test]
fn every_official_vector_gets_its_verdict() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../testdata/signatures.json")).unwrap();
    assert_eq!(vectors.len(), 72);
    for vector in vectors {
        let shown = format!("{} {} {}", vector.id, vector.method, vector.url);
        assert_eq!(vector.accepted(), vector.expected(), "{shown}");
    }
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const FORM: &str = "application/x-www-form-urlencoded";

fn account(tokens: &[&str]) -> AccountKeys {
    AccountKeys {
        account: format!("AC{}", "0".repeat(32)).parse().unwrap(),
        tokens: tokens.iter().map(|token| key(token)).collect(),
        shared_keys: Vec::new(),
    }
}

fn signed(mut request: Received, base: &str, token: &str) -> Received {
    let base = PublicUrl::parse(base).unwrap();
    let (_, form) = decoded(&request).unwrap();
    let sorted = signing_order(form);
    let text = SignedText::at(&base, &request.target).with_form(&sorted);
    let signature = key(token).sign(Algorithm::HmacSha1, &text);
    request
        .headers
        .insert(&SIGNATURE_HEADER, signature.parse().unwrap());
    request
}

fn check(request: Received, account: &AccountKeys) -> Result<Verified, SignatureError> {
    verify(
        request,
        [account],
        &[PublicUrl::parse("https://a.example").unwrap()],
        &MultipartProof::DEFAULT,
    )
}

#[test]
fn each_token_of_a_rotation_counts() {
    let account = account(&["new", TOKEN]);
    let request = signed(
        received("/lookups?a=1", None, ""),
        "https://a.example",
        TOKEN,
    );
    let verified = check(request, &account).unwrap();
    assert_eq!(verified.proof().unwrap().key, 1);
    let stranger = signed(received("/lookups?a=1", None, ""), "https://a.example", "x");
    assert_eq!(
        check(stranger, &account).err(),
        Some(SignatureError::Mismatch)
    );
}

#[test]
fn the_port_may_be_written_or_not_but_never_another() {
    let account = account(&[TOKEN]);
    for (base, form) in [
        ("https://a.example", Some(UrlForm::AsGiven)),
        ("https://a.example:443", Some(UrlForm::PortAdded)),
        ("https://a.example:80", None),
        ("http://a.example", None),
    ] {
        let request = signed(received("/lookups", None, ""), base, TOKEN);
        let found = check(request, &account).ok().and_then(|v| v.proof());
        assert_eq!(found.map(|proof| proof.form), form, "{base}");
    }
}

#[test]
fn a_body_that_is_no_form_needs_its_hash() {
    let account = account(&[TOKEN]);
    let body = r#"{"phone":"+1"}"#;
    let hashed = format!("/lookups?bodySHA256={}", body_hash(body.as_bytes()));
    let upper = format!(
        "/lookups?bodySHA256={}",
        body_hash(body.as_bytes()).to_uppercase()
    );
    let twice = format!("{hashed}&bodySHA256={}", body_hash(b"other"));
    let json = "application/json";
    for (target, content_type, body, expected) in [
        (hashed.as_str(), json, body, None),
        (hashed.as_str(), "text/plain", body, None),
        (
            hashed.as_str(),
            json,
            r#"{"phone":"+2"}"#,
            Some(SignatureError::BodyMismatch),
        ),
        (
            hashed.as_str(),
            json,
            "",
            Some(SignatureError::BodyMismatch),
        ),
        (
            upper.as_str(),
            json,
            body,
            Some(SignatureError::BodyMismatch),
        ),
        (
            twice.as_str(),
            json,
            body,
            Some(SignatureError::BodyMismatch),
        ),
        ("/lookups", json, body, Some(SignatureError::BodyUncovered)),
        (
            "/lookups",
            "multipart/form-data",
            body,
            Some(SignatureError::BodyUncovered),
        ),
    ] {
        let request = received(target, Some(content_type), body);
        let request = signed(request, "https://a.example", TOKEN);
        assert_eq!(check(request, &account).err(), expected, "{target} {body}");
    }
}

#[test]
fn exactly_one_signature_is_needed() {
    let account = account(&[TOKEN]);
    let unsigned = received("/lookups", None, "");
    assert_eq!(
        check(unsigned, &account).err(),
        Some(SignatureError::Missing)
    );
    let mut twice = signed(received("/lookups", None, ""), "https://a.example", TOKEN);
    let again = twice.headers[&SIGNATURE_HEADER].clone();
    twice.headers.append(&SIGNATURE_HEADER, again);
    assert_eq!(check(twice, &account).err(), Some(SignatureError::Missing));
}

#[test]
fn a_shared_key_signs_only_where_it_is_configured_and_named() {
    let base = PublicUrl::parse("https://a.example").unwrap();
    let mut with_keys = account(&[TOKEN]);
    with_keys.shared_keys = vec![("webhooks_sharedkey_1".into(), key("shared"))];
    for (secret, settings, algorithm, good) in [
        (
            "shared",
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
            Algorithm::HmacSha256,
            true,
        ),
        (
            "shared",
            "key=webhooks_sharedkey_1, algorithm=HMAC_SHA1",
            Algorithm::HmacSha1,
            true,
        ),
        (
            "shared",
            "key=webhooks_sharedkey_1",
            Algorithm::HmacSha1,
            true,
        ),
        (
            "shared",
            "key=webhooks_sharedkey_1",
            Algorithm::HmacSha256,
            false,
        ),
        (
            "shared",
            "key=webhooks_sharedkey_2,algorithm=HMAC_SHA256",
            Algorithm::HmacSha256,
            false,
        ),
        (
            "shared",
            "key=webhooks_sharedkey_1,algorithm=MD5",
            Algorithm::HmacSha1,
            false,
        ),
        (
            "shared",
            "algorithm=HMAC_SHA256",
            Algorithm::HmacSha256,
            false,
        ),
        (
            TOKEN,
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
            Algorithm::HmacSha256,
            false,
        ),
    ] {
        let mut request = received("/lookups", None, "");
        let signature = key(secret).sign(algorithm, &SignedText::at(&base, &request.target));
        request
            .headers
            .insert(&SIGNATURE_HEADER, signature.parse().unwrap());
        request
            .headers
            .insert(&SETTINGS_HEADER, settings.parse().unwrap());
        assert_eq!(check(request, &with_keys).is_ok(), good, "{settings}");
    }
    let mut twice = signed(received("/lookups", None, ""), "https://a.example", TOKEN);
    for _ in 0..2 {
        let settings = "key=webhooks_sharedkey_1".parse().unwrap();
        twice.headers.append(&SETTINGS_HEADER, settings);
    }
    assert!(check(twice, &with_keys).is_err());
    let mut plain = signed(received("/lookups", None, ""), "https://a.example", TOKEN);
    plain
        .headers
        .insert(&SETTINGS_HEADER, "key=unknown".parse().unwrap());
    assert!(check(plain, &account(&[TOKEN])).is_ok());
}

#[test]
fn a_key_never_prints_itself() {
    let shown = format!("{:?}", account(&["a-secret-token"]));
    assert!(!shown.contains("a-secret-token"), "{shown}");
}

proptest! {
    #[test]
    fn order_and_repetition_of_a_form_do_not_matter(
        mut form in proptest::collection::vec(("[a-c]{0,2}", "[a-cé ]{0,3}"), 1..6),
        seed in any::<usize>(),
    ) {
        let sorted = signing_order(form.clone());
        let again = form[seed % form.len()].clone();
        form.push(again);
        form.reverse();
        prop_assert_eq!(signing_order(form), sorted);
    }

    #[test]
    fn a_changed_byte_is_noticed(target in "/[a-z]{1,8}\\?[a-z]{1,4}=[a-z0-9]{1,8}", at in any::<usize>()) {
        let account = account(&[TOKEN]);
        let mut request = signed(received(&target, None, ""), "https://a.example", TOKEN);
        let at = at % target.len();
        let changed = if &target[at..=at] == "x" { "y" } else { "x" };
        request.target.replace_range(at..=at, changed);
        prop_assert!(check(request, &account).is_err());
    }

    #[test]
    fn a_form_body_of_any_bytes_is_refused_or_accepted_without_a_panic(body in ".{1,80}") {
        let request = signed(received("/lookups", Some(FORM), &body), "https://a.example", TOKEN);
        prop_assert!(check(request, &account(&[TOKEN])).is_ok());
    }
}

mod multipart {
    use super::*;
    use crate::protocol::multipart::{MultipartError, Parts};

    /// A multipart request, signed over its URL and perhaps its texts.
    fn request(query: &str, texts_signed: bool, token: &str) -> Received {
        let mut request = received(&format!("/recordings{query}"), None, "");
        let texts = vec![
            ("duration".to_owned(), "4".to_owned()),
            ("callback".to_owned(), "https://c.example".to_owned()),
        ];
        let signed_texts = match texts_signed {
            true => signing_order(texts.clone()),
            false => Vec::new(),
        };
        let base = PublicUrl::parse("https://a.example").unwrap();
        let target = request.target.clone();
        let text = SignedText::at(&base, &target).with_form(&signed_texts);
        let signature = key(token).sign(Algorithm::HmacSha1, &text);
        let signature = signature.parse().unwrap();
        request.headers.insert(&SIGNATURE_HEADER, signature);
        request.parts = Some(Parts {
            texts,
            audio: None,
            digest: Sha256::digest(b"the whole body").into(),
            fault: None,
        });
        request
    }

    fn coverage(
        query: &str,
        texts_signed: bool,
        believed: &[MultipartProof],
    ) -> Result<Coverage, SignatureError> {
        let urls = [PublicUrl::parse("https://a.example").unwrap()];
        let request = request(query, texts_signed, TOKEN);
        let verified = verify(request, [&account(&[TOKEN])], &urls, believed);
        verified.map(|verified| verified.coverage())
    }

    #[test]
    fn what_is_believed_is_what_the_operator_names() {
        use MultipartProof::{BodyHash, SignedFields, UrlOnly};
        let right = format!("?bodySHA256={}", body_hash(b"the whole body"));
        let wrong = format!("?bodySHA256={}", body_hash(b"another body"));
        let both = format!("{right}&bodySHA256={}", body_hash(b"another body"));
        let (whole, mismatch) = (Ok(Coverage::Whole), Err(SignatureError::Mismatch));
        for (query, texts, believed, expected) in [
            (right.as_str(), false, &[BodyHash][..], whole),
            (&right, false, &[SignedFields, BodyHash], whole),
            (&right, true, &[BodyHash], whole),
            (&right, true, &[SignedFields], Ok(Coverage::Parameters)),
            (&right, false, &[SignedFields], mismatch),
            (&right, false, &[UrlOnly], Ok(Coverage::Url)),
            (
                &wrong,
                false,
                &[BodyHash],
                Err(SignatureError::BodyMismatch),
            ),
            (&wrong, false, &[UrlOnly], Err(SignatureError::BodyMismatch)),
            (
                &wrong,
                true,
                &[SignedFields],
                Err(SignatureError::BodyMismatch),
            ),
            (&both, false, &[BodyHash], Err(SignatureError::BodyMismatch)),
            ("", true, &[SignedFields], Ok(Coverage::Parameters)),
            ("", true, &[BodyHash], mismatch),
            ("", true, &[BodyHash, UrlOnly], mismatch),
            ("", false, &[BodyHash], Err(SignatureError::BodyUncovered)),
            (
                "",
                false,
                &[BodyHash, SignedFields],
                Err(SignatureError::BodyUncovered),
            ),
            (
                "",
                false,
                &[BodyHash, SignedFields, UrlOnly],
                Ok(Coverage::Url),
            ),
        ] {
            let found = coverage(query, texts, believed);
            assert_eq!(found, expected, "{query} {texts} {believed:?}");
        }
    }

    #[test]
    fn a_stranger_learns_of_his_signature_and_not_of_the_hash() {
        let wrong = format!("?bodySHA256={}", body_hash(b"another body"));
        let urls = [PublicUrl::parse("https://a.example").unwrap()];
        for query in ["", wrong.as_str()] {
            let request = request(query, true, "somebody else's");
            let believed = &MultipartProof::ALL;
            let verified = verify(request, [&account(&[TOKEN])], &urls, believed);
            assert_eq!(verified.err(), Some(SignatureError::Mismatch));
        }
    }

    #[test]
    fn a_parameter_is_covered_where_its_place_is() {
        let urls = [PublicUrl::parse("https://a.example").unwrap()];
        for (query, texts, covered) in [
            ("?callback=https%3A%2F%2Fc.example", false, true),
            ("", false, false),
            ("", true, true),
        ] {
            let request = request(query, texts, TOKEN);
            let believed = &[MultipartProof::SignedFields, MultipartProof::UrlOnly];
            let verified = verify(request, [&account(&[TOKEN])], &urls, believed);
            assert_eq!(verified.unwrap().covers("callback"), covered, "{query}");
        }
    }

    #[test]
    fn a_body_that_makes_no_sense_is_told_of_after_it_is_believed() {
        let right = format!("?bodySHA256={}", body_hash(b"the whole body"));
        let mut request = request(&right, false, TOKEN);
        let fault = MultipartError::Malformed;
        request.parts.as_mut().unwrap().fault = Some(fault);
        let urls = [PublicUrl::parse("https://a.example").unwrap()];
        let believed = &MultipartProof::DEFAULT;
        let verified = verify(request, [&account(&[TOKEN])], &urls, believed).unwrap();
        let parameters = verified.parameters();
        assert_eq!(parameters, Err(ParametersError::Multipart(fault)));
    }
}
