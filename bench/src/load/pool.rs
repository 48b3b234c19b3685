//! The requests of a load, and the order in which they are sent, over and over.

use super::request::Template;

/// Requests in an order.
#[derive(Debug, Clone)]
pub struct Pool {
    templates: Vec<Template>,
    order: Vec<usize>,
    at: usize,
}

impl Pool {
    /// Requests that are sent in turn.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn in_turn(templates: Vec<Template>) -> Self {
        let order = (0..templates.len()).collect();
        Self::in_order(templates, order)
    }

    /// Requests that are sent in an order of their places.
    ///
    /// # Panics
    /// Where there is none, or a place has none.
    #[must_use]
    pub fn in_order(templates: Vec<Template>, order: Vec<usize>) -> Self {
        let placed = order.iter().all(|place| *place < templates.len());
        assert!(placed && !order.is_empty(), "every place has a request");
        let at = 0;
        Self {
            templates,
            order,
            at,
        }
    }

    /// The next request, under a SID of its own, and its place.
    pub(super) fn next(&mut self) -> (usize, &[u8]) {
        let place = self.order[self.at];
        self.at = (self.at + 1) % self.order.len();
        (place, self.templates[place].renewed())
    }

    /// The request of a place.
    pub(super) fn template(&self, place: usize) -> &Template {
        &self.templates[place]
    }
}
