//! What comes to the listeners, and until when their certificates count.

use std::fmt;

use super::page::{Page, seconds};
use super::{NOBODY, Scrape};
use crate::meter::Connections;
use crate::server::tls::{Certificate, Tls};

impl Scrape {
    pub(super) fn listeners(&self, page: &mut Page<'_>) -> fmt::Result {
        let open = self.counted().map(|(listener, it)| (listener, it.now()));
        let open = open.map(|(listener, open)| ([listener], open as f64));
        page.gauges(("connections_open", "Connections that are open."), open)?;
        let opened = self
            .counted()
            .map(|(listener, it)| ([listener], it.opened()));
        let name = ("connections", "Connections that were accepted.");
        page.counters(name, opened)?;
        let unaccepted = self.counted().into_iter().flat_map(|(listener, it)| {
            let reasons = it.unaccepted();
            reasons.map(|(reason, count)| ([listener, ("reason", reason)], count))
        });
        let name = (
            "accept_failures",
            "Times that a connection could not be accepted.",
        );
        page.counters(name, unaccepted)?;
        let handshakes = self.counted().into_iter().flat_map(|(listener, it)| {
            let results = it.handshakes();
            results.map(|(result, count)| ([listener, ("result", result)], count))
        });
        let name = ("tls_handshakes", "Handshakes, by what came of them.");
        page.counters(name, handshakes)?;
        self.certificates(page)
    }

    fn counted(&self) -> [((&'static str, &'static str), &Connections); 2] {
        let listeners = &self.control.reloader().host().listeners;
        [
            (("listener", "public"), &*listeners.public),
            (("listener", "operators"), &*listeners.operators),
        ]
    }

    fn certificates(&self, page: &mut Page<'_>) -> fmt::Result {
        let server = self.registry.server();
        let operators = server.operators.as_ref().and_then(|it| it.tls.as_ref());
        let listeners = [("public", server.tls.as_ref()), ("operators", operators)];
        let series = listeners.into_iter().flat_map(|(listener, tls)| {
            let names = tls.into_iter().flat_map(|tls| named(tls));
            names.map(move |(name, it)| {
                let labels = [("listener", listener), ("name", name)];
                (labels, seconds(it.not_after()))
            })
        });
        let name = (
            "certificate_expiry_timestamp_seconds",
            "Until when the certificate of a name counts.",
        );
        page.gauges(name, series)
    }
}

/// The certificates by each of their names, which no other certificate has.
fn named(tls: &Tls) -> impl Iterator<Item = (&str, &Certificate)> {
    tls.certificates().iter().flat_map(|it| {
        let mut names: Vec<&str> = it.names().iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            names.push(NOBODY);
        }
        names.into_iter().map(move |name| (name, it))
    })
}
