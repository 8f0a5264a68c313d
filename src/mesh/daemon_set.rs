//! A workload with one pod on each node.

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::{apps, core};
use crate::tree::{Construct, IdRule, Scope};
use crate::units::{Duration, Percent};
use crate::val::IntoVal;

use super::core::labels::NAME;
use super::core::{Namespace, Placement, Probes, Protocol, Resources, labels};
use super::pods::{PodProps, Pods, Port, Spread, TEMPLATE, Template, Volume, is_used_as_its_pods};
use super::traffic;
use super::workload::objects;

/// The update strategy of a [`DaemonSet`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeUpdate {
    /// One node after another.
    #[default]
    OneByOne,
    /// A share of the nodes at the same time.
    Share(Percent),
    /// The pod of a node is updated only when a user deletes it.
    WhenDeleted,
}

/// A directory of the node that the pods of a [`DaemonSet`] mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPath {
    /// The name of the volume in the pod.
    pub name: String,
    /// The directory on the node.
    pub path: String,
    /// The mount path in the main container.
    pub at: String,
    /// Whether the container may write. Default: `false`.
    pub is_writable: bool,
}

impl HostPath {
    /// Mounts a directory of the node read-only at the same path.
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { name: name.into(), at: path.clone(), path, is_writable: false }
    }
}

/// Properties of a [`DaemonSet`].
#[derive(Clone)]
pub struct DaemonSetProps {
    /// The port of the container. Default: none.
    pub port: Option<u16>,
    /// The protocol of the port. Default: `Http`.
    pub protocol: Protocol,
    /// The host port on each node that forwards to the container port. Default: none.
    pub host_port: Option<u16>,
    /// The directories of the node that it mounts. Default: none.
    pub host_paths: Vec<HostPath>,
    /// The update strategy of its pods. Default: one node after another.
    pub update: NodeUpdate,
    /// The resources of its container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The probes of its container, if it has a port. Default: the port must accept connections.
    pub probes: Probes,
    /// The nodes that it runs on. Default: all nodes, regardless of their taints.
    pub placement: Placement,
    /// Additional ports, containers and volumes of its pods, and node requirements. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// The time that a pod has to stop. Default: 30 seconds.
    pub grace: Duration,
}

impl Default for DaemonSetProps {
    fn default() -> Self {
        Self {
            port: None,
            protocol: Protocol::default(),
            host_port: None,
            host_paths: Vec::new(),
            update: NodeUpdate::default(),
            resources: Resources::default(),
            probes: Probes::tcp(),
            placement: Placement::default().tolerate_all(),
            pod: PodProps::default(),
            args: Vec::new(),
            user: 10_001,
            grace: Duration::seconds(30),
        }
    }
}

/// A workload with one pod on each node, such as an agent.
///
/// Defines the `DaemonSet`, its `ServiceAccount` and its `NetworkPolicy`, which denies all traffic except the traffic
/// that relations allow. If a port is set, it also defines a `Service`, which forwards to the pod on the caller's node.
///
/// # Diagnostics
///
/// - `MS0447`: it uses host paths or a host port, and its namespace does not accept such pods.
/// - `MS0412`: the image has no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// let agents = mesh::Namespace::new(shop.cluster(), "agents", shop.cluster(), mesh::NamespaceProps {
///     pod_security: mesh::PodSecurity::Privileged,
///     ..Default::default()
/// });
/// mesh::DaemonSet::new(&agents, "node-figures", "registry.example/node-figures:1.9.0", mesh::DaemonSetProps {
///     port: Some(9100),
///     host_paths: vec![mesh::HostPath::new("sys", "/sys")],
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/>
#[derive(Clone)]
pub struct DaemonSet {
    pub(in crate::mesh) pods: Pods,
    pub(in crate::mesh) set: Object<apps::DaemonSet>,
}

