//! The configuration as the host uses it: everything typed, every default applied.

mod egress;
mod jobs;
mod limits;
mod operators;
mod settings;
mod smoke;
mod traces;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Component as PathPart, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::environment::Environment;
use super::error::{ConfigError, ConfigErrors, Place, SourceText};
use super::inputs::Inputs;
use super::source::RawFile;
use crate::clients::ClientRules;
use crate::protocol::credentials::Requirements;
use crate::protocol::freshness::FreshnessRule;
use crate::protocol::invocation::Terms;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::public_url::PublicUrl;
use crate::protocol::reply::Envelope;
use crate::protocol::sid::AddOnVersionSid;
use crate::protocol::signature::AccountKeys;
use crate::sandbox::World;
use crate::server::tls::Tls;

pub use egress::EgressConfig;
pub use jobs::{JobStore, JobsConfig, RecordingsConfig};
pub use limits::{
    BreakerRule, Candidate, CompileLimits, LedgerRule, Limits, Overload, ReloadRule, TrialRule,
};
pub use operators::OperatorsConfig;
pub(super) use settings::Setting;
pub use settings::Settings;
pub use smoke::Smoke;
pub use traces::TracesConfig;

/// Everything that the host is built from.
#[derive(Debug, Clone)]
pub struct Config {
    /// The listener and what every request meets.
    pub server: ServerConfig,
    /// The accounts and their keys, at least one.
    pub accounts: Vec<AccountKeys>,
    /// What is kept of asynchronous requests.
    pub jobs: JobsConfig,
    /// The add-ons, in the order of the files.
    pub add_ons: Vec<AddOnConfig>,
    /// What is allowed and still worth a word.
    pub warnings: Vec<String>,
    /// What all of it was read from.
    pub inputs: Inputs,
}

/// The listener and what every request meets.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What Twilio calls, at least one.
    pub public_urls: Vec<PublicUrl>,
    /// What `listen` speaks, if not plain text.
    pub tls: Option<Arc<Tls>>,
    /// Whether signatures are checked. Only hosts that nobody else reaches may not.
    pub verify: bool,
    /// The directory that holds every component.
    pub plugin_dir: PathBuf,
    /// The longest body, in bytes.
    pub body_limit: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a request's head may take to arrive, idle time on a connection included.
    pub header_timeout: Duration,
    /// How long running requests and jobs may take to end once the host is told to stop.
    pub drain_timeout: Duration,
    /// The most connections at once.
    pub connections: usize,
    /// The most providers that run at once.
    pub concurrency: usize,
    /// The directory that the host keeps its own files in, for nobody else.
    pub state_dir: PathBuf,
    /// What the compilation of one component may use.
    pub compile: CompileLimits,
    /// How fresh a request must be.
    pub freshness: FreshnessRule,
    /// When and how the configuration is read again.
    pub reload: ReloadRule,
    /// Where the host itself connects to.
    pub egress: EgressConfig,
    /// Where operators see how it is, if they do.
    pub operators: Option<OperatorsConfig>,
    /// Where requests are traced to, if they are.
    pub traces: Option<TracesConfig>,
    /// Which answers are given again.
    pub ledger: LedgerRule,
    /// Who may ask, and how much.
    pub clients: Arc<ClientRules>,
}

/// One add-on.
#[derive(Debug, Clone, PartialEq)]
pub struct AddOnConfig {
    /// The operator's name for it.
    pub name: AddOnName,
    /// How it reads requests.
    pub terms: Terms,
    /// Its provider.
    pub component: Component,
    /// Where it is reached.
    pub paths: Paths,
    /// What it demands besides the signature.
    pub require: Requirements,
    /// The shape of its answers.
    pub envelope: Envelope,
    /// A JSON object that is answered where the provider fails.
    pub fallback: Option<String>,
    /// The versions of its listing that the operator tells apart, by the names they are
    /// counted under.
    pub versions: Vec<(AddOnVersionSid, String)>,
    /// What its provider may use.
    pub limits: Limits,
    /// What its provider is given, where the operator gives it anything: without it,
    /// there is nothing to ask for settings either.
    pub settings: Option<Settings>,
    /// What its provider must answer before it serves.
    pub smoke: Option<Smoke>,
    /// When its provider is left alone for a while.
    pub breaker: BreakerRule,
    /// What is answered where there is no room for a call.
    pub overload: Overload,
    /// How a new version has to prove itself.
    pub trial: TrialRule,
    /// Whether a new version that imports more than the old one waits for an operator.
    pub approve_grants: bool,
    /// Another component, which answers a part of the customers.
    pub canary: Option<Candidate>,
    /// Another component, whose answers are compared and not given.
    pub shadow: Option<Candidate>,
    /// Set where the add-on is for recordings, and for nothing else then.
    pub recordings: Option<RecordingsConfig>,
}

