//! Pods with stable names and separate volumes.

use std::rc::Rc;

use crate::Object;
use crate::diagram::DiagramNode;
use crate::kube::{apps, core};
use crate::tree::{Construct, IdRule, Scope};
use crate::units::{Duration, Gib};
use crate::val::IntoVal;

use super::core::labels::NAME;
use super::core::{Namespace, Placement, Probes, Protocol, Resources, labels};
use super::pods::{Spread, TEMPLATE, Template, is_used_as_its_pods};
use super::workload::objects;
use super::{PodProps, Pods, Port, traffic};

/// A separate volume of each pod of a [`StatefulSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name of the volume in the pod.
    pub name: String,
    /// The mount path in the main container.
    pub path: String,
    /// Its size.
    pub size: Gib,
    /// The name of the `StorageClass`. A new EKS cluster has no default class. Default: the default class of the
    /// cluster.
    pub storage_class: Option<String>,
}

impl Claim {
    /// Returns a volume of this size at a path, named `data`.
    pub fn new(path: impl Into<String>, size: Gib) -> Self {
        Self { name: "data".to_owned(), path: path.into(), size, storage_class: None }
    }

    /// Sets the storage class by its name.
    #[must_use]
    pub fn of_class(self, class: impl Into<String>) -> Self {
        Self { storage_class: Some(class.into()), ..self }
    }

    fn to_l1(&self) -> core::PersistentVolumeClaimTemplate {
        let size = core::VolumeResourceRequirements::new().requests([("storage", self.size)]);
        let mut spec =
            core::PersistentVolumeClaimSpec::new().access_modes([core::AccessMode::ReadWriteOncePod]).resources(size);
        if let Some(class) = &self.storage_class {
            spec = spec.storage_class_name(class.clone());
        }
        let metadata = crate::kube::meta::ObjectMeta::new().raw("name", self.name.clone());
        core::PersistentVolumeClaimTemplate::new(spec).metadata(metadata)
    }
}

/// The order in which the pods of a [`StatefulSet`] start and stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodOrder {
    /// Each pod starts after the pods with lower numbers are ready.
    #[default]
    Ordered,
    /// All pods start and stop at the same time. Updates still replace one pod after another.
    Parallel,
}

/// The retention of the claims of a [`StatefulSet`], and of the data in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimRetention {
    /// The claims are kept.
    #[default]
    Keep,
    /// Claims are deleted if scaling down removes their pods. If the set is deleted, its claims are kept.
    DeleteWhenScaledDown,
    /// Claims are deleted only if the set is deleted.
    DeleteWithSet,
    /// Claims are deleted if scaling down removes their pods, and if the set is deleted.
    Delete,
}

/// Properties of a [`StatefulSet`].
#[derive(Clone)]
pub struct StatefulSetProps {
    /// The number of pods. Default: 3, one for each zone.
    pub replicas: u32,
    /// The port of the container. Default: 8080.
    pub port: u16,
    /// The protocol of the port. Default: `Tcp`.
    pub protocol: Protocol,
    /// The separate volumes of each pod. Default: none.
    pub claims: Vec<Claim>,
    /// The retention of these volumes when pods are removed. Default: they are kept.
    pub retention: ClaimRetention,
    /// The order in which pods start and stop. Default: one after another.
    pub order: PodOrder,
    /// The lowest pod number that is updated, to try a new version on some pods. Default: all pods are updated.
    pub partition: u32,
    /// The resources of its container. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// The probes of its container. Default: the port must accept connections.
    pub probes: Probes,
    /// The nodes that it runs on. Default: any node without taints.
    pub placement: Placement,
    /// Additional ports, containers and volumes of its pods, and node requirements. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: the arguments of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a stopping pod still serves requests, so that clients can move to other pods. Default: 10 seconds.
    pub drain: Duration,
    /// The time that a pod has to stop, including the drain. Default: 2 minutes.
    pub grace: Duration,
}

impl Default for StatefulSetProps {
    fn default() -> Self {
        Self {
            replicas: 3,
            port: 8080,
            protocol: Protocol::Tcp,
            claims: Vec::new(),
            retention: ClaimRetention::default(),
            order: PodOrder::default(),
            partition: 0,
            resources: Resources::default(),
            probes: Probes::tcp(),
            placement: Placement::default(),
            pod: PodProps::default(),
            args: Vec::new(),
            user: 10_001,
            drain: Duration::seconds(10),
            grace: Duration::minutes(2),
        }
    }
}

