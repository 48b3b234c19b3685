//! What is known of a request once its signature was found good.

use super::account::Slot;
use super::{Coverage, Proof, SignatureError};
use crate::protocol::parameters::{self, Parameter, Parameters, ParametersError, TooMany};
use crate::protocol::received::{BodyKind, Received};
use crate::protocol::sid::AccountSid;

/// A request whose signature was good, and whose account is therefore known.
#[derive(Debug)]
pub struct Verified {
    pub(super) received: Received,
    pub(super) account: Option<AccountSid>,
    pub(super) slot: Option<Slot>,
    pub(super) proof: Option<Proof>,
    pub(super) coverage: Coverage,
    pub(super) query: Vec<Parameter>,
    pub(super) form: Vec<Parameter>,
}

impl Verified {
    /// The request.
    #[must_use]
    pub fn received(&self) -> &Received {
        &self.received
    }

    /// The account whose key signed; none where verification is switched off.
    #[must_use]
    pub fn account(&self) -> Option<AccountSid> {
        self.account
    }

    /// The account and the key of it that signed; none where verification is switched off.
    #[must_use]
    pub fn signer(&self) -> Option<(AccountSid, Slot)> {
        self.account.zip(self.slot)
    }

    /// How the signature was found good; none where verification is switched off.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        self.proof
    }

    /// How much of the request the signature covers.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// Whether the signature covers the value of a parameter, wherever it stood. In a
    /// multipart body that is a matter of what proves it.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        match self.coverage {
            Coverage::Nothing => false,
            Coverage::Url => self.query.iter().any(|(own, _)| own == name),
            Coverage::Parameters | Coverage::Whole => true,
        }
    }

    /// The parameters of query and body.
    ///
    /// # Errors
    /// Where the body cannot be read as parameters.
    pub fn parameters(&self) -> Result<Parameters, ParametersError> {
        Parameters::read(&self.received, self.query.clone(), self.form.clone())
    }

    /// Takes a request as it is. For hosts that only this machine can reach; the caller
    /// must have made sure of that.
    ///
    /// # Errors
    /// Where there are too many parameters.
    pub fn unchecked(received: Received) -> Result<Self, SignatureError> {
        let (query, form) = decoded(&received)?;
        Ok(Self {
            received,
            account: None,
            slot: None,
            proof: None,
            coverage: Coverage::Nothing,
            query,
            form,
        })
    }
}

pub(super) fn decoded(received: &Received) -> Result<(Vec<Parameter>, Vec<Parameter>), TooMany> {
    let query = parameters::decode(received.query().as_bytes())?;
    let form = match received.body_kind() {
        BodyKind::Form => parameters::decode(&received.body)?,
        BodyKind::Empty | BodyKind::Json | BodyKind::Other | BodyKind::Multipart => Vec::new(),
    };
    Ok((query, form))
}
