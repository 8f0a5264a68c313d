//! Resources, node placement and security contexts of pods.

use crate::kube::core;
use crate::kube::core::TolerationEffect;
use crate::units::{Mib, Millicores};
use crate::val::{Data, Value};

/// The GPU resource of a node, and the key of the taint that excludes pods without GPUs.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html>
const GPU: &str = "nvidia.com/gpu";

/// The CPU and memory of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// The requested CPU. Default: 250 millicores.
    pub cpu: Millicores,
    /// The CPU limit. Default: no limit, so that the container can use idle CPU.
    pub cpu_limit: Option<Millicores>,
    /// The requested memory, which is also the limit. Default: 512 MiB.
    pub memory: Mib,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: Millicores(250), cpu_limit: None, memory: Mib(512) }
    }
}

/// The nodes that the pods run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Labels that a node must have. Default: none.
    pub node_labels: Vec<(String, String)>,
    /// Taints that the pods tolerate. Default: none.
    pub tolerations: Vec<Toleration>,
    /// Whether the pods tolerate every taint. Default: `false`.
    pub every_taint: bool,
}

/// A taint that pods tolerate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toleration {
    /// The key of the taint.
    pub key: String,
    /// The value of the taint. An empty value matches any value.
    pub value: String,
    /// The effect of the taint.
    pub effect: TolerationEffect,
}

impl Placement {
    /// Selects the nodes of managed node groups with Spot Instances. They are much cheaper, and EC2 may stop them with
    /// two minutes' notice.
    pub fn spot() -> Self {
        Self::default().on("eks.amazonaws.com/capacityType", "SPOT")
    }

    /// Selects the nodes of managed node groups with On-Demand Instances.
    pub fn on_demand() -> Self {
        Self::default().on("eks.amazonaws.com/capacityType", "ON_DEMAND")
    }

    /// Selects only nodes with this label.
    #[must_use]
    pub fn on(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.node_labels.push((label.into(), value.into()));
        self
    }

    /// Selects all nodes, regardless of their taints.
    #[must_use]
    pub fn tolerate_all(mut self) -> Self {
        self.every_taint = true;
        self
    }

    /// Also selects nodes with this taint.
    #[must_use]
    pub fn tolerate(mut self, key: impl Into<String>, value: impl Into<String>, effect: TolerationEffect) -> Self {
        self.tolerations.push(Toleration { key: key.into(), value: value.into(), effect });
        self
    }
}

/// Sets the nodes of the pods.
pub(in crate::mesh) fn placed(mut spec: core::PodSpec, placement: &Placement, has_gpus: bool) -> core::PodSpec {
    if !placement.node_labels.is_empty() {
        spec = spec.node_selector(placement.node_labels.clone());
    }
    let toleration = |it: &Toleration| {
        let toleration = core::Toleration::new().key(&it.key).effect(it.effect.clone());
        match it.value.as_str() {
            "" => toleration.operator(core::TolerationOperator::Exists),
            value => toleration.operator(core::TolerationOperator::Equal).value(value),
        }
    };
    let gpus = Toleration { key: GPU.to_owned(), value: String::new(), effect: TolerationEffect::NoSchedule };
    let is_told = placement.tolerations.iter().any(|it| it.key == GPU);
    let tolerations: Vec<_> = match placement.every_taint {
        true => vec![core::Toleration::new().operator(core::TolerationOperator::Exists)],
        false => {
            let more = (has_gpus && !is_told).then_some(&gpus);
            placement.tolerations.iter().chain(more).map(toleration).collect()
        }
    };
    if !tolerations.is_empty() {
        spec = spec.tolerations(tolerations);
    }
    spec
}

pub(in crate::mesh) fn resources(resources: &Resources) -> core::ResourceRequirements {
    let Resources { cpu, cpu_limit, memory } = *resources;
    let mut limits = vec![("memory", quantity(memory))];
    limits.extend(cpu_limit.map(|cpu| ("cpu", quantity(cpu))));
    core::ResourceRequirements::new().requests([("cpu", quantity(cpu)), ("memory", quantity(memory))]).limits(limits)
}

/// Returns the resources of a container with GPUs, which are not divisible.
pub(in crate::mesh) fn resources_with_gpus(given: &Resources, gpus: u32) -> core::ResourceRequirements {
    let Resources { cpu_limit, memory, .. } = *given;
    if gpus == 0 {
        return resources(given);
    }
    let mut limits = vec![("memory", quantity(memory)), (GPU, gpus.to_string())];
    limits.extend(cpu_limit.map(|cpu| ("cpu", quantity(cpu))));
    resources(given).limits(limits)
}

fn quantity(quantity: impl Value) -> String {
    Data::to_text(&quantity.into_data())
}

pub(in crate::mesh) fn pod_security(user: u32) -> core::PodSecurityContext {
    core::PodSecurityContext::new()
        .run_as_non_root(true)
        .run_as_user(user)
        .run_as_group(user)
        .fs_group(user)
        .seccomp_profile(core::SeccompProfile::new(core::SeccompProfileType::RuntimeDefault))
}

pub(in crate::mesh) fn container_security() -> core::SecurityContext {
    core::SecurityContext::new()
        .allow_privilege_escalation(false)
        .read_only_root_filesystem(true)
        .capabilities(core::Capabilities::new().drop(["ALL"]))
}
