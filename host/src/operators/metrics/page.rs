//! The page that metrics are written on, a family at a time. Of a family that nothing is
//! known of, nothing is written.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

use crate::meter::Observed;

/// Where metrics are written.
pub(super) struct Page<'a>(DescriptorEncoder<'a>);

/// What tells a series from the others of its family.
pub(super) struct Labels<'a, const N: usize>(pub(super) [(&'static str, &'a str); N]);

/// The name of a family, without the prefix and what its type adds, and what it means.
pub(super) type Name = (&'static str, &'static str);

/// Whether something holds, as a gauge tells it.
pub(super) fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// A moment, as a gauge tells it.
pub(super) fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1e3
}

impl<const N: usize> EncodeLabelSet for Labels<'_, N> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    /// A family of numbers that only ever grow.
    pub(super) fn counters<'l, const N: usize>(
        &mut self,
        name: Name,
        series: impl IntoIterator<Item = ([(&'static str, &'l str); N], u64)>,
    ) -> fmt::Result {
        self.family(name, MetricType::Counter, series, |mut metric, value| {
            metric.encode_counter::<NoLabelSet, _, u64>(&value, None)
        })
    }

    /// A family of numbers that are as they are.
    pub(super) fn gauges<'l, const N: usize>(
        &mut self,
        name: Name,
        series: impl IntoIterator<Item = ([(&'static str, &'l str); N], f64)>,
    ) -> fmt::Result {
        self.family(name, MetricType::Gauge, series, |mut metric, value| {
            metric.encode_gauge(&value)
        })
    }

    /// A family of counts by size.
    pub(super) fn histograms<'l, const N: usize>(
        &mut self,
        name: Name,
        series: impl IntoIterator<Item = ([(&'static str, &'l str); N], Observed)>,
    ) -> fmt::Result {
        self.family(name, MetricType::Histogram, series, |mut metric, value| {
            let Observed { sum, counts } = &value;
            metric.encode_histogram::<NoLabelSet>(*sum, value.count(), counts, None)
        })
    }

    /// A counter of the whole host's.
    pub(super) fn counter(&mut self, name: Name, value: u64) -> fmt::Result {
        self.counters(name, [([], value)])
    }

    /// Time that only ever grows, of the whole host's.
    pub(super) fn counter_of_seconds(&mut self, name: Name, value: Duration) -> fmt::Result {
        let series = [([], value.as_secs_f64())];
        self.family(name, MetricType::Counter, series, |mut metric, value| {
            metric.encode_counter::<NoLabelSet, _, u64>(&value, None)
        })
    }

    /// A gauge of the whole host's.
    pub(super) fn gauge(&mut self, name: Name, value: f64) -> fmt::Result {
        self.gauges(name, [([], value)])
    }

    fn family<'l, V, const N: usize>(
        &mut self,
        (name, help): Name,
        kind: MetricType,
        series: impl IntoIterator<Item = ([(&'static str, &'l str); N], V)>,
        write: impl Fn(MetricEncoder<'_>, V) -> fmt::Result,
    ) -> fmt::Result {
        let mut series = series.into_iter().peekable();
        if series.peek().is_none() {
            return Ok(());
        }
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, value) in series {
            write(family.encode_family(&Labels(labels))?, value)?;
        }
        Ok(())
    }
}
