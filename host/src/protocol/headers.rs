//! Twilio's identifiers, as its headers carry them. None of them is signed.

use std::str::FromStr;

use http::{HeaderMap, HeaderName};

use super::received::{Unclear, sole};
use super::sid::{
    AccountSid, AddOnConfigurationSid, AddOnInstallSid, AddOnSid, AddOnVersionSid, RequestSid,
};

/// The add-on that is called.
pub static ADD_ON: HeaderName = HeaderName::from_static("x-twilio-addonsid");
/// One invocation.
pub static REQUEST: HeaderName = HeaderName::from_static("x-twilio-requestsid");
/// The publisher's account; a real request calls it by this name.
pub static VENDOR_ACCOUNT: HeaderName = HeaderName::from_static("x-twilio-vendoraccountsid");
/// The publisher's account, as the reference names it.
pub static ACCOUNT: HeaderName = HeaderName::from_static("x-twilio-accountsid");
/// The add-on's version.
pub static ADD_ON_VERSION: HeaderName = HeaderName::from_static("x-twilio-addonversionsid");
/// The customer's installation.
pub static ADD_ON_INSTALL: HeaderName = HeaderName::from_static("x-twilio-addoninstallsid");
/// The configuration of that installation.
pub static ADD_ON_CONFIGURATION: HeaderName =
    HeaderName::from_static("x-twilio-addonconfigurationsid");

/// A header that must be a SID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim<T> {
    /// The header is absent.
    Absent,
    /// The header is repeated, or is no SID of its kind.
    Malformed,
    /// What it says, which nothing proves.
    Sid(T),
}

impl<T: FromStr> Claim<T> {
    /// Reads one header.
    #[must_use]
    pub fn read(headers: &HeaderMap, name: &HeaderName) -> Self {
        match sole(headers, name) {
            Ok(None) => Self::Absent,
            Ok(Some(text)) => text.parse().map_or(Self::Malformed, Self::Sid),
            Err(Unclear) => Self::Malformed,
        }
    }

    /// The SID, where there is one.
    pub fn sid(self) -> Option<T> {
        match self {
            Self::Sid(sid) => Some(sid),
            Self::Absent | Self::Malformed => None,
        }
    }
}

/// All that the headers claim.
#[derive(Debug, Clone, Copy)]
pub struct Claims {
    /// The add-on.
    pub add_on: Claim<AddOnSid>,
    /// The publisher's account, under the name that Twilio sends.
    pub vendor_account: Claim<AccountSid>,
    /// The same under the reference's name.
    pub account: Claim<AccountSid>,
    /// The invocation.
    pub request: Option<RequestSid>,
    /// The add-on's version.
    pub add_on_version: Option<AddOnVersionSid>,
    /// The customer's installation.
    pub add_on_install: Option<AddOnInstallSid>,
    /// Its configuration.
    pub add_on_configuration: Option<AddOnConfigurationSid>,
}

impl Claims {
    /// Reads the headers. Only the add-on and the account decide anything; an identifier
    /// besides them that is malformed counts as absent, so that a surprise in Twilio's
    /// traffic does not become a refusal.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        Self {
            add_on: Claim::read(headers, &ADD_ON),
            vendor_account: Claim::read(headers, &VENDOR_ACCOUNT),
            account: Claim::read(headers, &ACCOUNT),
            request: Claim::read(headers, &REQUEST).sid(),
            add_on_version: Claim::read(headers, &ADD_ON_VERSION).sid(),
            add_on_install: Claim::read(headers, &ADD_ON_INSTALL).sid(),
            add_on_configuration: Claim::read(headers, &ADD_ON_CONFIGURATION).sid(),
        }
    }

    /// Whether every account header that was sent names this account.
    #[must_use]
    pub fn agree_with(&self, account: AccountSid) -> bool {
        [self.vendor_account, self.account]
            .into_iter()
            .all(|claim| match claim {
                Claim::Absent => true,
                Claim::Malformed => false,
                Claim::Sid(claimed) => claimed == account,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::received::Received;
    use super::super::received::tests::received;
    use super::*;

    fn sid<T: FromStr>(prefix: &str, digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        format!("{prefix}{}", digit.to_string().repeat(32))
            .parse()
            .unwrap()
    }

    #[test]
    fn claims_are_typed_and_a_repeated_one_is_malformed() {
        let mut request = received("/lookups", None, "");
        let digits = "0".repeat(32);
        let add = |request: &mut Received, name: &HeaderName, value: &str| {
            request.headers.append(name, value.parse().unwrap());
        };
        add(&mut request, &ADD_ON, &format!("XB{digits}"));
        add(&mut request, &REQUEST, &format!("MR{digits}"));
        add(&mut request, &ADD_ON_VERSION, "nonsense");
        let claims = Claims::read(&request.headers);
        assert_eq!(claims.add_on, Claim::Sid(sid("XB", '0')));
        assert_eq!(claims.request, Some(sid("MR", '0')));
        assert_eq!(claims.add_on_version, None);
        assert_eq!(claims.account, Claim::Absent);
        add(&mut request, &ADD_ON, &format!("XB{digits}"));
        assert_eq!(Claims::read(&request.headers).add_on, Claim::Malformed);
    }

    #[test]
    fn both_names_of_the_account_mean_the_same() {
        let (ours, theirs) = (sid::<AccountSid>("AC", 'a'), sid::<AccountSid>("AC", 'b'));
        for (vendor, account, agree) in [
            (None, None, true),
            (Some(ours), None, true),
            (None, Some(ours), true),
            (Some(ours), Some(ours), true),
            (Some(theirs), None, false),
            (None, Some(theirs), false),
            (Some(ours), Some(theirs), false),
        ] {
            let mut request = received("/lookups", None, "");
            for (name, sid) in [(&VENDOR_ACCOUNT, vendor), (&ACCOUNT, account)] {
                if let Some(sid) = sid {
                    request.headers.insert(name, sid.as_str().parse().unwrap());
                }
            }
            assert_eq!(Claims::read(&request.headers).agree_with(ours), agree);
        }
    }
}
