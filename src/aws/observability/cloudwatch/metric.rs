//! Metrics, and what is worth a look about a construct.

use crate::tree::Construct;
use crate::units::Duration;
use crate::val::{IntoVal, Val};

/// What is made of the values of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Their mean.
    Average,
    /// Their sum.
    Sum,
    /// The smallest.
    Minimum,
    /// The greatest.
    Maximum,
    /// How many there are.
    SampleCount,
    /// The value that this percentage of them does not exceed.
    Percentile(u8),
}

impl Statistic {
    /// Returns the statistic as CloudWatch writes it, such as `p99`.
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

/// A metric of CloudWatch: where it lies, and how it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The namespace, such as `AWS/RDS`.
    pub namespace: String,
    /// The name, such as `CPUUtilization`.
    pub name: String,
    /// The dimensions by which it is told apart, in the order in which CloudWatch has them.
    pub dimensions: Vec<(&'static str, Val<String>)>,
    /// What is made of the values of a period.
    pub statistic: Statistic,
    /// The length of a period.
    pub period: Duration,
    /// What it is called in a picture. Empty: its name.
    pub label: String,
}

impl Metric {
    /// A metric, looked at by its mean over five minutes.
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

    /// The one with this value of a dimension.
    #[must_use]
    pub fn of(mut self, dimension: &'static str, value: impl IntoVal<String>) -> Self {
        self.dimensions.push((dimension, value.into_val()));
        self
    }

    /// Looked at by another statistic.
    #[must_use]
    pub fn by(self, statistic: Statistic) -> Self {
        Self { statistic, ..self }
    }

    /// Looked at over other periods.
    #[must_use]
    pub fn every(self, period: Duration) -> Self {
        Self { period, ..self }
    }

    /// The same metric by another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Called so in a picture.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}

/// Beyond what a metric should not be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// It should not be greater.
    Above(f64),
    /// It should not be smaller.
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

/// One picture: metrics that belong together, and the limit of those that wake somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What it shows, such as `Latency (ms)`.
    pub title: String,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// The limit, drawn as a line and watched by [`watch`](super::watch).
    pub limit: Option<Limit>,
    /// How many of the metrics, from the first, the limit is for.
    pub limited: usize,
}

impl Panel {
    /// A picture of metrics.
    pub fn new(title: &str, metrics: impl IntoIterator<Item = Metric>) -> Self {
        Self { title: title.to_owned(), metrics: metrics.into_iter().collect(), limit: None, limited: 0 }
    }

    /// With a limit for the first metric.
    #[must_use]
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), limited: 1, ..self }
    }

    /// With a limit for each metric.
    #[must_use]
    pub fn limit_each(self, limit: Limit) -> Self {
        Self { limit: Some(limit), limited: self.metrics.len(), ..self }
    }
}

/// Something with metrics: a workload, a data store.
///
/// What it shows goes to a [`Dashboard`](super::Dashboard), what has a limit to [`watch`](super::watch).
pub trait Monitored: Construct {
    /// What it is, such as `Workload` or `Database`.
    fn kind(&self) -> &'static str;

    /// What is worth a look, the most telling first. Four stand side by side.
    fn panels(&self) -> Vec<Panel>;
}
