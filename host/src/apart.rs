//! What one thread writes while others read what lies beside it: each in lines of the
//! processor's cache of its own, so that nobody loses a line that did not change.

use std::ops::Deref;

/// In no line of the cache that anything else is in. It is as long as the two lines that
/// processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Apart<T>(pub(crate) T);

impl<T> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