/// Pods with stable names and separate volumes, such as the nodes of a search engine.
///
/// Defines the `StatefulSet`, the `ServiceAccount` and the `PodDisruptionBudget`. Containers have a restricted security
/// context, and pods are spread over zones and nodes. A `Service` forwards to any of the pods, and a headless `Service`
/// gives each pod a DNS name. The `NetworkPolicy` denies all traffic except the traffic that relations allow. Only one
/// pod can mount a volume (`ReadWriteOncePod`).
///
/// Pods that form a cluster call each other: `index.calls(&index)`.
///
/// # Diagnostics
///
/// - `MS0440`: two ports have the same name or number.
/// - `MS0445`: the partition is so high that no pod is updated.
/// - `MS0412`: the image has no version.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Gib};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// let gp3 = mesh::StorageClass::gp3(orders.namespace().cluster(), "gp3", Default::default());
/// let index = mesh::StatefulSet::new(orders.namespace(), "index", "registry.example/index:7.2.0", mesh::StatefulSetProps {
///     port: 7700,
///     claims: vec![mesh::Claim::new("/var/lib/index", Gib(50)).of_class(gp3.name())],
///     ..Default::default()
/// });
/// index.calls(&index);
/// orders.calls(&index);
/// assert_eq!(index.pod_host(0), "index-0.index-pods.shop.svc.cluster.local");
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>
#[derive(Clone)]
pub struct StatefulSet {
    pub(in crate::mesh) pods: Pods,
    pub(in crate::mesh) props: Rc<StatefulSetProps>,
    pub(in crate::mesh) set: Object<apps::StatefulSet>,
    pub(in crate::mesh) service: Object<core::Service>,
    /// The name of the headless `Service`, which gives each pod a name.
    pub(in crate::mesh) of_pods: String,
}

impl Construct for StatefulSet {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(StatefulSet);

impl StatefulSet {
    /// Defines pods that run `image`. Their name in Kubernetes is the construct's id, followed by a number.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: StatefulSetProps) -> Self {
        // The headless service and the revision label append a suffix to the name.
        let scope = namespace.scope().construct_as(name, IdRule::SERVICE.after("-0123456789".len()));
        let name = &*scope.id();
        let detail = match props.replicas {
            1 => "1 pod with a name".to_owned(),
            pods => format!("{pods} pods with names"),
        };
        scope.diagram(DiagramNode::new("workload").detail(detail).within(namespace));
        let pods = Pods::define(&scope, namespace, name, vec![Port::main(props.port, props.protocol)], &props.pod);
        let set = set(&pods, image.into_val(), &props);
        pods.made_by(set.scope(), &TEMPLATE);
        let ports: Vec<_> = pods.ports().iter().map(Port::of_service).collect();
        let spec = || core::ServiceSpec::new().selector([(NAME, name)]).ports(ports.clone());
        let service = spec().type_(core::ServiceType::ClusterIp);
        let service = core::Service::new().spec(service).define(&scope, "service", name);
        let headless = spec().cluster_ip("None").publish_not_ready_addresses(true);
        let of_pods = format!("{name}-pods");
        let headless = core::Service::new().spec(headless).define(&scope, "headless", &of_pods);
        let budget = objects::budget(&scope, name);
        for object in [service.scope(), headless.scope(), budget.scope()] {
            labels::add(object, name);
        }
        pods.served_by(service.scope());
        pods.also_served_as(&of_pods);
        traffic::take_part(&pods, true);
        Self { pods, props: Rc::new(props), set, service, of_pods }
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.pods.port()
    }

    /// Returns the protocol of its port.
    pub fn protocol(&self) -> Protocol {
        self.pods.protocol()
    }

    /// Returns the host name of the `Service` that forwards to any of the pods, such as `index.shop.svc.cluster.local`.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// Returns the host name of one pod, such as `index-0.index-pods.shop.svc.cluster.local`.
    pub fn pod_host(&self, number: u32) -> String {
        let (name, namespace) = (self.name(), self.namespace().name());
        format!("{name}-{number}.{}.{namespace}.svc.cluster.local", self.of_pods)
    }

    /// Returns the host names of all pods.
    pub fn pod_hosts(&self) -> Vec<String> {
        (0..self.props.replicas).map(|number| self.pod_host(number)).collect()
    }

    /// Returns the `StatefulSet`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<apps::StatefulSet> {
        &self.set
    }

    /// Returns the `Service` that forwards to any of the pods, for example to set a field for which the props have no
    /// property.
    pub fn service(&self) -> &Object<core::Service> {
        self.pods.added_service().unwrap_or(&self.service)
    }
}

