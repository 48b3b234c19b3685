//! Fetching, delivering and asking. A request has a connection of its own: calls are far apart,
//! a policy decides on each, and on a connection that was kept, a request that fails
//! leaves open whether it arrived.

mod ask;
mod deliver;
mod fetch;

use http::header::{CONNECTION, HOST, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};

use super::dial::Dialer;
use super::exchange::Peer;
use super::policy::EgressPolicy;
use super::roots::Roots;
use super::target::Target;

pub use deliver::Post;
pub use fetch::{Fetched, Limits, Sink};

const NAME: HeaderValue =
    HeaderValue::from_static(concat!("jackfield/", env!("CARGO_PKG_VERSION")));
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The one client for all that the host fetches and delivers.
pub struct Egress {
    dialer: Dialer,
}

impl Egress {
    /// A client under a policy, which believes the certificates of `roots`.
    #[must_use]
    pub fn new(policy: EgressPolicy, roots: Roots) -> Self {
        Self {
            dialer: Dialer::new(policy, roots),
        }
    }

    /// The policy that it keeps to.
    #[must_use]
    pub fn policy(&self) -> &EgressPolicy {
        &self.dialer.policy
    }

    fn peer<'t>(&self, target: &'t Target) -> Peer<'t> {
        Peer {
            target,
            idle: self.dialer.waits.idle,
        }
    }

    #[cfg(test)]
    pub(super) fn dialer_mut(&mut self) -> &mut Dialer {
        &mut self.dialer
    }
}

/// A request as it is written: its line in origin form, and the host that was checked.
fn request<B>(method: Method, target: &Target, body: B) -> Request<B> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = Uri::from(target.path().clone());
    let host = HeaderValue::try_from(target.authority());
    let headers = request.headers_mut();
    headers.insert(HOST, host.expect("hosts and ports are visible ASCII"));
    headers.insert(USER_AGENT, NAME);
    headers.insert(CONNECTION, CLOSE);
    request
}
