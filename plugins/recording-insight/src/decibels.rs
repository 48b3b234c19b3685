//! Levels in decibels. 0 dBFS is a square wave that uses all of the format's range, so a
//! sine wave can have −3.01.

/// The level of a mean square of samples between −1 and 1; minus infinity for none.
pub(crate) fn of_mean_square(mean_square: f64) -> f64 {
    10.0 * mean_square.log10()
}

/// The level of one sample's size.
pub(crate) fn of_peak(peak: f32) -> f64 {
    20.0 * f64::from(peak).log10()
}

/// A level as it is reported, to a tenth; nothing where there is no sound at all.
pub(crate) fn rounded(level: f64) -> Option<f64> {
    let rounded = (level * 10.0).round() / 10.0;
    // There is no use in a zero with a sign.
    level.is_finite().then_some(rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_everything_is_six_decibels_less() {
        assert_eq!(rounded(of_peak(1.0)), Some(0.0));
        assert_eq!(rounded(of_peak(0.5)), Some(-6.0));
        assert_eq!(rounded(of_mean_square(0.25)), Some(-6.0));
        assert_eq!(rounded(of_mean_square(0.5)), Some(-3.0));
    }

    #[test]
    fn there_is_no_level_of_nothing() {
        assert_eq!(rounded(of_mean_square(0.0)), None);
        assert_eq!(rounded(of_peak(0.0)), None);
    }
}
