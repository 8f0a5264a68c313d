//! What pods get: resources, nodes and security contexts.

use crate::kube::core;
use crate::kube::core::TolerationEffect;
use crate::units::{Mib, Millicores};
use crate::val::{Data, Value};

/// What a container gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// The processor it is sure of. Default: 250.
    pub cpu: Millicores,
    /// The most processor it gets. Default: no limit, so that idle processors are not kept from it.
    pub cpu_limit: Option<Millicores>,
    /// The memory it is sure of, and the most it gets. Default: 512 MiB.
    pub memory: Mib,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: Millicores(250), cpu_limit: None, memory: Mib(512) }
    }
}

/// Which nodes the pods run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Labels that a node must have. Default: none.
    pub node_labels: Vec<(String, String)>,
    /// Taints of nodes that do not keep the pods away. Default: none.
    pub tolerations: Vec<Toleration>,
}

/// A taint that does not keep pods away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toleration {
    /// The key of the taint.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What the taint does.
    pub effect: TolerationEffect,
}

impl Placement {
    /// The nodes of managed Spot groups, which are much cheaper and may go at two minutes' notice.
    pub fn spot() -> Self {
        Self::default().on("eks.amazonaws.com/capacityType", "SPOT")
    }

    /// The nodes of managed on-demand groups.
    pub fn on_demand() -> Self {
        Self::default().on("eks.amazonaws.com/capacityType", "ON_DEMAND")
    }

    /// Only nodes with this label.
    #[must_use]
    pub fn on(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.node_labels.push((label.into(), value.into()));
        self
    }

    /// Nodes with this taint too.
    #[must_use]
    pub fn tolerate(mut self, key: impl Into<String>, value: impl Into<String>, effect: TolerationEffect) -> Self {
        self.tolerations.push(Toleration { key: key.into(), value: value.into(), effect });
        self
    }
}

/// Says which nodes pods run on.
pub(in crate::mesh) fn placed(mut spec: core::PodSpec, placement: &Placement) -> core::PodSpec {
    if !placement.node_labels.is_empty() {
        spec = spec.node_selector(placement.node_labels.clone());
    }
    if !placement.tolerations.is_empty() {
        let toleration = |it: &Toleration| {
            core::Toleration::new()
                .key(&it.key)
                .operator(core::TolerationOperator::Equal)
                .value(&it.value)
                .effect(it.effect.clone())
        };
        spec = spec.tolerations(placement.tolerations.iter().map(toleration).collect::<Vec<_>>());
    }
    spec
}

pub(in crate::mesh) fn resources(resources: &Resources) -> core::ResourceRequirements {
    let Resources { cpu, cpu_limit, memory } = *resources;
    let mut limits = vec![("memory", quantity(memory))];
    limits.extend(cpu_limit.map(|cpu| ("cpu", quantity(cpu))));
    core::ResourceRequirements::new().requests([("cpu", quantity(cpu)), ("memory", quantity(memory))]).limits(limits)
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
