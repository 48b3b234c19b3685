//! Between the host's types and the contract's.

use std::time::Duration;

use super::analysis::RecordingFacts;
use super::contract::analysis::exports::jackfield::addon::analysis::Recording;
use super::contract::exports::jackfield::addon::lookup::Request;
use super::contract::jackfield::addon::types as wit;
use super::outcome::{Answer, Refusal, RefusalKind};
use crate::protocol::address::Address;
use crate::protocol::invocation::{Invocation, Sids};
use crate::protocol::parameters::Parameter;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::sid::{AddOnConfigurationSid, AddOnInstallSid, AddOnVersionSid, RequestSid};

/// The longest message of a refusal that is passed on, in bytes.
const LONGEST_MESSAGE: usize = 500;

/// Names and values as the contract has them.
pub(super) fn fields(fields: &[Parameter]) -> Vec<(&str, &str)> {
    let pairs = fields.iter();
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The contract's request for one call, with its further fields.
pub(super) fn request<'a>(
    invocation: &'a Invocation,
    fields: &'a [(&'a str, &'a str)],
    left: Duration,
) -> Request<'a> {
    let Invocation {
        point,
        address,
        other,
        body,
        sids,
        fields: _,
    } = invocation;
    Request {
        integration_point: point.name(),
        address: wit_address(address),
        secondary_address: other.as_ref().map(wit_address),
        body: body.as_deref(),
        sids: wit_sids(sids),
        attempt: 1,
        deadline_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
        fields,
    }
}

/// The contract's recording for one call, with its further fields, whose report may have
/// so many bytes.
pub(super) fn recording<'a>(
    facts: &'a RecordingFacts,
    fields: &'a [(&'a str, &'a str)],
    left: Duration,
    report_limit: usize,
) -> Recording<'a> {
    let RecordingFacts {
        media_type,
        duration_ms,
        size,
        channels,
        sample_rate,
        sids,
        attempt,
        fields: _,
    } = facts;
    Recording {
        integration_point: IntegrationPoint::Recordings.name(),
        media_type: media_type.as_deref(),
        duration_ms: *duration_ms,
        size: *size,
        channels: *channels,
        sample_rate: *sample_rate,
        sids: wit_sids(sids),
        attempt: *attempt,
        deadline_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
        report_limit: u64::try_from(report_limit).unwrap_or(u64::MAX),
        fields,
    }
}

fn wit_address(address: &Address) -> wit::Address<'_> {
    wit::Address {
        kind: address.kind().name(),
        e164: address.e164(),
        raw: address.raw(),
    }
}

fn wit_sids(sids: &Sids) -> wit::Sids<'_> {
    let Sids {
        account,
        add_on,
        add_on_version,
        add_on_install,
        add_on_configuration,
        request,
    } = sids;
    wit::Sids {
        account: account.as_str(),
        add_on: add_on.as_str(),
        add_on_version: add_on_version.as_ref().map(AddOnVersionSid::as_str),
        add_on_install: add_on_install.as_ref().map(AddOnInstallSid::as_str),
        add_on_configuration: add_on_configuration
            .as_ref()
            .map(AddOnConfigurationSid::as_str),
        request: request.as_ref().map(RequestSid::as_str),
    }
}

/// The host's answer.
pub(super) fn answer(answer: wit::Answer) -> Answer {
    Answer {
        json: answer.json,
        meta: answer.meta,
    }
}

/// The host's refusal. What is no code by the contract becomes one.
pub(super) fn refusal(refusal: wit::Refusal) -> Refusal {
    let kind = match refusal.kind {
        wit::RefusalKind::CallerError => RefusalKind::CallerError,
        wit::RefusalKind::NoResult => RefusalKind::NoResult,
        wit::RefusalKind::Retry => RefusalKind::Retry,
    };
    let code = match Refusal::is_code(&refusal.code) {
        true => refusal.code,
        false => kind.code().to_owned(),
    };
    Refusal {
        kind,
        code,
        message: shortened(refusal.message),
    }
}

fn shortened(mut message: String) -> String {
    let end = (0..=LONGEST_MESSAGE.min(message.len()))
        .rev()
        .find(|end| message.is_char_boundary(*end));
    message.truncate(end.unwrap_or(0));
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let message = "é".repeat(LONGEST_MESSAGE);
        assert_eq!(shortened(message).len(), LONGEST_MESSAGE);
        assert_eq!(
            shortened("aé".repeat(LONGEST_MESSAGE)).len(),
            LONGEST_MESSAGE - 1
        );
        assert_eq!(shortened("short".into()), "short");
    }
}
