//! What no request over a socket can bring about: a panic in the midst of one.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Full};
use hyper::body::Frame;

use super::*;
use crate::config::{Config, Environment};
use crate::reload::Assembly;
use crate::sandbox::Ceilings;
use crate::state::{State, Who};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A body whose arrival brings a panic.
struct Explosive;

impl Body for Explosive {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("+12125550123 wrote something");
    }
}

async fn host(directory: &std::path::Path) -> Arc<Host> {
    let file = directory.join("addons.toml");
    std::fs::write(&file, "[server]\npublic_url = \"https://example.com\"\n").unwrap();
    std::fs::write(
        directory.join(".env"),
        "ACCOUNT_SID=AC05b3911315a1322d1dede66eed740000\nAUTH_TOKEN=0123456789abcdef\n",
    )
    .unwrap();
    let environment = Environment::load(directory).unwrap();
    let config = Config::load(&file, &environment).unwrap();
    let host =
        Arc::new(Host::new(&config.server, config.jobs.clone(), Ceilings::default()).unwrap());
    let (verdicts, _) = tokio::sync::mpsc::unbounded_channel();
    let state = Arc::new(State::unkept());
    let assembly = Assembly::new(Arc::clone(&host), state, verdicts);
    assembly.take_up(&Who::Start, config).await;
    host
}

#[tokio::test]
async fn a_panic_is_an_answer_that_says_nothing_of_it_and_the_next_request_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let host = host(directory.path()).await;
    let reply = respond(
        &host,
        HERE.into(),
        Request::post("/lookups")
            .header("host", "example.com")
            .body(Explosive)
            .unwrap(),
    )
    .await;
    assert_eq!(reply.status(), StatusCode::OK);
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        body,
        r#"{"phone_number":null,"results":{},"error_code":"internal","message":"the host failed to answer","request_sid":null,"retryable":true}"#
    );
    let reply = respond(
        &host,
        HERE.into(),
        Request::post("/lookups")
            .header("host", "example.com")
            .body(Full::<Bytes>::default())
            .unwrap(),
    )
    .await;
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
}
