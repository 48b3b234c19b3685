//! How each add-on is: its component, its turns, its guests.

use std::fmt;

use super::Scrape;
use super::page::{Name, Page, truth};
use crate::add_on::{AddOn, Tally};
use crate::admission::Load;
use crate::control::{Condition, conditions};

/// What can hold of an add-on, by the name that `status` has for it.
const CONDITIONS: [&str; 6] = [
    "ready",
    "paused",
    "unavailable",
    "serving-previous",
    "suspended",
    "on-trial",
];

impl Scrape {
    pub(super) fn add_ons(&self, page: &mut Page<'_>) -> fmt::Result {
        self.conditions(page)?;
        self.turns(page)?;
        self.guests(page)?;
        self.shadows(page)
    }

    fn conditions(&self, page: &mut Page<'_>) -> fmt::Result {
        let series = self.named().flat_map(|(name, add_on)| {
            let holding: Vec<&str> = conditions(add_on).iter().map(state).collect();
            CONDITIONS.map(|condition| {
                let holds = holding.contains(&condition);
                ([("addon", name), ("condition", condition)], truth(holds))
            })
        });
        let name = (
            "addon_condition",
            "Whether something holds of an add-on: 1 if so.",
        );
        page.gauges(name, series)
    }

    fn turns(&self, page: &mut Page<'_>) -> fmt::Result {
        let loads = self
            .named()
            .map(|(name, add_on)| (name, add_on, add_on.gate.load()));
        let loads: Vec<(&str, &AddOn, Load)> = loads.collect();
        let mut gauge = |name: Name, value: fn(&AddOn, &Load) -> usize| {
            let series = loads.iter();
            let series =
                series.map(|(name, add_on, load)| ([("addon", *name)], value(add_on, load) as f64));
            page.gauges(name, series)
        };
        gauge(("addon_calls_running", "Calls that run."), |_, load| {
            load.running
        })?;
        gauge(
            ("addon_calls_waiting", "Calls that wait for a turn."),
            |_, load| load.waiting,
        )?;
        let name = ("addon_slots_guaranteed", "Slots that no other add-on gets.");
        gauge(name, |_, load| load.guaranteed)?;
        let name = (
            "addon_slots_limit",
            "The most calls that may run, `concurrency`.",
        );
        gauge(name, |add_on, _| add_on.config.limits.concurrency)?;
        let name = (
            "addon_queue_limit",
            "The most calls that may wait, `queue`.",
        );
        gauge(name, |add_on, _| add_on.config.limits.queue)
    }

    fn guests(&self, page: &mut Page<'_>) -> fmt::Result {
        let used = self
            .named()
            .map(|(name, add_on)| (name, add_on.meter.guests()));
        let used: Vec<_> = used.filter(|(_, (cpu, _))| cpu.count() > 0).collect();
        let name = (
            "guest_cpu_seconds",
            "Processor time of one call, canaries and shadows included.",
        );
        let cpu = used.iter();
        page.histograms(
            name,
            cpu.map(|(name, (cpu, _))| ([("addon", *name)], cpu.clone())),
        )?;
        let name = (
            "guest_memory_bytes",
            "Memory that one call was granted, canaries and shadows included.",
        );
        let memory = used.into_iter();
        page.histograms(
            name,
            memory.map(|(name, (_, memory))| ([("addon", name)], memory)),
        )
    }

    fn shadows(&self, page: &mut Page<'_>) -> fmt::Result {
        let tallies = self
            .named()
            .filter_map(|(name, add_on)| Some((name, add_on.shadow.as_ref()?.tally())));
        let series = tallies.flat_map(|(name, tally)| {
            let Tally {
                same,
                different,
                failed,
                skipped,
            } = tally;
            let results = [
                ("same", same),
                ("different", different),
                ("failed", failed),
                ("skipped", skipped),
            ];
            results.map(|(result, count)| ([("addon", name), ("result", result)], count))
        });
        page.counters(("shadow_calls", "What came of comparing a shadow."), series)
    }

    fn named(&self) -> impl Iterator<Item = (&str, &AddOn)> {
        let add_ons = self.add_ons.iter();
        add_ons.map(|add_on| (add_on.config.name.as_str(), &**add_on))
    }
}

/// A condition's name in the status.
fn state(condition: &Condition) -> &'static str {
    match condition {
        Condition::Ready => "ready",
        Condition::Paused { .. } => "paused",
        Condition::Unavailable { .. } => "unavailable",
        Condition::ServingPrevious { .. } => "serving-previous",
        Condition::Suspended { .. } => "suspended",
        Condition::OnTrial { .. } => "on-trial",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_have_the_names_of_the_status() {
        let text = String::new;
        for condition in [
            Condition::Ready,
            Condition::Unavailable { why: text() },
            Condition::ServingPrevious { why: text() },
            Condition::Suspended { why: text() },
            Condition::OnTrial { calls: 0, of: 1 },
        ] {
            let document = serde_json::to_value(&condition).unwrap();
            assert_eq!(document["state"], state(&condition));
            assert!(CONDITIONS.contains(&state(&condition)));
        }
    }
}
