//! The other end of the channel: asking a running host.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::error::{Problem, Refusal};
use super::order::Order;
use super::socket;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens there.
    #[error(
        "no host answers at `{}`: {error}; start one with `jackfield serve`, or say where its \
         state is with --state-dir", .socket.display()
    )]
    NoHost {
        /// Where it would.
        socket: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The host did not do it.
    #[error("{message}")]
    Refused {
        /// For programs.
        code: String,
        /// For people.
        message: String,
    },
    /// It took too long.
    #[error("the host did not answer within {}", humantime::format_duration(*.0))]
    Late(Duration),
    /// The connection broke.
    #[error("the host went away before it answered: {0}")]
    Broken(#[from] hyper::Error),
    /// The host speaks otherwise.
    #[error("the host's answer makes no sense (is it of another version?): {0}")]
    Unintelligible(String),
}

/// Asks the host of a state directory, and returns what it tells.
///
/// # Errors
/// Where there is no host, or it does not do what it was asked for.
pub async fn ask<T: DeserializeOwned>(state: &Path, order: &Order) -> Result<T, AskError> {
    let patience = order.patience();
    let exchange = tokio::time::timeout(patience, exchange(state, order)).await;
    let (status, body) = exchange.map_err(|_| AskError::Late(patience))??;
    let unintelligible = |error: serde_json::Error| AskError::Unintelligible(error.to_string());
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(unintelligible);
    }
    let refusal: Refusal = serde_json::from_slice(&body).map_err(unintelligible)?;
    let Problem { code, message } = refusal.error;
    Err(AskError::Refused { code, message })
}

async fn exchange(state: &Path, order: &Order) -> Result<(StatusCode, Bytes), AskError> {
    let stream = connect(state).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request(order)?).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, body))
}

async fn connect(state: &Path) -> Result<UnixStream, AskError> {
    let connected = socket::connect(state).await;
    connected.map_err(|error| AskError::NoHost {
        socket: socket::path_in(state),
        error,
    })
}

fn request(order: &Order) -> Result<Request<Full<Bytes>>, AskError> {
    let unintelligible =
        |error: &dyn std::fmt::Display| AskError::Unintelligible(error.to_string());
    let body = order.body().map_err(|error| unintelligible(&error))?;
    Request::builder()
        .method(order.verb().method())
        .uri(order.verb().path())
        .header(HOST, "jackfield")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body.into()))
        .map_err(|error| unintelligible(&error))
}
