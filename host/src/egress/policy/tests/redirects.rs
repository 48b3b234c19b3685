//! Where answers point to.

use super::*;

#[test]
fn a_redirect_is_decided_on_as_the_first_url_was() {
    let policy = opened();
    let from = policy.admit("https://api.twilio.com/a/b?token=1").unwrap();
    let next = |location: &str| {
        let next = policy.admit_next(&from, location.as_bytes());
        next.map(|target| target.url())
    };
    for (location, taken_for) in [
        (
            "https://media.twilio.com/x?sig=a%2Fb",
            "https://media.twilio.com/x?sig=a%2Fb",
        ),
        ("//media.twilio.com/x", "https://media.twilio.com/x"),
        ("/c?d=e", "https://api.twilio.com/c?d=e"),
        ("c", "https://api.twilio.com/a/c"),
        ("../c", "https://api.twilio.com/c"),
        ("?c", "https://api.twilio.com/a/b?c"),
        ("", "https://api.twilio.com/a/b?token=1"),
        ("#x", "https://api.twilio.com/a/b?token=1"),
    ] {
        assert_eq!(next(location).as_deref(), Ok(taken_for), "{location}");
    }
    for (location, refused) in [
        ("https://evil.example/", not_listed("https://evil.example")),
        ("//evil.example/", not_listed("https://evil.example")),
        ("///evil.example/", Refused::Host),
        (
            "https://x.twil.io/",
            Refused::Anybodys("x.twil.io".to_owned()),
        ),
        (
            "https://127.0.0.1/",
            Refused::Address("127.0.0.1".to_owned()),
        ),
        ("https://2130706433/", Refused::Host),
        ("//0x7f.1/", Refused::Host),
        (
            "https://169.254.169.254/",
            not_listed("https://169.254.169.254"),
        ),
        (
            "http://api.twilio.com/",
            not_listed("http://api.twilio.com"),
        ),
        (
            "http://plain.example/",
            Refused::Downgrade("http://plain.example".to_owned()),
        ),
        ("https://api.twilio.com@evil.example/", Refused::Credentials),
        ("https://api.twilio.com\\@evil.example/", Refused::Character),
        ("\\\\evil.example/", Refused::Character),
        ("/\\evil.example/", Refused::Character),
        ("/\tevil", Refused::Character),
        ("/a b", Refused::Character),
        ("/ä", Refused::Character),
        ("file:///etc/passwd", Refused::Scheme),
        ("javascript:alert(1)", Refused::Scheme),
        ("https://", Refused::Host),
    ] {
        assert_eq!(next(location), Err(refused), "{location}");
    }
    assert_eq!(policy.admit_next(&from, b"/\xff"), Err(Refused::Character));
    let plain = policy.admit("http://plain.example/").unwrap();
    assert!(
        policy
            .admit_next(&plain, b"https://api.twilio.com/")
            .is_ok()
    );
}
