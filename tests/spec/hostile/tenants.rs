//! Between tenants: nothing of one request is there for the next one.

use jackfield_tests::hostile::TERMS;
use jackfield_tests::versions::mark;
use jackfield_tests::{Answer, NUMBER, TestHost, Twilio, add_on_sid, guest, scale, tenant};

/// Pages that two components have at their start, for each way in which the host has
/// memory for guests: small, medium and large.
const SIZES: [(u32, u32); 3] = [(1, 2), (8, 7), (20, 21)];

/// How long each guest may run: several times what it takes to fill all memory that there
/// is, on a machine that has other things to do as well.
const TIMES: &str = "timeout = \"2s\"\ncpu = \"100ms\"";

/// What the secret begins with says how the one who planted it ends.
const ENDS: [(char, Option<&str>); 5] = [
    ('a', None),
    ('t', Some("provider_failed")),
    ('s', Some("out_of_cpu")),
    ('m', Some("out_of_memory")),
    ('d', Some("provider_failed")),
];

/// Two add-ons of one component, two of others that are of the same size or about it, and
/// more, in a host of so few places that each is used again at once by whoever comes next.
fn host((pages, other): (u32, u32)) -> TestHost {
    let toml = format!("{TIMES}\n{TERMS}");
    let (tenant, neighbour) = (tenant(pages), tenant(other));
    let twin = [tenant.clone(), mark(1)].concat();
    TestHost::builder()
        .server("concurrency = 2")
        .add_on_of("tenant", &add_on_sid('a'), &tenant, &toml)
        .add_on_of("other-tenant", &add_on_sid('b'), &tenant, &toml)
        .add_on_of("neighbour", &add_on_sid('e'), &neighbour, &toml)
        .add_on_of("twin", &add_on_sid('9'), &twin, &toml)
        .add_on("echo", &add_on_sid('c'), &guest("echo"), "")
        .add_on("count", &add_on_sid('d'), &guest("count"), "")
        .add_on("mischief", &add_on_sid('f'), &guest("mischief"), &toml)
        .start()
}

async fn plant(twilio: &Twilio, secret: &str) -> Answer {
    twilio
        .form("/incoming-sms", &[("phone", NUMBER), ("body", secret)])
        .add_on(&add_on_sid('a'))
        .send()
        .await
}

async fn ask(twilio: &Twilio, add_on: char) -> Answer {
    let parameters = [("phone", NUMBER), ("act", "nothing")];
    let request = twilio.form("/incoming-sms", &parameters);
    request.add_on(&add_on_sid(add_on)).send().await
}

#[tokio::test]
async fn whoever_looks_for_a_planted_secret_in_its_own_call_finds_it() {
    for pages in SIZES {
        let host = host(pages);
        let answer = plant(&host.twilio(), "f: this must be found").await;
        let clean = &answer.json()["results"]["clean"];
        assert_eq!(clean, false, "{pages:?} pages");
    }
}

#[tokio::test]
async fn nothing_of_a_request_is_left_for_any_other() {
    for pages in SIZES {
        nothing_is_left_by_tenants_of(pages).await;
    }
}

async fn nothing_is_left_by_tenants_of(pages: (u32, u32)) {
    let host = host(pages);
    let twilio = host.twilio();
    let requests = scale(170, 10_000);
    let (mut searched, mut planted) = (0, 0);
    while searched < requests {
        let (end, code) = ENDS[planted % ENDS.len()];
        let secret = format!("{end}: planted {planted:06}, 8d1f0c5e7b3a");
        host.keep_secret(&secret);
        let answer = plant(&twilio, &secret).await;
        planted += 1;
        match code {
            None => assert!(answer.error_code().is_null(), "{}", answer.shown()),
            Some(code) => assert_eq!(answer.error_code(), code, "{secret}"),
        }
        for add_on in ['a', 'b', 'e', 'c', 'd', 'f', '9', 'e', 'a', '9'] {
            let answer = ask(&twilio, add_on).await;
            searched += 1;
            assert!(answer.error_code().is_null(), "{}", answer.shown());
            assert!(
                !answer.text().contains("8d1f0c5e7b3a"),
                "{}",
                answer.shown()
            );
            let clean = &answer.json()["results"]["clean"];
            assert!(
                clean.is_null() != "abe9".contains(add_on),
                "{}",
                answer.shown()
            );
            assert_ne!(
                clean, false,
                "{pages:?} pages, after `{secret}`, add-on {add_on}"
            );
        }
    }
    println!("{pages:?} pages: {searched} requests after {planted} planted secrets found nothing");
}
