//! What autoscalers share: what they scale, and how fast.

use crate::kube::autoscaling;
use crate::units::Duration;

/// What a scaler scales.
#[derive(Clone, Copy)]
pub(in crate::mesh) struct Target {
    pub api_version: &'static str,
    pub kind: &'static str,
}

/// How long a need must last before it is followed.
pub(in crate::mesh) fn behavior(up: Duration, down: Duration) -> autoscaling::HorizontalPodAutoscalerBehavior {
    let window =
        |window: Duration| autoscaling::HpaScalingRules::new().stabilization_window_seconds(window.as_seconds() as i64);
    autoscaling::HorizontalPodAutoscalerBehavior::new().scale_up(window(up)).scale_down(window(down))
}
