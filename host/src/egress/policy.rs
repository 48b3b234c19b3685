//! The decision where to connect to: by name before anything is sent, by address before
//! anything is opened, and again for every place that an answer points to.

use std::net::{IpAddr, SocketAddr};

use url::Url;

use super::error::Refused;
use super::networks::{self, Network};
use super::rule::{HostRule, is_anybodys};
use super::target::{Host, Scheme, Target, is_of_a_url};

/// What is let through if an operator says nothing: Twilio.
const DEFAULT_RULES: [&str; 2] = ["twilio.com", "*.twilio.com"];

/// Where the host may connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressPolicy {
    rules: Vec<HostRule>,
    networks: Vec<Network>,
}

/// An address that a policy has admitted: nothing else is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vetted(SocketAddr);

impl Vetted {
    /// The address, with its port.
    pub(super) fn address(self) -> SocketAddr {
        self.0
    }
}

impl EgressPolicy {
    /// A policy of an operator's. `networks` are admitted besides public addresses.
    #[must_use]
    pub fn new(rules: Vec<HostRule>, networks: Vec<Network>) -> Self {
        Self { rules, networks }
    }

    /// A policy for the one place that an operator has named by its URL, wherever in the
    /// operator's own network that is.
    ///
    /// # Errors
    /// As [`EgressPolicy::admit`].
    pub fn towards(url: &str) -> Result<Self, Refused> {
        let rule = HostRule::exactly(&Target::parse(url)?);
        let policy = Self::new(vec![rule], Network::ALL.to_vec());
        policy.admit(url).map(|_| policy)
    }

    /// The rules that hold if an operator says nothing.
    #[must_use]
    pub fn default_rules() -> Vec<HostRule> {
        let rules = DEFAULT_RULES.iter().map(|rule| rule.parse());
        rules.collect::<Result<_, _>>().expect("they are rules")
    }

    /// Decides on a URL by what it says, before its name is looked up.
    ///
    /// # Errors
    /// Where it is no URL of a kind that is connected to, no rule is for it, or it writes
    /// an address that is not admitted.
    pub fn admit(&self, url: &str) -> Result<Target, Refused> {
        let target = Target::parse(url)?;
        if is_anybodys(target.host()) {
            return Err(Refused::Anybodys(target.host().to_string()));
        }
        if !self.rules.iter().any(|rule| rule.matches(&target)) {
            return Err(Refused::NotListed(target.origin()));
        }
        match target.host() {
            Host::Address(address) if !self.admits(*address) => {
                Err(Refused::Address(target.host().to_string()))
            }
            _ => Ok(target),
        }
    }

    /// Decides on where an answer points to, which may be relative to where it came from.
    ///
    /// # Errors
    /// As [`EgressPolicy::admit`], and where it leaves TLS.
    pub(super) fn admit_next(&self, from: &Target, location: &[u8]) -> Result<Target, Refused> {
        let location = std::str::from_utf8(location).map_err(|_| Refused::Character)?;
        if !location.bytes().all(is_of_a_url) {
            return Err(Refused::Character);
        }
        let next = match Scheme::split(location) {
            Some(_) => self.admit(location)?,
            None => self.admit(&beside(from, location)?)?,
        };
        match (from.scheme(), next.scheme()) {
            (Scheme::Https, Scheme::Http) => Err(Refused::Downgrade(next.origin())),
            _ => Ok(next),
        }
    }

    /// Whether an address may be connected to: it is public, or one of the policy's own
    /// networks has it.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        networks::admits(&self.networks, address)
    }

    /// An address that may be connected to.
    pub(super) fn vet(&self, address: SocketAddr) -> Option<Vetted> {
        self.admits(address.ip()).then_some(Vetted(address))
    }
}

/// The URL that a reference without a scheme means. The library for it would repair a
/// host that is none, so it never gets one.
fn beside(from: &Target, reference: &str) -> Result<String, Refused> {
    if reference.starts_with("//") {
        return Ok(format!("{}:{reference}", from.scheme().name()));
    }
    let base = Url::parse(&from.url()).map_err(|_| Refused::Host)?;
    let next = base.join(reference).map_err(|_| Refused::Scheme)?;
    Ok(next.into())
}

impl Default for EgressPolicy {
    /// Twilio, at public addresses.
    fn default() -> Self {
        Self::new(Self::default_rules(), Vec::new())
    }
}

#[cfg(test)]
mod tests;
