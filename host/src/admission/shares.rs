//! What each add-on may have of the host.

use crate::config::Limits;

/// What an add-on asks of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Its share of what is guaranteed, beside the other add-ons' weights; at least 1.
    pub weight: usize,
    /// The most calls of it that may run at once.
    pub concurrency: usize,
    /// The most calls of it that may wait.
    pub queue: usize,
}

impl From<&Limits> for Demand {
    fn from(limits: &Limits) -> Self {
        Self {
            weight: limits.weight,
            concurrency: limits.concurrency,
            queue: limits.queue,
        }
    }
}

/// How the host is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fairness {
    /// One part in so many of the host is guaranteed to the add-ons by their weights;
    /// at least 2, or 0 for nothing.
    pub guaranteed: usize,
    /// One part in so many of an add-on is kept from each single customer, where it has
    /// several; 0 for nothing.
    pub reserved: usize,
}

impl Default for Fairness {
    fn default() -> Self {
        Self {
            guaranteed: 2,
            reserved: 4,
        }
    }
}

impl Fairness {
    /// So many slots of an add-on, and those that one customer may take of them.
    pub(super) fn bound(self, slots: usize) -> Bound {
        let part = slots.checked_div(self.reserved);
        let reserved = part.map_or(0, |part| part.max(1));
        Bound {
            slots,
            customer: slots - reserved.min(slots.saturating_sub(1)),
        }
    }
}

/// A number of slots.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    /// All of them.
    pub(super) slots: usize,
    /// Those that one customer may take where there are others.
    pub(super) customer: usize,
}

/// What one add-on may have.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Slots that nobody else gets.
    pub(super) guaranteed: Bound,
    /// Slots in all.
    pub(super) concurrency: Bound,
    /// Calls that may wait.
    pub(super) queue: usize,
    /// The weight of its claim to what is shared.
    pub(super) weight: usize,
}

/// The share of each add-on, and the slots that all of them share.
pub(super) fn divide(
    capacity: usize,
    fairness: Fairness,
    demands: &[Demand],
) -> (Vec<Share>, usize) {
    let guaranteed = guarantees(capacity, fairness, demands);
    let shared = capacity - guaranteed.iter().sum::<usize>();
    let shares = demands.iter().zip(guaranteed);
    let shares = shares.map(|(demand, guaranteed)| Share {
        guaranteed: fairness.bound(guaranteed),
        concurrency: fairness.bound(demand.concurrency),
        queue: demand.queue,
        weight: demand.weight,
    });
    (shares.collect(), shared)
}

/// The guaranteed slots of each add-on: its part by weight, rounded down, but one at
/// least where the host has one for each.
fn guarantees(capacity: usize, fairness: Fairness, demands: &[Demand]) -> Vec<usize> {
    let budget = capacity.checked_div(fairness.guaranteed).unwrap_or(0);
    let total: u128 = demands.iter().map(|demand| demand.weight as u128).sum();
    let exact = demands.iter().map(|demand| {
        let part = budget as u128 * demand.weight as u128 / total;
        usize::try_from(part).map_or(demand.concurrency, |part| part.min(demand.concurrency))
    });
    let exact: Vec<usize> = exact.collect();
    let raised: Vec<usize> = exact.iter().map(|part| (*part).max(1)).collect();
    match budget > 0 && raised.iter().sum::<usize>() <= capacity {
        true => raised,
        false => exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(capacity: usize, weights: &[usize]) -> (Vec<usize>, usize) {
        let demand = |weight: &usize| Demand {
            weight: *weight,
            concurrency: 64,
            queue: 0,
        };
        let demands: Vec<Demand> = weights.iter().map(demand).collect();
        let (shares, shared) = divide(capacity, Fairness::default(), &demands);
        let slots = shares.iter().map(|share| share.guaranteed.slots);
        (slots.collect(), shared)
    }

    #[test]
    fn half_of_the_host_is_guaranteed_by_weight_and_the_rest_is_shared() {
        for (capacity, weights, guaranteed, shared) in [
            (256, &[1, 1][..], &[64, 64][..], 128),
            (100, &[1, 1], &[25, 25], 50),
            (100, &[3, 1], &[37, 12], 51),
            (100, &[100, 1, 1], &[49, 1, 1], 49),
            (10, &[1, 1, 1], &[1, 1, 1], 7),
            (4, &[1, 1, 1, 1], &[1, 1, 1, 1], 0),
            // More add-ons than slots: all of it is shared, so that nobody is left out.
            (4, &[1, 1, 1, 1, 1], &[0, 0, 0, 0, 0], 4),
            (1, &[1], &[0], 1),
            (1, &[], &[], 1),
        ] {
            let expected = (guaranteed.to_vec(), shared);
            assert_eq!(slots(capacity, weights), expected, "{capacity} {weights:?}");
        }
    }

    #[test]
    fn a_customer_leaves_a_quarter_to_the_others_and_at_least_one() {
        for (concurrency, customer) in [(1, 1), (2, 1), (3, 2), (4, 3), (7, 6), (8, 6), (64, 48)] {
            let demand = Demand {
                weight: 1,
                concurrency,
                queue: 0,
            };
            let (shares, _) = divide(256, Fairness::default(), &[demand]);
            assert_eq!(shares[0].concurrency.customer, customer, "{concurrency}");
        }
    }

    #[test]
    fn numbers_without_bounds_do_not_overflow() {
        let most = Demand {
            weight: usize::MAX,
            concurrency: usize::MAX,
            queue: usize::MAX,
        };
        let none = Fairness {
            guaranteed: 0,
            reserved: 0,
        };
        let (shares, shared) = divide(256, none, &[most; 3]);
        assert_eq!(shared, 256);
        assert_eq!(shares[0].concurrency.customer, usize::MAX);
        let (shares, shared) = divide(usize::MAX, Fairness::default(), &[most; 3]);
        let guaranteed: usize = shares.iter().map(|share| share.guaranteed.slots).sum();
        assert_eq!(guaranteed + shared, usize::MAX);
    }
}
