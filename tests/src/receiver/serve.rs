//! Accepts connections, and notes what comes over them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use super::Shared;
use super::behaviour::{self, Broken};
use super::seen::{Received, Seen};
use super::socket::{Course, Socket};

/// One connection.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) course: Arc<Course>,
    number: usize,
}

pub(super) async fn serve(
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("it listens");
    while let Ok((stream, _)) = listener.accept().await {
        // Nobody waits for more bytes to come along.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            shared: Arc::clone(&shared),
            course: Arc::default(),
            number: 1 + shared.connections.fetch_add(1, Ordering::SeqCst),
        };
        let socket = Socket::new(stream, Arc::clone(&connection.course));
        match tls.clone() {
            None => drop(tokio::spawn(connection.run(socket))),
            Some(tls) => drop(tokio::spawn(connection.run_tls(socket, tls))),
        }
    }
}

impl Connection {
    async fn run_tls(self, socket: Socket, tls: TlsAcceptor) {
        match tls.accept(socket).await {
            Ok(stream) => self.run(stream).await,
            Err(_) => drop(self.shared.refused.fetch_add(1, Ordering::SeqCst)),
        }
    }

    async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let service = service_fn(|request| self.answer(request));
        let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // How it ended is what the test is about.
        let _ = served.await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<http::Response<behaviour::Sent>, Broken> {
        let reply = self.shared.reply(request.uri().path());
        let place = self.note(&request);
        if let Some(hook) = &reply.at_head {
            hook();
        }
        behaviour::carry_out(self, place, reply, request).await
    }

    /// Notes a request's head, and returns its place among all.
    fn note(&self, request: &Request<Incoming>) -> usize {
        let seen = Seen {
            method: request.method().clone(),
            target: request.uri().clone(),
            headers: request.headers().clone(),
            arrived: Instant::now(),
            connection: self.number,
            body: None,
            answered: None,
        };
        let mut place = 0;
        self.shared.seen.send_modify(|all| {
            place = all.len();
            all.push(seen);
        });
        place
    }
}

impl Shared {
    /// Notes what came of a request's body.
    pub(super) fn note_body(&self, place: usize, body: Received) {
        self.seen.send_modify(|all| all[place].body = Some(body));
    }

    /// Notes that the answer has left.
    pub(super) fn note_answer(&self, place: usize, status: StatusCode) {
        self.seen
            .send_modify(|all| all[place].answered = Some(status));
    }
}
