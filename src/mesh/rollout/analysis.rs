//! What must hold of a version for a release to go on.

use crate::kube::argo;
use crate::kube::argo::analysis_template as template;
use crate::kube::argo::rollout as shape;
use crate::mesh::addons::Prometheus;
use crate::mesh::promql::{Series, Vector, number};
use crate::mesh::{Workload, load, objects};
use crate::tree::Construct;
use crate::units::Duration;

/// The argument that holds the hash of the new version's pods.
pub(super) const LATEST: &str = "latest-hash";

/// A measurement of Prometheus that decides about a release.
///
/// It is made again and again; each must hold. Where there is no number,
/// since the version was asked nothing, the release stops and waits for somebody to
/// decide: no answer is not a good answer.
///
/// Source: <https://argo-rollouts.readthedocs.io/en/stable/features/analysis/>
#[derive(Clone)]
pub struct Analysis {
    name: String,
    prometheus: Prometheus,
    query: Option<Vector>,
    at_least: f64,
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

    /// Defines the template, once for a workload, and says how a release refers to it.
    #[track_caller]
    pub(super) fn define(&self, workload: &Workload) -> shape::BlueGreenPostPromotionAnalysis {
        let name = self.define_template(workload, Some(self.count));
        shape::BlueGreenPostPromotionAnalysis::new()
            .templates([shape::Template::new().template_name(name)])
            .args([super::latest()])
    }

    /// The same, for a canary: the analysis runs beside its steps.
    #[track_caller]
    pub(super) fn define_beside(&self, workload: &Workload) -> shape::CanaryAnalysis {
        let name = self.define_template(workload, None);
        shape::CanaryAnalysis::new().templates([shape::Template::new().template_name(name)]).args([super::latest()])
    }

    #[track_caller]
    fn define_template(&self, workload: &Workload, count: Option<u32>) -> String {
        let name = format!("{}-{}", workload.name(), self.name);
        let id = format!("analysis-{}", self.name);
        workload.scope().singleton(id.clone(), || {
            let limit = number(self.at_least);
            let provider = template::ProviderPrometheus::new()
                .address(self.prometheus.url())
                .query(self.query_of(workload).to_string());
            let metric = template::Metric::new(self.name.clone(), template::MetricProvider::new().prometheus(provider))
                .interval(self.interval)
                .failure_limit(i64::from(self.failures))
                .success_condition(format!("len(result) > 0 && result[0] >= {limit}"))
                .failure_condition(format!("len(result) > 0 && result[0] < {limit}"));
            let metric = match count {
                Some(count) => metric.count(i64::from(count)),
                None => metric,
            };
            let spec = template::Spec::new().args([super::wanted()]).metrics([metric]);
            let made = argo::AnalysisTemplate::new(spec).define(workload.scope(), &id, &name);
            objects::label(made.scope(), workload.name());
            made.scope().clone()
        });
        name
    }

    fn query_of(&self, workload: &Workload) -> Vector {
        self.query.clone().unwrap_or_else(|| {
            let (namespace, name) = (workload.namespace().name(), workload.name());
            let requests = Series::of("istio_requests_total")
                .with("reporter", "destination")
                .with("namespace", namespace)
                .like("pod", format!("{name}-{{{{args.{LATEST}}}}}-.*"));
            let window = Duration::minutes(2);
            let faults = load::faults(requests.clone(), workload.protocol()).rate(window).sum().or_zero();
            (faults / requests.rate(window).sum()).from_one()
        })
    }
}
