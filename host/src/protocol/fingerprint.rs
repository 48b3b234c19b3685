//! What a request says, in 32 bytes: by this a repetition is told from another request
//! that borrows its SID. Whatever a genuine repetition may change has no part in it: when
//! it was sent, how its parameters travelled, and which version of the add-on is meant.

use std::fmt;

use sha2::{Digest, Sha256};

use super::address::Address;
use super::fields::FieldSource;
use super::freshness::FreshnessRule;
use super::invocation::{Invocation, Sids, Terms};
use super::parameters::{BODY_HASH, Parameter};
use super::point::IntegrationPoint;
use super::recording::{Facts, Recording, Source};

/// The header that tells attempts of one request apart, as ordinary webhooks have it
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
pub const IDEMPOTENCY_TOKEN: &str = "i-twilio-idempotency-token";

/// What comes before everything else, so that another reckoning gives other fingerprints.
const RECKONING: &[u8] = b"jackfield fingerprint 1";

/// The SHA-256 of what a request says. It does not print itself: a number is soon found
/// by its hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A fingerprint in the making. Every piece is told apart from the next by its kind and
/// its lengths, so that no two lists of pieces are hashed alike.
#[must_use]
pub struct FingerprintBuilder(Sha256);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([REDACTED])")
    }
}

impl Fingerprint {
    /// The fingerprint of a call, as its provider would get it.
    #[must_use]
    pub fn of(invocation: &Invocation, terms: &Terms, freshness: &FreshnessRule) -> Self {
        // Without `..`, so that nothing that is added to a call is forgotten here.
        let Invocation {
            point,
            address,
            other,
            body,
            sids,
            fields,
        } = invocation;
        let mut builder = FingerprintBuilder::new(*point).sids(sids);
        builder = builder.address("address", address);
        if let Some(other) = other {
            builder = builder.address("other", other);
        }
        if let Some(body) = body {
            builder = builder.field("body", body.as_bytes());
        }
        let lasting = fields
            .iter()
            .filter(|(name, _)| !may_change(name, &terms.fields.extra, freshness));
        builder.parameters(lasting).finish()
    }

    /// The fingerprint of a recording to analyse. Where its audio is fetched from and its
    /// result is sent to has no part in it: such addresses are good for a while only.
    #[must_use]
    pub fn of_recording(
        recording: &Recording,
        extra: &[(String, Vec<FieldSource>)],
        freshness: &FreshnessRule,
    ) -> Self {
        let Recording {
            facts,
            source,
            callback: _,
        } = recording;
        let Facts {
            point,
            media_type,
            duration,
            size,
            channels,
            sample_rate,
            sids,
            fields,
        } = facts;
        let numbers = [
            ("duration", duration.map(|duration| duration.as_nanos())),
            ("size", size.map(u128::from)),
            ("channels", channels.map(u128::from)),
            ("sample-rate", sample_rate.map(u128::from)),
        ];
        let mut builder = FingerprintBuilder::new(*point).sids(sids);
        for (name, number) in numbers {
            if let Some(number) = number {
                builder = builder.field(name, &number.to_le_bytes());
            }
        }
        if let Some(media_type) = media_type {
            builder = builder.field("media-type", media_type.as_bytes());
        }
        if let Source::Sent(audio) = source {
            builder = builder.field("audio", &audio.digest);
        }
        let lasting = fields
            .iter()
            .filter(|(name, _)| !may_change(name, extra, freshness));
        builder.parameters(lasting).finish()
    }

    /// The hash, for those who keep it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FingerprintBuilder {
    /// Begins a fingerprint of a request for an integration point.
    pub fn new(point: IntegrationPoint) -> Self {
        let hash = Sha256::new_with_prefix(RECKONING);
        Self(hash).field("point", point.name().as_bytes())
    }

    /// Whom a request concerns. Its own SID is what it is found by, and the add-on's
    /// version may be another by the time it is repeated.
    pub fn sids(self, sids: &Sids) -> Self {
        let Sids {
            account,
            add_on,
            add_on_version: _,
            add_on_install,
            add_on_configuration,
            request: _,
        } = sids;
        let mut builder = self
            .field("account", account.as_str().as_bytes())
            .field("add-on", add_on.as_str().as_bytes());
        if let Some(install) = add_on_install {
            builder = builder.field("install", install.as_str().as_bytes());
        }
        if let Some(configuration) = add_on_configuration {
            builder = builder.field("configuration", configuration.as_str().as_bytes());
        }
        builder
    }

    /// A value that the host has a name for, as in the hash of a recording's audio. One
    /// that was not sent is left out, and so differs from an empty one.
    pub fn field(self, name: &str, value: &[u8]) -> Self {
        self.piece(b'f', name, value)
    }

    /// Values whose names are the request's own, in the order in which they were sent.
    /// The order has a meaning among values of one name alone.
    pub fn parameters<'a>(self, parameters: impl Iterator<Item = &'a Parameter>) -> Self {
        let mut sorted: Vec<_> = parameters.collect();
        sorted.sort_by_key(|(name, _)| name);
        sorted.iter().fold(self, |builder, (name, value)| {
            builder.piece(b'p', name, value.as_bytes())
        })
    }

    /// The fingerprint of all of it.
    #[must_use]
    pub fn finish(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }

    fn address(self, name: &str, address: &Address) -> Self {
        let mut builder = self
            .field(name, address.raw().as_bytes())
            .field("kind", address.kind().name().as_bytes());
        if let Some(number) = address.e164() {
            builder = builder.field("e164", number.as_bytes());
        }
        builder
    }

    fn piece(mut self, kind: u8, name: &str, value: &[u8]) -> Self {
        self.0.update([kind]);
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }
}

/// Whether the field of this name may have another value when its request is repeated. An
/// extra field may where any of its sources may: to take a repetition for another request
/// is worse than to miss a request that differs in its date alone.
fn may_change(
    name: &str,
    extra: &[(String, Vec<FieldSource>)],
    freshness: &FreshnessRule,
) -> bool {
    let of_sending = |source: &FieldSource| match source {
        FieldSource::Header(header) if header == IDEMPOTENCY_TOKEN => true,
        FieldSource::Parameter(name) if name == BODY_HASH => true,
        source => freshness.sources().any(|own| own == source),
    };
    let sent_as = |own: &FieldSource| matches!(own, FieldSource::Parameter(own) if own == name);
    name == BODY_HASH
        || freshness.sources().any(sent_as)
        || extra
            .iter()
            .filter(|(extra, _)| extra == name)
            .any(|(_, sources)| sources.iter().any(of_sending))
}

#[cfg(test)]
mod tests;
