//! Requests for a provider's own tests, shaped as the host makes them.

use crate::{Address, Request, Sids};

impl Request {
    /// A lookup of a telephone number in E.164 format.
    pub fn lookup(number: &str) -> Self {
        Self::new("lookups", Address::e164(number))
    }

    /// An incoming message from a telephone number in E.164 format.
    pub fn incoming_sms(number: &str) -> Self {
        Self::new("incoming-sms", Address::e164(number))
    }

    /// An incoming call from a telephone number in E.164 format.
    pub fn incoming_voice_call(number: &str) -> Self {
        Self::new("incoming-voice-call", Address::e164(number))
    }

    /// A first attempt at an integration point with one second left, as Twilio's
    /// console sends it: with an account, an add-on and a request, no installation.
    pub fn new(integration_point: &str, address: Address) -> Self {
        Self {
            integration_point: integration_point.into(),
            address,
            secondary_address: None,
            body: None,
            sids: Sids::sample(),
            attempt: 1,
            deadline_ms: 1000,
            fields: Vec::new(),
        }
    }

    /// Looks up another address than a telephone number.
    #[must_use]
    pub fn address(mut self, address: Address) -> Self {
        self.address = address;
        self
    }

    /// Adds the other party.
    #[must_use]
    pub fn secondary_address(mut self, address: Address) -> Self {
        self.secondary_address = Some(address);
        self
    }

    /// Adds the message's text.
    #[must_use]
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Adds a granted parameter after those that are there.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }
}

impl Address {
    /// A telephone number in E.164 format, as in `+15005550006`.
    pub fn e164(number: &str) -> Self {
        Self {
            kind: "e164".into(),
            e164: Some(number.into()),
            raw: number.into(),
        }
    }

    /// An address of another kind that holds no number, as in
    /// `Address::of_kind("alphanumeric", "ACME")`.
    pub fn of_kind(kind: &str, raw: &str) -> Self {
        Self {
            kind: kind.into(),
            e164: None,
            raw: raw.into(),
        }
    }
}

impl Sids {
    pub(crate) fn sample() -> Self {
        Self {
            account: "AC00000000000000000000000000000000".into(),
            add_on: "XB00000000000000000000000000000000".into(),
            add_on_version: None,
            add_on_install: None,
            add_on_configuration: None,
            request: Some("XR00000000000000000000000000000000".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_a_first_attempt_with_an_e164_address() {
        let request = Request::lookup("+15005550006");
        assert_eq!(request.integration_point, "lookups");
        assert_eq!(request.address.kind, "e164");
        assert_eq!(request.address.e164.as_deref(), Some("+15005550006"));
        assert_eq!(request.address.raw, "+15005550006");
        assert_eq!(request.attempt, 1);
    }

    #[test]
    fn sample_sids_are_34_characters_with_twilios_prefixes() {
        let sids = Sids::sample();
        let request = sids.request.unwrap();
        for (sid, prefix) in [
            (&sids.account, "AC"),
            (&sids.add_on, "XB"),
            (&request, "XR"),
        ] {
            assert_eq!(sid.len(), 34);
            assert!(sid.starts_with(prefix));
        }
    }

    #[test]
    fn a_message_carries_its_text_and_the_other_party() {
        let request = Request::incoming_sms("+15005550006")
            .secondary_address(Address::e164("+15005550009"))
            .body("hello");
        assert_eq!(request.integration_point, "incoming-sms");
        assert_eq!(request.body.as_deref(), Some("hello"));
        assert_eq!(
            request.secondary_address,
            Some(Address::e164("+15005550009"))
        );
    }

    #[test]
    fn fields_keep_their_order_and_may_repeat() {
        let request = Request::incoming_voice_call("+15005550006")
            .field("a", "1")
            .field("a", "2");
        assert_eq!(
            request.fields,
            [("a".into(), "1".into()), ("a".into(), "2".into())]
        );
    }

    #[test]
    fn another_kind_of_address_holds_no_number() {
        let request =
            Request::lookup("+15005550006").address(Address::of_kind("alphanumeric", "ACME"));
        assert_eq!(request.address.e164, None);
        assert_eq!(request.address.raw, "ACME");
    }
}
