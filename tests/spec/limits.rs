//! Every limit matters: with it, what it stands against is stopped; without that one
//! number, in the same host, it is not.

use jackfield_tests::unlimited::LIMITS;
use jackfield_tests::{
    Answer, NUMBER, Signed, TestHost, TestHostBuilder, Twilio, add_on_sid, guest, wat_guest,
};
use tokio::task::JoinSet;

/// The host, less one limit.
pub(crate) const UNLIMITED: &str = env!("CARGO_BIN_EXE_unlimited");

/// What shows that a limit holds.
struct Proof {
    limit: &'static str,
    /// The add-on's guest, and the keys that make the attack meet this limit and no other.
    guest: Guest,
    toml: &'static str,
    server: &'static str,
    attack: Attack,
    /// What the last answer or the log says where the limit holds, and only there.
    sign: Sign,
}

enum Guest {
    Made(&'static str),
    Written(&'static str),
    /// A file of so many bytes, which is no component at all.
    Hollow(u64),
}

enum Attack {
    /// Calls, one after the other, with this `act`.
    Calls(usize, &'static str),
    /// Calls at the same moment, with this `act`.
    AtOnce(usize, &'static str),
}

enum Sign {
    /// One of the answers has this `error_code`.
    Code(&'static str),
    /// One of the answers says this.
    Message(&'static str),
    /// The log says this.
    Log(&'static str),
    /// The log has at most so many lines that the guest wrote.
    Lines(usize),
    /// The log is at most so long.
    Bytes(usize),
    /// One of the answers has no error.
    Answer,
}

const GREEDY: Guest = Guest::Made("greedy");

fn proofs() -> Vec<Proof> {
    use Attack::{AtOnce, Calls};
    use Guest::{Hollow, Made, Written};
    use Sign::{Answer, Bytes, Code, Lines, Log, Message};
    let rows: Vec<(&str, Guest, &str, &str, Attack, Sign)> = vec![
        (
            "timeout",
            GREEDY,
            "timeout = \"50ms\"",
            "",
            Calls(1, "wait"),
            Code("timeout"),
        ),
        (
            "cpu",
            Made("spin"),
            "timeout = \"300ms\"\ncpu = \"20ms\"",
            "",
            Calls(1, ""),
            Code("out_of_cpu"),
        ),
        (
            "memory",
            GREEDY,
            "memory = \"3MiB\"",
            "",
            Calls(1, "memory"),
            Code("out_of_memory"),
        ),
        (
            "reply_limit",
            GREEDY,
            "reply_limit = \"1KiB\"",
            "",
            Calls(1, "reply"),
            Code("reply_too_long"),
        ),
        (
            "hostcall",
            GREEDY,
            "",
            "",
            Calls(1, "hostcall"),
            Message("far too long"),
        ),
        (
            "log_lines",
            GREEDY,
            "log_lines = 1",
            "",
            Calls(1, "lines"),
            Lines(1),
        ),
        ("log", GREEDY, "", "", Calls(1, "log"), Bytes(6 * 1024)),
        ("log_rate", GREEDY, "", "", Calls(60, "lines"), Lines(150)),
        (
            "concurrency",
            GREEDY,
            "concurrency = 1\nqueue = 0",
            "",
            AtOnce(2, "wait"),
            Code("overloaded"),
        ),
        (
            "server.concurrency",
            GREEDY,
            "queue = 0",
            "concurrency = 1",
            AtOnce(2, "wait"),
            Code("overloaded"),
        ),
        (
            "queue",
            GREEDY,
            "concurrency = 1\nqueue = 0\ntimeout = \"3s\"",
            "",
            AtOnce(2, "wait"),
            Code("overloaded"),
        ),
        (
            "breaker",
            Made("trap"),
            "breaker = { failures = 2 }",
            "",
            Calls(3, ""),
            Code("suspended"),
        ),
        (
            "instances",
            Written("too-large-a-crowd"),
            "",
            "",
            Calls(1, ""),
            Code("unavailable"),
        ),
        (
            "memories",
            Written("too-many-memories"),
            "",
            "",
            Calls(1, ""),
            Code("unavailable"),
        ),
        (
            "tables",
            Written("too-many-tables"),
            "",
            "",
            Calls(1, ""),
            Code("unavailable"),
        ),
        (
            "table_elements",
            Written("many-elements"),
            "",
            "",
            Calls(1, ""),
            Code("out_of_memory"),
        ),
        (
            "stack",
            Written("many-frames"),
            "",
            "",
            Calls(1, ""),
            Code("provider_failed"),
        ),
        (
            "reply_depth",
            GREEDY,
            "",
            "",
            Calls(1, "depth"),
            Code("reply_malformed"),
        ),
        (
            "handles",
            Written("many-handles"),
            "",
            "",
            Calls(1, ""),
            Code("provider_failed"),
        ),
        (
            "resources",
            GREEDY,
            "",
            "",
            Calls(1, "resources"),
            Code("provider_failed"),
        ),
        (
            "random",
            GREEDY,
            "",
            "",
            Calls(1, "random"),
            Code("provider_failed"),
        ),
        (
            "component",
            Hollow(65 * 1024 * 1024),
            "",
            "",
            Calls(1, ""),
            Log("is larger than"),
        ),
        // This one is not taken away but made too small: half a gigabyte is nothing for a test.
        ("artifact", Made("echo"), "", "", Calls(1, ""), Answer),
    ];
    rows.into_iter()
        .map(|(limit, guest, toml, server, attack, sign)| Proof {
            limit,
            guest,
            toml,
            server,
            attack,
            sign,
        })
        .collect()
}

/// Limits whose proof takes more than a table's row.
const ELSEWHERE: [&str; 5] = [
    "guaranteed",
    "reserved",
    "long_runners",
    "compile_memory",
    "compile_time",
];

#[test]
fn every_limit_has_a_proof() {
    let mut proven: Vec<_> = proofs().iter().map(|proof| proof.limit).collect();
    proven.extend(ELSEWHERE);
    proven.sort_unstable();
    let mut all: Vec<_> = LIMITS.iter().map(|(limit, _)| *limit).collect();
    all.sort_unstable();
    assert_eq!(proven, all);
}

#[tokio::test]
async fn what_a_limit_stops_succeeds_without_it() {
    let mut failed = Vec::new();
    for proof in proofs() {
        if !proof.holds(&proof.builder().start()).await {
            failed.push(format!("`{}` does not hold", proof.limit));
        }
        if proof
            .holds(&proof.builder().without(proof.limit, UNLIMITED).start())
            .await
        {
            failed.push(format!("`{}` makes no difference", proof.limit));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn without_a_guaranteed_part_a_busy_add_on_takes_its_neighbours() {
    let quiet = add_on_sid('b');
    let host = || {
        TestHost::builder()
            .server("concurrency = 4")
            .add_on("busy", &add_on_sid('a'), &guest("greedy"), WAITING)
            .add_on("quiet", &quiet, &guest("echo"), "queue = 0")
    };
    let turned_away = async |host: TestHost| {
        let _flood = flood(&host, '1', 6).await;
        let answer = host.twilio().lookup(&quiet, NUMBER).send().await;
        answer.error_code() == "overloaded"
    };
    assert!(!turned_away(host().start()).await);
    assert!(turned_away(host().without("guaranteed", UNLIMITED).start()).await);
}

#[tokio::test]
async fn without_a_reserve_a_busy_customer_takes_the_others_part() {
    let host = || {
        let toml = format!("concurrency = 4\n{WAITING}");
        TestHost::builder().add_on("busy", &add_on_sid('a'), &guest("greedy"), &toml)
    };
    let turned_away = async |host: TestHost| {
        let twilio = host.twilio();
        let first = waiting_call(&twilio, '2').send().await;
        assert!(first.error_code().is_null(), "{}", first.text());
        let _flood = flood(&host, '1', 6).await;
        let answer = waiting_call(&twilio, '2').send().await;
        answer.error_code() == "overloaded"
    };
    assert!(!turned_away(host().start()).await);
    assert!(turned_away(host().without("reserved", UNLIMITED).start()).await);
}

/// An add-on whose calls take half a second, and wait for nothing.
const WAITING: &str = "queue = 0\ngrants = { fields = [\"act\"] }";

/// A customer's calls at once, until one of them is turned away.
async fn flood(host: &TestHost, customer: char, count: usize) -> JoinSet<Answer> {
    let twilio = host.twilio();
    let mut calls: JoinSet<_> = (0..count)
        .map(|_| waiting_call(&twilio, customer).send())
        .collect();
    let first = calls.join_next().await.unwrap().unwrap();
    assert_eq!(first.error_code(), "overloaded");
    calls
}

fn waiting_call(twilio: &Twilio, customer: char) -> Signed {
    let customer = format!("XD{}", customer.to_string().repeat(32));
    twilio
        .form("/lookups", &[("phone", NUMBER), ("act", "wait")])
        .add_on(&add_on_sid('a'))
        .header("x-twilio-addoninstallsid", &customer)
}

impl Proof {
    fn builder(&self) -> TestHostBuilder {
        let terms = "grants = { fields = [\"act\"] }";
        let toml = format!("{}\n{terms}", self.toml);
        let host = TestHost::builder().server(self.server);
        let (sid, name) = (add_on_sid('a'), "suspect");
        match self.guest {
            Guest::Made(made) => host.add_on(name, &sid, &guest(made), &toml),
            Guest::Written(text) => host.add_on_of(name, &sid, &wat_guest(text), &toml),
            Guest::Hollow(length) => {
                let host = host.add_on_of(name, &sid, b"", &toml);
                let path = host.path().join("plugins/suspect.wasm");
                std::fs::File::create(path)
                    .unwrap()
                    .set_len(length)
                    .unwrap();
                host
            }
        }
    }

    async fn holds(&self, host: &TestHost) -> bool {
        let answers = self.attack.run(host.twilio()).await;
        let any = |holds: &dyn Fn(&serde_json::Value) -> bool| answers.iter().any(holds);
        match self.sign {
            Sign::Code(code) => any(&|answer| answer["error_code"] == code),
            Sign::Message(text) => {
                any(&|answer| answer["message"].as_str().is_some_and(|m| m.contains(text)))
            }
            Sign::Answer => any(&|answer| answer["error_code"].is_null()),
            Sign::Log(text) => host.log().contains(text),
            Sign::Lines(most) => host.log().matches(" line=\"").count() <= most,
            Sign::Bytes(most) => host.log().len() <= most,
        }
    }
}

impl Attack {
    async fn run(&self, twilio: Twilio) -> Vec<serde_json::Value> {
        let call = |act: &str| {
            let parameters = [("phone", NUMBER), ("act", act)];
            let call = twilio
                .form("/lookups", &parameters)
                .add_on(&add_on_sid('a'));
            async move { call.send().await.json() }
        };
        let mut answers = Vec::new();
        match *self {
            Self::Calls(count, act) => {
                for _ in 0..count {
                    answers.push(call(act).await);
                }
            }
            Self::AtOnce(count, act) => {
                let calls: JoinSet<_> = (0..count).map(|_| call(act)).collect();
                answers = calls.join_all().await;
            }
        }
        answers
    }
}
