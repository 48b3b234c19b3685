//! What was measured.

use std::time::Duration;

use serde::Serialize;

use crate::load::Outcome;
use crate::server::{Memory, Process};
use crate::spread::Spread;

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// Answers in a second.
    pub rate: f64,
    /// The latency of half of the requests at most, in microseconds.
    pub p50_micros: f64,
    /// That of 99 in a hundred.
    pub p99_micros: f64,
    /// That of 999 in a thousand.
    pub p999_micros: f64,
    /// All answers, those of the warm-up among them. All are right.
    pub answers: u64,
    /// The instances that were created meanwhile, where they are counted.
    pub instances: Option<u64>,
    /// From the process' start until it listened, in seconds.
    pub start_seconds: f64,
    /// Resident memory before the first request, in bytes.
    pub resident_bytes: u64,
    /// The same, with what is shared divided.
    pub proportional_bytes: u64,
}

impl Sample {
    pub(super) fn new(
        process: &Process,
        memory: Memory,
        outcome: &Outcome,
        instances: Option<u64>,
    ) -> Self {
        Self {
            rate: outcome.rate(),
            p50_micros: outcome.micros(50.0),
            p99_micros: outcome.micros(99.0),
            p999_micros: outcome.micros(99.9),
            answers: outcome.answers,
            instances,
            start_seconds: process.took.as_secs_f64(),
            resident_bytes: memory.resident,
            proportional_bytes: memory.proportional,
        }
    }
}

/// Everything of one name, round by round; what failed is missing.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The contender.
    pub name: String,
    /// Its measurements.
    pub rounds: Vec<Option<Sample>>,
}

/// All measurements of a run.
#[derive(Debug, Default, Serialize)]
pub struct Results {
    /// The contenders, in the order of their first measurement.
    pub rows: Vec<Row>,
    /// How long the start with the most add-ons takes where none is compiled, in seconds.
    pub cold_start_seconds: Option<f64>,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Results {
    pub(super) fn add(&mut self, round: usize, name: &str, measured: anyhow::Result<Sample>) {
        let sample = measured
            .inspect_err(|error| {
                self.failures
                    .push(format!("{name}, round {}: {error:#}", round + 1))
            })
            .ok();
        let at = self
            .rows
            .iter()
            .position(|row| row.name == name)
            .unwrap_or_else(|| {
                let rounds = Vec::new();
                self.rows.push(Row {
                    name: name.to_owned(),
                    rounds,
                });
                self.rows.len() - 1
            });
        self.rows[at].rounds.push(sample);
    }

    pub(super) fn started_cold(&mut self, took: Duration) {
        self.cold_start_seconds = Some(took.as_secs_f64());
    }

    /// A figure of one contender.
    #[must_use]
    pub fn spread(&self, name: &str, figure: impl Fn(&Sample) -> f64) -> Option<Spread> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        Spread::of(row.rounds.iter().flatten().map(figure))
    }

    /// A figure of two contenders, computed in each round out of what was measured in it.
    #[must_use]
    pub fn compared(
        &self,
        [one, other]: [&str; 2],
        figure: impl Fn(&Sample, &Sample) -> f64,
    ) -> Option<Spread> {
        let row = |name| self.rows.iter().find(|row| row.name == name);
        let pairs = row(one)?.rounds.iter().zip(&row(other)?.rounds);
        let pairs = pairs.filter_map(|(one, other)| one.as_ref().zip(other.as_ref()));
        Spread::of(pairs.map(|(one, other)| figure(one, other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rate: f64) -> Sample {
        Sample {
            rate,
            p50_micros: 0.0,
            p99_micros: 0.0,
            p999_micros: 0.0,
            answers: 0,
            instances: None,
            start_seconds: 0.0,
            resident_bytes: 0,
            proportional_bytes: 0,
        }
    }

    #[test]
    fn what_failed_is_told_and_its_round_is_left_out() {
        let mut results = Results::default();
        for (round, rates) in [(8.0, 2.0), (3.0, 3.0), (9.0, 3.0)].into_iter().enumerate() {
            results.add(round, "one", Ok(sample(rates.0)));
            let other = if round == 1 {
                Err(anyhow::anyhow!("gone"))
            } else {
                Ok(sample(rates.1))
            };
            results.add(round, "other", other);
        }
        let ratio = results.compared(["one", "other"], |one, other| one.rate / other.rate);
        assert_eq!(ratio, Spread::of([4.0, 3.0]));
        assert_eq!(
            results.spread("one", |it| it.rate).map(|it| it.median),
            Some(8.0)
        );
        assert_eq!(results.failures, ["other, round 2: gone"]);
        assert!(results.spread("none", |it| it.rate).is_none());
    }
}
