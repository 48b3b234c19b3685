//! The figures that count, and what they are to be.

use serde::Serialize;

use crate::spread::Spread;
use crate::suite::{Results, Sample};

/// What a figure is to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// A figure, over all rounds.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What it is, in words.
    pub name: String,
    /// What it counts: `×`, `KiB` or `s`.
    pub unit: &'static str,
    /// What was measured; nothing where something that it is made of was not.
    pub value: Option<Spread>,
    /// What its median is to be, where that was set.
    pub goal: Option<Goal>,
}

impl Goal {
    /// Whether a value is as it is to be.
    #[must_use]
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

impl Figure {
    /// Whether its goal is met, where there is one and it was measured.
    #[must_use]
    pub fn is_met(&self) -> Option<bool> {
        let value = self.value?.median;
        self.goal.map(|goal| goal.is_met(value))
    }
}

use Goal::{AtLeast, AtMost};

/// Throughputs that are set against one another: what that says, the two, and the goal.
const RATES: [(&str, [&str; 2], Option<Goal>); 15] = [
    (
        "throughput against the same provider as a Rust function",
        ["jackfield get", "native get"],
        Some(AtLeast(0.75)),
    ),
    (
        "throughput against the limit, GET",
        ["jackfield get", "bare get"],
        Some(AtLeast(0.60)),
    ),
    ("the same, form", ["jackfield form", "bare form"], None),
    ("the same, JSON", ["jackfield json", "bare json"], None),
    (
        "throughput against `wasmtime serve` as it comes",
        ["jackfield get", "wasmtime serve"],
        Some(AtLeast(8.0)),
    ),
    (
        "the same, with a pool",
        ["jackfield get", "wasmtime serve, pooling"],
        None,
    ),
    (
        "the same, with instances used again",
        ["jackfield get", "wasmtime serve, reuse"],
        Some(AtLeast(1.8)),
    ),
    (
        "throughput against Express with Twilio's library",
        ["jackfield get", "express"],
        Some(AtLeast(15.0)),
    ),
    (
        "throughput with a line logged for each request, against none",
        ["jackfield get, logged", "jackfield get"],
        None,
    ),
    (
        "throughput of number-insight against caller-name, GET",
        ["number-insight get", "jackfield get"],
        None,
    ),
    (
        "throughput of message-sentiment against caller-name, form",
        ["message-sentiment form", "jackfield form"],
        None,
    ),
    (
        "throughput of 10 add-ons against one",
        ["scale 10", "scale 1"],
        None,
    ),
    (
        "throughput of 100 add-ons against one",
        ["scale 100", "scale 1"],
        None,
    ),
    (
        "throughput of 1,000 add-ons against one",
        ["scale 1000", "scale 1"],
        Some(AtLeast(0.9)),
    ),
    (
        "the same, asked by Zipf's law",
        ["scale 1000, zipf", "scale 1"],
        None,
    ),
];

/// All figures of a run.
#[must_use]
pub fn all(results: &Results) -> Vec<Figure> {
    let mut figures: Vec<Figure> = RATES
        .iter()
        .map(|(name, pair, goal)| ratio(results, name, *pair, |it| it.rate, *goal))
        .collect();
    figures.extend(tail(results));
    figures.extend(idle(results));
    figures
}

fn ratio(
    results: &Results,
    name: &str,
    pair: [&str; 2],
    of: impl Fn(&Sample) -> f64,
    goal: Option<Goal>,
) -> Figure {
    let value = results.compared(pair, |one, other| of(one) / of(other));
    Figure {
        name: name.to_owned(),
        unit: "×",
        value,
        goal,
    }
}

fn tail(results: &Results) -> [Figure; 3] {
    let pair = ["tail jackfield", "tail bare"];
    let name = |which| format!("{which} against the limit, at half of the host's throughput");
    [
        ratio(
            results,
            &name("median latency"),
            pair,
            |it| it.p50_micros,
            None,
        ),
        ratio(
            results,
            &name("99th percentile"),
            pair,
            |it| it.p99_micros,
            Some(AtMost(1.5)),
        ),
        ratio(
            results,
            &name("99.9th percentile"),
            pair,
            |it| it.p999_micros,
            None,
        ),
    ]
}

fn idle(results: &Results) -> [Figure; 3] {
    let each = |many: &Sample, one: &Sample| {
        let [many, one] = [many, one].map(|it| kibibytes(it.resident_bytes));
        (many - one) / 999.0
    };
    let start = |name: &str, value, goal| Figure {
        name: name.to_owned(),
        unit: "s",
        value,
        goal,
    };
    let warm = results.spread("scale 1000", |it| it.start_seconds);
    let cold = Spread::of(results.cold_start_seconds);
    [
        Figure {
            name: "memory of one idle add-on".to_owned(),
            unit: "KiB",
            value: results.compared(["scale 1000", "scale 1"], each),
            goal: Some(AtMost(150.0)),
        },
        start(
            "start with 1,000 add-ons, all compiled before",
            warm,
            Some(AtMost(1.0)),
        ),
        start("the same, with none compiled", cold, None),
    ]
}

fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_at_its_bound() {
        assert!(AtLeast(0.6).is_met(0.6) && !AtLeast(0.6).is_met(0.59));
        assert!(AtMost(1.5).is_met(1.5) && !AtMost(1.5).is_met(1.51));
    }

    #[test]
    fn what_was_not_measured_meets_nothing_and_misses_nothing() {
        let figures = all(&Results::default());
        assert!(figures.iter().all(|figure| figure.is_met().is_none()));
        assert_eq!(
            figures
                .iter()
                .filter(|figure| figure.goal.is_some())
                .count(),
            9
        );
    }
}
