//! What is counted on the way of requests.

use std::fmt;

use super::page::Page;
use super::{NOBODY, Scrape};
use crate::meter::{Meter, Outcome, Seen, Way};
use crate::protocol::point::IntegrationPoint;

/// The requests of one add-on at one integration point.
struct Group<'a> {
    add_on: &'a str,
    point: Option<IntegrationPoint>,
    seen: Seen,
}

impl Group<'_> {
    fn point(&self) -> &'static str {
        self.point.map_or(NOBODY, IntegrationPoint::name)
    }

    fn labels(&self) -> [(&'static str, &str); 2] {
        [("addon", self.add_on), ("point", self.point())]
    }

    /// Its outcomes, and how often each came about. Success is told from the beginning.
    fn outcomes(&self) -> impl Iterator<Item = ([(&'static str, &str); 3], u64)> {
        let [add_on, point] = self.labels();
        let all = Outcome::all().zip(self.seen.outcomes);
        let told = all.filter(|(outcome, count)| *count > 0 || outcome.place() == 0);
        told.map(move |(outcome, count)| ([add_on, point, ("outcome", outcome.name())], count))
    }

    /// What counts against the publisher.
    fn against(&self) -> impl Iterator<Item = ([(&'static str, &str); 5], u64)> {
        let [add_on, point] = self.labels();
        let who = ["false", "true"].into_iter().zip(&self.seen.against);
        who.flat_map(move |(verified, counts)| {
            let counted = Outcome::all().zip(counts).filter(|(_, count)| **count > 0);
            counted.map(move |(outcome, count)| {
                let status = ("status", outcome.status_text());
                let reason = ("reason", outcome.name());
                let labels = [add_on, point, status, reason, ("verified", verified)];
                (labels, *count)
            })
        })
    }
}

impl Scrape {
    pub(super) fn requests(&self, page: &mut Page<'_>) -> fmt::Result {
        let groups: Vec<Group<'_>> = self.groups().collect();
        let name = ("requests", "Requests, by what came of them.");
        page.counters(name, groups.iter().flat_map(Group::outcomes))?;
        let name = (
            "publisher_errors",
            "Answers with 4xx or 5xx, which Twilio counts against the publisher where they are its own requests.",
        );
        page.counters(name, groups.iter().flat_map(Group::against))?;
        let name = ("fallbacks", "Answers that were the add-on's fallback.");
        let fallbacks = groups.iter().map(|it| (it.labels(), it.seen.degraded));
        page.counters(name, fallbacks)?;
        let name = (
            "unheard_requests",
            "Requests whose caller had gone before the answer.",
        );
        page.counters(name, groups.iter().map(|it| (it.labels(), it.seen.unheard)))?;
        let name = (
            "request_duration_seconds",
            "Time from a request's head to its answer.",
        );
        let took = groups.iter().map(|it| (it.labels(), it.seen.took.clone()));
        page.histograms(name, took)?;
        self.clocks(page)
    }

    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let of = |add_on, meter: &Meter| {
            let seen = meter.seen().collect::<Vec<_>>().into_iter();
            seen.map(move |(point, seen)| Group {
                add_on,
                point,
                seen,
            })
        };
        let strangers = of(NOBODY, &self.control.reloader().host().strangers);
        let add_ons = self.add_ons.iter();
        let add_ons = add_ons.flat_map(move |it| of(it.config.name.as_str(), &it.meter));
        strangers.chain(add_ons)
    }

    fn clocks(&self, page: &mut Page<'_>) -> fmt::Result {
        let clocks = &self.control.reloader().host().clocks;
        let name = (
            "clock_difference_seconds",
            "By how much this host's clock was ahead of, or behind, the date of a verified request.",
        );
        let sides = [("ahead", Way::Ahead), ("behind", Way::Behind)];
        let sides = sides.map(|(side, way)| ([("side", side)], clocks.seen(way)));
        page.histograms(name, sides)
    }
}
