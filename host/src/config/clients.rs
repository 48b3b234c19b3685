//! Who may ask, and how much: the keys of `[server]` about those who connect.

use super::checked::Checking;
use super::raw::{At, RawRates, RawServer};
use super::values::Table;
use crate::clients::{ClientRules, Rate, RateError, RateRules};
use crate::egress::Network;
use crate::protocol::forwarded::ForwardedHeader;

impl Checking<'_> {
    pub(super) fn clients(&mut self, table: Table<'_>, raw: &RawServer) -> ClientRules {
        let connections = raw.connections_per_address.as_ref();
        let rules = ClientRules {
            trusted: self.networks(table, "trusted_proxies", raw.trusted_proxies.as_ref()),
            proxy_protocol: raw.proxy_protocol.as_ref().is_some_and(|it| *it.get_ref()),
            forwarded: self.forwarded(table, raw.forwarded.as_ref()),
            allowed: self.allowed(table, raw.allowed_networks.as_ref()),
            connections: connections.map(|_| {
                let key = "connections_per_address";
                self.count(table, key, connections, 1, (1, 1_000_000))
            }),
            rates: self.rates(table, &raw.rates),
        };
        self.proxies_tell(table, raw);
        rules
    }

    fn forwarded(&mut self, table: Table<'_>, raw: Option<&At<String>>) -> Option<ForwardedHeader> {
        let raw = raw?;
        let named = |it: &ForwardedHeader| raw.get_ref() == it.name();
        let found = ForwardedHeader::ALL.into_iter().find(named);
        if found.is_none() {
            let problem = format!("`{}` is not read", raw.get_ref());
            let help = "write \"x-forwarded-for\" or \"forwarded\", whichever the proxies write";
            self.fail(&table.at("forwarded", raw), problem, help);
        }
        found
    }

    fn allowed(
        &mut self,
        table: Table<'_>,
        raw: Option<&At<Vec<At<String>>>>,
    ) -> Option<Vec<Network>> {
        let listed = raw?;
        if listed.get_ref().is_empty() {
            let at = table.at("allowed_networks", listed);
            let help = "name the addresses whose requests are taken, or remove the key";
            self.fail(&at, "nobody could ask for anything", help);
        }
        Some(self.networks(table, "allowed_networks", raw))
    }

    fn rates(&mut self, table: Table<'_>, raw: &RawRates) -> RateRules {
        let RawRates {
            unverified,
            account,
            install,
        } = raw;
        RateRules {
            unverified: self.rate(table, "rates.unverified", unverified.as_ref()),
            account: self.rate(table, "rates.account", account.as_ref()),
            install: self.rate(table, "rates.install", install.as_ref()),
        }
    }

    fn rate(&mut self, table: Table<'_>, key: &str, raw: Option<&At<String>>) -> Option<Rate> {
        let raw = raw?;
        let rate: Result<Rate, RateError> = raw.get_ref().parse();
        rate.map_err(|error| {
            let problem = format!("{error}, found `{}`", raw.get_ref());
            let help = "write how many in which time, as in \"20/s\", \"600/m\" or \"100/10s\"";
            self.fail(&table.at(key, raw), problem, help);
        })
        .ok()
    }

    /// Proxies that are believed have to say something, and whoever is believed must be a
    /// proxy: to guess either would be to believe the wrong one.
    fn proxies_tell(&mut self, table: Table<'_>, raw: &RawServer) {
        let proxies = raw.trusted_proxies.as_ref();
        let proxies = proxies.filter(|proxies| !proxies.get_ref().is_empty());
        let protocol = raw.proxy_protocol.as_ref().filter(|it| *it.get_ref());
        let protocol = protocol.map(|raw| table.at("proxy_protocol", raw));
        let header = raw.forwarded.as_ref();
        let header = header.map(|raw| table.at("forwarded", raw));
        match (proxies, protocol.or(header)) {
            (Some(proxies), None) => {
                let problem = "nothing says how these proxies tell whom they pass on";
                let help = "set `forwarded` to the header that they write, or \
                            `proxy_protocol = true`";
                self.fail(&table.at("trusted_proxies", proxies), problem, help);
            }
            (None, Some(at)) => {
                let problem = "no proxy is believed, so this is read from nobody";
                let help = "name the proxies' addresses in `trusted_proxies`";
                self.fail(&at, problem, help);
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}
