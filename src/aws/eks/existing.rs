//! Imports of existing clusters.

use crate::aws::existing::{ArnForm, NameForm};
use crate::aws::security::{ExistingSecurityGroup, SecurityGroup};
use crate::aws::{Vpc, existing::IdForm};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::iam::{ExistingRole, Role};
use crate::node::{Kind, Target};
use crate::tree::{At, Construct, Scope};
use crate::val::{Data, Val};

use super::cluster::ControlPlane;
use super::{Cluster, Compute, Controller, Identity};

/// An existing Kubernetes cluster.
///
/// # Example
///
/// ```
/// # use meshsynth::{aws, eks, mesh, testing, App};
/// # let app = App::new("shop");
/// # let run = testing::stack(&app, "run");
/// # let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
/// let existing = eks::ExistingCluster::new(
///     "platform",
///     eks::DEFAULT_VERSION,
///     "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71",
///     "sg-0123456789abcdef0",
///     &vpc,
/// );
/// let cluster = eks::Cluster::import(&run, "platform", eks::ExistingCluster {
///     add_ons: vec!["vpc-cni".to_owned(), "coredns".to_owned()],
///     controllers: vec![eks::Controller::Keda],
///     ..existing
/// });
/// let shop = mesh::Namespace::new(&run, "shop", &cluster, mesh::NamespaceProps::default());
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", Default::default());
/// ```
#[derive(Clone)]
pub struct ExistingCluster {
    /// Its name in AWS.
    pub name: String,
    /// Its Kubernetes version, such as `1.34`.
    pub version: String,
    /// The ARN of its OpenID Connect provider in IAM, which service account roles trust.
    pub provider_arn: Val<String>,
    /// The cluster security group, which EKS created (`clusterSecurityGroupId`).
    pub security_group: Val<SecurityGroupId>,
    /// The VPC of the cluster.
    pub vpc: Vpc,
    /// The security group of its nodes, if it differs from the cluster security group. `ExistingCluster::new` leaves
    /// the field empty: nodes have the cluster security group, like managed node groups without a launch template.
    pub node_security_group: Option<ExistingSecurityGroup>,
    /// The role of its nodes, for node groups that the program adds. `ExistingCluster::new` leaves the field empty.
    pub node_role: Option<ExistingRole>,
    /// The URL of its API, for resources that read it. `ExistingCluster::new` leaves the field empty.
    pub endpoint: Option<Val<String>>,
    /// The certificate authority of its API in base64, for resources that read it. `ExistingCluster::new` leaves the
    /// field empty.
    pub certificate_authority: Option<Val<String>>,
    /// The mechanism by which service accounts get their roles. `ExistingCluster::new` sets IRSA.
    pub identity: Identity,
    /// The compute capacity for its pods. `ExistingCluster::new` sets node groups.
    pub compute: Compute,
    /// The names of its existing add-ons, such as `vpc-cni`, which must not be defined again. `ExistingCluster::new`
    /// leaves the field empty.
    pub add_ons: Vec<String>,
    /// The controllers that are installed in it. `ExistingCluster::new` leaves the field empty.
    pub controllers: Vec<Controller>,
    /// Whether its API is reachable only from the VPC. `ExistingCluster::new` sets `true`.
    pub is_private: bool,
}

impl ExistingCluster {
    /// Refers to a cluster, with the values that every relation requires.
    pub fn new(name: &str, version: &str, provider_arn: &str, security_group: &str, vpc: &Vpc) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            provider_arn: provider_arn.into(),
            security_group: SecurityGroupId::new(security_group).into(),
            vpc: vpc.clone(),
            node_security_group: None,
            node_role: None,
            endpoint: None,
            certificate_authority: None,
            identity: Identity::default(),
            compute: Compute::default(),
            add_ons: Vec::new(),
            controllers: Vec::new(),
            is_private: true,
        }
    }
}

/// The ARN format of a cluster's OpenID Connect provider.
const PROVIDER: ArnForm = ArnForm {
    what: "OpenID Connect provider",
    service: "iam",
    resource: "oidc-provider/",
    example: "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71",
};

const NAME: NameForm = NameForm { what: "EKS cluster", marks: "-_", longest: 100, example: "platform" };

const GROUP: IdForm = IdForm { what: "security group", start: "sg-" };

/// The add-on that Pod Identity requires.
const AGENT: &str = "eks-pod-identity-agent";

/// The existing parts of a cluster.
#[derive(Default)]
struct Existing {
    add_ons: Vec<String>,
}

