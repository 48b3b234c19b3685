//! One request of an operator's, and its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;
use tracing::warn;

use super::guard::{Here, Refused, admit};
use super::metrics;
use super::ready::Readiness;
use crate::control::Control;
use crate::protocol::reply::{self, Problem};

const JSON: &str = "application/json";

type Answer = Response<Full<Bytes>>;

/// What can be asked for.
#[derive(Debug, Clone, Copy)]
enum Page {
    Health,
    Readiness,
    Metrics,
    Status,
}

/// What is told of a process that answers.
#[derive(Serialize)]
struct Healthy {
    healthy: bool,
}

impl Page {
    fn parse(path: &str) -> Result<Self, Refused> {
        match path {
            "/healthz" => Ok(Self::Health),
            "/readyz" => Ok(Self::Readiness),
            "/metrics" => Ok(Self::Metrics),
            "/status" => Ok(Self::Status),
            _ => Err(Refused::Path),
        }
    }
}

/// Answers a request that came here.
pub(super) async fn answer<B>(control: &Arc<Control>, here: &Here, request: &Request<B>) -> Answer {
    let registry = control.reloader().host().registry();
    let operators = registry.server().operators.as_ref();
    let token = operators.and_then(|operators| operators.token.as_ref());
    let page = admit(request, here, token).and_then(|()| Page::parse(request.uri().path()));
    match page {
        Ok(page) => tell(control, page).await,
        Err(refused) => refuse(refused),
    }
}

async fn tell(control: &Arc<Control>, page: Page) -> Answer {
    match page {
        Page::Health => json(StatusCode::OK, &Healthy { healthy: true }),
        Page::Readiness => {
            let readiness = Readiness::of(control);
            let status = match readiness.ready {
                true => StatusCode::OK,
                false => StatusCode::SERVICE_UNAVAILABLE,
            };
            json(status, &readiness)
        }
        Page::Metrics => match metrics::text(control).await {
            Ok(text) => page_of(StatusCode::OK, metrics::CONTENT_TYPE, text.into()),
            Err(_) => {
                let message = "the metrics could not be written".to_owned();
                problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
            }
        },
        Page::Status => json(StatusCode::OK, &control.status().await),
    }
}

fn refuse(refused: Refused) -> Answer {
    warn!(reason = %refused, "an operator's request was refused");
    let (status, code) = refused.told();
    let mut answer = problem(status, code, refused.to_string());
    let header = match refused {
        Refused::Token => (WWW_AUTHENTICATE, "Bearer realm=\"jackfield operators\""),
        Refused::Method => (ALLOW, "GET, HEAD"),
        Refused::Host | Refused::Origin | Refused::Path => return answer,
    };
    let value = HeaderValue::from_static(header.1);
    answer.headers_mut().insert(header.0, value);
    answer
}

/// As the public listener tells whoever has proved nothing.
fn problem(status: StatusCode, code: &str, message: String) -> Answer {
    let problem = Problem {
        status,
        code: code.to_owned(),
        message,
        retryable: false,
    };
    page_of(status, JSON, reply::refusal(&problem).into())
}

fn json(status: StatusCode, document: &impl Serialize) -> Answer {
    // Documents of our own have no maps but with texts for keys, so they are all JSON.
    let text = serde_json::to_vec(document).unwrap_or_default();
    page_of(status, JSON, text.into())
}

fn page_of(status: StatusCode, media_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}
