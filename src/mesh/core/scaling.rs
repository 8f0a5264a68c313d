//! Common parts of autoscalers: the scale target, and the stabilization windows.

use crate::kube::autoscaling;
use crate::units::Duration;

/// The target of an autoscaler.
#[derive(Clone, Copy)]
pub(in crate::mesh) struct Target {
    pub api_version: &'static str,
    pub kind: &'static str,
}

/// Returns the behavior of an autoscaler with its stabilization windows.
pub(in crate::mesh) fn behavior(up: Duration, down: Duration) -> autoscaling::HorizontalPodAutoscalerBehavior {
    let window =
        |window: Duration| autoscaling::HpaScalingRules::new().stabilization_window_seconds(window.as_seconds() as i64);
    autoscaling::HorizontalPodAutoscalerBehavior::new().scale_up(window(up)).scale_down(window(down))
}
