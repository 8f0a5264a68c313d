//! The job specification that all job constructs share.

use crate::kube::batch;
use crate::tree::Construct;
use crate::units::Duration;
use crate::val::Val;

use super::super::Mode;
use super::super::core::{Placement, Resources};
use super::super::pods::{PodProps, Pods, Spread, Template};

/// The annotation that makes the proxy of a pod a native sidecar, so that the proxy does not prevent the pod from
/// ending.
///
/// Source: <https://istio.io/latest/docs/reference/config/annotations/#SidecarNativeSidecar>
const NATIVE_SIDECAR: &str = "sidecar.istio.io/nativeSidecar";

/// The settings from which the `spec` of a job is created.
pub(in crate::mesh) struct JobShape<'a> {
    pub image: Val<String>,
    pub attempts: u32,
    pub deadline: Duration,
    pub parallelism: u32,
    pub completions: u32,
    pub resources: &'a Resources,
    pub placement: &'a Placement,
    pub args: &'a [String],
    pub user: u32,
    pub pod: &'a PodProps,
}

impl JobShape<'_> {
    pub fn to_l1(&self, pods: &Pods) -> batch::JobSpec {
        let mut annotations = pods.digests().to_vec();
        if pods.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Sidecar) {
            annotations.push((NATIVE_SIDECAR.to_owned(), "true".into()));
        }
        let template = Template {
            name: pods.name(),
            owner: pods.name(),
            image: self.image.clone(),
            ports: pods.ports(),
            probes: None,
            resources: self.resources,
            placement: self.placement,
            args: self.args,
            user: self.user,
            stop: None,
            spread: Spread::None,
            pod: self.pod,
            annotations: &annotations,
        };
        // A pod that is lost with its node does not count as a failure.
        let lost = batch::PodFailurePolicyOnPodConditionsPattern::new("DisruptionTarget");
        let rule =
            batch::PodFailurePolicyRule::new(batch::PodFailurePolicyRuleAction::Ignore).on_pod_conditions([lost]);
        let mut spec = batch::JobSpec::new(template.to_l1(pods.scope()))
            .backoff_limit(self.attempts)
            .active_deadline_seconds(self.deadline.as_seconds() as i64)
            .pod_failure_policy(batch::PodFailurePolicy::new([rule]));
        if self.completions > 1 {
            spec = spec.completions(self.completions).completion_mode(batch::CompletionMode::Indexed);
        }
        if self.parallelism > 1 {
            spec = spec.parallelism(self.parallelism);
        }
        spec
    }
}
