//! What an operator lets the host connect to: names, with their subdomains or without,
//! and addresses.

use std::fmt;
use std::str::FromStr;

use super::error::Refused;
use super::target::{Host, Scheme, Target, split_port};

/// Names under which anybody's programs answer: whoever has an account with Twilio serves
/// what he likes at `NAME.twil.io`, so none of them is Twilio.
const ANYBODYS: [&str; 1] = ["twil.io"];

/// Whether a name is nobody's in particular. No rule lifts this.
pub(super) fn is_anybodys(host: &Host) -> bool {
    match host {
        Host::Name(name) => ANYBODYS
            .iter()
            .any(|own| name == own || is_below(name, own)),
        Host::Address(_) => false,
    }
}

/// Whether a name is a subdomain of another, at any depth.
fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent)
        .is_some_and(|left| left.len() > 1 && left.ends_with('.'))
}

/// One scheme, one port, and one name or all that is below it: `example.com`,
/// `*.example.com`, `example.com:8443`, `http://10.0.0.7:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    scheme: Scheme,
    pattern: Pattern,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// This host alone.
    Exactly(Host),
    /// All subdomains of a name, and not the name itself.
    Below(String),
}

/// Why a text is no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It would let everything through.
    #[error("`*` alone lets the host be sent anywhere")]
    Everything,
    /// It names what anybody can serve.
    #[error("anybody's programs answer under `twil.io`, so nothing there is Twilio's own")]
    Anybodys,
    /// There is a star elsewhere than in front.
    #[error("`*` stands for subdomains, in front of a name and a dot")]
    Wildcard,
    /// It is spoken to in another way.
    #[error("nothing but HTTPS, and HTTP where it is written, is spoken")]
    Scheme,
    /// It has more than a host and a port.
    #[error("a rule is a host and a port; credentials, paths and queries are no part of it")]
    Rest,
    /// The port is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// The host is neither a name nor an address.
    #[error("this is neither a host's name nor an address")]
    Host,
}

impl HostRule {
    /// The rule that lets one target's host through, spoken to as it is there.
    pub(super) fn exactly(target: &Target) -> Self {
        Self {
            scheme: target.scheme(),
            pattern: Pattern::Exactly(target.host().clone()),
            port: target.port(),
        }
    }

    /// Whether a target falls under it.
    #[must_use]
    pub fn matches(&self, target: &Target) -> bool {
        let is_meant = match (&self.pattern, target.host()) {
            (Pattern::Exactly(own), host) => own == host,
            (Pattern::Below(parent), Host::Name(name)) => is_below(name, parent),
            (Pattern::Below(_), Host::Address(_)) => false,
        };
        is_meant && self.scheme == target.scheme() && self.port == target.port()
    }

    /// Whether what it lets through is sent and fetched in plain text.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.scheme == Scheme::Http
    }

    /// Whether it is for all that is below a name without a dot, as in `*.com`.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        matches!(&self.pattern, Pattern::Below(parent) if !parent.contains('.'))
    }
}

impl FromStr for HostRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = match text.contains("://") {
            true => Scheme::split(text).ok_or(RuleError::Scheme)?,
            false => (Scheme::Https, text),
        };
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(RuleError::Rest);
        }
        let (host, port) = split_port(authority).map_err(|refused| match refused {
            Refused::Port => RuleError::Port,
            _ => RuleError::Host,
        })?;
        let pattern = Pattern::parse(host)?;
        Ok(Self {
            scheme,
            pattern,
            port: port.unwrap_or(scheme.default_port()),
        })
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, RuleError> {
        let (is_below, name) = match text.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, text),
        };
        if text == "*" {
            return Err(RuleError::Everything);
        }
        if name.contains('*') {
            return Err(RuleError::Wildcard);
        }
        let host = Host::parse(name).ok_or(RuleError::Host)?;
        if is_anybodys(&host) {
            return Err(RuleError::Anybodys);
        }
        match (is_below, host) {
            (false, host) => Ok(Self::Exactly(host)),
            (true, Host::Name(parent)) => Ok(Self::Below(parent)),
            (true, Host::Address(_)) => Err(RuleError::Wildcard),
        }
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_plain() {
            f.write_str("http://")?;
        }
        match &self.pattern {
            Pattern::Exactly(host) => write!(f, "{host}")?,
            Pattern::Below(parent) => write!(f, "*.{parent}")?,
        }
        match self.port == self.scheme.default_port() {
            true => Ok(()),
            false => write!(f, ":{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_scheme_one_port_and_a_host_or_what_is_below_it() {
        for (text, shown) in [
            ("twilio.com", "twilio.com"),
            ("*.Twilio.COM", "*.twilio.com"),
            ("https://twilio.com", "twilio.com"),
            ("twilio.com:443", "twilio.com"),
            ("twilio.com:8443", "twilio.com:8443"),
            ("http://receiver:80", "http://receiver"),
            ("HTTP://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("[FD00::7]:8443", "[fd00::7]:8443"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            let rule: HostRule = text.parse().unwrap();
            assert_eq!(rule.to_string(), shown);
            assert_eq!(shown.parse(), Ok(rule), "{text}");
        }
    }

    #[test]
    fn what_is_no_rule_says_why() {
        for (text, error) in [
            ("*", RuleError::Everything),
            ("*:443", RuleError::Everything),
            ("http://*", RuleError::Everything),
            ("twil.io", RuleError::Anybodys),
            ("*.twil.io", RuleError::Anybodys),
            ("http://Mine-1234.TWIL.io:8080", RuleError::Anybodys),
            ("*.mine.twil.io", RuleError::Anybodys),
            ("api.*.twilio.com", RuleError::Wildcard),
            ("*twilio.com", RuleError::Wildcard),
            ("*.*.com", RuleError::Wildcard),
            ("*.10.0.0.1", RuleError::Wildcard),
            ("ftp://twilio.com", RuleError::Scheme),
            ("://twilio.com", RuleError::Scheme),
            ("twilio.com/callbacks", RuleError::Rest),
            ("twilio.com?x", RuleError::Rest),
            ("user:pass@twilio.com", RuleError::Rest),
            ("twilio.com:0", RuleError::Port),
            ("twilio.com:https", RuleError::Port),
            ("::1", RuleError::Port),
            ("", RuleError::Host),
            ("*.", RuleError::Host),
            (".twilio.com", RuleError::Host),
            ("twilio.com.", RuleError::Host),
            ("bücher.example", RuleError::Host),
            ("2130706433", RuleError::Host),
            ("[fe80::1%eth0]", RuleError::Host),
        ] {
            assert_eq!(text.parse::<HostRule>(), Err(error), "{text}");
        }
    }

    #[test]
    fn wide_and_plain_rules_are_known_as_such() {
        let rule = |text: &str| text.parse::<HostRule>().unwrap();
        assert!(rule("*.com").is_wide() && !rule("*.example.com").is_wide());
        assert!(!rule("com").is_wide() && !rule("10.0.0.1").is_wide());
        assert!(rule("http://a.example").is_plain() && !rule("a.example").is_plain());
    }
}
