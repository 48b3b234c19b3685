//! Takes a multipart body apart while it arrives: texts are kept, the audio goes to its
//! file, and whatever else there is goes by.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::Body;
use multer::{Field, Multipart};
use sha2::{Digest, Sha256};

use super::wire::{Unread, Wire};
use super::{Bounds, Spooled};
use crate::failure::Failure;
use crate::jobs::Jobs;
use crate::protocol::multipart::{Audio, MultipartError, Parts};
use crate::protocol::parameters::{MOST_PARAMETERS, Parameter};
use crate::protocol::recording::RecordingFields;

/// How much of an audio's beginning is kept, in bytes: the header of a WAV file is short.
const HEAD: usize = 4 * 1024;

/// How a body is taken apart.
pub(super) struct Taking<'a> {
    pub(super) jobs: &'a Jobs,
    pub(super) fields: &'a RecordingFields,
    pub(super) bounds: Bounds,
}

/// What came of it.
pub(super) struct Taken {
    pub(super) parts: Parts,
    pub(super) audio: Option<Spooled>,
}

/// What came of it so far.
#[derive(Default)]
struct Found {
    texts: Vec<Parameter>,
    bytes: usize,
    count: usize,
    audio: Option<(Audio, Spooled)>,
}

/// What ends the taking apart.
enum Trouble {
    /// The request has to be refused.
    Fatal(Failure),
    /// The body makes no sense: who sent it is told once it is known who that is.
    Fault(MultipartError),
}

impl From<multer::Error> for Trouble {
    fn from(_: multer::Error) -> Self {
        Self::Fault(MultipartError::Malformed)
    }
}

impl Taking<'_> {
    pub(super) async fn take<B>(
        &self,
        wire: &mut Wire<B>,
        boundary: &str,
    ) -> Result<Taken, Failure>
    where
        B: Body<Data = Bytes> + Unpin + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let unread = wire.unread();
        let mut found = Found::default();
        let ended = {
            let multipart = Multipart::new(&mut *wire, boundary);
            self.parts(multipart, &unread, &mut found).await
        };
        if let Some(failure) = wire.failure() {
            return Err(failure);
        }
        let fault = match ended {
            Ok(()) => None,
            Err(Trouble::Fault(fault)) => Some(fault),
            Err(Trouble::Fatal(failure)) => return Err(failure),
        };
        let (audio, spooled) = found.audio.unzip();
        let parts = Parts {
            texts: found.texts,
            audio,
            digest: wire.digest().await?,
            fault,
        };
        Ok(Taken {
            parts,
            audio: spooled,
        })
    }

    async fn parts(
        &self,
        mut multipart: Multipart<'_>,
        unread: &Unread,
        found: &mut Found,
    ) -> Result<(), Trouble> {
        while let Some(part) = self.soon(multipart.next_field()).await? {
            unread.clear();
            found.count += 1;
            if found.count > MOST_PARAMETERS {
                return Err(Trouble::Fault(MultipartError::TooMany));
            }
            let name = part.name().unwrap_or_default().to_owned();
            if self.fields.is_audio(&name) {
                if found.audio.is_some() {
                    return Err(Trouble::Fault(MultipartError::AudioTwice));
                }
                found.audio = Some(self.audio(part, unread).await?);
            } else {
                self.text(name, part, unread, found).await?;
            }
        }
        Ok(())
    }

    /// Keeps a text. A file that is not the audio is read and forgotten.
    async fn text(
        &self,
        name: String,
        mut part: Field<'_>,
        unread: &Unread,
        found: &mut Found,
    ) -> Result<(), Trouble> {
        let is_file = part.file_name().is_some();
        let mut text = BytesMut::new();
        found.bytes += name.len();
        while let Some(piece) = self.soon(part.chunk()).await? {
            unread.clear();
            if is_file {
                continue;
            }
            found.bytes += piece.len();
            if found.bytes > self.bounds.texts {
                return Err(Trouble::Fatal(Failure::BodyTooLong));
            }
            text.extend_from_slice(&piece);
        }
        if !is_file {
            let text = String::from_utf8_lossy(&text).into_owned();
            found.texts.push((name, text));
        }
        Ok(())
    }

    async fn audio(
        &self,
        mut part: Field<'_>,
        unread: &Unread,
    ) -> Result<(Audio, Spooled), Trouble> {
        let limit = self.bounds.audio as u64;
        let draft = self.jobs.draft(limit).await;
        let mut draft = draft.map_err(|error| Trouble::Fatal(error.into()))?;
        let (mut hash, mut head) = (Sha256::new(), BytesMut::new());
        let media_type = part.content_type().map(ToString::to_string);
        while let Some(piece) = self.soon(part.chunk()).await? {
            unread.clear();
            hash.update(&piece);
            let wanted = HEAD.saturating_sub(head.len()).min(piece.len());
            head.extend_from_slice(&piece[..wanted]);
            let written = draft.write(piece).await;
            written.map_err(|error| Trouble::Fatal(error.into()))?;
        }
        let audio = Audio {
            media_type,
            digest: hash.finalize().into(),
            length: draft.length(),
        };
        let head = head.freeze();
        Ok((audio, Spooled { draft, head }))
    }

    /// Waits for what should come soon.
    async fn soon<T>(
        &self,
        coming: impl Future<Output = multer::Result<T>>,
    ) -> Result<T, Trouble> {
        let idle: Duration = self.bounds.idle;
        match tokio::time::timeout(idle, coming).await {
            Ok(come) => Ok(come?),
            Err(_) => Err(Trouble::Fatal(Failure::BodyTooSlow)),
        }
    }
}
