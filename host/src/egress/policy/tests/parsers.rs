//! What different parsers read differently.

use super::*;

const TOO_LONG: Refused = Refused::TooLong(8 * 1024);

#[test]
fn what_parsers_disagree_about_is_refused() {
    use Refused::{Character, Credentials, Host, Port, Scheme};
    for (url, refused) in [
        // Before the host.
        ("", Scheme),
        ("api.twilio.com", Scheme),
        ("//api.twilio.com/", Scheme),
        ("https:api.twilio.com", Scheme),
        ("https:/api.twilio.com", Scheme),
        ("https//api.twilio.com", Scheme),
        ("ftp://api.twilio.com/", Scheme),
        ("file:///etc/passwd", Scheme),
        ("data:text/plain,x", Scheme),
        ("gopher://api.twilio.com:25/x", Scheme),
        ("unix:///run/docker.sock", Scheme),
        ("javascript://api.twilio.com/", Scheme),
        ("https+unix://api.twilio.com/", Scheme),
        ("httpſ://api.twilio.com/", Character),
        (" https://api.twilio.com/", Character),
        ("\u{feff}https://api.twilio.com/", Character),
        ("ht\ntps://api.twilio.com/", Character),
        // Users and passwords.
        ("https://api.twilio.com@evil.example/", Credentials),
        ("https://evil.example@api.twilio.com/", Credentials),
        ("https://user:pass@api.twilio.com/", Credentials),
        ("https://@api.twilio.com/", Credentials),
        ("https://api.twilio.com:443@evil.example/", Credentials),
        ("https://a@b@api.twilio.com/", Credentials),
        // Where the host ends.
        ("https://evil.example\\@api.twilio.com/", Character),
        ("https://evil.example\\.twilio.com/", Character),
        ("https:\\\\api.twilio.com/", Character),
        ("https://api.twilio.com\\evil", Character),
        ("https:///api.twilio.com/", Host),
        ("https:////api.twilio.com/", Host),
        ("https://", Host),
        ("https:///", Host),
        ("https://?x", Host),
        ("https://#x", Host),
        ("https://:443/", Host),
        ("https://api.twilio.com,evil.example/", Host),
        ("https://api.twilio.com;evil.example/", Host),
        ("https://evil.example&api.twilio.com/", Host),
        ("https://evil.example%23.twilio.com/", Host),
        ("https://evil.example%2f.twilio.com/", Host),
        ("https://evil.example%00.twilio.com/", Host),
        ("https://api%2etwilio.com/", Host),
        ("https://%61pi.twilio.com/", Host),
        ("https://*.twilio.com/", Host),
        // What is no name.
        ("https://api.twilio.com./", Host),
        ("https://.twilio.com/", Host),
        ("https://api..twilio.com/", Host),
        ("https://-api.twilio.com/", Host),
        ("https://api-.twilio.com/", Host),
        ("https://äpi.twilio.com/", Character),
        ("https://api。twilio。com/", Character),
        ("https://ⓣwilio.com/", Character),
        // Addresses that do not look like one.
        ("https://2130706433/", Host),
        ("https://0x7f000001/", Host),
        ("https://0X7F.1/", Host),
        ("https://017700000001/", Host),
        ("https://0177.0.0.1/", Host),
        ("https://127.1/", Host),
        ("https://127.0.1/", Host),
        ("https://127.0.0.01/", Host),
        ("https://127.0.0.1./", Host),
        ("https://127.0.0.0x1/", Host),
        ("https://0/", Host),
        ("https://256.0.0.1/", Host),
        ("https://api.twilio.com.1/", Host),
        ("https://①②⑦.⓪.⓪.①/", Character),
        // IPv6.
        ("https://[fe80::1%25eth0]/", Host),
        ("https://[fe80::1%eth0]/", Host),
        ("https://[::1/", Port),
        ("https://::1]/", Host),
        ("https://[::1]evil.example/", Host),
        ("https://[::1].twilio.com/", Host),
        ("https://[api.twilio.com]/", Host),
        ("https://[127.0.0.1]/", Host),
        ("https://[]/", Host),
        ("https://[v1.x]/", Host),
        ("https://::1/", Port),
        // Ports.
        ("https://api.twilio.com:0/", Port),
        ("https://api.twilio.com:/", Port),
        ("https://api.twilio.com:65536/", Port),
        ("https://api.twilio.com:4294967739/", Port),
        ("https://api.twilio.com:+443/", Port),
        ("https://api.twilio.com:-1/", Port),
        ("https://api.twilio.com:0443/", Port),
        ("https://api.twilio.com:443:443/", Port),
        ("https://api.twilio.com:https/", Port),
        ("https://api.twilio.com:4%343/", Port),
        // What would become a second line, or a second request.
        ("https://api.twilio.com/\r\nHost: evil.example", Character),
        ("https://api.twilio.com/ HTTP/1.1\r\nX: y", Character),
        ("https://api.twilio.com\r\n.evil.example/", Character),
        ("https://api.twilio.com/a\tb", Character),
        ("https://api.twilio.com/a\0b", Character),
        ("https://api.twilio.com/a\u{7f}b", Character),
        ("https://api.twilio.com/a b", Character),
        ("https://api.twilio.com/ä", Character),
        ("https://api.twilio.com/?\u{2028}", Character),
        ("CONNECT evil.example:443", Character),
        ("GET https://evil.example/", Character),
    ] {
        assert_eq!(taken(url), Err(refused), "{url:?}");
    }
}

#[test]
fn what_is_longer_than_any_name_or_url_is_refused() {
    let label = |length| "a".repeat(length);
    let url = |host: &str| format!("https://{host}.twilio.com/");
    assert!(taken(&url(&label(63))).is_ok());
    assert_eq!(taken(&url(&label(64))), Err(Refused::Host));
    let deep = [label(60), label(60), label(60), label(58)].join(".");
    assert!(taken(&url(&deep)).is_ok());
    assert_eq!(taken(&url(&format!("a.{deep}"))), Err(Refused::Host));
    let path = |length: usize| format!("https://twilio.com/{}", label(length - 19));
    assert!(taken(&path(8 * 1024)).is_ok());
    assert_eq!(taken(&path(8 * 1024 + 1)), Err(TOO_LONG));
}
