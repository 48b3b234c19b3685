//! The `[egress]` table.

use super::checked::{Checking, EgressConfig, Spot};
use super::raw::{At, RawEgress};
use super::source::RawFile;
use super::values::Table;
use crate::egress::{Authorities, EgressPolicy, HostRule, Network, NetworkError, RuleError};

/// The most that a file of certificates may hold, in bytes. All that a system believes
/// have a quarter of it.
const LONGEST_CA: u64 = 1024 * 1024;

impl Checking<'_> {
    /// The one `[egress]` table.
    pub(super) fn egress(&mut self, first: &RawFile) -> EgressConfig {
        let Some(raw) = &first.raw.egress else {
            return EgressConfig::default();
        };
        let table = Table {
            source: &first.source,
            name: "egress",
        };
        let RawEgress {
            hosts,
            networks,
            ca,
        } = raw.get_ref();
        let rules = self.rules(table, hosts.as_ref());
        let networks = self.networks(table, "networks", networks.as_ref());
        EgressConfig {
            policy: EgressPolicy::new(rules, networks),
            authorities: self.authorities(table, ca.as_ref()),
        }
    }

    fn rules(&mut self, table: Table<'_>, raw: Option<&At<Vec<At<String>>>>) -> Vec<HostRule> {
        let Some(raw) = raw else {
            return EgressPolicy::default_rules();
        };
        let rules = raw.get_ref().iter();
        rules.filter_map(|raw| self.rule(table, raw)).collect()
    }

    fn rule(&mut self, table: Table<'_>, raw: &At<String>) -> Option<HostRule> {
        let rule: HostRule = match raw.get_ref().parse() {
            Ok(rule) => rule,
            Err(error) => {
                self.fail(&table.at("hosts", raw), error.to_string(), mended(error));
                return None;
            }
        };
        if rule.is_plain() {
            self.warnings.push(format!(
                "`egress.hosts` has `{rule}`: whoever is on the way there reads what is sent, \
                 credentials too, and can change what is fetched"
            ));
        }
        if rule.is_wide() {
            self.warnings.push(format!(
                "`egress.hosts` has `{rule}`: whoever gets a name there can be connected to"
            ));
        }
        Some(rule)
    }

    /// Blocks of addresses.
    pub(super) fn networks(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: Option<&At<Vec<At<String>>>>,
    ) -> Vec<Network> {
        let none = Vec::new();
        let blocks = raw.map_or(&none, |raw| raw.get_ref()).iter();
        blocks
            .filter_map(|raw| self.network(&table.at(key, raw), raw))
            .collect()
    }

    fn network(&mut self, at: &Spot, raw: &At<String>) -> Option<Network> {
        let help = "write a block as in \"10.1.0.0/16\" or \"fd12::/16\", or one address";
        match raw.get_ref().parse() {
            Ok(network) => Some(network),
            Err(error) => {
                let problem = match error {
                    NetworkError::Malformed => format!("{error}, found `{}`", raw.get_ref()),
                    error => error.to_string(),
                };
                self.fail(at, problem, help);
                None
            }
        }
    }

    fn authorities(&mut self, table: Table<'_>, raw: Option<&At<String>>) -> Authorities {
        let Some(raw) = raw else {
            return Authorities::default();
        };
        let file = raw.get_ref();
        let read = self
            .file(file, LONGEST_CA)
            .and_then(|pem| Authorities::parse(&pem).map_err(|error| error.to_string()));
        read.unwrap_or_else(|why| {
            let problem = format!("the certificates in `{file}` cannot be read: {why}");
            let help = "put the authority's certificate into that file, in PEM, readable by the \
                        host";
            self.fail(&table.at("ca", raw), problem, help);
            Authorities::default()
        })
    }
}

/// What to write instead of what is no rule.
fn mended(error: RuleError) -> &'static str {
    match error {
        RuleError::Everything => {
            "name the hosts, as in \"callbacks.example.com\" or \"*.example.com\""
        }
        RuleError::Anybodys => {
            "remove it; a function of your own can be put behind a name of your own"
        }
        RuleError::Wildcard => "write it as in \"*.example.com\", which is all that is below it",
        RuleError::Scheme => {
            "leave the scheme out, or write `http://` where there is nothing but plain text"
        }
        RuleError::Rest => "leave host and port alone, as in \"callbacks.example.com:8443\"",
        RuleError::Port => "write a port behind the host, as in \"callbacks.example.com:8443\"",
        RuleError::Host => {
            "write a name as in \"callbacks.example.com\", in its `xn--` form if it has other \
             letters, or an address as in \"10.1.0.7\" or \"[fd12::7]\""
        }
    }
}
