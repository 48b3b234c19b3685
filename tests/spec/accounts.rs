//! Several accounts on one host: whose signature counts for which add-on, and under
//! which paths it is reached.

mod paths;

use jackfield_tests::{
    ACCOUNT, Answer, NUMBER, OTHER_ACCOUNT, OTHER_TOKEN, Signed, TOKEN, TestHost, TestHostBuilder,
    add_on_sid, guest,
};
use serde_json::Value;

const LOOKUP: &str = "/lookups?phone=%2B12125550123";
const STRANGERS_TOKEN: &str = "99999999999999998888888888888888";

/// Two accounts, A and B, with no add-on yet.
fn two_accounts() -> TestHostBuilder {
    TestHost::builder()
        .accounts(&format!(
            "[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"TOKEN_OF_A\" }}]\n\
             [accounts.{OTHER_ACCOUNT}]\nauth_tokens = [{{ env = \"TOKEN_OF_B\" }}]"
        ))
        .env("TOKEN_OF_A", TOKEN)
        .env("TOKEN_OF_B", OTHER_TOKEN)
}

/// The add-on `a` of account A, and `b` of account B.
fn two_add_ons(toml_of_a: &str, toml_of_b: &str) -> TestHost {
    let toml = |account: &str, more: &str| format!("account = \"{account}\"\n{more}");
    let (a, b) = (toml(ACCOUNT, toml_of_a), toml(OTHER_ACCOUNT, toml_of_b));
    two_accounts()
        .add_on("a", &add_on_sid('a'), &guest("echo"), &a)
        .add_on("b", &add_on_sid('b'), &guest("echo"), &b)
        .start()
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signer {
    A,
    B,
    Stranger,
}

impl Signer {
    const ALL: [Self; 3] = [Self::A, Self::B, Self::Stranger];

    fn token(self) -> &'static str {
        match self {
            Self::A => TOKEN,
            Self::B => OTHER_TOKEN,
            Self::Stranger => STRANGERS_TOKEN,
        }
    }
}

/// What the add-on's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    A,
    B,
    Unknown,
    Missing,
    Malformed,
    Repeated,
}

impl Named {
    const ALL: [Self; 6] = [
        Self::A,
        Self::B,
        Self::Unknown,
        Self::Missing,
        Self::Malformed,
        Self::Repeated,
    ];

    fn write(self, request: Signed) -> Signed {
        match self {
            Self::A => request.add_on(&add_on_sid('a')),
            Self::B => request.add_on(&add_on_sid('b')),
            Self::Unknown => request.add_on(&add_on_sid('c')),
            Self::Missing => request,
            Self::Malformed => request.add_on("XBnonsense"),
            Self::Repeated => request
                .add_on(&add_on_sid('a'))
                .another_header("x-twilio-addonsid", &add_on_sid('a')),
        }
    }
}

const VENDOR: &str = "x-twilio-vendoraccountsid";
const PLAIN: &str = "x-twilio-accountsid";

/// Headers that name an account, and which of A and B they agree with.
struct Headers {
    sent: &'static [(&'static str, &'static str)],
    agree_with: &'static [Signer],
}

const fn headers(
    sent: &'static [(&'static str, &'static str)],
    agree_with: &'static [Signer],
) -> Headers {
    Headers { sent, agree_with }
}

const HEADERS: [Headers; 12] = [
    headers(&[], &[Signer::A, Signer::B]),
    headers(&[(VENDOR, ACCOUNT)], &[Signer::A]),
    headers(&[(VENDOR, OTHER_ACCOUNT)], &[Signer::B]),
    headers(&[(PLAIN, ACCOUNT)], &[Signer::A]),
    headers(&[(PLAIN, OTHER_ACCOUNT)], &[Signer::B]),
    headers(&[(VENDOR, ACCOUNT), (PLAIN, ACCOUNT)], &[Signer::A]),
    headers(
        &[(VENDOR, OTHER_ACCOUNT), (PLAIN, OTHER_ACCOUNT)],
        &[Signer::B],
    ),
    headers(&[(VENDOR, ACCOUNT), (PLAIN, OTHER_ACCOUNT)], &[]),
    headers(&[(VENDOR, OTHER_ACCOUNT), (PLAIN, ACCOUNT)], &[]),
    headers(&[(VENDOR, "ACnonsense")], &[]),
    headers(&[(VENDOR, ACCOUNT), (VENDOR, ACCOUNT)], &[]),
    headers(&[(VENDOR, "AC00000000000000000000000000000001")], &[]),
];

