//! What a guest reads of a recording and writes of its report: a piece at a time, through
//! the host. Neither is ever held as a whole, and the report is checked as it comes.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime::{Error, Result};

use super::contract::analysis::jackfield::addon::recording_media;
use super::guest::Guest;
use super::outcome::{CallError, ReplyError};
use crate::protocol::json::ObjectCheck;

/// The most bytes of one piece. The contract names it.
pub const PIECE: usize = 64 * 1024;

/// Where a recording comes from.
pub type Audio = Box<dyn AsyncRead + Send + Unpin>;
/// Where a report goes.
pub type Report = Box<dyn AsyncWrite + Send + Unpin>;

/// What one guest reads and writes. Pieces are gathered: a guest that takes them byte by
/// byte pays with its own processor time, and not with the host's calls to a disk.
pub(super) struct Media {
    audio: BufReader<Audio>,
    report: BufWriter<Report>,
    limit: usize,
    left: usize,
    check: ObjectCheck,
}

impl Media {
    /// A recording, and a report of at most so many bytes, nested at most so deep.
    pub(super) fn new(audio: Audio, report: Report, limit: usize, depth: u8) -> Self {
        Self {
            audio: BufReader::with_capacity(PIECE, audio),
            report: BufWriter::with_capacity(PIECE, report),
            limit,
            left: limit,
            check: ObjectCheck::new(depth),
        }
    }

    async fn read(&mut self, limit: u32) -> Result<Vec<u8>, CallError> {
        let most = usize::try_from(limit).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; most];
        let read = self.audio.read(&mut piece).await;
        piece.truncate(read.map_err(CallError::Unread)?);
        Ok(piece)
    }

    async fn write(&mut self, piece: &[u8]) -> Result<(), CallError> {
        let left = self.left.checked_sub(piece.len());
        self.left = left.ok_or(ReplyError::TooLong(self.limit))?;
        self.check.feed(piece).map_err(ReplyError::NotAnObject)?;
        let written = self.report.write_all(piece).await;
        written.map_err(CallError::Unkept)
    }

    /// Ends the report, which has to be a whole object.
    ///
    /// # Errors
    /// Where it is not, or could not be written to its end.
    pub(super) async fn finish(mut self) -> Result<(), CallError> {
        self.check.finish().map_err(ReplyError::NotAnObject)?;
        let written = self.report.shutdown().await;
        written.map_err(CallError::Unkept)
    }
}

/// What guests of recordings are linked to besides.
pub(super) fn add_to(linker: &mut Linker<Guest>) -> Result<()> {
    recording_media::add_to_linker::<Guest, HasSelf<Guest>>(linker, |guest| guest)
}

/// Only a call has media. A guest that asks for them in its start function, or while it
/// checks its settings, has no handle to ask with.
fn media(guest: &mut Guest) -> Result<&mut Media> {
    let media = guest.media.as_mut();
    media.ok_or_else(|| Error::msg("there is no recording"))
}

/// There is one of each in a call, so a handle says all by its type.
impl recording_media::Host for Guest {}

impl recording_media::HostAudio for Guest {
    async fn read(&mut self, _: Resource<recording_media::Audio>, limit: u32) -> Result<Vec<u8>> {
        Ok(media(self)?.read(limit).await?)
    }

    /// It is only ever lent.
    async fn drop(&mut self, _: Resource<recording_media::Audio>) -> Result<()> {
        Ok(())
    }
}

impl recording_media::HostReport for Guest {
    async fn write(&mut self, _: Resource<recording_media::Report>, piece: Vec<u8>) -> Result<()> {
        if piece.len() > PIECE {
            let problem = format!("more than {PIECE} bytes are written to the report at once");
            return Err(Error::msg(problem));
        }
        Ok(media(self)?.write(&piece).await?)
    }

    /// It is only ever lent.
    async fn drop(&mut self, _: Resource<recording_media::Report>) -> Result<()> {
        Ok(())
    }
}
