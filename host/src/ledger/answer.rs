//! An answer as it is kept. Most are short and say nothing but their body: such a one lies
//! in its place on the shelf, and the next that takes the place lies there as well. What a
//! call's thread allocated for its answer, that thread frees when the answer is given, and
//! no other one minutes later.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use crate::told::Told;

/// The longest body, in bytes, that lies in its place. With what is kept beside it, it takes
/// no more than every answer is counted for.
pub(super) const SHORT: usize = 384;

/// What is told again.
#[expect(
    clippy::large_enum_variant,
    reason = "a short answer lies in its place, and not behind a pointer to it"
)]
pub(super) enum Answer {
    /// A status, a name for the log and a short body.
    Short(Short),
    /// Anything else.
    Whole(Arc<Told>),
}

/// See [`Answer::Short`].
pub(super) struct Short {
    status: StatusCode,
    code: &'static str,
    length: usize,
    body: [u8; SHORT],
}

impl Answer {
    pub(super) fn of(told: &Arc<Told>) -> Self {
        Short::of(told).map_or_else(|| Self::Whole(Arc::clone(told)), Self::Short)
    }

    pub(super) fn told(&self) -> Arc<Told> {
        match self {
            Self::Short(short) => Arc::new(short.told()),
            Self::Whole(told) => Arc::clone(told),
        }
    }

    pub(super) fn body(&self) -> &[u8] {
        match self {
            Self::Short(short) => short.body(),
            Self::Whole(told) => &told.body,
        }
    }

    /// How much of it there is, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Short(short) => short.length + short.code.len(),
            Self::Whole(told) => told.size(),
        }
    }
}

impl Short {
    fn of(told: &Told) -> Option<Self> {
        let Told {
            status,
            header: None,
            body: given,
            code: Cow::Borrowed(code),
            failed: None,
        } = told
        else {
            return None;
        };
        let mut body = [0; SHORT];
        body.get_mut(..given.len())?.copy_from_slice(given);
        Some(Self {
            status: *status,
            code,
            length: given.len(),
            body,
        })
    }

    fn told(&self) -> Told {
        Told {
            status: self.status,
            header: None,
            body: Bytes::copy_from_slice(self.body()),
            code: Cow::Borrowed(self.code),
            failed: None,
        }
    }

    fn body(&self) -> &[u8] {
        &self.body[..self.length]
    }
}
