//! A believed request as the call of an add-on.

use std::sync::Arc;

use crate::add_on::AddOn;
use crate::clients::ClientRules;
use crate::config::{AddOnConfig, Overload};
use crate::failure::Failure;
use crate::host::Host;
use crate::meter::Clocks;
use crate::protocol::fields::Sources;
use crate::protocol::headers::{Claim, Claims};
use crate::protocol::invocation::Invocation;
use crate::protocol::parameters::Parameters;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::recording::Recording;
use crate::protocol::sid::AddOnInstallSid;
use crate::protocol::signature::Verified;
use crate::registry::Registry;

/// Counts a verified request among those of its account and its customer.
pub(super) fn count(
    host: &Host,
    rules: &ClientRules,
    config: &AddOnConfig,
    install: Option<AddOnInstallSid>,
) -> Result<(), Failure> {
    let counted = host.clients.count(rules, config.terms.account, install);
    counted.map_err(|(whose, wait)| Failure::Exceeded {
        whose,
        wait,
        // Nobody waits for a recording, so Twilio had better come again.
        overload: match config.recordings {
            Some(_) => Overload::Retry,
            None => config.overload,
        },
    })
}

/// A request whose signature is good, and where it arrived.
pub(super) struct Call<'a> {
    pub(super) registry: &'a Registry,
    pub(super) point: IntegrationPoint,
    pub(super) claims: Claims,
    pub(super) verified: Verified,
    pub(super) clocks: &'a Clocks,
}

impl Call<'_> {
    /// The add-on that is called, if the request may call it here. From now on it counts.
    pub(super) fn add_on(&self) -> Result<&Arc<AddOn>, Failure> {
        let sid = match self.claims.add_on {
            Claim::Sid(sid) => sid,
            Claim::Absent => return Err(Failure::AddOnMissing),
            Claim::Malformed => return Err(Failure::AddOnMalformed),
        };
        let add_on = self.registry.get(sid).ok_or(Failure::AddOnUnknown)?;
        let config = add_on.config();
        let account = config.terms.account;
        let signer = self.verified.account();
        let signed_by_another = signer.is_some_and(|signer| signer != account);
        if signed_by_another || !self.claims.agree_with(account) {
            return Err(Failure::AccountSwapped);
        }
        let path = self.verified.received().path();
        match config.paths.of(self.point) {
            Some(own) if own == path => {
                add_on.versions.count(self.claims.add_on_version);
                Ok(add_on)
            }
            None if path == self.point.path() => Err(Failure::PointNotServed),
            Some(_) | None => Err(Failure::PathSwapped),
        }
    }

    /// The request as a call that is answered at once, on the add-on's terms.
    pub(super) fn invocation(&self, config: &AddOnConfig) -> Result<Invocation, Failure> {
        let parameters = self.parameters(config)?;
        let (point, terms) = (self.point, &config.terms);
        let invocation =
            Invocation::parse(point, &self.verified, &parameters, &self.claims, terms)?;
        Ok(invocation)
    }

    /// The request as a recording to analyse, on the add-on's terms.
    pub(super) fn recording(&self, config: &AddOnConfig) -> Result<Recording, Failure> {
        let recordings = config.recordings.as_ref().ok_or(Failure::PointNotServed)?;
        let parameters = self.parameters(config)?;
        let sources = Sources {
            parameters: &parameters,
            headers: &self.verified.received().headers,
        };
        let terms = (&config.terms, &recordings.terms);
        Ok(Recording::parse(
            &self.verified,
            sources,
            &self.claims,
            terms,
        )?)
    }

    /// What the request says to its add-on: it came as it should, in time, and with what
    /// the publisher demands besides.
    fn parameters(&self, config: &AddOnConfig) -> Result<Parameters, Failure> {
        let received = self.verified.received();
        let shape = received.shape();
        if shape.is_some_and(|shape| !config.terms.takes(shape)) {
            return Err(Failure::ShapeSwapped);
        }
        let mut parameters = self.verified.parameters()?;
        let sources = Sources {
            parameters: &parameters,
            headers: &received.headers,
        };
        let freshness = &self.registry.server().freshness;
        if let Some(dated) = freshness.read(sources, jiff::Timestamp::now())? {
            self.clocks.note(dated.age);
            freshness.judge(dated)?;
        }
        config.require.take(received, &mut parameters)?;
        Ok(parameters)
    }
}
