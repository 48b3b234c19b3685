//! A request's body in pieces, of which the long ones are made while they are sent.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::twilio::hex;
use crate::wav::Large;

/// A body. It can be sent, and hashed, any number of times.
#[derive(Debug, Clone, Default)]
pub struct Body(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Held(Bytes),
    Made(Large),
}

impl Body {
    /// Adds bytes that are held.
    pub fn hold(&mut self, bytes: impl Into<Bytes>) {
        self.0.push(Piece::Held(bytes.into()));
    }

    /// Adds a recording that is not held.
    pub fn make(&mut self, large: Large) {
        self.0.push(Piece::Made(large));
    }

    /// Adds another body.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Its bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        let lengths = self.0.iter().map(|piece| match piece {
            Piece::Held(bytes) => bytes.len() as u64,
            Piece::Made(large) => large.length(),
        });
        lengths.sum()
    }

    /// Its SHA-256, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        self.clone().parts().for_each(|part| hash.update(&part));
        hex(&hash.finalize())
    }

    /// All of it, in parts of a moderate size.
    pub fn parts(self) -> impl Iterator<Item = Bytes> + Send {
        self.0.into_iter().flat_map(|piece| {
            let (held, made) = match piece {
                Piece::Held(bytes) => (Some(bytes), None),
                Piece::Made(large) => (None, Some(large.parts())),
            };
            held.into_iter().chain(made.into_iter().flatten())
        })
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(vec![Piece::Held(bytes.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::body_hash;

    #[test]
    fn a_body_is_its_pieces_in_order() {
        let mut body = Body::from("head");
        body.make(Large::new(1, 200_000));
        body.hold("tail");
        let whole: Vec<u8> = body.clone().parts().flatten().collect();
        assert_eq!(body.length(), 200_008);
        assert_eq!(whole.len(), 200_008);
        assert_eq!(body.hash(), body_hash(&whole));
        assert_eq!(&whole[..8], b"headRIFF");
        assert_eq!(&whole[200_004..], b"tail");
    }
}
