//! One call of an add-on, typed: what is left of a request once it is believed and read.

use super::address::{Address, AddressError, AddressKind, DefaultRegion};
use super::fields::{Ambiguous, FieldGrants, FieldMap, Sources};
use super::headers::Claims;
use super::parameters::{Parameter, Parameters};
use super::point::IntegrationPoint;
use super::shape::Shape;
use super::sid::{
    AccountSid, AddOnConfigurationSid, AddOnInstallSid, AddOnSid, AddOnVersionSid, RequestSid,
};
use super::signature::Verified;

/// The longest message that is passed on, in bytes. Twilio's longest is 1,600 characters.
pub const LONGEST_BODY: usize = 64 * 1024;

/// Whom a call concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sids {
    /// The account that the add-on belongs to.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// Its version.
    pub add_on_version: Option<AddOnVersionSid>,
    /// The customer's installation.
    pub add_on_install: Option<AddOnInstallSid>,
    /// Its configuration.
    pub add_on_configuration: Option<AddOnConfigurationSid>,
    /// The invocation.
    pub request: Option<RequestSid>,
}

/// How an add-on reads its requests, and how much of them its provider gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The account that the add-on belongs to.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// How its requests travel. A signed text can be cut in more than one way: what was
    /// signed as a query can be sent as a form, and says something else then.
    pub shapes: Vec<Shape>,
    /// Which parameter carries what.
    pub fields: FieldMap,
    /// What besides the address reaches the provider.
    pub grants: FieldGrants,
    /// The kinds of addresses that reach the provider.
    pub accepts: Vec<AddressKind>,
    /// The country of numbers without `+`.
    pub default_region: Option<DefaultRegion>,
}

/// One call of an add-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Where the add-on was used.
    pub point: IntegrationPoint,
    /// The address that was looked up, or that called or wrote.
    pub address: Address,
    /// The other party, where it was sent and granted.
    pub other: Option<Address>,
    /// The message's text, where it was sent and granted.
    pub body: Option<String>,
    /// Whom it concerns.
    pub sids: Sids,
    /// What else was sent and granted.
    pub fields: Vec<Parameter>,
}

/// What a call says, before it is read on the terms of its add-on.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// The address that is looked up, or that calls or writes.
    pub phone: &'a str,
    /// The other party.
    pub other: Option<&'a str>,
    /// The message's text.
    pub body: Option<&'a str>,
}

/// Why a believed request is no call of its add-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    /// No parameter carries an address.
    #[error("the request has no address")]
    AddressMissing,
    /// The address is empty or too long.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A field was sent twice with different values.
    #[error(transparent)]
    Ambiguous(#[from] Ambiguous),
    /// The message is longer than [`LONGEST_BODY`].
    #[error("the message is longer than {LONGEST_BODY} bytes")]
    BodyTooLong,
}

impl Terms {
    /// Whether requests of this shape are taken.
    #[must_use]
    pub fn takes(&self, shape: Shape) -> bool {
        self.shapes.contains(&shape)
    }

    /// Whom a call concerns of which nothing else is known.
    #[must_use]
    pub fn sids(&self) -> Sids {
        Sids {
            account: self.account,
            add_on: self.add_on,
            add_on_version: None,
            add_on_install: None,
            add_on_configuration: None,
            request: None,
        }
    }

    /// Whether this kind of address reaches the provider.
    #[must_use]
    pub fn accept(&self, kind: AddressKind) -> bool {
        self.accepts.contains(&kind)
    }
}

impl Invocation {
    /// Reads a believed request on the terms of its add-on. `parameters` are those of
    /// `verified`, less what only concerned the host.
    ///
    /// # Errors
    /// Where the address is missing or a field cannot be read.
    pub fn parse(
        point: IntegrationPoint,
        verified: &Verified,
        parameters: &Parameters,
        claims: &Claims,
        terms: &Terms,
    ) -> Result<Self, InvocationError> {
        let sources = Sources {
            parameters,
            headers: &verified.received().headers,
        };
        let address = sources
            .first(&terms.fields.phone)?
            .ok_or(InvocationError::AddressMissing)?;
        let granted = |granted: bool, from| match granted {
            true => sources.first(from),
            false => Ok(None),
        };
        let said = Said {
            phone: address,
            other: granted(terms.grants.other, &terms.fields.other)?,
            body: granted(terms.grants.body, &terms.fields.body)?,
        };
        let mut invocation = Self::new(point, said, terms.sids().claimed(claims), terms)?;
        invocation.fields = further_fields(sources, terms)?;
        Ok(invocation)
    }

    /// A call that says so much, as far as the add-on's terms let it through.
    ///
    /// # Errors
    /// Where what is granted cannot be read.
    pub fn new(
        point: IntegrationPoint,
        said: Said<'_>,
        sids: Sids,
        terms: &Terms,
    ) -> Result<Self, InvocationError> {
        Ok(Self {
            point,
            address: Address::parse(said.phone, terms.default_region)?,
            other: other_party(said, terms)?,
            body: message(said, terms)?,
            sids,
            fields: Vec::new(),
        })
    }
}

