//! Sealing a piece at a time, in bounded memory: the STREAM construction over
//! XChaCha20-Poly1305. Each segment has a seal of its own, which knows its number and
//! whether it is the last, so that none can be left out, repeated or moved.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;

use super::header::Header;
use super::{Place, VaultError};

/// How much is sealed at once, in bytes.
pub(crate) const SEGMENT: usize = 64 * 1024;
/// How long a seal is, in bytes.
pub(super) const TAG: usize = 16;
/// How long a sealed segment is, in bytes.
pub(super) const SEALED_SEGMENT: usize = SEGMENT + TAG;

/// Seals; what comes out is to be stored in order.
pub(crate) struct Sealer {
    /// What is still to be written before anything else.
    header: Vec<u8>,
    body: Option<Body<EncryptorBE32<XChaCha20Poly1305>>>,
}

/// Opens what follows a header.
pub(crate) struct Opener {
    body: Option<Body<DecryptorBE32<XChaCha20Poly1305>>>,
}

/// What is sealed or opened, and not merely passed on.
struct Body<Stream> {
    stream: Stream,
    bound_to: Vec<u8>,
    /// The segment that is being gathered. A full one waits until it is known whether it
    /// is the last.
    segment: Vec<u8>,
}

impl Sealer {
    pub(super) fn new(header: Header, key: Option<XChaCha20Poly1305>, place: &Place) -> Self {
        let nonce = match &header {
            Header::Sealed { nonce, .. } => Some(*nonce),
            Header::Plain => None,
        };
        let stream = key
            .zip(nonce)
            .map(|(key, nonce)| EncryptorBE32::from_aead(key, &nonce.into()));
        Self {
            body: stream.map(|stream| Body::new(stream, &header, place)),
            header: header.bytes(),
        }
    }

    /// Seals more. What is ready is added to `out`.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), VaultError> {
        out.append(&mut self.header);
        let Some(body) = &mut self.body else {
            out.extend_from_slice(bytes);
            return Ok(());
        };
        body.gather(bytes, SEGMENT, out, |stream, bound_to, segment| {
            let sealed = stream.encrypt_next_in_place(bound_to, segment);
            sealed.map_err(|_| VaultError::TooLong)
        })
    }

    /// Seals the end. The rest is added to `out`.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        out.append(&mut self.header);
        let Some(mut body) = self.body else {
            return Ok(());
        };
        let last = body
            .stream
            .encrypt_last_in_place(&body.bound_to, &mut body.segment);
        last.map_err(|_| VaultError::TooLong)?;
        out.append(&mut body.segment);
        Ok(())
    }
}

impl Opener {
    pub(super) fn new(header: &Header, key: Option<XChaCha20Poly1305>, place: &Place) -> Self {
        let stream = match (header, key) {
            (Header::Sealed { nonce, .. }, Some(key)) => {
                Some(DecryptorBE32::from_aead(key, &(*nonce).into()))
            }
            _ => None,
        };
        Self {
            body: stream.map(|stream| Body::new(stream, header, place)),
        }
    }

    /// Opens more. What is certain is added to `out`.
    pub(crate) fn push(&mut self, stored: &[u8], out: &mut Vec<u8>) -> Result<(), VaultError> {
        let Some(body) = &mut self.body else {
            out.extend_from_slice(stored);
            return Ok(());
        };
        body.gather(stored, SEALED_SEGMENT, out, |stream, bound_to, segment| {
            let opened = stream.decrypt_next_in_place(bound_to, segment);
            opened.map_err(|_| VaultError::Broken)
        })
    }

    /// Opens the end, without which nothing before it is all there is.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        let Some(mut body) = self.body else {
            return Ok(());
        };
        let last = body
            .stream
            .decrypt_last_in_place(&body.bound_to, &mut body.segment);
        last.map_err(|_| VaultError::Broken)?;
        out.append(&mut body.segment);
        Ok(())
    }
}

impl<Stream> Body<Stream> {
    fn new(stream: Stream, header: &Header, place: &Place) -> Self {
        Self {
            stream,
            bound_to: [&header.bytes(), place.as_bytes()].concat(),
            segment: Vec::with_capacity(SEALED_SEGMENT),
        }
    }

    /// Gathers segments of `size` bytes, and has each worked on when more follows.
    fn gather(
        &mut self,
        mut bytes: &[u8],
        size: usize,
        out: &mut Vec<u8>,
        work: impl Fn(&mut Stream, &[u8], &mut Vec<u8>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        loop {
            let room = size - self.segment.len();
            let Some((now, later)) = bytes.split_at_checked(room).filter(|(_, l)| !l.is_empty())
            else {
                self.segment.extend_from_slice(bytes);
                return Ok(());
            };
            self.segment.extend_from_slice(now);
            work(&mut self.stream, &self.bound_to, &mut self.segment)?;
            out.append(&mut self.segment);
            bytes = later;
        }
    }
}
