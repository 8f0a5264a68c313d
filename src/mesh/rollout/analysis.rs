//! What must hold of a version for a release to go on.

use crate::mesh::addons::Prometheus;
use crate::mesh::promql::Vector;
use crate::units::Duration;

/// A measurement of Prometheus that decides about a release.
///
/// It is repeated at an interval, and every measurement must succeed. Where the version received no requests,
/// the measurement is inconclusive, and the release pauses until it is promoted or aborted.
///
/// Source: <https://argo-rollouts.readthedocs.io/en/stable/features/analysis/>
#[derive(Clone)]
pub struct Analysis {
    pub(super) name: String,
    pub(super) prometheus: Prometheus,
    pub(super) query: Option<Vector>,
    pub(super) at_least: f64,
    /// How long a measurement is from the next. Default: 1 minute.
    pub interval: Duration,
    /// How many measurements there are; beside the steps of a canary there are as many as it takes. Default: 5.
    pub count: u32,
    /// How many may fail. Default: 1.
    pub failures: u32,
}

impl Analysis {
    /// The share of requests to the new version's pods that are answered without a fault of the server
    /// is at least so many percent. The pods must be in a mesh with sidecars, which are scraped.
    pub fn success_rate(prometheus: &Prometheus, percent: f64) -> Self {
        Self::new("success-rate", prometheus, None, percent / 100.0)
    }

    /// A query gives at least a number. It must give one number.
    pub fn at_least(name: &str, prometheus: &Prometheus, query: Vector, number: f64) -> Self {
        Self::new(name, prometheus, Some(query), number)
    }

    fn new(name: &str, prometheus: &Prometheus, query: Option<Vector>, at_least: f64) -> Self {
        let (name, prometheus) = (name.to_owned(), prometheus.clone());
        Self { name, prometheus, query, at_least, interval: Duration::minutes(1), count: 5, failures: 1 }
    }
}
