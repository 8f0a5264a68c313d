//! KEDA, the operator for event-driven scaling.

use crate::eks::{self, Controller, Identity};
use crate::iam::{Grantee, Role};
use crate::kube::keda;
use crate::kube::keda::cluster_trigger_authentication as shape;
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::super::{Chart, ExistingNamespace, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::{NOT_IN_MESH, resources, service_account};

const VERSION: &str = "2.20.2";
const NAME: &str = "keda";
const OPERATOR: &str = "keda-operator";
/// The port of the `external.metrics.k8s.io` server.
const METRICS: u16 = 6_443;
/// The port of the webhook that validates scaled objects.
const WEBHOOK: u16 = 9_443;

/// An existing installation of KEDA.
#[derive(Clone)]
pub struct ExistingKeda {
    /// The namespace of the operator.
    pub namespace: String,
    /// The role of the operator.
    pub role: Role,
}

impl ExistingKeda {
    /// Returns the operator of this namespace, with this role.
    pub fn new(namespace: &str, role: &Role) -> Self {
        Self { namespace: namespace.to_owned(), role: role.clone() }
    }
}

/// The operator for [`Scale::Events`](crate::mesh::Scale) and [`ScaledJob`](crate::mesh::ScaledJob).
///
/// KEDA serves `external.metrics.k8s.io`. A cluster can have only one server for this API. Initially, the role of KEDA
/// has no permissions. Each trigger adds the permissions that it needs, as a policy next to the workload. The webhook
/// fails closed. All parts of KEDA stay outside of a mesh, so that the control plane can connect to them.
///
/// Allows the control plane to connect to the ports of the metrics server (6443) and the webhook (9443) on the nodes.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// let keda = mesh::addons::Keda::new(&stack, "keda", &cluster);
/// ```
///
/// Source: <https://github.com/kedacore/charts/tree/v2.20.2/keda>
#[derive(Clone)]
pub struct Keda {
    scope: Scope,
    namespace: Namespace,
    role: Role,
}

impl Keda {
    /// The name of the `ClusterTriggerAuthentication` that uses the operator's role.
    pub(in crate::mesh) const OWN_ROLE: &str = "keda-operator-role";

    /// Installs the operator in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let role = cluster.service_account_role(&scope, "role", NAME, OPERATOR);
        let annotation = matches!(cluster.identity(), Identity::Irsa).then(|| role.arn().into());
        let parts = ["operator", "metricServer", "webhooks"];
        let each = |value: Bag| parts.iter().fold(Bag::default(), |it, part| it.with(*part, value.clone()));
        let pair = || Bag::default().with("replicaCount", 2);
        let outside = || Bag::default().with(NOT_IN_MESH.0, NOT_IN_MESH.1);
        let values = Bag::default()
            .with("clusterName", cluster.name().to_owned())
            .with("serviceAccount", Bag::default().with("operator", service_account(OPERATOR, annotation)))
            .with("operator", pair())
            .with("metricsServer", pair())
            .with("webhooks", pair().with("failurePolicy", "Fail"))
            .with("podDisruptionBudget", each(Bag::default().with("maxUnavailable", 1)))
            .with(
                "podLabels",
                Bag::default().with("keda", outside()).with("metricsAdapter", outside()).with("webhooks", outside()),
            )
            .with(
                "resources",
                parts.iter().fold(Bag::default(), |it, part| it.with(*part, resources("100m", "256Mi"))),
            );
        let chart = Chart::new("https://kedacore.github.io/charts", NAME, VERSION);
        let props = HelmReleaseProps { namespace: NAME.to_owned(), values };
        HelmRelease::new(&namespace, NAME, cluster, chart, props).diagram_within(&namespace);
        let identity = shape::PodIdentity::new(shape::PodIdentityProvider::Aws);
        keda::ClusterTriggerAuthentication::new(shape::Spec::new().pod_identity(identity)).define(
            &namespace,
            "own-role",
            Self::OWN_ROLE,
        );
        cluster.open_node_port(METRICS, "metrics server of KEDA");
        cluster.open_node_port(WEBHOOK, "webhook of KEDA");
        Self { scope, namespace, role }
    }

    /// Refers to an existing operator of a cluster, without defining it.
    ///
    /// Triggers grant permissions to the operator's role, by a policy next to each workload. The operator uses this
    /// role if the pod identity of its authentication is `aws`.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App, eks, iam, mesh, sqs, Construct};
    /// # let app = App::new("shop");
    /// # let shop = testing::namespace(&app);
    /// # let run = shop.scope().stack();
    /// use meshsynth::mesh::addons::{ExistingKeda, Keda};
    ///
    /// let role = iam::ExistingRole::arn("arn:aws:iam::111122223333:role/keda-operator");
    /// let role = iam::Role::import(&run, "keda-role", role);
    /// let keda = Keda::import(&run, "keda", shop.cluster(), ExistingKeda::new("keda", &role));
    /// let films = sqs::Queue::new(&run, "films", sqs::QueueProps::default());
    /// let triggers = [mesh::Trigger::queue(&films, 1)];
    /// mesh::ScaledJob::new(&shop, "cutter", "registry.example/cutter:2.0.0", &keda, triggers, Default::default());
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, cluster: &eks::Cluster, existing: ExistingKeda) -> Self {
        let scope = scope.scope().construct(id);
        cluster.comes_with(Controller::Keda);
        let namespace = Namespace::import(&scope, "namespace", ExistingNamespace::named(&existing.namespace, cluster));
        let identity = shape::PodIdentity::new(shape::PodIdentityProvider::Aws);
        keda::ClusterTriggerAuthentication::new(shape::Spec::new().pod_identity(identity)).define(
            &namespace,
            "own-role",
            Self::OWN_ROLE,
        );
        Self { scope, namespace, role: existing.role }
    }

    /// Returns the cluster of the operator.
    pub(in crate::mesh) fn cluster(&self) -> &eks::Cluster {
        self.namespace.cluster()
    }
}