impl Sids {
    /// The same, with what the headers claim besides.
    #[must_use]
    pub fn claimed(self, claims: &Claims) -> Self {
        Self {
            add_on_version: claims.add_on_version,
            add_on_install: claims.add_on_install,
            add_on_configuration: claims.add_on_configuration,
            request: claims.request,
            ..self
        }
    }
}

/// The other party, if it is granted. An empty one was not sent.
fn other_party(said: Said<'_>, terms: &Terms) -> Result<Option<Address>, AddressError> {
    match said.other.filter(|_| terms.grants.other) {
        None => Ok(None),
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => Address::parse(text, terms.default_region).map(Some),
    }
}

fn message(said: Said<'_>, terms: &Terms) -> Result<Option<String>, InvocationError> {
    match said.body.filter(|_| terms.grants.body) {
        Some(text) if text.len() > LONGEST_BODY => Err(InvocationError::BodyTooLong),
        text => Ok(text.map(str::to_owned)),
    }
}

/// The named extra fields, then all parameters that are no field, as far as granted.
fn further_fields(sources: Sources<'_>, terms: &Terms) -> Result<Vec<Parameter>, Ambiguous> {
    let mut further = Vec::new();
    for (name, from) in &terms.fields.extra {
        if terms.grants.further(name) {
            let value = sources.first(from)?;
            further.extend(value.map(|value| (name.clone(), value.to_owned())));
        }
    }
    further.extend(
        sources
            .parameters
            .iter()
            .filter(|(name, _)| !terms.fields.names(name) && terms.grants.further(name))
            .cloned(),
    );
    Ok(further)
}

#[cfg(test)]
mod tests {
    use super::super::fields::FieldSource;
    use super::super::received::tests::received;
    use super::*;

    fn terms() -> Terms {
        let digits = "0".repeat(32);
        Terms {
            account: format!("AC{digits}").parse().unwrap(),
            add_on: format!("XB{digits}").parse().unwrap(),
            shapes: Shape::SYNCHRONOUS.to_vec(),
            fields: FieldMap::default(),
            grants: FieldGrants::default(),
            accepts: vec![AddressKind::E164],
            default_region: None,
        }
    }

    fn parse(target: &str, terms: &Terms) -> Result<Invocation, InvocationError> {
        let verified = Verified::unchecked(received(target, None, "")).unwrap();
        let parameters = verified.parameters().unwrap();
        let claims = Claims::read(&verified.received().headers);
        Invocation::parse(
            IntegrationPoint::Lookups,
            &verified,
            &parameters,
            &claims,
            terms,
        )
    }

    const FULL: &str =
        "/lookups?phone=%2B15005550006&secondary_address=12345&body=hello&a=1&b=2&a=3";

    #[test]
    fn by_default_a_provider_gets_the_address_alone() {
        let call = parse(FULL, &terms()).unwrap();
        assert_eq!(call.address.e164(), Some("+15005550006"));
        assert!(call.other.is_none() && call.body.is_none() && call.fields.is_empty());
    }

    #[test]
    fn what_is_granted_arrives_as_it_came() {
        let mut terms = terms();
        terms.grants = FieldGrants {
            body: true,
            other: true,
            all: true,
            named: Vec::new(),
        };
        let call = parse(FULL, &terms).unwrap();
        assert_eq!(call.body.as_deref(), Some("hello"));
        assert_eq!(call.other.unwrap().kind(), AddressKind::ShortCode);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            call.fields,
            [pair("a", "1"), pair("b", "2"), pair("a", "3")]
        );
        terms.grants.all = false;
        terms.grants.named = vec!["b".into()];
        assert_eq!(parse(FULL, &terms).unwrap().fields, [pair("b", "2")]);
    }

    #[test]
    fn an_extra_field_is_renamed_and_needs_its_grant() {
        let mut terms = terms();
        terms.fields.extra = vec![("region".into(), vec![FieldSource::Parameter("a1".into())])];
        let target = "/lookups?phone=12345&a1=eu";
        assert!(parse(target, &terms).unwrap().fields.is_empty());
        terms.grants.named = vec!["region".into()];
        let fields = parse(target, &terms).unwrap().fields;
        assert_eq!(fields, [("region".to_owned(), "eu".to_owned())]);
    }

    #[test]
    fn a_request_without_a_clear_address_is_no_call() {
        let long = format!("/lookups?phone={}", "1".repeat(400));
        for (target, error) in [
            ("/lookups", InvocationError::AddressMissing),
            (
                "/lookups?phone=",
                InvocationError::Address(AddressError::Empty),
            ),
            (
                long.as_str(),
                InvocationError::Address(AddressError::TooLong),
            ),
            (
                "/lookups?phone=1&phone=2",
                InvocationError::Ambiguous(Ambiguous),
            ),
        ] {
            assert_eq!(parse(target, &terms()).err(), Some(error), "{target:.40}");
        }
    }
}
