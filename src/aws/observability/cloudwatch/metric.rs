//! Metrics, and the panels of constructs.

use crate::tree::Construct;
use crate::units::Duration;
use crate::val::{IntoVal, Val};

/// The statistic of a metric over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The arithmetic mean.
    Average,
    /// The sum.
    Sum,
    /// The minimum.
    Minimum,
    /// The maximum.
    Maximum,
    /// The number of samples.
    SampleCount,
    /// A percentile, such as 99.
    Percentile(u8),
}

impl Statistic {
    /// Returns the statistic in the notation of CloudWatch, such as `p99`.
    pub fn word(self) -> String {
        match self {
            Statistic::Average => "Average".to_owned(),
            Statistic::Sum => "Sum".to_owned(),
            Statistic::Minimum => "Minimum".to_owned(),
            Statistic::Maximum => "Maximum".to_owned(),
            Statistic::SampleCount => "SampleCount".to_owned(),
            Statistic::Percentile(share) => format!("p{share}"),
        }
    }
}

/// A CloudWatch metric, with its statistic and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The namespace, such as `AWS/RDS`.
    pub namespace: String,
    /// The name, such as `CPUUtilization`.
    pub name: String,
    /// The dimensions of the metric, in the order in which CloudWatch documents them.
    pub dimensions: Vec<(&'static str, Val<String>)>,
    /// The statistic.
    pub statistic: Statistic,
    /// The length of a period.
    pub period: Duration,
    /// The label in charts. Empty: the metric name.
    pub label: String,
}

impl Metric {
    /// Creates a metric with the average over five minutes.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: Vec::new(),
            statistic: Statistic::Average,
            period: Duration::minutes(5),
            label: String::new(),
        }
    }

    /// Adds a dimension.
    #[must_use]
    pub fn of(mut self, dimension: &'static str, value: impl IntoVal<String>) -> Self {
        self.dimensions.push((dimension, value.into_val()));
        self
    }

    /// Sets the statistic.
    #[must_use]
    pub fn by(self, statistic: Statistic) -> Self {
        Self { statistic, ..self }
    }

    /// Sets the period.
    #[must_use]
    pub fn every(self, period: Duration) -> Self {
        Self { period, ..self }
    }

    /// Sets the metric name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Sets the label in charts.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}

/// The limit of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// An upper limit.
    Above(f64),
    /// A lower limit.
    Below(f64),
}

impl Limit {
    /// Returns the number.
    pub fn value(self) -> f64 {
        match self {
            Limit::Above(value) | Limit::Below(value) => value,
        }
    }
}

/// A chart: related metrics, and an optional limit for alarms.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The title, such as `Latency (ms)`.
    pub title: String,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// The limit. Charts draw it as a line, and [`watch`](super::watch) defines alarms for it.
    pub limit: Option<Limit>,
    /// The number of metrics to which the limit applies, counted from the first metric.
    pub limited: usize,
}

impl Panel {
    /// Creates a panel without a limit.
    pub fn new(title: &str, metrics: impl IntoIterator<Item = Metric>) -> Self {
        Self { title: title.to_owned(), metrics: metrics.into_iter().collect(), limit: None, limited: 0 }
    }

    /// Sets a limit for the first metric.
    #[must_use]
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), limited: 1, ..self }
    }

    /// Sets a limit for each metric.
    #[must_use]
    pub fn limit_each(self, limit: Limit) -> Self {
        Self { limit: Some(limit), limited: self.metrics.len(), ..self }
    }
}

/// A construct with metrics: a workload, a data store.
///
/// A [`Dashboard`](super::Dashboard) shows its panels, and [`watch`](super::watch) defines alarms for
/// their limits.
pub trait Monitored: Construct {
    /// Returns the kind of construct, such as `Workload` or `Database`.
    fn kind(&self) -> &'static str;

    /// Returns the panels, the most important first. A dashboard row shows four of them side by side.
    fn panels(&self) -> Vec<Panel>;
}
