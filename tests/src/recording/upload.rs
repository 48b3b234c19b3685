//! A request whose body is sent as a test decides: in one go, in pieces with pauses of the
//! test's own between them, or not to its end.

use std::io;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::body::Body;
use crate::twilio::Answer;
use crate::wire;

/// A request whose head was sent.
pub struct Upload {
    connection: TcpStream,
    rest: Rest,
    sent: u64,
}

/// What is still to be sent.
struct Rest {
    begun: Bytes,
    parts: Box<dyn Iterator<Item = Bytes> + Send>,
    length: u64,
}

impl Upload {
    pub(super) async fn open(address: &str, head: &[u8], body: Body) -> io::Result<Self> {
        let mut connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        connection.write_all(head).await?;
        Ok(Self {
            connection,
            sent: 0,
            rest: Rest {
                begun: Bytes::new(),
                length: body.length(),
                parts: Box::new(body.parts()),
            },
        })
    }

    /// The bytes of the body.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.rest.length
    }

    /// The bytes of the body that the machine has taken.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends the body up to this place.
    ///
    /// # Errors
    /// Where the host is gone, or reads no further.
    pub async fn send_to(&mut self, place: u64) -> io::Result<()> {
        self.rest
            .send(&mut self.connection, &mut self.sent, place)
            .await
    }

    /// Sends the rest of the body, and waits for the answer, which may come earlier.
    ///
    /// # Errors
    /// Where the connection ends before there is an answer.
    pub async fn finish(self) -> io::Result<Answer> {
        let Self {
            mut connection,
            mut rest,
            mut sent,
        } = self;
        let (mut read, mut write) = connection.split();
        let mut answer = std::pin::pin!(wire::answer(&mut read));
        let all = rest.length;
        tokio::select! {
            answer = &mut answer => answer,
            // A host that has answered reads no further, and that is no failure: what it
            // said is still to be read.
            _ = rest.send(&mut write, &mut sent, all) => answer.await,
        }
    }

    /// Waits for an answer without sending anything further.
    ///
    /// # Errors
    /// Where the connection ends before there is an answer.
    pub async fn answer(mut self) -> io::Result<Answer> {
        wire::answer(&mut self.connection).await
    }
}

impl Rest {
    async fn send(
        &mut self,
        connection: &mut (impl AsyncWrite + Unpin),
        sent: &mut u64,
        place: u64,
    ) -> io::Result<()> {
        while *sent < place {
            if self.begun.is_empty() {
                match self.parts.next() {
                    Some(part) => self.begun = part,
                    None => return Ok(()),
                }
            }
            let most = usize::try_from(place - *sent).unwrap_or(usize::MAX);
            let most = most.min(self.begun.len());
            let written = connection.write(&self.begun[..most]).await?;
            self.begun.advance(written);
            *sent += written as u64;
        }
        Ok(())
    }
}
