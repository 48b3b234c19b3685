//! A provider as a function of the host's own process: the same code, without a sandbox.

use caller_name::CallerName;
use jackfield::protocol::address::Address;
use jackfield::protocol::invocation::{Invocation, Sids};
use jackfield::sandbox::{Answer, Ceilings, Native, Refusal, RefusalKind};
use jackfield_sdk::{Lookup, Request};

/// Has `caller-name` answer for every add-on, whatever its component is.
pub fn instead_of_guests(ceilings: &mut Ceilings) {
    ceilings.native = Some(Native(call));
}

fn call(invocation: &Invocation) -> Result<Answer, Refusal> {
    match CallerName::lookup(request(invocation)) {
        Ok(answer) => Ok(Answer {
            json: answer.json,
            meta: answer.meta,
        }),
        Err(refusal) => Err(Refusal {
            kind: kind(refusal.kind),
            code: refusal.code,
            message: refusal.message,
        }),
    }
}

fn kind(kind: jackfield_sdk::RefusalKind) -> RefusalKind {
    match kind {
        jackfield_sdk::RefusalKind::CallerError => RefusalKind::CallerError,
        jackfield_sdk::RefusalKind::NoResult => RefusalKind::NoResult,
        jackfield_sdk::RefusalKind::Retry => RefusalKind::Retry,
    }
}

/// What a guest would be given, value by value.
fn request(invocation: &Invocation) -> Request {
    Request {
        sids: sids(&invocation.sids),
        body: invocation.body.clone(),
        secondary_address: invocation.other.as_ref().map(address),
        fields: invocation.fields.clone(),
        ..Request::new(invocation.point.name(), address(&invocation.address))
    }
}

fn address(address: &Address) -> jackfield_sdk::Address {
    jackfield_sdk::Address {
        kind: address.kind().name().to_owned(),
        e164: address.e164().map(str::to_owned),
        raw: address.raw().to_owned(),
    }
}

fn sids(sids: &Sids) -> jackfield_sdk::Sids {
    jackfield_sdk::Sids {
        account: sids.account.to_string(),
        add_on: sids.add_on.to_string(),
        add_on_version: sids.add_on_version.map(|sid| sid.to_string()),
        add_on_install: sids.add_on_install.map(|sid| sid.to_string()),
        add_on_configuration: sids.add_on_configuration.map(|sid| sid.to_string()),
        request: sids.request.map(|sid| sid.to_string()),
    }
}