impl Cluster {
    /// Refers to an existing cluster, for namespaces, workloads, identities and Helm releases.
    ///
    /// The deployment role needs access to the cluster. The owner of the cluster can define an access entry, or the
    /// program can call [`Cluster::add_access`]. Network policies are enforced if its VPC CNI add-on has
    /// `enableNetworkPolicy`.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the provider is not an ARN, or the security group is not an ID.
    /// - `MS0132`: a relation requires a field that the import does not specify.
    /// - `MS0133`: the cluster already has the add-on.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCluster) -> Self {
        let scope = scope.scope().construct(id);
        NAME.check(&scope, &Val::<String>::from(existing.name.as_str()));
        PROVIDER.check(&scope, &existing.provider_arn);
        GROUP.check(&scope, &existing.security_group);
        let ExistingCluster { name, version, vpc, identity, compute, is_private, .. } = existing;
        let provided = existing.controllers.iter().map(|it| it.word()).collect();
        let account = existing.provider_arn.known().and_then(|arn| arn.split(':').nth(4)).map(str::to_owned);
        let place = vpc.scope().known_region().map(|region| (account, region));
        if let Some((_, region)) = &place {
            scope.set_import_region(region);
        }
        let target =
            Target { name: Data::from(name.clone()), version: version.clone(), place, provided, ..Target::default() };
        let target = scope.define("target", Kind::Target(target));
        scope.on_target(&target);
        let detail = format!("EKS {version}, exists already");
        scope.diagram(DiagramNode::group("cluster").label(&name).detail(detail).within(&vpc));
        let provider_arn = scope.read_here(existing.provider_arn);
        let control_plane = ControlPlane {
            reference: name.clone().into(),
            issuer: provider_arn.clone().piece(":oidc-provider/", 1),
            provider_arn: Some(provider_arn),
            endpoint: existing.endpoint.map(|url| scope.read_here(url)),
            certificate_authority: existing.certificate_authority.map(|text| scope.read_here(text)),
            security_group: scope.read_here(existing.security_group),
        };
        let nodes = existing.node_security_group.map(|group| SecurityGroup::import(&scope, "nodes", group));
        let node_role = existing.node_role.map(|role| Role::import(&scope, "node-role", role));
        scope.keep(|known: &mut Existing| known.add_ons = existing.add_ons);
        let unknown = Vec::new();
        Self {
            scope,
            vpc,
            name,
            version,
            identity,
            compute,
            control_plane: Some(control_plane),
            target,
            node_role,
            is_private,
            nodes,
            unknown,
        }
    }

    /// Creates a cluster from a name and a Kubernetes version, without AWS attributes. Objects below `scope` are
    /// deployed to this cluster.
    pub(crate) fn of_kubernetes(scope: Scope, name: &str, version: &str) -> Self {
        let target = Target { name: Data::from(name), version: version.to_owned(), ..Target::default() };
        let target = scope.define("target", Kind::Target(target));
        scope.on_target(&target);
        Self {
            vpc: Vpc::unknown(&scope),
            scope,
            name: name.to_owned(),
            version: version.to_owned(),
            identity: Identity::default(),
            compute: Compute::default(),
            control_plane: None,
            target,
            node_role: None,
            is_private: true,
            nodes: None,
            unknown: Vec::new(),
        }
    }

    /// Returns whether its AWS attributes are known, in addition to its name and version.
    pub(crate) fn is_in_aws(&self) -> bool {
        self.control_plane.is_some()
    }

    /// Reports a relation to an AWS resource if the AWS attributes of the cluster are unknown.
    #[track_caller]
    pub(super) fn check_is_in_aws(&self) {
        if !self.is_in_aws() {
            let message = format!(
                "this relation requires the VPC and the identity provider of cluster `{}`, which are unknown",
                self.name
            );
            let help = "use `eks::Cluster::import` instead of `KubernetesCluster::new`";
            let at = self.scope().user_line(At::caller());
            self.scope().report(Diagnostic::error("MS0132", message).at(at).help(help));
        }
    }

    /// Reports an add-on that the cluster already has.
    #[track_caller]
    pub(super) fn check_new_add_on(&self, name: &str) {
        if has_add_on(self.scope(), name) {
            self.scope().report(
                Diagnostic::error("MS0133", format!("the add-on `{name}` is added to a cluster that already has it"))
                    .help("remove this definition; for an imported cluster, you can instead remove the add-on from `add_ons` after its owner uninstalls it"),
            );
        }
    }

    /// Reports an imported or bare cluster without the agent that Pod Identity requires.
    #[track_caller]
    pub(super) fn check_pod_identity(&self) {
        let is_imported = self.scope().child("resource").is_none();
        let has_agent = has_add_on(self.scope(), AGENT) || self.scope().child(AGENT).is_some();
        if has_agent || self.compute == Compute::AutoMode {
            return;
        }
        let message =
            format!("Pod Identity requires the add-on `{AGENT}`, which the program does not define for the cluster");
        match (is_imported, self.is_bare()) {
            (true, _) => self.lacks(&message, AGENT),
            (_, true) => self.scope().report(
                Diagnostic::error("MS0132", message)
                    .help("add the add-on: `cluster.add_add_on(AddOn::pod_identity_agent())`"),
            ),
            _ => {}
        }
    }

    /// Records an existing add-on of the cluster.
    pub(super) fn note_add_on(&self, add_on: String) {
        self.scope().keep(|known: &mut Existing| known.add_ons.push(add_on));
    }

    /// Reports a field that the import of a cluster does not specify.
    #[track_caller]
    pub(super) fn lacks(&self, message: &str, field: &str) {
        let help =
            format!("set `{field}` of `ExistingCluster` to the value in the output of `aws eks describe-cluster`");
        self.scope().report(Diagnostic::error("MS0132", message).help(help));
    }
}

