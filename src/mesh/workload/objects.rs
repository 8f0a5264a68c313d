//! The objects that every workload has: its pods, spread over zones and nodes, its service and its budget.

use crate::Object;
use crate::kube::{apps, core, meta, policy};
use crate::tree::Scope;
use crate::val::Val;

use super::super::core::labels::{self, NAME};
use super::super::core::{Protocol, pod};
use super::super::{Release, Scale};
use super::WorkloadProps;

pub(in crate::mesh) fn deployment(
    scope: &Scope,
    name: &str,
    image: Val<String>,
    props: &WorkloadProps,
) -> Object<apps::Deployment> {
    let template = core::PodTemplateSpec::new()
        .metadata(meta::ObjectMeta::new().labels(labels::of(scope, name)))
        .spec(pod_spec(name, image, props));
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

/// A service of another name before the pods of a workload.
pub(in crate::mesh) fn service_of(
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
pub(in crate::mesh) fn budget(scope: &Scope, name: &str) -> Object<policy::PodDisruptionBudget> {
    let spec = policy::PodDisruptionBudgetSpec::new()
        .selector(selector(name))
        .max_unavailable(1)
        .unhealthy_pod_eviction_policy(policy::UnhealthyPodEvictionPolicy::AlwaysAllow);
    policy::PodDisruptionBudget::new().spec(spec).define(scope, "budget", name)
}

fn selector(name: &str) -> meta::LabelSelector {
    meta::LabelSelector::new().match_labels([(NAME, name)])
}

/// The pod's own `spec`.
fn pod_spec(name: &str, image: Val<String>, props: &WorkloadProps) -> core::PodSpec {
    let spread = |key: &str| {
        core::TopologySpreadConstraint::new(1, key, core::WhenUnsatisfiable::ScheduleAnyway)
            .label_selector(meta::LabelSelector::new().match_labels([(NAME, name)]))
            .match_label_keys([props.release.hash_label()])
    };
    let spec = core::PodSpec::new([container(name, image, props)])
        .service_account_name(name)
        .automount_service_account_token(false)
        .enable_service_links(false)
        .security_context(pod::pod_security(props.user))
        .termination_grace_period_seconds(props.grace.as_seconds() as i64)
        .topology_spread_constraints([spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")])
        .volumes([core::Volume::new("tmp").empty_dir(core::EmptyDirVolumeSource::new().size_limit("256Mi"))]);
    pod::placed(spec, &props.placement)
}

fn container(name: &str, image: Val<String>, props: &WorkloadProps) -> core::Container {
    let port = props.protocol.port_name();
    let container = core::Container::new(name)
        .image(image)
        .image_pull_policy(core::ImagePullPolicy::IfNotPresent)
        .ports([core::ContainerPort::new(props.port).name(port).protocol(core::Protocol::Tcp)])
        .resources(pod::resources(&props.resources))
        .security_context(pod::container_security())
        .lifecycle(
            core::Lifecycle::new()
                .pre_stop(core::LifecycleHandler::new().sleep(core::SleepAction::new(props.drain.as_seconds() as i64))),
        )
        .volume_mounts([core::VolumeMount::new("/tmp", "tmp")]);
    let container = match props.args.is_empty() {
        true => container,
        false => container.args(props.args.clone()),
    };
    props.probes.add_to(container, port)
}