fn set(pods: &Pods, image: crate::val::Val<String>, props: &StatefulSetProps) -> Object<apps::StatefulSet> {
    let name = pods.name();
    let template = Template {
        name,
        owner: name,
        image,
        ports: pods.ports(),
        probes: Some(&props.probes),
        resources: &props.resources,
        placement: &props.placement,
        args: &props.args,
        user: props.user,
        stop: Some((props.drain, props.grace)),
        spread: Spread::All,
        pod: &props.pod,
        annotations: pods.digests(),
    };
    let mut rolling = apps::RollingUpdateStatefulSetStrategy::new();
    if props.partition > 0 {
        rolling = rolling.partition(props.partition);
    }
    let mut update = apps::StatefulSetUpdateStrategy::new().type_(apps::StatefulSetUpdateStrategyType::RollingUpdate);
    if props.partition > 0 {
        update = update.rolling_update(rolling);
    }
    let (when_scaled, when_deleted) = match props.retention {
        ClaimRetention::Keep => ("Retain", "Retain"),
        ClaimRetention::DeleteWhenScaledDown => ("Delete", "Retain"),
        ClaimRetention::DeleteWithSet => ("Retain", "Delete"),
        ClaimRetention::Delete => ("Delete", "Delete"),
    };
    let mut spec = apps::StatefulSetSpec::new(objects::selector(name), template.to_l1(pods.scope()))
        .service_name(format!("{name}-pods"))
        .replicas(props.replicas)
        .revision_history_limit(3)
        .pod_management_policy(match props.order {
            PodOrder::Ordered => apps::PodManagementPolicy::OrderedReady,
            PodOrder::Parallel => apps::PodManagementPolicy::Parallel,
        })
        .update_strategy(update);
    if !props.claims.is_empty() {
        let retention = apps::StatefulSetPersistentVolumeClaimRetentionPolicy::new()
            .when_scaled(when_scaled)
            .when_deleted(when_deleted);
        spec = spec
            .volume_claim_templates(props.claims.iter().map(Claim::to_l1).collect::<Vec<_>>())
            .persistent_volume_claim_retention_policy(retention);
    }
    let set = apps::StatefulSet::new().spec(spec).define(pods.scope(), "set", name);
    for claim in &props.claims {
        let mount = core::VolumeMount::new(claim.path.clone(), claim.name.clone());
        set.scope().add("spec.template.spec.containers.0.volumeMounts", mount);
    }
    set
}

#[cfg(test)]
mod tests {
    use super::{Claim, ClaimRetention, StatefulSet, StatefulSetProps};
    use crate::mesh::{Namespace, PodOrder, StorageClass, StorageClassProps};
    use crate::testing::{Platform, mesh_workload, workload};
    use crate::units::Gib;

    fn platform(props: StatefulSetProps) -> Platform {
        Platform::synth("shop", |app| {
            let orders = workload(app);
            let props_of_class = StorageClassProps { is_default: true, ..Default::default() };
            StorageClass::gp3(orders.namespace().cluster(), "gp3", props_of_class);
            orders.calls(&index(orders.namespace(), props));
        })
    }

    fn index(namespace: &Namespace, props: StatefulSetProps) -> StatefulSet {
        StatefulSet::new(namespace, "index", "registry.example/index:7.2.0", props)
    }

    #[test]
    fn gives_each_pod_a_name_and_a_volume() {
        let claims = vec![Claim::new("/var/lib/index", Gib(50)).of_class("gp3")];
        let platform = platform(StatefulSetProps { claims, ..Default::default() });
        let set = platform.manifest("statefulset-index");
        for part in [
            "serviceName: index-pods",
            "storage: 50Gi",
            "ReadWriteOncePod",
            "mountPath: /var/lib/index",
            "whenDeleted: Retain",
        ] {
            assert!(set.contains(part), "{part} in {set}");
        }
        let headless = platform.manifest("service-index-pods");
        assert!(
            headless.contains("clusterIP: None") && headless.contains("publishNotReadyAddresses: true"),
            "{headless}"
        );
        assert!(platform.manifest("poddisruptionbudget-index").contains("maxUnavailable: 1"));
    }

    #[test]
    fn opens_egress_and_ingress_for_call() {
        let platform = platform(StatefulSetProps::default());
        assert!(platform.manifest("networkpolicy-index").contains("app.kubernetes.io/name: orders"));
        assert!(platform.manifest("networkpolicy-orders").contains("app.kubernetes.io/name: index"));
        assert!(platform.assembly.files["graph.json"].contains("3 pods with names"));
    }

    #[test]
    fn starts_pods_in_parallel_and_deletes_claims() {
        let platform = platform(StatefulSetProps {
            claims: vec![Claim::new("/data", Gib(1))],
            order: PodOrder::Parallel,
            retention: ClaimRetention::Delete,
            partition: 2,
            ..Default::default()
        });
        let set = platform.manifest("statefulset-index");
        for part in ["podManagementPolicy: Parallel", "whenScaled: Delete", "partition: 2"] {
            assert!(set.contains(part), "{part} in {set}");
        }
    }

    #[test]
    fn allows_identity_of_caller_in_mesh() {
        let platform = Platform::synth("shop", |app| {
            let orders = mesh_workload(app);
            orders.calls(&index(orders.namespace(), StatefulSetProps::default()));
        });
        let policy = platform.manifest("authorizationpolicy-index");
        assert!(policy.contains("/sa/orders") && policy.contains("app: index"), "{policy}");
        assert!(platform.manifest("sidecar-orders").contains("shop/index.shop.svc.cluster.local"));
    }
}
