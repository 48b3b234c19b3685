//! A provider for recordings that is called in this very process: what passes between it
//! and its caller is seen piece by piece, and what is missing as well.

mod audio;
mod report;

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use jackfield::config::{AddOnConfig, Config, Environment, Limits};
use jackfield::protocol::invocation::Sids;
use jackfield::sandbox::{CallError, Ceilings, Loader, Meta, Provider, RecordingFacts, Sandbox};

pub use self::audio::Audio;
pub use self::report::Report;
use crate::host::{TestHost, TestHostBuilder};
use crate::{ACCOUNT, TOKEN, add_on_sid, artefacts, request_sid};

/// Guests that may run in this process at once.
const GUESTS: usize = 16;
/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// One for all tests, as it is one for all of a host.
static SANDBOX: LazyLock<Arc<Sandbox>> = LazyLock::new(|| {
    let sandbox = Sandbox::new(GUESTS, Ceilings::default());
    Arc::new(sandbox.expect("the sandbox starts"))
});

/// A provider, and what its add-on allows it.
pub struct Analyst {
    provider: Provider,
    add_on: AddOnConfig,
    /// How long a call may take.
    patience: Duration,
    /// It compiled the component, and keeps its directory.
    _host: TestHost,
}

/// What came of a call.
pub struct Analyzed {
    /// How it ended.
    pub ended: Result<Meta, CallError>,
    /// What was reported, if somebody kept it.
    pub report: Vec<u8>,
    /// Whether the report was ended: only a good one is.
    pub is_ended: bool,
    /// How long it took.
    pub took: Duration,
}

impl Analyzed {
    /// How it ended, in a word: `good`, or the name of the error.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match &self.ended {
            Ok(_) => "good",
            Err(CallError::Refused(_)) => "refused",
            Err(CallError::Cpu) => "cpu",
            Err(CallError::Timeout) => "timeout",
            Err(CallError::Memory) => "memory",
            Err(CallError::Unfit(_)) => "unfit",
            Err(CallError::Unread(_)) => "unread",
            Err(CallError::Unkept(_)) => "unkept",
            Err(CallError::Reply) => "reply",
            Err(CallError::Trap(_)) => "trap",
            Err(CallError::NoRoom) => "no room",
            Err(CallError::Host) => "host",
        }
    }

    /// Its report, which is good.
    ///
    /// # Panics
    /// Where it is not.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        assert!(self.ended.is_ok() && self.is_ended, "{:?}", self.ended);
        serde_json::from_slice(&self.report).expect("the report is JSON")
    }
}

impl Analyst {
    /// A guest that lies in `guests`.
    pub async fn guest(name: &str) -> Self {
        let component = std::fs::read(artefacts::guest(name));
        Self::of(&component.expect("the guest is read")).await
    }

    /// An example provider, by the name of its file without the ending.
    pub async fn plugin(name: &str) -> Self {
        let component = std::fs::read(artefacts::plugin(name));
        Self::of(&component.expect("the provider is read")).await
    }

    /// A provider of these bytes.
    ///
    /// # Panics
    /// Where it is not loaded.
    pub async fn of(component: &[u8]) -> Self {
        let host = host(component).start();
        let path = host.path().join("addons.toml");
        let environment = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];
        let config = Config::load(&path, &Environment::from(environment));
        let mut config = config.expect("the configuration is good");
        let add_on = config.add_ons.pop().expect("there is an add-on");
        // What the host compiled is there: this process is no compiler.
        let loader = Arc::new(Loader::new(Arc::clone(&SANDBOX), &config.server));
        let opened = loader.opened("provider.wasm".to_owned(), component.to_vec().into());
        let provider = loader.load(&opened, &add_on, config.server.compile).await;
        let provider = provider.unwrap_or_else(|error| panic!("it is not loaded: {error}"));
        Self {
            provider,
            add_on,
            patience: PATIENCE,
            _host: host,
        }
    }

    /// The same under other limits.
    #[must_use]
    pub fn limited(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.add_on.limits);
        self
    }

    /// The same with another time for each call.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Has it do something with a recording of a few bytes.
    pub async fn act(&self, act: &str) -> Analyzed {
        let audio = Audio::of(&b"RIFF".repeat(1_000));
        self.analyze(&[("act", act)], audio, Report::kept()).await
    }

    /// Has it analyse a recording of which these fields were sent.
    pub async fn analyze(&self, fields: &[(&str, &str)], audio: Audio, report: Report) -> Analyzed {
        let fields = fields.iter();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let facts = RecordingFacts {
            fields: fields.map(own).collect(),
            ..self.facts()
        };
        self.call(facts, audio, report).await
    }

    /// Has it analyse a recording.
    pub async fn call(&self, facts: RecordingFacts, audio: Audio, report: Report) -> Analyzed {
        let kept = report.shared();
        let started = Instant::now();
        let deadline = started + self.patience;
        let (audio, report) = (Box::new(audio), Box::new(report));
        let called = self
            .provider
            .analyze(facts, audio, report, &self.add_on, deadline);
        let (ended, took) = (called.await, started.elapsed());
        let (report, is_ended) = kept.taken();
        Analyzed {
            ended: ended.result,
            report,
            is_ended,
            took,
        }
    }

    /// A recording of which nothing is known.
    ///
    /// # Panics
    /// Never: the tests' SIDs are SIDs.
    #[must_use]
    pub fn facts(&self) -> RecordingFacts {
        let request = request_sid(1).parse().expect("it is a SID");
        RecordingFacts {
            media_type: None,
            duration_ms: None,
            size: None,
            channels: None,
            sample_rate: None,
            sids: Sids {
                request: Some(request),
                ..self.add_on.terms.sids()
            },
            attempt: 1,
            fields: Vec::new(),
        }
    }
}

/// A host whose add-on takes recordings, and is served by a component of these bytes.
#[must_use]
pub fn host(component: &[u8]) -> TestHostBuilder {
    let toml = "serves = [\"recordings\"]";
    TestHost::builder().add_on_of("provider", &add_on_sid('a'), component, toml)
}
