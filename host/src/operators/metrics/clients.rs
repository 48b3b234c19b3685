//! Who was not let in. Addresses are nobody's to read here.

use std::fmt;

use super::Scrape;
use super::page::Page;

impl Scrape {
    pub(super) fn clients(&self, page: &mut Page<'_>) -> fmt::Result {
        let clients = &self.control.reloader().host().clients;
        let name = (
            "connections_refused",
            "Connections that were closed before they were served.",
        );
        let refused = [
            ("proxy_header", &clients.misunderstood),
            ("address_full", &clients.crowded_out),
        ];
        let refused = refused.map(|(reason, count)| ([("reason", reason)], count.read()));
        page.counters(name, refused)?;
        let name = (
            "addresses_held_off",
            "Addresses whose unverified requests are too many for now.",
        );
        page.gauge(name, clients.held_off() as f64)
    }
}
