//! Who asks, from where, and how much: what is decided about a connection before it is
//! served, and about a request before its body is read. Nothing here is proof of anything;
//! the signature alone is that.

mod address;
mod crowd;
pub mod greeting;
mod known;
mod limiter;
mod parts;
mod rates;
mod reception;
mod rule;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderMap;

use crate::counter::Counter;
use crate::protocol::sid::{AccountSid, AddOnInstallSid};

pub use address::ClientAddress;
pub use rates::Whose;
pub use reception::Reception;
pub use rule::{ClientRules, Rate, RateError, RateRules};

use crowd::Crowd;
use rates::{Rates, Unverified};

/// What is known of clients, from the host's start to its end.
pub struct Clients {
    rates: ArcSwap<Rates>,
    crowd: Arc<Crowd>,
    /// Connections that were closed because a proxy did not say whom it passes on, or said
    /// it so that it could not be read.
    pub misunderstood: Counter,
    /// Connections that were closed because their address had too many.
    pub crowded_out: Counter,
}

/// Why a request is not even read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwelcome {
    /// Its address is none of those whose requests are taken.
    Foreign,
    /// Too much has come from its address that proved nothing; for so long, it is held off.
    HeldOff(Duration),
}

impl Clients {
    /// Nobody has come yet.
    #[must_use]
    pub fn new(rules: &ClientRules) -> Self {
        Self {
            rates: ArcSwap::from_pointee(Rates::new(rules.rates)),
            crowd: Arc::default(),
            misunderstood: Counter::default(),
            crowded_out: Counter::default(),
        }
    }

    /// Goes by these rules from now on. What was counted is forgotten only where a rate has
    /// become another.
    pub fn obey(&self, rules: &ClientRules) {
        if self.rates.load().rules != rules.rates {
            self.rates.store(Arc::new(Rates::new(rules.rates)));
        }
    }

    /// Lets a request in that came over a connection from an address: what comes out is the
    /// client's own.
    ///
    /// # Errors
    /// Where it is not welcome.
    pub fn admit(
        &self,
        rules: &ClientRules,
        from: ClientAddress,
        headers: &HeaderMap,
    ) -> Result<ClientAddress, Unwelcome> {
        let client = rules.client(from, headers);
        if !rules.allows(client) {
            return Err(Unwelcome::Foreign);
        }
        if rules.rates.unverified.is_none() {
            return Ok(client);
        }
        let rates = self.rates.load();
        let unverified = rates.unverified.as_ref();
        match unverified.and_then(|it| it.held_off(client.block())) {
            Some(wait) => Err(Unwelcome::HeldOff(wait)),
            None => Ok(client),
        }
    }

    /// Notes what came of a client's request: whether it proved where it comes from.
    pub fn note(&self, client: ClientAddress, verified: bool) {
        if let Some(unverified) = &self.rates.load().unverified {
            match verified {
                true => unverified.good(client.block()),
                false => unverified.bad(client.block()),
            }
        }
    }

    /// Counts a verified request.
    ///
    /// # Errors
    /// Where it is too much, of whose, and for how long.
    pub fn count(
        &self,
        rules: &ClientRules,
        account: AccountSid,
        install: Option<AddOnInstallSid>,
    ) -> Result<(), (Whose, Duration)> {
        match (rules.rates.account, rules.rates.install) {
            (None, None) => Ok(()),
            _ => self.rates.load().count(account, install),
        }
    }

    /// How many addresses are held off, or were until a moment ago.
    #[must_use]
    pub fn held_off(&self) -> usize {
        let rates = self.rates.load();
        rates.unverified.as_ref().map_or(0, Unverified::len)
    }

    /// Lets go of what makes no difference any more.
    pub fn tidy(&self) {
        self.rates.load().tidy();
    }
}