fn has_add_on(cluster: &Scope, name: &str) -> bool {
    cluster.keep(|known: &mut Existing| known.add_ons.iter().any(|it| it == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::aws::VpcProps;
    use crate::eks::{Access, AddOn};
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, codes, stack};

    const PROVIDER_ARN: &str =
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71";

    fn shop(app: &App, change: impl FnOnce(&mut ExistingCluster)) -> (Cluster, Workload) {
        let run = stack(app, "run");
        let vpc = Vpc::new(&run, "vpc", VpcProps::default());
        let version = crate::eks::DEFAULT_VERSION;
        let mut existing = ExistingCluster::new("platform", version, PROVIDER_ARN, "sg-0123456789abcdef0", &vpc);
        change(&mut existing);
        let cluster = Cluster::import(&run, "platform", existing);
        let shop = Namespace::new(&run, "shop", &cluster, NamespaceProps::default());
        let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
        Queue::new(&run, "mails", QueueProps::default()).grant_send(&orders);
        (cluster, orders)
    }

    #[test]
    fn workload_on_imported_cluster_has_a_role() {
        let platform = Platform::synth("shop", |app| {
            shop(app, |_| {}).0.add_access("deploy", "role/deploy", Access::ClusterAdmin);
        });
        assert!(platform.resources("AWS::EKS::Cluster").is_empty());
        let roles = platform.resources("AWS::IAM::Role");
        let role = roles.iter().find(|it| it.logical_id.contains("Orders")).expect("the role of the workload");
        let trust = role.props["AssumeRolePolicyDocument"].to_string();
        assert!(trust.contains("id/EXAMPLED539D4633E53DE1B71:sub") && trust.contains(PROVIDER_ARN), "{trust}");
        assert_eq!(platform.resource("AWS::EKS::AccessEntry").props["ClusterName"], "platform");
        let manifest = &platform.assembly.files["manifest.json"];
        assert!(manifest.contains("\"name\": \"platform\""), "{manifest}");
    }

    #[test]
    fn reports_missing_pod_identity_agent() {
        let found = |add_ons: &[&str]| {
            codes(|app| {
                shop(app, |existing| {
                    existing.identity = Identity::PodIdentity;
                    existing.add_ons = add_ons.iter().map(|&name| name.to_owned()).collect();
                });
            })
        };
        assert_eq!(found(&[]), ["MS0132"]);
        assert_eq!(found(&[AGENT]), [""; 0]);
    }

    #[test]
    fn reports_duplicate_add_on_and_invalid_provider() {
        let found = codes(|app| {
            let has = |existing: &mut ExistingCluster| existing.add_ons = vec!["coredns".to_owned()];
            shop(app, has).0.add_add_on(AddOn::core_dns());
        });
        assert_eq!(found, ["MS0133"]);
        let found = codes(|app| drop(shop(app, |it| it.provider_arn = "oidc.eks.ap-northeast-1/id/1".into())));
        assert_eq!(found, ["MS0130"]);
    }
}