impl AddOnConfig {
    /// What its component is called for.
    #[must_use]
    pub fn world(&self) -> World {
        let mut points = self.paths.points().into_iter();
        match points.any(IntegrationPoint::is_asynchronous) {
            true => World::Analysis,
            false => World::Lookup,
        }
    }

    /// Whether a component is loaded, and tried, in the same way under both.
    #[must_use]
    pub fn loads_as(&self, other: &Self) -> bool {
        self.world() == other.world()
            && self.limits.memory == other.limits.memory
            && self.settings == other.settings
            && self.smoke == other.smoke
    }
}

/// Where an add-on is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paths {
    /// Under the path of each of these integration points, shared with other add-ons.
    Shared(Vec<IntegrationPoint>),
    /// Under paths of its own, which the signature covers, and nowhere else.
    Own(Vec<(IntegrationPoint, String)>),
}

impl Paths {
    /// The integration points that are served.
    pub fn points(&self) -> Vec<IntegrationPoint> {
        match self {
            Self::Shared(points) => points.clone(),
            Self::Own(paths) => paths.iter().map(|(point, _)| *point).collect(),
        }
    }

    /// The path under which a request for an integration point arrives, if it is served.
    #[must_use]
    pub fn of(&self, point: IntegrationPoint) -> Option<&str> {
        match self {
            Self::Shared(points) => points.contains(&point).then(|| point.path()),
            Self::Own(paths) => paths
                .iter()
                .find(|(own, _)| *own == point)
                .map(|(_, path)| path.as_str()),
        }
    }
}

/// The file that holds a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The file's path.
    pub path: PathBuf,
    /// The SHA-256 that its bytes must have, in lower-case hexadecimal.
    pub sha256: Option<String>,
}

/// An operator's name for an add-on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddOnName(String);

impl AddOnName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AddOnName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        match good {
            true => Ok(Self(text.to_owned())),
            false => Err("expected up to 64 lower-case letters, digits, `-` and `_`"),
        }
    }
}

impl fmt::Display for AddOnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two secrets are one, told in the same time wherever they differ.
fn same_secret(one: &SecretString, two: &SecretString) -> bool {
    let (one, two) = (one.expose_secret(), two.expose_secret());
    one.as_bytes().ct_eq(two.as_bytes()).into()
}

/// The check of one configuration: it goes on after an error, so that an operator sees
/// all of them at once.
pub(super) struct Checking<'a> {
    pub(super) root: PathBuf,
    pub(super) environment: &'a Environment,
    pub(super) inputs: &'a mut Inputs,
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Checking<'a> {
    pub(super) fn new(root: PathBuf, environment: &'a Environment, inputs: &'a mut Inputs) -> Self {
        Self {
            root,
            environment,
            inputs,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Checks all files together.
    pub(super) fn run(mut self, files: &[RawFile]) -> Result<Config, ConfigErrors> {
        let server = self.server(files);
        let accounts = self.accounts(files);
        let jobs = self.jobs(files, &self.state_dir_of(files));
        let add_ons = self.add_ons(files, &accounts);
        match (server, jobs, self.errors.is_empty()) {
            (Some(server), Some(jobs), true) => Ok(Config {
                server,
                accounts,
                jobs,
                add_ons,
                warnings: self.warnings,
                inputs: self.inputs.clone(),
            }),
            _ => Err(ConfigErrors::sorted(self.errors)),
        }
    }

    /// A path of the configuration's, which starts from the first file's directory.
    pub(super) fn rooted(&self, path: &str) -> PathBuf {
        let path = self.root.join(path);
        let parts = path.components();
        parts.filter(|part| *part != PathPart::CurDir).collect()
    }

    /// Notes an error.
    pub(super) fn fail(&mut self, at: &Spot, problem: impl Into<String>, help: &str) {
        self.errors.push(ConfigError {
            place: at.place(),
            key: at.key.clone(),
            problem: problem.into(),
            help: help.to_owned(),
            other: None,
        });
    }

    /// Notes an error that a second place explains.
    pub(super) fn clash(&mut self, at: &Spot, problem: String, help: &str, other: &Spot) {
        self.errors.push(ConfigError {
            place: at.place(),
            key: at.key.clone(),
            problem,
            help: help.to_owned(),
            other: Some((other.place(), "first used here".to_owned())),
        });
    }
}

/// A key in a file.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) source: Arc<SourceText>,
    pub(super) span: std::ops::Range<usize>,
    pub(super) key: String,
}

impl Spot {
    pub(super) fn new(
        source: &Arc<SourceText>,
        span: std::ops::Range<usize>,
        key: impl Into<String>,
    ) -> Self {
        Self {
            source: Arc::clone(source),
            span,
            key: key.into(),
        }
    }

    fn place(&self) -> Place {
        Place {
            source: Arc::clone(&self.source),
            span: self.span.clone(),
        }
    }

    /// The file and line, for other places to point at.
    pub(super) fn line(&self) -> String {
        format!("{}:{}", self.source.name, self.place().line())
    }
}
