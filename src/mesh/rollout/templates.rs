//! Analysis templates of Argo Rollouts.

use crate::kube::argo::analysis_template as template;
use crate::kube::argo::rollout as shape;
use crate::kube::{argo, core};
use crate::mesh::core::labels;
use crate::mesh::promql::{Series, Vector, number};
use crate::mesh::{Workload, load};
use crate::tree::Construct;
use crate::units::Duration;

use super::Analysis;

/// The argument with the hash of the new version's pods.
const LATEST: &str = "latest-hash";

impl Analysis {
    /// Defines the template of a workload once. Returns a reference to the template for the `Rollout`.
    #[track_caller]
    pub(super) fn define(&self, workload: &Workload) -> shape::BlueGreenPostPromotionAnalysis {
        let name = self.define_template(workload, Some(self.count));
        shape::BlueGreenPostPromotionAnalysis::new()
            .templates([shape::Template::new().template_name(name)])
            .args([latest()])
    }

    /// Defines the template for a canary. Its analysis runs in the background during the steps.
    #[track_caller]
    pub(super) fn define_beside(&self, workload: &Workload) -> shape::CanaryAnalysis {
        let name = self.define_template(workload, None);
        shape::CanaryAnalysis::new().templates([shape::Template::new().template_name(name)]).args([latest()])
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
            let spec = template::Spec::new().args([wanted()]).metrics([metric]);
            let made = argo::AnalysisTemplate::new(spec).define(workload.scope(), &id, &name);
            labels::add(made.scope(), workload.name());
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

/// Returns the argument with the hash of the new version's pods.
fn latest() -> shape::Arg {
    shape::Arg::new(LATEST).value_from(shape::ArgValueFrom::new().pod_template_hash_value("Latest"))
}

/// Returns the parameter of a template.
fn wanted() -> core::EnvVar {
    core::EnvVar::new(LATEST)
}
