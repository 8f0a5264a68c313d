//! Bare clusters, each defined from a typed resource.

use crate::Resource;
use crate::aws::{SecurityGroup, Vpc};
use crate::cfn::{eks, iam};
use crate::diagram::DiagramNode;
use crate::iam::Role;
use crate::node::{Kind, Target};
use crate::tree::Construct;
use crate::val::{Data, IntoVal, Val, Value};

use super::cluster::{AddedProvider, ControlPlane};
use super::{Cluster, Compute, Identity};

impl Cluster {
    /// Defines a bare cluster, without roles, a key, logs, an identity provider or nodes. These are added one by one.
    /// The Kubernetes API is not used unless objects are defined in the cluster.
    ///
    /// The name and the version are read from the typed resource. If they are stack parameters there, pass the
    /// parameter values to [`Cluster::with_name`] and [`Cluster::with_version`]. By default, nodes have the cluster
    /// security group, like managed node groups without a launch template. [`Cluster::with_nodes`] sets another group.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: a relation requires the VPC, the provider, the name, the version or the node role, but it is
    ///   missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::eks::cluster::ResourcesVpcConfig;
    /// # use meshsynth::{App, Env, Stack, aws, cfn, eks, mesh};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
    /// # let role = cfn::ids::RoleArn::new("arn:aws:iam::111122223333:role/cluster");
    /// let subnets = ResourcesVpcConfig::new(vpc.subnet_ids(aws::vpc::Tier::Private));
    /// let cluster = cfn::eks::Cluster::new(subnets, role).name("platform").version(eks::DEFAULT_VERSION);
    /// let cluster = eks::Cluster::bare(&run, "platform", cluster).with_network(&vpc);
    /// cluster.resource().logical_id("Platform").retain();
    /// let provider = cfn::iam::OidcProvider::new().url(cluster.resource().open_id_connect_issuer_url());
    /// cluster.add_identity_provider("provider", provider).logical_id("PlatformProvider");
    /// let cni = cfn::eks::Addon::new("vpc-cni", cluster.reference());
    /// cluster.add_add_on_with("cni", cni).logical_id("PlatformNetwork");
    /// cluster.add_access("deploy", "role/deploy", eks::Access::ClusterAdmin);
    /// let shop = mesh::Namespace::new(&run, "shop", &cluster, mesh::NamespaceProps::default());
    /// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", Default::default());
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, cluster: eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let said = cluster.clone().into_data();
        let text = |path: &str| said.at(path).and_then(Data::as_str).map(str::to_owned);
        let (name, version) = (text("Name"), text("Version"));
        let is_on = |path: &str| said.at(path).and_then(Data::as_bool);
        let compute = match is_on("ComputeConfig.Enabled") {
            Some(true) => Compute::AutoMode,
            _ => Compute::NodeGroups,
        };
        let is_private = is_on("ResourcesVpcConfig.EndpointPublicAccess") == Some(false);
        let cluster = cluster.define(&scope, "resource");
        let target = Target {
            name: name.clone().map_or_else(|| cluster.reference().into(), Data::from),
            version: version.clone().unwrap_or_default(),
            is_bare: true,
            ..Target::default()
        };
        let target = scope.define("target", Kind::Target(target));
        scope.on_target(&target);
        scope.diagram(DiagramNode::group("cluster").detail(format!("EKS {}", version.as_deref().unwrap_or_default())));
        let control_plane = ControlPlane {
            reference: cluster.reference(),
            endpoint: Some(cluster.endpoint()),
            certificate_authority: Some(cluster.certificate_authority_data()),
            issuer: cluster.open_id_connect_issuer_url().piece("https://", 1),
            provider_arn: None,
            security_group: cluster.cluster_security_group_id(),
        };
        let is_unknown = [("network", true), ("name", name.is_none()), ("version", version.is_none())];
        Self {
            vpc: Vpc::unknown(&scope),
            name: name.unwrap_or_else(|| scope.id()),
            version: version.unwrap_or_default(),
            identity: Identity::default(),
            compute,
            control_plane: Some(control_plane),
            target,
            node_role: None,
            is_private,
            nodes: None,
            unknown: is_unknown.into_iter().filter(|(_, it)| *it).map(|(field, _)| field).collect(),
            scope,
        }
    }

    /// Returns the resource of the cluster, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<eks::Cluster> {
        Resource::of(self, "resource")
    }

    /// Sets the VPC of a bare cluster.
    #[must_use]
    pub fn with_network(self, vpc: &Vpc) -> Self {
        let detail = format!("EKS {}", self.version);
        self.scope.diagram(DiagramNode::group("cluster").detail(detail).within(vpc));
        Self { vpc: vpc.clone(), ..self.knows("network") }
    }

    /// Sets the name of a bare cluster, if its resource uses a parameter or a generated name.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.knows("name") }
    }

    /// Sets the Kubernetes version of a bare cluster, if its resource uses a parameter or the EKS default.
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        self.target.change(|node| {
            if let Kind::Target(target) = &mut node.kind {
                version.clone_into(&mut target.version);
            }
        });
        Self { version: version.to_owned(), ..self.knows("version") }
    }

    /// Sets the ARN of the OpenID Connect provider in the trust policies of service account roles. It is not needed if
    /// [`Cluster::add_identity_provider`] defines the provider.
    #[must_use]
    pub fn with_provider(mut self, arn: impl IntoVal<String>) -> Self {
        if let Some(known) = &mut self.control_plane {
            known.provider_arn = Some(arn.into_val());
        }
        self
    }

    /// Sets how service accounts of a bare cluster get their roles. The default is IRSA.
    #[must_use]
    pub fn with_identity(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// Sets the security group of the nodes of a bare cluster, if it differs from the cluster security group.
    #[must_use]
    pub fn with_nodes(self, security_group: &SecurityGroup) -> Self {
        Self { nodes: Some(security_group.clone()), ..self }
    }

    /// Sets the node role of a bare cluster, for node groups that [`Cluster::add_node_group`] adds.
    #[must_use]
    pub fn with_node_role(self, role: &Role) -> Self {
        Self { node_role: Some(role.clone()), ..self }
    }

    fn knows(mut self, field: &str) -> Self {
        self.unknown.retain(|it| *it != field);
        self
    }

    /// Adds a bare managed node group. Later calls of [`Cluster::add_add_on`] order their add-ons before or after this
    /// group.
    #[track_caller]
    pub fn add_node_group_with(&self, id: &str, group: eks::Nodegroup) -> Resource<eks::Nodegroup> {
        group.define(self, id)
    }

    /// Adds a bare add-on.
    #[track_caller]
    pub fn add_add_on_with(&self, id: &str, add_on: eks::Addon) -> Resource<eks::Addon> {
        if let Some(name) = add_on.clone().into_data().at("AddonName").and_then(Data::as_str) {
            self.note_add_on(name.to_owned());
        }
        add_on.define(self, id)
    }

    /// Adds a bare access entry.
    #[track_caller]
    pub fn add_access_entry(&self, id: &str, entry: eks::AccessEntry) -> Resource<eks::AccessEntry> {
        entry.define(self, id)
    }

    /// Adds a bare Fargate profile, which runs pods on AWS Fargate.
    #[track_caller]
    pub fn add_fargate_profile(&self, id: &str, profile: eks::FargateProfile) -> Resource<eks::FargateProfile> {
        profile.define(self, id)
    }

    /// Adds a bare association of a service account with a role.
    #[track_caller]
    pub fn add_pod_identity_association(
        &self,
        id: &str,
        association: eks::PodIdentityAssociation,
    ) -> Resource<eks::PodIdentityAssociation> {
        association.define(self, id)
    }

    /// Adds a bare OpenID Connect provider for the tokens of the cluster. The service account roles that are defined
    /// later trust this provider.
    #[track_caller]
    pub fn add_identity_provider(&self, id: &str, provider: iam::OidcProvider) -> Resource<iam::OidcProvider> {
        let provider = provider.define(self, id);
        let arn: Val<String> = provider.arn();
        self.scope.keep(|added: &mut AddedProvider| added.0 = Some(arn));
        provider
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::aws::VpcProps;
    use crate::cfn::eks::cluster::ResourcesVpcConfig;
    use crate::cfn::ids::{RoleArn, SubnetId};
    use crate::eks::{Access, AddOn, DEFAULT_VERSION, NodeGroupProps};
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, codes, stack};

    fn platform(app: &App, name: Option<&str>) -> Cluster {
        let role = RoleArn::new("arn:aws:iam::111122223333:role/cluster");
        let cluster = eks::Cluster::new(ResourcesVpcConfig::new(["subnet-1", "subnet-2"]), role);
        let cluster = match name {
            Some(name) => cluster.name(name).version(DEFAULT_VERSION),
            None => cluster,
        };
        Cluster::bare(&stack(app, "run"), "platform", cluster)
    }

    fn with_network(cluster: Cluster) -> Cluster {
        let vpc = Vpc::new(&cluster.scope().stack(), "vpc", VpcProps::default());
        cluster.with_network(&vpc)
    }

    fn n_missing(build: impl Fn(&App)) -> usize {
        codes(build).iter().filter(|code| **code == "MS0318").count()
    }

    #[test]
    fn bare_cluster_without_objects_is_not_a_deployment_target() {
        let made = Platform::synth("shop", |app| {
            let cluster = platform(app, Some("platform"));
            cluster.resource().logical_id("Platform");
            let group = eks::Nodegroup::new(
                cluster.reference(),
                "arn:aws:iam::111122223333:role/nodes",
                [SubnetId::new("subnet-1")],
            );
            cluster.add_node_group_with("apps", group);
        });
        assert!(!made.assembly.files["manifest.json"].contains("\"name\": \"platform\""));
        assert_eq!(made.resource("AWS::EKS::Nodegroup").props["ClusterName"]["Ref"], "Platform");
    }

    #[test]
    fn workload_role_trusts_added_provider() {
        let made = Platform::synth("shop", |app| {
            let cluster = with_network(platform(app, Some("platform")));
            let provider = iam::OidcProvider::new().url(cluster.resource().open_id_connect_issuer_url());
            cluster.add_identity_provider("provider", provider).logical_id("Provider");
            let run = cluster.scope().stack();
            let shop = Namespace::new(&run, "shop", &cluster, NamespaceProps::default());
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
            Queue::new(&run, "mails", QueueProps::default()).grant_send(&orders);
        });
        let roles = made.resources("AWS::IAM::Role");
        let role = roles.iter().find(|it| it.logical_id.contains("Orders")).expect("the role of the workload");
        let trust = role.props["AssumeRolePolicyDocument"].to_string();
        assert!(trust.contains("${Provider.Arn}"), "{trust}");
        assert!(made.assembly.files["manifest.json"].contains("\"name\": \"platform\""));
    }

    #[test]
    fn reports_missing_inputs_of_relations() {
        let n_missing = |name: Option<&str>, relate: fn(Cluster)| n_missing(|app| relate(platform(app, name)));
        assert_eq!(n_missing(Some("platform"), |it| drop(it.vpc().clone())), 1);
        assert_eq!(n_missing(Some("platform"), |it| drop(it.provider_arn())), 1);
        assert_eq!(n_missing(None, |it| drop(it.name().to_owned())), 1);
        assert_eq!(n_missing(None, |it| drop(it.version().to_owned())), 1);
        assert_eq!(n_missing(None, |it| drop(it.with_name("a").with_version("1.34").name().to_owned())), 0);
        let new_nodes = |it: Cluster| drop(with_network(it).add_node_group("new", NodeGroupProps::default()));
        assert_eq!(n_missing(None, new_nodes), 1);
        let access = |it: Cluster| drop(it.add_access("me", "role/me", Access::ClusterAdmin).clone());
        assert_eq!(n_missing(None, access), 0);
    }

    #[test]
    fn reports_add_on_that_exists_already() {
        let found = codes(|app| {
            let cluster = platform(app, Some("platform"));
            cluster.add_add_on_with("dns", eks::Addon::new("coredns", cluster.reference()));
            cluster.add_add_on(AddOn::core_dns());
        });
        assert!(found.contains(&"MS0133"), "{found:?}");
    }
}
