//! A new version that answers a part of the customers first.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Hindrance;
use crate::config::AddOnName;
use crate::protocol::sid::AddOnInstallSid;
use crate::version::Serving;

/// A version beside the one that serves, and its part of the customers.
#[derive(Clone)]
pub struct Canary {
    /// What serves them, or why nothing does: they are served as all others are.
    pub serving: Result<Serving, Arc<Hindrance>>,
    /// Its part, of a hundred.
    pub percent: usize,
}

impl Canary {
    /// What serves a customer, if it is one of the canary's. A customer is always served
    /// by the same version; calls that name none are never the canary's. One that has
    /// just lost its trial serves nobody.
    pub(super) fn serving(
        &self,
        add_on: &AddOnName,
        customer: Option<AddOnInstallSid>,
    ) -> Option<&Serving> {
        let serving = self.serving.as_ref().ok()?;
        let trial = serving.trial.as_ref();
        if trial.is_some_and(|trial| trial.is_lost()) {
            return None;
        }
        (place(add_on, customer?) < self.percent).then_some(serving)
    }
}

/// A customer's place among a hundred: the same at every start, and another for every
/// add-on, so that it is not always the same customers who go first.
fn place(add_on: &AddOnName, customer: AddOnInstallSid) -> usize {
    let digest = Sha256::digest(format!("{add_on} {customer}"));
    let number = u16::from_be_bytes([digest[0], digest[1]]);
    usize::from(number) * 100 / (usize::from(u16::MAX) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(number: usize) -> AddOnInstallSid {
        format!("XD{number:032x}").parse().unwrap()
    }

    #[test]
    fn customers_are_spread_evenly_and_each_add_on_spreads_them_its_own_way() {
        let (one, other) = ("one".parse().unwrap(), "other".parse().unwrap());
        let first = |add_on: &AddOnName, percent: usize| {
            let of_ten_thousand = (0..10_000).map(customer);
            let chosen = of_ten_thousand.filter(|it| place(add_on, *it) < percent);
            chosen.collect::<Vec<_>>()
        };
        for percent in [0, 1, 5, 50, 100] {
            let part = first(&one, percent).len();
            assert!(part.abs_diff(percent * 100) < 200, "{percent}: {part}");
        }
        assert_eq!(first(&one, 100).len(), 10_000);
        let both = first(&other, 50);
        let both = first(&one, 50)
            .into_iter()
            .filter(|it| both.contains(it))
            .count();
        assert!(both.abs_diff(2_500) < 250, "{both}");
    }
}
