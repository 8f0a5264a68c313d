//! A pod on each node.

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

/// How the pods of a [`DaemonSet`] are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeUpdate {
    /// A node after the other.
    #[default]
    OneByOne,
    /// A share of the nodes at once.
    Share(Percent),
    /// When somebody deletes the pod of a node.
    WhenDeleted,
}

/// A folder of the node that the pods of a [`DaemonSet`] see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPath {
    /// The name of the volume in the pod.
    pub name: String,
    /// The folder on the node.
    pub path: String,
    /// Where the main container finds it.
    pub at: String,
    /// Whether the container may write. Default: `false`.
    pub is_writable: bool,
}

impl HostPath {
    /// A folder of the node that is read, at the same path.
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { name: name.into(), at: path.clone(), path, is_writable: false }
    }
}

/// Properties of a [`DaemonSet`].
#[derive(Clone)]
pub struct DaemonSetProps {
    /// The port it listens on. Default: none.
    pub port: Option<u16>,
    /// What it speaks there. Default: `Http`.
    pub protocol: Protocol,
    /// The port of the node that leads to it. Default: none.
    pub host_port: Option<u16>,
    /// Folders of the node that it sees. Default: none.
    pub host_paths: Vec<HostPath>,
    /// How its pods are updated. Default: a node after the other.
    pub update: NodeUpdate,
    /// What its container gets. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// What its container is asked, where it listens. Default: whether the port takes connections.
    pub probes: Probes,
    /// Which nodes it runs on. Default: all, whatever their taints.
    pub placement: Placement,
    /// More ports, containers and volumes of its pods, and what they need of nodes. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: those of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a pod has to stop. Default: 30 seconds.
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

/// A pod on each node, such as an agent.
///
/// Defines the `DaemonSet`, its `ServiceAccount` and its `NetworkPolicy`, which allows nothing until a relation opens it;
/// with a port also a `Service`, which leads to the pod of the caller's own node.
///
/// # Diagnostics
///
/// - `MS0447`: it sees folders or a port of the node, and its namespace takes no such pods.
/// - `MS0412`: the image names no version.
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

    /// The name by which the pod of the caller's node is reached, where it listens.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// The `DaemonSet` itself, for what the typed properties do not cover.
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
    fn it_runs_on_every_node_and_sees_what_it_asks_for() {
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
    fn without_a_port_it_has_no_service() {
        let platform = Platform::synth("shop", |app| {
            DaemonSet::new(&namespace(app), "warmer", "registry.example/warmer:1.9.0", DaemonSetProps::default());
        });
        assert!(!platform.assembly.files.keys().any(|path| path.contains("service-warmer")));
        let set = platform.manifest("daemonset-warmer");
        assert!(!set.contains("hostPath") && !set.contains("Probe"), "{set}");
    }
}
