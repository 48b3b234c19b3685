//! A call of an add-on, and no second one for the same invocation.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::{Manner, Story};
use crate::add_on::{AddOn, InvokeError};
use crate::config::ServerConfig;
use crate::failure::Failure;
use crate::host::Host;
use crate::ledger::{Content, Ended, Flight, Found, Key};
use crate::protocol::fingerprint::Fingerprint;
use crate::protocol::invocation::Invocation;
use crate::protocol::reply;
use crate::registry::Registry;
use crate::sandbox::CallError;
use crate::told::Told;

/// How much longer than its add-on's `timeout` a request waits for another's answer. That
/// one ends with its own `timeout`, and a busy machine may take a moment to say so.
const LAG: Duration = Duration::from_secs(1);

/// Answers a call of the story's add-on: by the answer that its invocation got before, or
/// gets at the moment, or else by calling the provider. An invocation without a SID, or
/// with the ledger switched off, is always a call.
pub(super) async fn answer(
    host: &Host,
    registry: &Registry,
    invocation: Invocation,
    story: &mut Story,
) -> Result<Arc<Told>, Failure> {
    let invocation = Arc::new(invocation);
    let add_on = story.add_on.as_deref().ok_or(Failure::AddOnUnknown)?;
    let server = registry.server();
    let Some((key, content)) = inquiry(server, add_on, &invocation) else {
        return alone(invocation, story).await;
    };
    match host.ledger.ask(key, content, server.ledger) {
        Found::Nothing(lead) => {
            let whole = whole(invocation, story.hand_over());
            let told;
            (told, *story) = lead.run(whole, unheard).await;
            Ok(told)
        }
        Found::Running(flight) => {
            story.manner = Some(Manner::Joined);
            join(&flight, add_on.config().limits.timeout).await
        }
        Found::Answered(told) => {
            story.manner = Some(Manner::Replayed);
            Ok(told)
        }
        Found::Reused => Err(Failure::RequestReused),
        Found::Unclear => alone(invocation, story).await,
    }
}

/// What the ledger is asked about, if it is.
fn inquiry(
    server: &ServerConfig,
    add_on: &AddOn,
    invocation: &Invocation,
) -> Option<(Key, Content)> {
    let request = invocation.sids.request?;
    if server.ledger.keep.is_zero() {
        return None;
    }
    let terms = &add_on.config().terms;
    let key = Key {
        account: terms.account,
        add_on: terms.add_on,
        request,
    };
    let content = Content {
        fingerprint: Fingerprint::of(invocation, terms, &server.freshness),
        reading: add_on.reading,
        install: invocation.sids.add_on_install,
    };
    Some((key, content))
}

/// The call, to the bytes that its caller is given. A panic in it is an answer as well.
async fn whole(invocation: Arc<Invocation>, story: Story) -> Ended<Story> {
    let result = AssertUnwindSafe(run(invocation, &story))
        .catch_unwind()
        .await
        .unwrap_or(Err(Failure::Internal));
    let lasts = result.as_ref().err().is_none_or(Failure::is_outcome);
    let told = result.unwrap_or_else(|failure| story.tell(&failure));
    Ended { told, lasts, story }
}

async fn run(invocation: Arc<Invocation>, story: &Story) -> Result<Told, Failure> {
    let add_on = story.add_on.as_deref().ok_or(Failure::AddOnUnknown)?;
    let object = add_on.invoke(invocation, &story.trace).await?;
    let text = add_on.config().envelope.success(&object, &story.subject);
    if text.len() > reply::LONGEST_REPLY {
        let limit = reply::LONGEST_REPLY;
        return Err(InvokeError::TooLong { limit }.into());
    }
    Ok(Told::answered(text))
}

/// A call of which nothing is remembered: on the heap, so that no other request's future is
/// as large.
async fn alone(invocation: Arc<Invocation>, story: &Story) -> Result<Arc<Told>, Failure> {
    Box::pin(run(invocation, story)).await.map(Arc::new)
}

async fn join(flight: &Flight, timeout: Duration) -> Result<Arc<Told>, Failure> {
    match tokio::time::timeout(timeout + LAG, flight.answer()).await {
        Ok(told) => told.ok_or(Failure::Internal),
        Err(_) => Err(InvokeError::Call(CallError::Timeout).into()),
    }
}

fn unheard(mut story: Story, told: &Told) {
    story.manner = Some(Manner::Unheard);
    if let Some(add_on) = &story.add_on {
        story.end(&add_on.meter, told);
    }
}
