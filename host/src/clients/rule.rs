//! What the configuration says of those who ask.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use http::HeaderMap;

use super::address::ClientAddress;
use crate::egress::Network;
use crate::protocol::forwarded::ForwardedHeader;

/// Who may ask, who is believed about others, and how much is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientRules {
    /// The proxies that are believed about whom they pass on.
    pub trusted: Vec<Network>,
    /// Whether they say it before everything else, by the PROXY protocol.
    pub proxy_protocol: bool,
    /// The header that they say it in, if they do.
    pub forwarded: Option<ForwardedHeader>,
    /// Whose requests are taken, if not everybody's.
    pub allowed: Option<Vec<Network>>,
    /// The most connections of one address at once, where there is a limit.
    pub connections: Option<usize>,
    /// How much is taken from whom.
    pub rates: RateRules,
}

/// How much is taken from whom; without limit where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateRules {
    /// Requests of one address that prove nothing.
    pub unverified: Option<Rate>,
    /// Verified requests of one account.
    pub account: Option<Rate>,
    /// Verified requests of one installation.
    pub install: Option<Rate>,
}

/// So many in a time, as in `20/s` or `100/10s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which time.
    pub per: Duration,
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// It is no number and a time.
    #[error("expected a number, `/` and a time")]
    Malformed,
    /// The number is not one of those that are taken.
    #[error("expected a number from 1 to {}", Rate::MOST)]
    Count,
    /// The time is not one of those that are taken.
    #[error("expected a time from 1 s to 1 day")]
    Time,
}

impl Rate {
    /// The largest number.
    pub const MOST: u32 = 1_000_000;

    const TIMES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(86_400));
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (count, per) = text.split_once('/').ok_or(RateError::Malformed)?;
        let (count, per) = (count.trim(), per.trim());
        if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError::Malformed);
        }
        // A unit alone is one of it.
        let per = match per.starts_with(|c: char| c.is_ascii_digit()) {
            true => humantime::parse_duration(per),
            false => humantime::parse_duration(&format!("1{per}")),
        };
        let per = per.map_err(|_| RateError::Malformed)?;
        let count = count.parse().ok().filter(|count| *count <= Self::MOST);
        let count = count.and_then(NonZeroU32::new).ok_or(RateError::Count)?;
        match (Self::TIMES.0..=Self::TIMES.1).contains(&per) {
            true => Ok(Self { count, per }),
            false => Err(RateError::Time),
        }
    }
}

impl ClientRules {
    /// Whether an address is a proxy's that is believed.
    #[must_use]
    pub fn trusts(&self, address: ClientAddress) -> bool {
        holds(&self.trusted, address.ip())
    }

    /// Whether requests from an address are taken.
    #[must_use]
    pub fn allows(&self, address: ClientAddress) -> bool {
        let allowed = self.allowed.as_ref();
        allowed.is_none_or(|allowed| holds(allowed, address.ip()))
    }

    /// Where a request comes from that arrived from an address: the last in the list of
    /// whom proxies heard from that is none of them. Who does not tell, or tells what cannot
    /// be read, is taken for the client itself.
    #[must_use]
    pub fn client(&self, from: ClientAddress, headers: &HeaderMap) -> ClientAddress {
        let Some(header) = self.forwarded.filter(|_| self.trusts(from)) else {
            return from;
        };
        let mut nearest = from;
        for hop in header.hops(headers) {
            match hop {
                Some(address) => nearest = ClientAddress::new(address),
                None => return nearest,
            }
            if !self.trusts(nearest) {
                return nearest;
            }
        }
        nearest
    }
}

fn holds(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.holds(address))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn rules(trusted: &[&str], forwarded: ForwardedHeader) -> ClientRules {
        ClientRules {
            trusted: trusted.iter().map(|it| it.parse().unwrap()).collect(),
            forwarded: Some(forwarded),
            ..ClientRules::default()
        }
    }

    fn address(text: &str) -> ClientAddress {
        ClientAddress::new(text.parse().unwrap())
    }

    #[test]
    fn the_client_is_the_last_that_is_no_proxy() {
        let rules = rules(&["10.0.0.0/8", "fd00::/8"], ForwardedHeader::XForwardedFor);
        for (from, header, client) in [
            ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
            ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
            ("fd00::1", "192.0.2.1", "192.0.2.1"),
            // What a client wrote itself counts for nothing.
            ("10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "10.0.0.7, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "192.0.2.1, 10.0.0.2, fd00::3", "192.0.2.1"),
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"),
            ("10.0.0.1", "192.0.2.1, unknown, 10.0.0.2", "10.0.0.2"),
            // Who is no proxy is not believed.
            ("192.0.2.7", "192.0.2.1", "192.0.2.7"),
            ("fe80::1", "192.0.2.1", "fe80::1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(header));
            // Another header than the one that the proxies write is a client's.
            headers.insert("forwarded", HeaderValue::from_static("for=203.0.113.1"));
            let found = rules.client(address(from), &headers);
            assert!(
                found == address(client),
                "{from} {header}: {:?}",
                found.ip()
            );
        }
    }

    #[test]
    fn nobody_is_believed_where_nobody_is_trusted() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
        let rules = rules(&[], ForwardedHeader::XForwardedFor);
        let found = rules.client(address("127.0.0.1"), &headers);
        assert!(found == address("127.0.0.1"));
    }

    #[test]
    fn requests_are_taken_from_everybody_or_from_those_who_are_listed() {
        let mut rules = ClientRules::default();
        assert!(rules.allows(address("192.0.2.1")));
        rules.allowed = Some(vec!["174.129.222.33".parse().unwrap()]);
        assert!(rules.allows(address("::ffff:174.129.222.33")));
        assert!(!rules.allows(address("174.129.222.34")));
        assert!(!rules.allows(address("::1")));
    }

    #[test]
    fn a_rate_is_a_number_and_a_time() {
        for (text, count, seconds) in [
            ("20/s", 20, 1),
            ("600/m", 600, 60),
            ("1/h", 1, 3_600),
            ("100/10s", 100, 10),
            ("5 / 2m", 5, 120),
            ("1000000/1day", 1_000_000, 86_400),
        ] {
            let rate: Rate = text.parse().unwrap();
            let per = Duration::from_secs(seconds);
            assert_eq!((rate.count.get(), rate.per), (count, per), "{text}");
        }
        for (text, error) in [
            ("", RateError::Malformed),
            ("20", RateError::Malformed),
            ("20/", RateError::Malformed),
            ("/s", RateError::Malformed),
            ("-1/s", RateError::Malformed),
            ("1.5/s", RateError::Malformed),
            ("20/x", RateError::Malformed),
            ("20/s/s", RateError::Malformed),
            ("0/s", RateError::Count),
            ("1000001/s", RateError::Count),
            ("99999999999/s", RateError::Count),
            ("1/1ms", RateError::Time),
            ("1/2days", RateError::Time),
        ] {
            assert_eq!(text.parse::<Rate>(), Err(error), "{text}");
        }
    }
}
