//! The objects that every workload has, beside its pods, its policy and its autoscaler.

use crate::Object;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::{apps, core, meta, networking, policy};
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::{NAME, Namespace, Protocol, Release, Scale, WorkloadProps, network, pod};

/// The label that tells versions apart, which meshes and dashboards read.
pub(super) const VERSION: &str = "app.kubernetes.io/version";

fn labels(scope: &Scope, name: &str) -> [(&'static str, String); 3] {
    [
        (NAME, name.to_owned()),
        ("app.kubernetes.io/part-of", scope.app_name()),
        ("app.kubernetes.io/managed-by", "meshsynth".to_owned()),
    ]
}

/// Says of an object which workload it belongs to.
pub(super) fn label(object: &Scope, name: &str) {
    for (key, value) in labels(object, name) {
        object.put("metadata.labels", key, value);
    }
}

fn selector(name: &str) -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([(NAME, name)])
}

pub(super) fn deployment(
    scope: &Scope,
    name: &str,
    image: Val<String>,
    props: &WorkloadProps,
) -> Object<apps::Deployment> {
    let template = core::PodTemplateSpec::new()
        .metadata(meta::ObjectMeta::new().labels(labels(scope, name)))
        .spec(pod::spec(name, image, props));
    let rolling = apps::RollingUpdateDeployment::new().max_surge("25%").max_unavailable(0);
    let mut spec = apps::DeploymentSpec::new(selector(name), template).revision_history_limit(3).strategy(
        apps::DeploymentStrategy::new().type_(apps::DeploymentStrategyType::RollingUpdate).rolling_update(rolling),
    );
    if let (Scale::Fixed(n), Release::Rolling) = (&props.scale, &props.release) {
        spec = spec.replicas(*n);
    }
    apps::Deployment::new().spec(spec).define(scope, "deployment", name)
}

pub(super) fn service(scope: &Scope, name: &str, props: &WorkloadProps) -> Object<core::Service> {
    service_of(scope, "service", name, (NAME, name), props)
}

/// A service of another name before the pods of a workload.
pub(super) fn service_of(
    scope: &Scope,
    id: &str,
    name: &str,
    pods: (&'static str, &str),
    props: &WorkloadProps,
) -> Object<core::Service> {
    let port = props.protocol.port_name();
    let app_protocol = match props.protocol {
        Protocol::Http2 => "kubernetes.io/h2c",
        _ => port,
    };
    let port = core::ServicePort::new(props.port)
        .name(port)
        .target_port(port)
        .protocol(core::Protocol::Tcp)
        .app_protocol(app_protocol);
    let spec = core::ServiceSpec::new().type_(core::ServiceType::ClusterIp).selector([pods]).ports([port]);
    core::Service::new().spec(spec).define(scope, id, name)
}

/// A budget lets nodes be drained a pod at a time; pods that are broken anyway do not hold them up.
pub(super) fn budget(scope: &Scope, name: &str) -> Object<policy::PodDisruptionBudget> {
    let spec = policy::PodDisruptionBudgetSpec::new()
        .selector(selector(name))
        .max_unavailable(1)
        .unhealthy_pod_eviction_policy(policy::UnhealthyPodEvictionPolicy::AlwaysAllow);
    policy::PodDisruptionBudget::new().spec(spec).define(scope, "budget", name)
}

/// The role of a service account, made with the first grant. `lent_to` may take it too.
pub(super) fn role(
    scope: &Scope,
    namespace: &Namespace,
    name: &str,
    account: &Object<core::ServiceAccount>,
    policy: &Object<networking::NetworkPolicy>,
    lent_to: Option<&Role>,
) -> Role {
    if let Some(role) = scope.child("role").and_then(Role::at) {
        return role;
    }
    let cluster = namespace.cluster();
    let role = match lent_to {
        Some(other) => cluster.lent_role(scope, "role", namespace.name(), name, other),
        None => cluster.service_account_role(scope, "role", namespace.name(), name),
    };
    match cluster.identity() {
        Identity::Irsa => {
            account.annotate("eks.amazonaws.com/role-arn", role.arn());
        }
        Identity::PodIdentity => network::allow_to_cidrs(policy.scope(), &[network::POD_IDENTITY_AGENT], 80),
    }
    // The way to AWS: the interface endpoints of the VPC, STS among them.
    network::allow_to_cidrs(policy.scope(), &[cluster.vpc().cidr()], 443);
    role
}
