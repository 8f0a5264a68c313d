//! The measurements that decide whether a release continues.

use crate::mesh::addons::Prometheus;
use crate::mesh::promql::Vector;
use crate::units::Duration;

/// A Prometheus measurement that decides about a release.
///
/// The measurement is repeated at an interval. The analysis fails if more measurements fail than `failures` allows. If
/// the version received no requests, the measurement is inconclusive, and the release pauses until it is promoted or
/// aborted.
///
/// Source: <https://argo-rollouts.readthedocs.io/en/stable/features/analysis/>
#[derive(Clone)]
pub struct Analysis {
    pub(super) name: String,
    pub(super) prometheus: Prometheus,
    pub(super) query: Option<Vector>,
    pub(super) at_least: f64,
    /// The interval between measurements. Default: 1 minute.
    pub interval: Duration,
    /// The number of measurements. During the steps of a canary, it is unlimited. Default: 5.
    pub count: u32,
    /// The number of measurements that may fail. Default: 1.
    pub failures: u32,
}

impl Analysis {
    /// Requires a minimum percentage of requests to the new version without a server fault. The pods must be in a mesh
    /// with sidecars, and Prometheus must scrape the sidecars.
    pub fn success_rate(prometheus: &Prometheus, percent: f64) -> Self {
        Self::new("success-rate", prometheus, None, percent / 100.0)
    }

    /// Requires a minimum result of a query, which must be one number.
    pub fn at_least(name: &str, prometheus: &Prometheus, query: Vector, number: f64) -> Self {
        Self::new(name, prometheus, Some(query), number)
    }

    fn new(name: &str, prometheus: &Prometheus, query: Option<Vector>, at_least: f64) -> Self {
        let (name, prometheus) = (name.to_owned(), prometheus.clone());
        Self { name, prometheus, query, at_least, interval: Duration::minutes(1), count: 5, failures: 1 }
    }
}
