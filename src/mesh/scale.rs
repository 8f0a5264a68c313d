//! How many pods a workload has: a fixed number, or one autoscaler.

use crate::kube::autoscaling;
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Percent};

/// How many pods a workload has. It is one choice, so that two scalers cannot meet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// Always this many.
    Fixed(u32),
    /// As many as it needs, by a `HorizontalPodAutoscaler`.
    Auto(Autoscale),
}

impl Scale {
    /// In words, such as `2–10 pods`.
    pub(super) fn words(&self) -> String {
        match self {
            Scale::Fixed(1) => "1 pod".to_owned(),
            Scale::Fixed(pods) => format!("{pods} pods"),
            Scale::Auto(Autoscale { min, max, .. }) => format!("{min}–{max} pods"),
        }
    }
}

impl Default for Scale {
    fn default() -> Self {
        Scale::Auto(Autoscale::default())
    }
}

/// When pods come and go.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum is above the maximum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// The fewest pods. Default: 2.
    pub min: u32,
    /// The most pods. Default: 10.
    pub max: u32,
    /// The share of the requested processor above which pods are added. Default: 70 %.
    pub cpu: Option<Percent>,
    /// The share of the requested memory above which pods are added. Default: 80 %.
    pub memory: Option<Percent>,
    /// How long more must be needed before pods are added. Default: 60 seconds.
    pub up_window: Duration,
    /// How long less must be needed before pods are taken away. Default: 5 minutes.
    pub down_window: Duration,
}

impl Default for Autoscale {
    fn default() -> Self {
        Self {
            min: 2,
            max: 10,
            cpu: Some(Percent(70)),
            memory: Some(Percent(80)),
            up_window: Duration::seconds(60),
            down_window: Duration::minutes(5),
        }
    }
}

impl Autoscale {
    /// Between these numbers of pods, by the default shares.
    pub fn between(min: u32, max: u32) -> Self {
        Self { min, max, ..Self::default() }
    }

    /// Defines the autoscaler of a deployment.
    pub(super) fn define(&self, scope: &Scope, name: &str) -> Scope {
        let target = autoscaling::CrossVersionObjectReference::new("Deployment", name).api_version("apps/v1");
        let shares = [("cpu", self.cpu), ("memory", self.memory)];
        let metrics: Vec<_> = shares.into_iter().filter_map(|(name, share)| Some(metric(name, share?))).collect();
        let window = |window: Duration| {
            autoscaling::HpaScalingRules::new().stabilization_window_seconds(window.as_seconds() as i64)
        };
        let behavior = autoscaling::HorizontalPodAutoscalerBehavior::new()
            .scale_up(window(self.up_window))
            .scale_down(window(self.down_window));
        let mut spec =
            autoscaling::HorizontalPodAutoscalerSpec::new(self.max, target).min_replicas(self.min).behavior(behavior);
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
