//! Zipf's law with exponent 1: the second is asked for half as often as the first, the
//! third a third as often.

/// Draws of places from 0, the first of which are drawn most often. The same draws come at
/// every start, so that every round and every server meets the same.
#[derive(Debug, Clone)]
pub struct Zipf {
    /// For each place, the share of all draws that fall on it or on one before it.
    shares: Vec<f64>,
    state: u64,
}

impl Zipf {
    /// Draws among so many places.
    #[must_use]
    pub fn among(places: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=places).map(|rank| {
            sum += 1.0 / as_float(rank);
            sum
        });
        let sums: Vec<f64> = sums.collect();
        let total = sums.last().copied().unwrap_or(1.0);
        let shares = sums.into_iter().map(|sum| sum / total).collect();
        let state = 0x5eed;
        Self { shares, state }
    }

    /// A number from 0 to 1 that looks random (SplitMix64).
    fn unit(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let high = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
        f64::from(high) / f64::from(u32::MAX)
    }
}

impl Iterator for Zipf {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let drawn = self.unit();
        let place = self.shares.partition_point(|share| *share < drawn);
        Some(place.min(self.shares.len().saturating_sub(1)))
    }
}

fn as_float(rank: usize) -> f64 {
    f64::from(u32::try_from(rank).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_drawn_as_often_as_their_rank_says() {
        let mut drawn = vec![0_u32; 1_000];
        Zipf::among(1_000)
            .take(100_000)
            .for_each(|place| drawn[place] += 1);
        let harmonic: f64 = (1..=1_000).map(|rank| 1.0 / as_float(rank)).sum();
        for rank in [1, 2, 10] {
            let expected = 100_000.0 / harmonic / as_float(rank);
            let counted = f64::from(drawn[rank - 1]);
            assert!(
                (counted / expected - 1.0).abs() < 0.1,
                "{rank}: {counted}, {expected}"
            );
        }
        assert!(drawn.iter().filter(|count| **count > 0).count() > 900);
    }

    #[test]
    fn the_only_place_is_always_drawn() {
        assert!(Zipf::among(1).take(100).all(|place| place == 0));
    }
}
