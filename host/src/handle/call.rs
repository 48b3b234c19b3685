//! A believed request as the call of an add-on.

use std::sync::Arc;

use crate::add_on::AddOn;
use crate::config::AddOnConfig;
use crate::failure::Failure;
use crate::protocol::fields::Sources;
use crate::protocol::headers::{Claim, Claims};
use crate::protocol::invocation::Invocation;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::signature::Verified;
use crate::registry::Registry;

/// A request whose signature is good, and where it arrived.
pub(super) struct Call<'a> {
    pub(super) registry: &'a Registry,
    pub(super) point: IntegrationPoint,
    pub(super) path: &'a str,
    pub(super) claims: Claims,
    pub(super) verified: Verified,
}

impl Call<'_> {
    /// The add-on that is called, if the request may call it here.
    pub(super) fn add_on(&self) -> Result<Arc<AddOn>, Failure> {
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
        match config.paths.of(self.point) {
            Some(own) if own == self.path => Ok(Arc::clone(add_on)),
            None if self.path == self.point.path() => Err(Failure::PointNotServed),
            Some(_) | None => Err(Failure::PathSwapped),
        }
    }

    /// The request, read on the add-on's terms.
    pub(super) fn invocation(&self, config: &AddOnConfig) -> Result<Invocation, Failure> {
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
        freshness.check(sources, jiff::Timestamp::now())?;
        config.require.take(received, &mut parameters)?;
        let invocation = Invocation::parse(
            self.point,
            &self.verified,
            &parameters,
            &self.claims,
            &config.terms,
        )?;
        Ok(invocation)
    }
}