impl Construct for Keda {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Keda {
    fn role(&self) -> Role {
        self.role.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Keda;
    use crate::testing::{Platform, stack};
    use crate::{aws, eks};

    #[test]
    fn allows_control_plane_to_reach_metrics_server_and_webhook() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            Keda::new(&run, "keda", &cluster);
        });
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        for port in [6_443, 9_443] {
            assert!(rules.iter().any(|rule| rule.props["FromPort"] == port), "{port}");
        }
        let values = &platform.assembly.files["helm/run-cluster/keda.values.yaml"];
        for part in ["${run/keda/role.Arn}", "sidecar.istio.io/inject: \"false\"", "failurePolicy: Fail"] {
            assert!(values.contains(part), "{part} in {values}");
        }
        assert!(platform.manifest("clustertriggerauthentication-keda-operator-role").contains("provider: aws"));
    }

    #[test]
    fn keda_role_has_no_permissions_without_triggers() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
            let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            Keda::new(&run, "keda", &cluster);
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert!(!policies.iter().any(|it| it.logical_id.starts_with("Keda")));
    }

    #[test]
    fn grants_trigger_permissions_to_existing_operator() {
        let platform = Platform::synth("shop", |app| {
            let orders = crate::testing::workload(app);
            let cluster = orders.namespace().cluster();
            let role = crate::iam::ExistingRole::arn("arn:aws:iam::111122223333:role/keda-operator");
            let role = crate::iam::Role::import(cluster, "keda-role", role);
            let keda = Keda::import(cluster, "keda", cluster, super::ExistingKeda::new("scaling", &role));
            let films = crate::sqs::Queue::new(cluster, "films", Default::default());
            let triggers = [crate::mesh::Trigger::queue(&films, 1)];
            let image = "registry.example/cutter:2.0.0";
            crate::mesh::ScaledJob::new(orders.namespace(), "cutter", image, &keda, triggers, Default::default());
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert_eq!(policies.iter().filter(|it| it.props["RoleName"] == "keda-operator").count(), 1);
        assert!(!platform.assembly.files.keys().any(|path| path.contains("keda.values")));
    }
}
