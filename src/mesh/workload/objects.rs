//! The common objects of every workload: its pods, spread over zones and nodes, its service and its disruption budget.

use crate::Object;
use crate::kube::{apps, core, meta, policy};
use crate::tree::Scope;
use crate::val::Val;

use super::super::core::labels::NAME;
use super::super::pods::{Spread, Template};
use super::super::{Port, Release, Scale};
use super::WorkloadProps;

/// Returns a deployment with this name, and with the service account and the volumes of `owner`.
pub(in crate::mesh) fn deployment(
    scope: &Scope,
    (name, owner): (&str, &str),
    image: Val<String>,
    props: &WorkloadProps,
    annotations: &[(String, Val<String>)],
) -> Object<apps::Deployment> {
    let ports: Vec<Port> = ports(props).collect();
    let template = Template {
        name,
        owner,
        image,
        ports: &ports,
        probes: Some(&props.probes),
        resources: &props.resources,
        placement: &props.placement,
        args: &props.args,
        user: props.user,
        stop: Some((props.drain, props.grace)),
        spread: Spread::By(props.release.hash_label()),
        pod: &props.pod,
        annotations,
    };
    let template = template.to_l1(scope);
    let rolling = apps::RollingUpdateDeployment::new().max_surge("25%").max_unavailable(0);
    let mut spec = apps::DeploymentSpec::new(selector(name), template).revision_history_limit(3).strategy(
        apps::DeploymentStrategy::new().type_(apps::DeploymentStrategyType::RollingUpdate).rolling_update(rolling),
    );
    if let (Scale::Fixed(n), Release::Rolling) = (&props.scale, &props.release) {
        spec = spec.replicas(*n);
    }
    apps::Deployment::new().spec(spec).define(scope, "deployment", name)
}

pub(in crate::mesh) fn service(scope: &Scope, name: &str, props: &WorkloadProps) -> Object<core::Service> {
    service_of(scope, "service", name, (NAME, name), props)
}

/// Returns a service with another name for the pods of a workload.
pub(in crate::mesh) fn service_of(
    scope: &Scope,
    id: &str,
    name: &str,
    pods: (&'static str, &str),
    props: &WorkloadProps,
) -> Object<core::Service> {
    let ports: Vec<_> = ports(props).map(|port| port.of_service()).collect();
    let spec = core::ServiceSpec::new().type_(core::ServiceType::ClusterIp).selector([pods]).ports(ports);
    core::Service::new().spec(spec).define(scope, id, name)
}

/// Returns a disruption budget that allows node drains to evict one pod at a time. Pods that are not ready do not block
/// a drain.
pub(in crate::mesh) fn budget(scope: &Scope, name: &str) -> Object<policy::PodDisruptionBudget> {
    let spec = policy::PodDisruptionBudgetSpec::new()
        .selector(selector(name))
        .max_unavailable(1)
        .unhealthy_pod_eviction_policy(policy::UnhealthyPodEvictionPolicy::AlwaysAllow);
    policy::PodDisruptionBudget::new().spec(spec).define(scope, "budget", name)
}

pub(in crate::mesh) fn selector(name: &str) -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([(NAME, name)])
}

/// Returns the ports, with the main port first.
fn ports(props: &WorkloadProps) -> impl Iterator<Item = Port> {
    [Port::main(props.port, props.protocol)].into_iter().chain(props.pod.ports.iter().cloned())
}
