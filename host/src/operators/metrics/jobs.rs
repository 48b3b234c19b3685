//! The jobs that are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::page::{Page, seconds, truth};
use super::{NOBODY, Scrape};
use crate::host::Host;
use crate::jobs::store::{Count, State};

/// How long the store may take to answer: a page without it is better than none.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a job can be, in order.
const STATES: [State; 4] = [State::Accepted, State::Resulted, State::Done, State::Dead];

/// What is known of the jobs of a host that is to keep some.
pub(super) struct Kept {
    /// Nothing where the store is not open, or does not answer.
    counts: Option<Vec<Count>>,
    spooled: Option<(u64, u64)>,
}

/// The jobs of one add-on.
#[derive(Default)]
struct Sum {
    counts: [u64; STATES.len()],
    /// When the oldest was accepted that is neither done nor dead.
    oldest: Option<Timestamp>,
}

impl Kept {
    /// Asks the store; nothing where no recording was ever to be kept.
    pub(super) async fn of(host: &Host) -> Option<Self> {
        let Some(jobs) = host.jobs() else {
            return host.wants_jobs().then_some(Self {
                counts: None,
                spooled: None,
            });
        };
        let counts = tokio::time::timeout(PATIENCE, jobs.counts()).await;
        Some(Self {
            counts: counts.ok().and_then(Result::ok),
            spooled: Some(jobs.spooled()),
        })
    }
}

impl Sum {
    fn add(&mut self, count: &Count) {
        let place = STATES.iter().position(|state| *state == count.state);
        self.counts[place.unwrap_or_default()] += count.count;
        if matches!(count.state, State::Accepted | State::Resulted) {
            let before = self.oldest.unwrap_or(count.oldest);
            self.oldest = Some(before.min(count.oldest));
        }
    }
}

impl Scrape {
    pub(super) fn jobs(&self, page: &mut Page<'_>) -> fmt::Result {
        let Some(kept) = &self.jobs else {
            return Ok(());
        };
        let name = (
            "jobs_store_up",
            "Whether the store of jobs answers: 1 if so.",
        );
        page.gauge(name, truth(kept.counts.is_some()))?;
        if let Some((used, limit)) = kept.spooled {
            let name = ("jobs_spool_bytes", "What audio and results take.");
            page.gauge(name, used as f64)?;
            let name = (
                "jobs_spool_limit_bytes",
                "What they may take, `spool_limit`.",
            );
            page.gauge(name, limit as f64)?;
        }
        let sums = self.sums(kept.counts.as_deref().unwrap_or_default());
        let states = STATES.map(|state| state.to_string());
        let jobs = sums.iter().flat_map(|(name, sum)| {
            let counts = states.iter().zip(sum.counts);
            counts.map(|(state, count)| ([("addon", *name), ("state", state)], count as f64))
        });
        page.gauges(("jobs", "Jobs, by how far they are."), jobs)?;
        let name = (
            "jobs_oldest_accepted_timestamp_seconds",
            "When the oldest job was accepted that is neither done nor dead.",
        );
        let oldest = sums
            .iter()
            .filter_map(|(name, sum)| Some(([("addon", *name)], seconds(sum.oldest?))));
        page.gauges(name, oldest)
    }

    /// The jobs of each add-on; those of add-ons that are gone together.
    fn sums(&self, counts: &[Count]) -> BTreeMap<&str, Sum> {
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for add_on in self
            .add_ons
            .iter()
            .filter(|it| it.config.recordings.is_some())
        {
            sums.entry(add_on.config.name.as_str()).or_default();
        }
        for count in counts {
            let add_on = self.registry.get(count.add_on);
            let name = add_on.map_or(NOBODY, |it| it.config.name.as_str());
            sums.entry(name).or_default().add(count);
        }
        sums
    }
}
