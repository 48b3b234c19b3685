//! Claims about every text, held against the parser that browsers have.

use proptest::prelude::*;

use super::*;

/// Texts that are nearly URLs, made of what attacks are made of.
fn nearly_urls() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "https",
        "http",
        "HTTPS",
        "://",
        ":",
        "/",
        "//",
        "\\",
        "@",
        "#",
        "?",
        "%",
        "%2e",
        ".",
        "..",
        "*",
        "[",
        "]",
        "::1",
        "::ffff:",
        "127.0.0.1",
        "2130706433",
        "0x7f",
        "0",
        "1",
        "twilio.com",
        "api.",
        "TWILIO.com",
        "plain.example",
        "port.example",
        ":8443",
        ":443",
        ":80",
        "evil.example",
        "twil.io",
        "xn--",
        "-",
        "_",
        "ä",
        "\u{feff}",
        "\t",
        "\r\n",
        " ",
        "\0",
        "&",
        "=",
        "10.1.0.7",
        ";",
        ",",
        "io",
    ]);
    let pieces = prop::collection::vec(pieces, 0..10);
    let open = prop::sample::select(vec!["https://", "http://", ""]);
    (open, pieces, ".{0,6}")
        .prop_map(|(open, pieces, rest)| format!("{open}{}{rest}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_admitted_leads_browsers_to_the_same_place(url in nearly_urls()) {
        let Ok(target) = opened().admit(&url) else {
            return Ok(());
        };
        for text in [url, target.url()] {
            let other = Url::parse(&text).unwrap();
            prop_assert_eq!(other.host_str().unwrap(), target.host().to_string());
            prop_assert_eq!(other.port_or_known_default(), Some(target.port()));
            prop_assert_eq!(other.scheme(), target.scheme().name());
            prop_assert_eq!((other.username(), other.password()), ("", None));
        }
    }

    #[test]
    fn what_is_admitted_is_written_back_as_the_same_target(url in nearly_urls()) {
        if let Ok(target) = opened().admit(&url) {
            let again = opened().admit(&target.url());
            prop_assert_eq!(again, Ok(target.clone()));
            let line = target.path().as_str();
            prop_assert!(line.starts_with('/') && line.bytes().all(is_of_a_url));
            prop_assert!(url.contains(line.trim_start_matches('/')));
        }
    }

    #[test]
    fn no_text_at_all_makes_the_policy_panic(text in any::<String>(), location: Vec<u8>) {
        let policy = opened();
        let _ = policy.admit(&text);
        let _ = policy.admit(&format!("https://{text}"));
        let _ = text.parse::<HostRule>();
        let _ = text.parse::<Network>();
        let from = policy.admit("https://api.twilio.com/a").unwrap();
        let _ = policy.admit_next(&from, &location);
    }
}
