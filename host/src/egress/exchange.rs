//! One request and its answer, over a connection of its own.

use std::io;
use std::pin::pin;
use std::time::Duration;

use hyper::body::Body;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::dial::Stream;
use super::error::{EgressError, causes};
use super::target::Target;
use super::upload::BodyError;

/// The most fields of an answer's head, and its longest size in bytes.
const HEADERS: usize = 100;
const LONGEST_HEAD: usize = 32 * 1024;
/// What is read ahead of an answer's body, in bytes, at most.
const READ_AHEAD: usize = 64 * 1024;

/// The peer of an exchange, as errors name it.
pub(super) struct Peer<'t> {
    pub(super) target: &'t Target,
    /// For how long nothing may move.
    pub(super) idle: Duration,
}

impl Peer<'_> {
    pub(super) fn host(&self) -> String {
        self.target.host().to_string()
    }

    /// What a failed exchange is told as.
    pub(super) fn failed(&self, error: hyper::Error) -> EgressError {
        let is_stall = causes(Some(&error)).any(|cause| {
            let cause = cause.downcast_ref::<io::Error>();
            cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
        });
        let host = self.host();
        match error.is_user() {
            true => EgressError::Source(error),
            false if is_stall => EgressError::Stalled {
                host,
                limit: self.idle,
            },
            false => EgressError::Broken { host, error },
        }
    }

    /// Makes a connection ready for one request.
    pub(super) async fn open<B>(
        &self,
        stream: Box<dyn Stream>,
    ) -> Result<(SendRequest<B>, Connection<TokioIo<Box<dyn Stream>>, B>), EgressError>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BodyError>,
    {
        let mut builder = Builder::new();
        builder
            .max_headers(HEADERS)
            .max_header_size(LONGEST_HEAD)
            .max_buf_size(READ_AHEAD);
        let opened = builder.handshake(TokioIo::new(stream)).await;
        opened.map_err(|error| self.failed(error))
    }

    /// Runs a connection for as long as an exchange over it takes, in the same task: who
    /// gives up on the exchange closes the connection.
    pub(super) async fn drive<T>(
        &self,
        connection: impl Future<Output = Result<(), hyper::Error>>,
        exchange: impl Future<Output = Result<T, EgressError>>,
    ) -> Result<T, EgressError> {
        // Boxed, so that it can be dropped: what waits for its end must not wait on.
        let mut connection = Box::pin(connection);
        let mut exchange = pin!(exchange);
        let ended = tokio::select! {
            biased;
            result = &mut exchange => return result,
            ended = &mut connection => ended,
        };
        drop(connection);
        // The connection knows why it is gone; whoever waited for it may not.
        match (exchange.await, ended.map_err(|cause| self.failed(cause))) {
            (Err(EgressError::Broken { .. }), Err(why)) => Err(why),
            (Err(unfinished @ EgressError::Unfinished { .. }), Err(why)) => match why {
                EgressError::Broken { .. } => Err(unfinished),
                why => Err(why),
            },
            (result, _) => result,
        }
    }
}
