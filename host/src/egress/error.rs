//! Every way in which a connection outwards ends without what it was made for.
//!
//! The texts name hosts, and never a path, a query or credentials: those may be tokens.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use http::StatusCode;
use tokio_rustls::rustls;

/// Why a URL is not connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is longer than any that makes sense.
    #[error("the URL is longer than {0} bytes")]
    TooLong(usize),
    /// It has what no URL has.
    #[error("the URL has a character that has to be escaped")]
    Character,
    /// It is no URL, or one of another kind.
    #[error("the URL does not begin with `https://` or `http://`")]
    Scheme,
    /// It has a user or a password.
    #[error("the URL has a user or a password in it")]
    Credentials,
    /// Its host is none.
    #[error("the URL's host is neither a name nor an address")]
    Host,
    /// Its port is none.
    #[error("the URL's port is no number from 1 to 65535")]
    Port,
    /// No rule is for it.
    #[error("no rule of `egress.hosts` is for `{0}`")]
    NotListed(String),
    /// Anybody can have programs there.
    #[error("anybody's programs answer at `{0}`, so no rule opens it")]
    Anybodys(String),
    /// It is an address that is not public.
    #[error("`{0}` is no public address, and `egress.networks` does not have it")]
    Address(String),
    /// An answer that came by TLS points to where there is none.
    #[error("a redirect leaves TLS for `{0}`")]
    Downgrade(String),
}

/// Why something was not fetched or delivered.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The URL, or one that an answer pointed to, is not connected to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name leads nowhere.
    #[error("the name `{host}` cannot be resolved: {error}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the system says.
        error: io::Error,
    },
    /// The name leads to addresses that are not admitted alone.
    #[error("`{host}` has no public address, and none that `egress.networks` has")]
    NoAddress {
        /// The host.
        host: String,
    },
    /// There is no connection.
    #[error("no connection to `{host}`: {error}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system says, of the address that was tried last.
        error: io::Error,
    },
    /// There is no TLS, or not with the one that is meant.
    #[error("no TLS with `{host}`: {}", Brief(error))]
    Tls {
        /// The host.
        host: String,
        /// What is wrong.
        error: rustls::Error,
    },
    /// The connection broke, or what came over it is no HTTP.
    #[error("the connection to `{host}` broke: {}", Chain(Some(error)))]
    Broken {
        /// The host.
        host: String,
        /// How.
        error: hyper::Error,
    },
    /// Nothing moves any more.
    #[error("nothing moved to or from `{host}` for {}", humantime::format_duration(*.limit))]
    Stalled {
        /// The host.
        host: String,
        /// For how long nothing may.
        limit: Duration,
    },
    /// It takes too long altogether.
    #[error("`{host}` was not done within {}", humantime::format_duration(*.limit))]
    Late {
        /// The host.
        host: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The answer is another than the one that was hoped for.
    #[error("`{host}` answered {}", .status.as_u16())]
    Status {
        /// The host.
        host: String,
        /// The answer.
        status: StatusCode,
    },
    /// The answers point from one place to the next, and there is no end to it.
    #[error("`{host}` redirects for the {limit}th time")]
    Redirects {
        /// The host that did so last.
        host: String,
        /// How many are followed, and one.
        limit: usize,
    },
    /// The answer says twice how long it is.
    #[error("`{host}` gives its answer two lengths")]
    Ambiguous {
        /// The host.
        host: String,
    },
    /// The answer is compressed, which nobody asked for.
    #[error("`{host}` answered in an encoding that was not asked for")]
    Encoded {
        /// The host.
        host: String,
    },
    /// The answer is too long.
    #[error("`{host}` sends more than {limit} bytes")]
    TooLong {
        /// The host.
        host: String,
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// The answer came before it was known what is answered.
    #[error("`{host}` answered before it had everything")]
    Unfinished {
        /// The host.
        host: String,
    },
    /// What is to be sent cannot be read here.
    #[error("what is to be sent cannot be read: {}", Chain(.0.source()))]
    Source(hyper::Error),
    /// What is fetched cannot be kept here.
    #[error("what is fetched cannot be kept: {0}")]
    Sink(io::Error),
}

impl EgressError {
    /// Whether another try, later, makes sense.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::NoAddress { .. }
            | Self::Redirects { .. }
            | Self::Encoded { .. }
            | Self::TooLong { .. } => false,
            Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::Tls { .. }
            | Self::Broken { .. }
            | Self::Stalled { .. }
            | Self::Late { .. }
            | Self::Ambiguous { .. }
            | Self::Unfinished { .. }
            | Self::Source(_)
            | Self::Sink(_) => true,
            Self::Status { status, .. } => is_passing(*status),
        }
    }

    /// The status that was answered, where that is what is wrong.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// What is wrong with the request stays wrong. A redirect that is not followed is how
/// many a server tells that it is being moved.
fn is_passing(status: StatusCode) -> bool {
    let asks_to_come_again = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    !status.is_client_error() || asks_to_come_again.contains(&status)
}

/// How much of what is wrong with a certificate is told, in characters: it lists all of
/// its names, and those are the peer's words.
const BRIEF: usize = 200;

/// An error's text, as far as it is of use.
struct Brief<'e>(&'e rustls::Error);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(BRIEF) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}

/// An error and what caused it, in one line: hyper's own text leaves that out.
struct Chain<'e>(Option<&'e (dyn Error + 'static)>);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in causes(self.0).enumerate() {
            let separator = if at == 0 { "" } else { ": " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

/// An error, what caused it, and so on.
pub(super) fn causes<'e>(
    error: Option<&'e (dyn Error + 'static)>,
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let mut next = error;
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
