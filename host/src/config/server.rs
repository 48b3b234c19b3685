//! The `[server]` table.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::checked::{
    Checking, CompileLimits, EgressConfig, LedgerRule, ReloadRule, ServerConfig, Spot,
};
use super::raw::{At, RawFreshness, RawServer, RawSources};
use super::source::RawFile;
use super::values::Table;
use crate::protocol::fields::FieldSource;
use crate::protocol::freshness::FreshnessRule;
use crate::protocol::public_url::PublicUrl;

/// Where the reference server listens.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const GIB: usize = 1024 * MIB;

impl Checking<'_> {
    /// The `[server]` table and those beside it, all of which only the first file may have.
    pub(super) fn server(&mut self, files: &[RawFile]) -> Option<ServerConfig> {
        let (first, included) = files.split_first()?;
        self.included(included);
        let table = Table {
            source: &first.source,
            name: "server",
        };
        let empty = RawServer::default();
        let raw = first.raw.server.as_ref();
        let place = raw.map_or(0..0, |raw| raw.span());
        let raw = raw.map_or(&empty, |raw| raw.get_ref());
        let before = self.errors.len();
        let server = self.server_table(table, raw, place);
        let egress = self.egress(first);
        let operators = self.operators(first);
        let traces = self.traces(first, &egress.authorities);
        let server = server.map(|server| ServerConfig {
            egress,
            operators,
            traces,
            ..server
        });
        (self.errors.len() == before).then_some(server?)
    }

    fn server_table(
        &mut self,
        table: Table<'_>,
        raw: &RawServer,
        place: std::ops::Range<usize>,
    ) -> Option<ServerConfig> {
        let listen = self.listen(table, raw.listen.as_ref());
        let public_urls = self.public_urls(table, raw, place);
        let limits = (raw.body_limit.as_ref(), raw.body_timeout.as_ref());
        let mut server = ServerConfig {
            listen: DEFAULT_LISTEN,
            tls: self.tls(table.within("server.tls"), raw.tls.as_ref()),
            verify: raw.verify.as_ref().is_none_or(|verify| *verify.get_ref()),
            plugin_dir: self.plugin_dir(raw),
            body_limit: self.size(table, "body_limit", limits.0, 256 * KIB, (KIB, 16 * MIB)),
            body_timeout: self.duration(
                table,
                "body_timeout",
                limits.1,
                5 * SECOND,
                (10 * MILLISECOND, MINUTE),
            ),
            header_timeout: self.duration(
                table,
                "header_timeout",
                raw.header_timeout.as_ref(),
                30 * SECOND,
                (10 * MILLISECOND, 10 * MINUTE),
            ),
            drain_timeout: self.duration(
                table,
                "drain_timeout",
                raw.drain_timeout.as_ref(),
                16 * SECOND,
                (100 * MILLISECOND, 10 * MINUTE),
            ),
            connections: self.count(
                table,
                "connections",
                raw.connections.as_ref(),
                10_000,
                (1, 1_000_000),
            ),
            concurrency: self.count(
                table,
                "concurrency",
                raw.concurrency.as_ref(),
                256,
                (1, 4_096),
            ),
            state_dir: self.state_dir(raw),
            compile: self.compile_limits(table, raw),
            freshness: self.freshness(table, &raw.freshness),
            reload: self.reload(table, raw),
            ledger: self.ledger(table, raw),
            egress: EgressConfig::default(),
            operators: None,
            traces: None,
            clients: self.clients(table, raw).into(),
            public_urls,
        };
        server.listen = listen?;
        self.unverified_only_on_loopback(table, raw, &server);
        Some(server)
    }

    fn listen(&mut self, table: Table<'_>, raw: Option<&At<String>>) -> Option<SocketAddr> {
        let Some(raw) = raw else {
            return Some(DEFAULT_LISTEN);
        };
        let help = "write an address and a port, as in \"127.0.0.1:8080\" or \"[::]:8080\"";
        match raw.get_ref().parse() {
            Ok(address) => Some(address),
            Err(_) => {
                let problem = format!("`{}` is no address with a port", raw.get_ref());
                self.fail(&table.at("listen", raw), problem, help);
                None
            }
        }
    }

    fn state_dir(&self, raw: &RawServer) -> PathBuf {
        let named = raw.state_dir.as_ref();
        self.rooted(named.map_or(super::state_dir::DEFAULT, |raw| raw.get_ref().as_str()))
    }

    fn compile_limits(&mut self, table: Table<'_>, raw: &RawServer) -> CompileLimits {
        let default = CompileLimits::default();
        CompileLimits {
            memory: self.size(
                table,
                "compile_memory",
                raw.compile_memory.as_ref(),
                default.memory,
                (256 * MIB, 64 * GIB),
            ),
            time: self.duration(
                table,
                "compile_time",
                raw.compile_time.as_ref(),
                default.time,
                (SECOND, 10 * MINUTE),
            ),
        }
    }

    fn reload(&mut self, table: Table<'_>, raw: &RawServer) -> ReloadRule {
        let (poll, bounds) = (raw.poll.as_ref(), (100 * MILLISECOND, 60 * MINUTE));
        ReloadRule {
            all_or_nothing: self.all_or_nothing(table, raw.reload.as_ref()),
            watch: raw.watch.as_ref().is_none_or(|watch| *watch.get_ref()),
            poll: self.duration(table, "poll", poll, 5 * SECOND, bounds),
        }
    }

    fn ledger(&mut self, table: Table<'_>, raw: &RawServer) -> LedgerRule {
        let (keep, memory) = (raw.ledger_keep.as_ref(), raw.ledger_memory.as_ref());
        LedgerRule {
            keep: self.duration(
                table,
                "ledger_keep",
                keep,
                10 * MINUTE,
                (Duration::ZERO, DAY),
            ),
            memory: self.size(table, "ledger_memory", memory, 64 * MIB, (MIB, 16 * GIB)),
        }
    }

    fn all_or_nothing(&mut self, table: Table<'_>, raw: Option<&At<String>>) -> bool {
        match raw.map(|raw| raw.get_ref().as_str()) {
            None | Some("each") => false,
            Some("all-or-nothing") => true,
            Some(other) => {
                let problem = format!("there is no way `{other}` to reload");
                let help = "write \"each\", so that a broken component holds back its own add-on \
                            alone, or \"all-or-nothing\"";
                let at = raw.map(|raw| table.at("reload", raw));
                at.inspect(|at| self.fail(at, problem, help));
                false
            }
        }
    }

    fn plugin_dir(&self, raw: &RawServer) -> PathBuf {
        let named = raw.plugin_dir.as_ref();
        let directory = self.rooted(named.map_or("plugins", |raw| raw.get_ref().as_str()));
        match directory.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => directory,
        }
    }

    /// The state directory, whatever else is wrong with the `[server]`.
    pub(super) fn state_dir_of(&self, files: &[RawFile]) -> PathBuf {
        let raw = files.first().and_then(|file| file.raw.server.as_ref());
        self.state_dir(raw.map_or(&RawServer::default(), |raw| raw.get_ref()))
    }

    /// The plugin directory, whatever else is wrong with the `[server]`.
    pub(super) fn plugin_dir_of(&self, files: &[RawFile]) -> PathBuf {
        let raw = files.first().and_then(|file| file.raw.server.as_ref());
        self.plugin_dir(raw.map_or(&RawServer::default(), |raw| raw.get_ref()))
    }

    fn public_urls(
        &mut self,
        table: Table<'_>,
        raw: &RawServer,
        place: std::ops::Range<usize>,
    ) -> Vec<PublicUrl> {
        let none = Vec::new();
        let several = raw
            .public_urls
            .as_ref()
            .map_or(&none, |urls| urls.get_ref());
        if let (Some(_), Some(urls)) = (&raw.public_url, &raw.public_urls) {
            let help = "put all of them into `public_urls`";
            self.fail(
                &table.at("public_urls", urls),
                "`public_url` is set as well",
                help,
            );
        }
        let urls: Vec<_> = raw
            .public_url
            .iter()
            .map(|url| ("public_url", url))
            .chain(several.iter().map(|url| ("public_urls", url)))
            .collect();
        if urls.is_empty() {
            let at = Spot::new(table.source, place, "server.public_url");
            let help = "set it to the URL that Twilio calls, as in \
                        public_url = \"https://addons.example.com\": signatures are checked over it";
            self.fail(&at, "there is no public URL", help);
        }
        urls.into_iter()
            .filter_map(|(key, url)| self.public_url(&table.at(key, url), url.get_ref()))
            .collect()
    }

    fn public_url(&mut self, at: &Spot, text: &str) -> Option<PublicUrl> {
        match PublicUrl::parse(text) {
            Ok(url) => Some(url),
            Err(error) => {
                let help = "write it as Twilio calls it, as in \"https://addons.example.com\"";
                self.fail(at, error.to_string(), help);
                None
            }
        }
    }

    /// Without signatures, whoever reaches the host is believed.
    fn unverified_only_on_loopback(
        &mut self,
        table: Table<'_>,
        raw: &RawServer,
        server: &ServerConfig,
    ) {
        let Some(verify) = raw.verify.as_ref().filter(|verify| !*verify.get_ref()) else {
            return;
        };
        let outside = server
            .public_urls
            .iter()
            .find(|url| !is_loopback(url.host()));
        let at = table.at("verify", verify);
        let help = "remove `verify = false`; it is for trying things out on one machine";
        if !server.listen.ip().is_loopback() {
            let problem = format!("`listen` is `{}`, which others can reach", server.listen);
            self.fail(&at, problem, help);
        } else if let Some(url) = outside {
            self.fail(
                &at,
                format!("the public URL `{url}` is not this machine"),
                help,
            );
        } else if !server.clients.trusted.is_empty() {
            let problem = "`trusted_proxies` pass on what comes from elsewhere";
            self.fail(&at, problem, help);
        }
    }

    fn freshness(&mut self, table: Table<'_>, raw: &RawFreshness) -> FreshnessRule {
        let unit = raw.ttl_unit.as_ref();
        FreshnessRule {
            date: self.named(
                table,
                "freshness.date",
                raw.date.as_ref(),
                &["InvocationDate", "invocation_date"],
            ),
            ttl: self.named(table, "freshness.ttl", raw.ttl.as_ref(), &["TTL", "ttl"]),
            ttl_unit: match unit.map(|unit| unit.get_ref().as_str()) {
                None | Some("s") => SECOND,
                Some("ms") => MILLISECOND,
                Some(_) => {
                    if let Some(unit) = unit {
                        let at = table.at("freshness.ttl_unit", unit);
                        let help = "say what a bare number in the time to live counts";
                        self.fail(&at, "expected \"s\" or \"ms\"", help);
                    }
                    SECOND
                }
            },
            default_ttl: self.duration(
                table,
                "freshness.default_ttl",
                raw.default_ttl.as_ref(),
                5 * MINUTE,
                (SECOND, DAY),
            ),
            clock_skew: self.duration(
                table,
                "freshness.clock_skew",
                raw.clock_skew.as_ref(),
                30 * SECOND,
                (Duration::ZERO, 10 * MINUTE),
            ),
            required: raw.required,
        }
    }

    fn named(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: Option<&At<RawSources>>,
        defaults: &[&str],
    ) -> Vec<FieldSource> {
        match raw {
            Some(raw) => self.sources(table, key, raw),
            None => defaults
                .iter()
                .map(|name| FieldSource::Parameter((*name).to_owned()))
                .collect(),
        }
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}
