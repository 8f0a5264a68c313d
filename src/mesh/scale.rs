//! The number of pods of a workload: fixed, or set by one autoscaler.

use crate::kube::{autoscaling, meta};
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Percent};

use super::core::scaling::{Target, behavior};
use super::{Events, Load};

/// The number of pods of a workload. It is an enum, so that two autoscalers cannot conflict.
#[derive(Clone)]
#[non_exhaustive]
// The variants differ in size. A workload has only one such value, and boxing the large variant would complicate every
// program.
#[allow(clippy::large_enum_variant)]
pub enum Scale {
    /// A fixed number of pods.
    Fixed(u32),
    /// A number of pods set by a `HorizontalPodAutoscaler`.
    Auto(Autoscale),
    /// A number of pods set by KEDA, according to pending events.
    Events(Events),
}

impl Scale {
    /// Returns a description such as `2–10 pods`.
    pub(in crate::mesh) fn words(&self) -> String {
        match self {
            Scale::Fixed(1) => "1 pod".to_owned(),
            Scale::Fixed(pods) => format!("{pods} pods"),
            Scale::Auto(Autoscale { min, max, .. }) => format!("{min}–{max} pods"),
            Scale::Events(Events { min, max, .. }) => format!("{min}–{max} pods by events"),
        }
    }
}

impl Default for Scale {
    fn default() -> Self {
        Scale::Auto(Autoscale::default())
    }
}

/// The limits and targets of an autoscaler.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum is above the maximum.
#[derive(Clone)]
pub struct Autoscale {
    /// The minimum number of pods. Default: 2.
    pub min: u32,
    /// The maximum number of pods. Default: 10.
    pub max: u32,
    /// The share of the requested CPU above which pods are added. Default: 70 %.
    pub cpu: Option<Percent>,
    /// The share of the requested memory above which pods are added. Default: 80 %.
    pub memory: Option<Percent>,
    /// The mesh metrics and targets above which pods are added. Default: none.
    pub loads: Vec<Load>,
    /// How long the load must be higher before pods are added. Default: 60 seconds.
    pub up_window: Duration,
    /// How long the load must be lower before pods are removed. Default: 5 minutes.
    pub down_window: Duration,
}

impl Default for Autoscale {
    fn default() -> Self {
        Self {
            min: 2,
            max: 10,
            cpu: Some(Percent(70)),
            memory: Some(Percent(80)),
            loads: Vec::new(),
            up_window: Duration::seconds(60),
            down_window: Duration::minutes(5),
        }
    }
}

impl Autoscale {
    /// Scales between these numbers of pods, with the default targets.
    pub fn between(min: u32, max: u32) -> Self {
        Self { min, max, ..Self::default() }
    }

    /// Defines the autoscaler of a workload.
    pub(in crate::mesh) fn define(&self, scope: &Scope, name: &str, target: Target) -> Scope {
        let target = autoscaling::CrossVersionObjectReference::new(target.kind, name).api_version(target.api_version);
        let shares = [("cpu", self.cpu), ("memory", self.memory)];
        let shares = shares.into_iter().filter_map(|(name, share)| Some(metric(name, share?)));
        let metrics: Vec<_> = shares.chain(self.loads.iter().map(of_pods)).collect();
        let mut spec = autoscaling::HorizontalPodAutoscalerSpec::new(self.max, target)
            .min_replicas(self.min)
            .behavior(behavior(self.up_window, self.down_window));
        if !metrics.is_empty() {
            spec = spec.metrics(metrics);
        }
        autoscaling::HorizontalPodAutoscaler::new(spec).define(scope, "scaler", name).scope().clone()
    }
}

fn metric(name: &'static str, share: Percent) -> autoscaling::MetricSpec {
    let target = autoscaling::MetricTarget::new("Utilization").average_utilization(share.0);
    autoscaling::MetricSpec::new("Resource").resource(autoscaling::ResourceMetricSource::new(name, target))
}

/// Compares the average over the pods with the target. An average per pod is also correct for latency.
fn of_pods(load: &Load) -> autoscaling::MetricSpec {
    let (name, label, target) = load.pod_metric();
    let mut metric = autoscaling::MetricIdentifier::new(name);
    if let Some(label) = label {
        metric = metric.selector(meta::LabelSelector::new().match_labels([label]));
    }
    let target = autoscaling::MetricTarget::new("AverageValue").average_value(target.to_string());
    autoscaling::MetricSpec::new("Pods").pods(autoscaling::PodsMetricSource::new(metric, target))
}
