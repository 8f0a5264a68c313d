//! Pods with names and volumes of their own.

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

/// A volume that each pod of a [`StatefulSet`] has for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name of the volume in the pod.
    pub name: String,
    /// Where the main container finds it.
    pub path: String,
    /// Its size.
    pub size: Gib,
    /// The name of the `StorageClass`. Default: that which the cluster has as default; EKS makes none.
    pub storage_class: Option<String>,
}

impl Claim {
    /// A volume of this size at a path, named `data`.
    pub fn new(path: impl Into<String>, size: Gib) -> Self {
        Self { name: "data".to_owned(), path: path.into(), size, storage_class: None }
    }

    /// Of a class, by its name.
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

/// In which order the pods of a [`StatefulSet`] are started and stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodOrder {
    /// One after the other, each once those before it are ready.
    #[default]
    Ordered,
    /// All at once. Updates go one by one nevertheless.
    Parallel,
}

/// What becomes of the claims of a [`StatefulSet`], and of the data in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimRetention {
    /// They are kept.
    #[default]
    Keep,
    /// They are deleted with pods that a smaller number of replicas takes away, and kept otherwise.
    DeleteWhenScaledDown,
    /// They are deleted with the set alone.
    DeleteWithSet,
    /// They are deleted in both cases.
    Delete,
}

/// Properties of a [`StatefulSet`].
#[derive(Clone)]
pub struct StatefulSetProps {
    /// How many pods it has. Default: 3, one for each zone.
    pub replicas: u32,
    /// The port it listens on. Default: 8080.
    pub port: u16,
    /// What it speaks there. Default: `Tcp`.
    pub protocol: Protocol,
    /// The volumes that each pod has for itself. Default: none.
    pub claims: Vec<Claim>,
    /// What becomes of these when pods go. Default: they are kept.
    pub retention: ClaimRetention,
    /// In which order pods start and stop. Default: one after the other.
    pub order: PodOrder,
    /// Only pods from this number on are updated, so that a new version can be tried. Default: all.
    pub partition: u32,
    /// What its container gets. Default: 250 millicores, 512 MiB.
    pub resources: Resources,
    /// What its container is asked. Default: whether the port takes connections.
    pub probes: Probes,
    /// Which nodes it runs on. Default: any without taints.
    pub placement: Placement,
    /// More ports, containers and volumes of its pods, and what they need of nodes. Default: none.
    pub pod: PodProps,
    /// Arguments of the container. Default: those of the image.
    pub args: Vec<String>,
    /// The user and group it runs as. Default: 10001.
    pub user: u32,
    /// How long a pod that goes still serves, until every client knows. Default: 10 seconds.
    pub drain: Duration,
    /// How long a pod has to stop, the drain included. Default: 2 minutes.
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

/// Pods with names and volumes of their own, such as the nodes of a search engine.
///
/// Defines the `StatefulSet` (confined, spread over zones and nodes), the `Service` that leads to any of its pods, the
/// headless `Service` by which each has a name, the `ServiceAccount`, the `PodDisruptionBudget` and the `NetworkPolicy`,
/// which allows nothing until a relation opens it. Volumes are mounted by one pod alone (`ReadWriteOncePod`).
///
/// Pods that form a cluster call each other: `index.calls(&index)`.
///
/// # Diagnostics
///
/// - `MS0440`: two ports have the same name or number.
/// - `MS0445`: the partition leaves every pod at the old version.
/// - `MS0412`: the image names no version.
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
    /// The name of the `Service` by which each pod has a name.
    pub(in crate::mesh) of_pods: String,
}

impl Construct for StatefulSet {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

is_used_as_its_pods!(StatefulSet);

impl StatefulSet {
    /// Defines pods that run `image`. Their name in Kubernetes is the construct's id, with a number behind it.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, image: impl IntoVal<String>, props: StatefulSetProps) -> Self {
        // The headless service and the label of a revision have more behind the name.
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

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.pods.port()
    }

    /// What it speaks there.
    pub fn protocol(&self) -> Protocol {
        self.pods.protocol()
    }

    /// The name by which any of the pods is reached, such as `index.shop.svc.cluster.local`.
    pub fn service_host(&self) -> String {
        self.pods.service_host()
    }

    /// The name of one pod, such as `index-0.index-pods.shop.svc.cluster.local`.
    pub fn pod_host(&self, number: u32) -> String {
        let (name, namespace) = (self.name(), self.namespace().name());
        format!("{name}-{number}.{}.{namespace}.svc.cluster.local", self.of_pods)
    }

    /// The names of all pods.
    pub fn pod_hosts(&self) -> Vec<String> {
        (0..self.props.replicas).map(|number| self.pod_host(number)).collect()
    }

    /// The `StatefulSet` itself, for what the typed properties do not cover.
    pub fn object(&self) -> &Object<apps::StatefulSet> {
        &self.set
    }

    /// The `Service` that leads to any of the pods, for what the typed properties do not cover.
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
    fn each_pod_has_a_name_and_a_volume() {
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
    fn a_call_opens_both_sides() {
        let platform = platform(StatefulSetProps::default());
        assert!(platform.manifest("networkpolicy-index").contains("app.kubernetes.io/name: orders"));
        assert!(platform.manifest("networkpolicy-orders").contains("app.kubernetes.io/name: index"));
        assert!(platform.assembly.files["graph.json"].contains("3 pods with names"));
    }

    #[test]
    fn pods_may_start_at_once_and_leave_nothing_behind() {
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
    fn in_a_mesh_it_takes_calls_of_identities() {
        let platform = Platform::synth("shop", |app| {
            let orders = mesh_workload(app);
            orders.calls(&index(orders.namespace(), StatefulSetProps::default()));
        });
        let policy = platform.manifest("authorizationpolicy-index");
        assert!(policy.contains("/sa/orders") && policy.contains("app: index"), "{policy}");
        assert!(platform.manifest("sidecar-orders").contains("shop/index.shop.svc.cluster.local"));
    }
}