impl Construct for DaemonSet {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(DaemonSet);

impl DaemonSet {
    /// Defines pods that run `image`. Their name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: DaemonSetProps) -> Self {
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE);
        let name = &*scope.id();
        scope.diagram(DiagramNode::new("workload").detail("a pod on each node").within(namespace));
        let mut pod = props.pod.clone();
        pod.volumes.extend(props.host_paths.iter().map(|it| {
            let volume = Volume::host(it.name.clone(), it.path.clone()).at(it.at.clone());
            if it.is_writable { volume } else { volume.read_only() }
        }));
        let main = props.port.map(|port| Port::main(port, props.protocol));
        let pods = Pods::define(&scope, namespace, name, main.into_iter().collect(), &pod);
        let template = Template {
            name,
            owner: name,
            image: image.into_val(),
            ports: pods.ports(),
            probes: Some(&props.probes),
            resources: &props.resources,
            placement: &props.placement,
            args: &props.args,
            user: props.user,
            stop: Some((Duration::seconds(5), props.grace)),
            spread: Spread::None,
            pod: &pod,
            annotations: pods.digests(),
        };
        let rolling = |pods: String| {
            let rolling = apps::RollingUpdateDaemonSet::new().max_unavailable(pods);
            apps::DaemonSetUpdateStrategy::new()
                .type_(apps::DaemonSetUpdateStrategyType::RollingUpdate)
                .rolling_update(rolling)
        };
        let update = match props.update {
            NodeUpdate::OneByOne => apps::DaemonSetUpdateStrategy::new()
                .type_(apps::DaemonSetUpdateStrategyType::RollingUpdate)
                .rolling_update(apps::RollingUpdateDaemonSet::new().max_unavailable(1)),
            NodeUpdate::Share(share) => rolling(format!("{}%", share.0)),
            NodeUpdate::WhenDeleted => {
                apps::DaemonSetUpdateStrategy::new().type_(apps::DaemonSetUpdateStrategyType::OnDelete)
            }
        };
        let spec = apps::DaemonSetSpec::new(objects::selector(name), template.to_l1(&scope))
            .revision_history_limit(3)
            .update_strategy(update);
        let set = apps::DaemonSet::new().spec(spec).define(&scope, "set", name);
        if let (Some(port), Some(_)) = (props.host_port, props.port) {
            set.patch("spec.template.spec.containers.0.ports.0.hostPort", i64::from(port));
        }
        pods.made_by(set.scope(), &TEMPLATE);
        if !pods.ports().is_empty() {
            let ports: Vec<_> = pods.ports().iter().map(Port::of_service).collect();
            let spec = core::ServiceSpec::new()
                .type_(core::ServiceType::ClusterIp)
                .internal_traffic_policy(core::InternalTrafficPolicy::Local)
                .selector([(NAME, name)])
                .ports(ports);
            let service = core::Service::new().spec(spec).define(&scope, "service", name);
            labels::add(service.scope(), name);
            pods.served_by(service.scope());
        }
        traffic::take_part(&pods, true);
        Self { pods, set }
    }

    /// Returns the host name of the `Service`, which forwards to the pod on the caller's node. If no port is set, the
    /// `Service` does not exist.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// Returns the `DaemonSet`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<apps::DaemonSet> {
        &self.set
    }
}

#[cfg(test)]
mod tests {
    use super::{DaemonSet, DaemonSetProps, HostPath, NodeUpdate};
    use crate::mesh::{Namespace, NamespaceProps, PodSecurity};
    use crate::testing::{Platform, namespace};
    use crate::units::Percent;

    #[test]
    fn runs_on_each_node_with_host_path_and_port() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let props = NamespaceProps { pod_security: PodSecurity::Privileged, ..Default::default() };
            let agents = Namespace::new(shop.cluster(), "agents", shop.cluster(), props);
            let props = DaemonSetProps {
                port: Some(9100),
                host_port: Some(9100),
                host_paths: vec![HostPath::new("sys", "/sys")],
                update: NodeUpdate::Share(Percent(20)),
                ..Default::default()
            };
            DaemonSet::new(&agents, "figures", "registry.example/figures:1.9.0", props);
        });
        let set = platform.manifest("daemonset-figures");
        for part in ["operator: Exists", "hostPort: 9100", "path: /sys", "readOnly: true", "maxUnavailable: 20%"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        assert!(platform.manifest("service-figures").contains("internalTrafficPolicy: Local"));
    }

    #[test]
    fn omits_service_without_port() {
        let platform = Platform::synth("shop", |app| {
            DaemonSet::new(&namespace(app), "warmer", "registry.example/warmer:1.9.0", DaemonSetProps::default());
        });
        assert!(!platform.assembly.files.keys().any(|path| path.contains("service-warmer")));
        let set = platform.manifest("daemonset-warmer");
        assert!(!set.contains("hostPath") && !set.contains("Probe"), "{set}");
    }
}
