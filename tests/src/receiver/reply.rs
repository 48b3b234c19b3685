//! How a request is answered, or is not.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::sync::watch;

use crate::body::Body;

/// Something that is done at a certain moment, in the receiver's thread.
pub(super) type Hook = Arc<dyn Fn() + Send + Sync>;

/// What a request meets.
#[derive(Clone)]
pub struct Reply {
    pub(super) ending: Ending,
    pub(super) at_head: Option<Hook>,
    pub(super) then: Option<Hook>,
    pub(super) sips: Option<Duration>,
}

#[derive(Clone)]
pub(super) enum Ending {
    /// An answer.
    Answer(Box<Answer>),
    /// The connection is reset once so many bytes of the body are there.
    Reset(u64),
    /// All is read, and nothing is said.
    Silence,
    /// All is read, and the connection is closed.
    Close,
}

#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    /// The length that is announced, where it is not the body's.
    pub(super) announced: Option<u64>,
    /// Whether it comes before the request's body was read, which never is.
    pub(super) early: bool,
    pub(super) late: Option<Duration>,
    pub(super) gate: Option<Gate>,
    /// How long each byte of the body takes.
    pub(super) dribble: Option<Duration>,
    /// The value of `Authorization` without which the answer is 401.
    pub(super) demanded: Option<String>,
}

/// Holds answers back until it is opened.
#[derive(Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Default for Gate {
    fn default() -> Self {
        Self::shut()
    }
}

impl Gate {
    /// One that is shut.
    #[must_use]
    pub fn shut() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets pass what waits, and whatever else comes.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn passed(&self) {
        let mut changes = self.0.subscribe();
        // The sender is held here: it cannot be gone.
        let _ = changes.wait_for(|open| *open).await;
    }
}

impl Reply {
    fn of(ending: Ending) -> Self {
        Self {
            ending,
            at_head: None,
            then: None,
            sips: None,
        }
    }

    /// This status and no body, once the whole request is there.
    ///
    /// # Panics
    /// Where there is no such status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of(Ending::Answer(Box::new(Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: Body::default(),
            announced: None,
            early: false,
            late: None,
            gate: None,
            dribble: None,
            demanded: None,
        })))
    }

    /// Elsewhere.
    #[must_use]
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("location", to)
    }

    /// Resets the connection once so many bytes of the body are there.
    #[must_use]
    pub fn reset_after(bytes: u64) -> Self {
        Self::of(Ending::Reset(bytes))
    }

    /// Reads everything, and says nothing.
    #[must_use]
    pub fn silence() -> Self {
        Self::of(Ending::Silence)
    }

    /// Reads everything, and closes the connection.
    #[must_use]
    pub fn close() -> Self {
        Self::of(Ending::Close)
    }

    /// Answers with a body.
    #[must_use]
    pub fn body(self, body: impl Into<Body>) -> Self {
        let body = body.into();
        self.answer(|answer| answer.body = body)
    }

    /// Announces a body of another length than it has.
    #[must_use]
    pub fn announced(self, length: u64) -> Self {
        self.answer(|answer| answer.announced = Some(length))
    }

    /// Sets a header.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value: HeaderValue = value.parse().expect("a header's value");
        self.answer(|answer| drop(answer.headers.insert(name, value)))
    }

    /// Answers before anything of the request's body was read.
    #[must_use]
    pub fn early(self) -> Self {
        self.answer(|answer| answer.early = true)
    }

    /// Answers so much later.
    #[must_use]
    pub fn late(self, by: Duration) -> Self {
        self.answer(|answer| answer.late = Some(by))
    }

    /// Answers when the gate is open.
    #[must_use]
    pub fn behind(self, gate: &Gate) -> Self {
        self.answer(|answer| answer.gate = Some(gate.clone()))
    }

    /// Sends the answer's body byte by byte, each so long after the one before it.
    #[must_use]
    pub fn dribbling(self, each: Duration) -> Self {
        self.answer(|answer| answer.dribble = Some(each))
    }

    /// Answers 401 to whoever does not bring these credentials.
    #[must_use]
    pub fn demanding(self, user: &str, password: &str) -> Self {
        let credentials = basic(user, password);
        self.answer(|answer| answer.demanded = Some(credentials))
    }

    /// Reads the request's body with a pause before each piece of it.
    #[must_use]
    pub fn sipping(mut self, pause: Duration) -> Self {
        self.sips = Some(pause);
        self
    }

    /// Does something as soon as the request's head is there.
    #[must_use]
    pub fn at_head(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.at_head = Some(Arc::new(hook));
        self
    }

    /// Does something as soon as the machine has taken the beginning of the answer, which
    /// it delivers whatever becomes of the client.
    #[must_use]
    pub fn then(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.then = Some(Arc::new(hook));
        self
    }

    fn answer(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        match &mut self.ending {
            Ending::Answer(answer) => change(answer),
            Ending::Reset(_) | Ending::Silence | Ending::Close => {
                panic!("what is not answered has no answer to change")
            }
        }
        self
    }
}

/// The value of `Authorization` that brings these credentials.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