/// The rule, in the order of its steps: a signature counts with the keys of the account
/// that the add-on belongs to, and where there is no such add-on with those of any
/// account; then there must be an add-on; then no header may name another account.
fn expected(signer: Signer, named: Named, headers: &Headers) -> (u16, Option<&'static str>) {
    let owner = match named {
        Named::A => Some(Signer::A),
        Named::B => Some(Signer::B),
        _ => None,
    };
    match (owner, signer) {
        (_, Signer::Stranger) => (403, Some("signature_invalid")),
        (Some(owner), _) if owner != signer => (403, Some("signature_invalid")),
        (Some(owner), _) if headers.agree_with.contains(&owner) => (200, None),
        (Some(_), _) => (403, Some("account_mismatch")),
        (None, _) => match named {
            Named::Missing => (200, Some("addon_missing")),
            Named::Unknown => (200, Some("addon_unknown")),
            _ => (200, Some("addon_malformed")),
        },
    }
}

fn request(host: &TestHost, signer: Signer, named: Named, headers: &Headers) -> Signed {
    let request = host
        .twilio_as(ACCOUNT, signer.token())
        .get(LOOKUP)
        .without(VENDOR);
    let request = headers.sent.iter().fold(request, |request, (name, sid)| {
        request.another_header(name, sid)
    });
    named.write(request)
}

/// The status and the error's code. Where there is none, the provider must have been
/// asked as the add-on that was named, and otherwise not at all.
fn outcome(answer: &Answer, named: Named) -> (u16, Option<String>) {
    let body = answer.json();
    let code = body["error_code"].as_str().map(str::to_owned);
    let asked = &body["results"]["sids"];
    let sids = |account: &str, add_on: char| (account.into(), add_on_sid(add_on).into());
    let expected: (Value, Value) = match (&code, named) {
        (None, Named::A) => sids(ACCOUNT, 'a'),
        (None, Named::B) => sids(OTHER_ACCOUNT, 'b'),
        _ => (Value::Null, Value::Null),
    };
    assert_eq!(
        (&asked["account"], &asked["add_on"]),
        (&expected.0, &expected.1),
        "{body}"
    );
    (answer.status.as_u16(), code)
}

#[tokio::test]
async fn a_signature_counts_for_the_add_ons_of_its_own_account_alone() {
    let host = two_add_ons("", "");
    let mut answered = 0;
    for signer in Signer::ALL {
        for named in Named::ALL {
            for headers in &HEADERS {
                let answer = request(&host, signer, named, headers).send().await;
                let (status, code) = expected(signer, named, headers);
                assert_eq!(
                    outcome(&answer, named),
                    (status, code.map(str::to_owned)),
                    "signed by {signer:?}, add-on {named:?}, headers {:?}",
                    headers.sent
                );
                answered += usize::from(code.is_none());
            }
        }
    }
    // For each of the two add-ons: no header, either of them, or both.
    assert_eq!(answered, 8);
}

#[tokio::test]
async fn a_stranger_does_not_learn_which_add_ons_there_are() {
    let host = two_add_ons("", "");
    let mut answers = Vec::new();
    for named in Named::ALL {
        let unsigned = request(&host, Signer::A, named, &HEADERS[0]).unsigned();
        let forged = request(&host, Signer::Stranger, named, &HEADERS[0]);
        answers.push((unsigned.send().await.shown(), forged.send().await.shown()));
    }
    let first = answers[0].clone();
    assert!(
        answers.iter().all(|answer| *answer == first),
        "{answers:#?}"
    );
}

#[tokio::test]
async fn a_malformed_sid_that_decides_nothing_counts_as_absent() {
    let host = two_add_ons("", "");
    let request = request(&host, Signer::A, Named::A, &HEADERS[0])
        .request_sid("nonsense")
        .header("x-twilio-addoninstallsid", "nonsense");
    let answer = request.send().await;
    assert_eq!(outcome(&answer, Named::A), (200, None));
    assert_eq!(answer.json()["results"]["sids"]["request"], Value::Null);
    assert_eq!(answer.json()["results"]["address"]["e164"], NUMBER);
}
