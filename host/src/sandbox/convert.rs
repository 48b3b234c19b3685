//! Between the host's types and the contract's.

use std::time::Duration;

use super::analysis::RecordingFacts;
use super::contract::analysis::exports::jackfield::addon::analysis::Recording;
use super::contract::exports::jackfield::addon::lookup::Request;
use super::contract::jackfield::addon::types as wit;
use super::outcome::{Answer, Refusal, RefusalKind};
use crate::protocol::address::Address;
use crate::protocol::invocation::{Invocation, Sids};
use crate::protocol::point::IntegrationPoint;

/// The longest message of a refusal that is passed on, in bytes.
const LONGEST_MESSAGE: usize = 500;

/// The contract's request for one call.
pub(super) fn request(invocation: Invocation, left: Duration) -> Request {
    let Invocation {
        point,
        address,
        other,
        body,
        sids,
        fields,
    } = invocation;
    Request {
        integration_point: point.name().to_owned(),
        address: wit_address(&address),
        secondary_address: other.as_ref().map(wit_address),
        body,
        sids: wit_sids(sids),
        attempt: 1,
        deadline_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
        fields,
    }
}

/// The contract's recording for one call, whose report may have so many bytes.
pub(super) fn recording(facts: RecordingFacts, left: Duration, report_limit: usize) -> Recording {
    let RecordingFacts {
        media_type,
        duration_ms,
        size,
        channels,
        sample_rate,
        sids,
        attempt,
        fields,
    } = facts;
    Recording {
        integration_point: IntegrationPoint::Recordings.name().to_owned(),
        media_type,
        duration_ms,
        size,
        channels,
        sample_rate,
        sids: wit_sids(sids),
        attempt,
        deadline_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
        report_limit: u64::try_from(report_limit).unwrap_or(u64::MAX),
        fields,
    }
}

fn wit_address(address: &Address) -> wit::Address {
    wit::Address {
        kind: address.kind().name().to_owned(),
        e164: address.e164().map(str::to_owned),
        raw: address.raw().to_owned(),
    }
}

fn wit_sids(sids: Sids) -> wit::Sids {
    let Sids {
        account,
        add_on,
        add_on_version,
        add_on_install,
        add_on_configuration,
        request,
    } = sids;
    wit::Sids {
        account: account.to_string(),
        add_on: add_on.to_string(),
        add_on_version: add_on_version.map(|sid| sid.to_string()),
        add_on_install: add_on_install.map(|sid| sid.to_string()),
        add_on_configuration: add_on_configuration.map(|sid| sid.to_string()),
        request: request.map(|sid| sid.to_string()),
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
