//! The story of one request.

mod call;
mod once;
mod recording;
mod story;
mod verify;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use call::Call;
use futures_util::FutureExt;
use http::header::ALLOW;
use http::{Method, Request, StatusCode};
use hyper::body::{Body, Incoming};
use story::{Manner, Story, allowed};

use crate::body;
use crate::clients::ClientAddress;
use crate::failure::Failure;
use crate::host::Host;
use crate::protocol::framing;
use crate::protocol::headers::Claims;
use crate::protocol::point::IntegrationPoint;
use crate::server::Handler;
use crate::told::Told;
use crate::traces::Step;

pub use crate::told::Reply;

impl Handler for Host {
    fn answer(
        &self,
        from: ClientAddress,
        request: Request<Incoming>,
    ) -> impl Future<Output = Reply> + Send {
        respond(self, from, request)
    }
}

/// Answers every request, logs it and counts it, once. A failure becomes an answer here.
/// It came over a connection from an address.
pub async fn respond<B>(host: &Host, from: ClientAddress, request: Request<B>) -> Reply
where
    B: Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut story = Story::begin();
    let told = AssertUnwindSafe(handle(host, from, request, &mut story))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(story.broken()))
        .unwrap_or_else(|failure| Arc::new(story.tell(&failure)));
    story.note_client(host, &told);
    let add_on = story.add_on.as_deref();
    story.end(add_on.map_or(&host.strangers, |it| &it.meter), &told);
    told.reply()
}

async fn handle<B>(
    host: &Host,
    from: ClientAddress,
    mut request: Request<B>,
    story: &mut Story,
) -> Result<Arc<Told>, Failure>
where
    B: Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // The one look at what is served: whatever is reloaded meanwhile, this request is
    // answered as it was when it came.
    let registry = host.glance();
    let rules = &registry.server().clients;
    let caller = rules.trusts(from).then_some(request.headers());
    story.trace = host.traces.of_request(request.method(), caller);
    let client = host.clients.admit(rules, from, request.headers())?;
    story.client = rules.rates.unverified.map(|_| client);
    framing::settle(&mut request)?;
    let point = registry.point(request.uri().path());
    let point = point.ok_or(Failure::PathUnknown)?;
    story.point = Some(point);
    match *request.method() {
        Method::OPTIONS => return Ok(Arc::new(options(point))),
        Method::POST if point.is_asynchronous() => {
            // Large, and on the heap so that no lookup's future is as large.
            let accepted = Box::pin(recording::accept(host, &registry, request, story));
            return accepted.await.map(Arc::new);
        }
        Method::GET | Method::POST if !point.is_asynchronous() => {}
        _ => return Err(Failure::MethodUnknown),
    }
    let server = registry.server();
    let reading = story.trace.step(Step::Read);
    let received = body::read(request, server.body_limit, server.body_timeout).await?;
    drop(reading);
    let claims = Claims::read(&received.headers);
    story.subject.request = claims.request;
    let verifying = story.trace.step(Step::Verify);
    let verified = verify::verify(&registry, received, &claims)?;
    drop(verifying);
    story.verified = true;
    let call = Call {
        registry: &registry,
        point,
        claims,
        verified,
        clocks: &host.clocks,
    };
    let add_on = call.add_on()?;
    story.add_on = Some(Arc::clone(add_on));
    let invocation = call.invocation(add_on.config())?;
    story.subject.phone_number = Some(invocation.address.text().to_owned());
    if !add_on.accepts(&invocation) {
        return Err(Failure::AddressNotAccepted);
    }
    let install = invocation.sids.add_on_install;
    call::count(host, rules, add_on.config(), install)?;
    once::answer(host, &registry, invocation, story).await
}

fn options(point: IntegrationPoint) -> Told {
    Told {
        status: StatusCode::NO_CONTENT,
        header: Some((ALLOW, allowed(Some(point)))),
        ..Told::answered(String::new())
    }
}

#[cfg(test)]
mod tests;
