//! OpenSearch Service domains: nodes, network and access.

use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::{Role, RoleProps, Statement, Trust};
use crate::aws::kms::Key;
use crate::aws::policy::own_arn;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::ids::SecurityGroupId;
use crate::cfn::opensearchservice;
use crate::cfn::opensearchservice::domain as shape;
use crate::diag::Diagnostic;
use crate::node::OnDelete;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::{Cidr, Gib};
use crate::val::{Bag, Val};

use super::logs;

/// The access control of a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// IAM only. The policies of the caller's role allow HTTP methods on paths.
    #[default]
    Iam,
    /// IAM and fine-grained access control, which cannot be disabled later. Roles within the domain have index
    /// permissions. An administrator must map IAM roles to these roles, and each grant adds an owner task for the
    /// mapping.
    FineGrained,
}

/// Properties of a [`Domain`].
#[derive(Clone)]
pub struct DomainProps {
    /// The engine and its version. Default: `OpenSearch_2.19`.
    pub engine_version: String,
    /// The instance type of the data nodes. Default: `r7g.large.search`.
    pub instance_type: String,
    /// The number of data nodes, a multiple of the number of zones. Default: one per zone.
    pub nodes: Option<u32>,
    /// The number of zones, from 1 to 3. Default: 3.
    pub zones: usize,
    /// The instance type of the three dedicated master nodes. A domain in one zone has no dedicated master nodes.
    /// Default: `m7g.large.search`.
    pub managers: Option<String>,
    /// The storage of each node. Default: 100 GiB.
    pub storage: Gib,
    /// The access control. Default: the policies of the caller's role.
    pub access: Access,
    /// The key that encrypts data and logs. Default: a separate key.
    pub key: Option<Key>,
    /// The log retention in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for DomainProps {
    fn default() -> Self {
        Self {
            engine_version: "OpenSearch_2.19".to_owned(),
            instance_type: "r7g.large.search".to_owned(),
            nodes: None,
            zones: 3,
            managers: Some("m7g.large.search".to_owned()),
            storage: Gib(100),
            access: Access::default(),
            key: None,
            log_retention_days: 30,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An Amazon OpenSearch Service domain in the isolated subnets of a VPC.
///
/// Defines the domain, its security group, its log groups with their resource policy, and its key unless one is given.
/// The domain is encrypted at rest and between nodes, uses only TLS 1.2 or newer, and requires requests with IAM
/// signatures. If the VPC has no isolated subnets, the private subnets are used.
///
/// The account must have the service-linked role of OpenSearch Service. The construct adds an owner task for it.
///
/// # Units
///
/// `storage` is in GiB per node.
///
/// # Diagnostics
///
/// - `MS0338`: the node count is not a multiple of the zone count, or the VPC has fewer zones than `zones`.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Gib, Stack, aws, opensearch, testing};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "search", Env::region("ap-northeast-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let catalog = testing::workload(&app);
/// let products = opensearch::Domain::new(&data, "products", &vpc, opensearch::DomainProps {
///     storage: Gib(50),
///     ..Default::default()
/// });
/// products.allow_from(&catalog);
/// products.grant_read(&catalog);
/// catalog.env("SEARCH_URL", products.url());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchservice-domain.html>
#[derive(Clone)]
pub struct Domain {
    pub(super) scope: Scope,
    pub(super) name: String,
    pub(super) arn: Val<String>,
    pub(super) host: Val<String>,
    pub(super) security_group: Val<SecurityGroupId>,
    pub(super) cidrs: Vec<Cidr>,
    pub(super) access: Access,
    pub(super) admin: Option<Role>,
}

impl Domain {
    /// Defines a domain in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: DomainProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = data::physical_name(&scope, 28);
        let arn = own_arn(&scope, "es", format!("domain/{name}"));
        let tier = data::tier(vpc);
        let (zones, nodes) = spread(&scope, &props, vpc.subnet_ids(tier).len());
        let key = data::key_or_own(&scope, props.key.clone());
        let group = SecurityGroup::answering(&scope, "security-group", vpc, &format!("Domain {}", scope.path()));
        let kept = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let is_fine = props.access == Access::FineGrained;
        let (options, policy) = logs::define(&scope, &arn, is_fine, kept);
        let subnets: Vec<Val<String>> = vpc.subnet_ids(tier).into_iter().take(zones).map(Val::into_text).collect();
        let mut domain = opensearchservice::Domain::new()
            .domain_name(name.clone())
            .engine_version(props.engine_version.clone())
            .cluster_config(cluster(&props, zones, nodes))
            .ebs_options(
                shape::EbsOptions::new().ebs_enabled(true).volume_type("gp3").volume_size(i64::from(props.storage.0)),
            )
            .encryption_at_rest_options(
                shape::EncryptionAtRestOptions::new().enabled(true).kms_key_id(Val::<String>::from(key.arn())),
            )
            .node_to_node_encryption_options(shape::NodeToNodeEncryptionOptions::new().enabled(true))
            .domain_endpoint_options(
                shape::DomainEndpointOptions::new()
                    .enforce_https(true)
                    .tls_security_policy("Policy-Min-TLS-1-2-PFS-2023-10"),
            )
            .software_update_options(shape::SoftwareUpdateOptions::new().auto_software_update_enabled(true))
            .vpc_options(shape::VpcOptions::new().security_group_ids([group.id()]).subnet_ids(subnets))
            .raw("LogPublishingOptions", options)
            .access_policies(signed_by_account(&scope, &arn));
        let admin = is_fine.then(|| {
            let description = format!("Manages the roles of {}.", scope.path());
            Role::new(&scope, "admin", Trust::Account, RoleProps { description, ..RoleProps::default() })
        });
        if let Some(admin) = &admin {
            let master = shape::MasterUserOptions::new().master_user_arn(Val::<String>::from(admin.arn()));
            let options = shape::AdvancedSecurityOptionsInput::new()
                .enabled(true)
                .internal_user_database_enabled(false)
                .master_user_options(master);
            domain = domain.advanced_security_options(options);
        }
        let domain = domain.define(&scope, "resource");
        domain.on_delete(props.on_delete);
        domain.depends_on(&policy);
        data::diagram(&scope, vpc, "search", format!("{}, {nodes} nodes", props.engine_version.replace('_', " ")));
        scope.owner_task(OwnerTask {
            owner: text!["arn:", scope.partition(), ":iam::", scope.account(), ":root"],
            what: "create the service-linked role of opensearchservice.amazonaws.com, unless the account has it"
                .to_owned(),
            document: None,
        });
        let cidrs = vpc.subnet_cidrs(tier).into_iter().take(zones).collect();
        let host = domain.domain_endpoint();
        Self { name, arn, host, security_group: group.id(), cidrs, access: props.access, admin, scope }
    }

    /// Returns the name of the domain.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ARN of the domain.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns the host name of the domain.
    pub fn host(&self) -> Val<String> {
        self.host.clone()
    }

    /// Returns the URL of the domain.
    pub fn url(&self) -> Val<String> {
        text!["https://", self.host()]
    }

    /// Returns the role of the administrator who manages the roles of the domain, or `None` if fine-grained access
    /// control is disabled.
    pub fn admin(&self) -> Option<&Role> {
        self.admin.as_ref()
    }

    /// Returns the network endpoint of the domain.
    pub fn endpoint(&self) -> Endpoint {
        let security_group = self.security_group.clone();
        Endpoint { owner: self.scope.clone(), security_group, port: PORT, cidrs: self.cidrs.clone() }
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.endpoint().allow_from(client);
    }
}

impl Construct for Domain {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

const PORT: u16 = 443;

/// Returns the numbers of zones and nodes, corrected to valid values. Invalid values are reported.
#[track_caller]
fn spread(scope: &Scope, props: &DomainProps, available: usize) -> (usize, u32) {
    let zones = props.zones.clamp(1, 3).min(available.max(1));
    if zones != props.zones {
        let message =
            format!("the domain has {} availability zones; it must have 1 to {}", props.zones, available.clamp(1, 3));
        scope.report(Diagnostic::error("MS0338", message).help("the network has a subnet of its tier in each zone"));
    }
    let each = zones as u32;
    let nodes = props.nodes.unwrap_or(each);
    if nodes == 0 || !nodes.is_multiple_of(each) {
        let message =
            format!("the domain has {nodes} nodes in {zones} zones; the number must be a multiple of {zones}");
        let help = format!("use {} nodes, so that each zone has the same number", nodes.div_ceil(each).max(1) * each);
        scope.report(Diagnostic::error("MS0338", message).help(help));
    }
    (zones, nodes.div_ceil(each).max(1) * each)
}

fn cluster(props: &DomainProps, zones: usize, nodes: u32) -> shape::ClusterConfig {
    let mut cluster = shape::ClusterConfig::new()
        .instance_type(props.instance_type.clone())
        .instance_count(i64::from(nodes))
        .zone_awareness_enabled(zones > 1);
    if zones > 1 {
        cluster =
            cluster.zone_awareness_config(shape::ZoneAwarenessConfig::new().availability_zone_count(zones as i64));
    }
    match props.managers.as_ref().filter(|_| zones > 1) {
        Some(managers) => {
            cluster.dedicated_master_enabled(true).dedicated_master_count(3).dedicated_master_type(managers.clone())
        }
        None => cluster,
    }
}

/// Returns an access policy for signed requests of this account. The caller's own policy must also allow the request.
fn signed_by_account(scope: &Scope, arn: &Val<String>) -> Bag {
    let root = text!["arn:", scope.partition(), ":iam::", scope.account(), ":root"];
    let statement = Statement::allow(["es:ESHttp*"]).on(text![arn.clone(), "/*"]);
    let statement = statement.into_data(Some(Bag::default().with("AWS", root)));
    Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement])
}

#[cfg(test)]
mod tests {
    use super::{Access, Domain, DomainProps};
    use crate::aws::{Vpc, VpcProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    fn platform(props: DomainProps) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "search");
            let vpc = Vpc::new(&data, "vpc", VpcProps::default());
            let domain = Domain::new(&data, "products", &vpc, props);
            let role = Role::new(&data, "caller", Trust::Service("ec2.amazonaws.com"), RoleProps::default());
            domain.grant_read(&role);
        })
    }

    #[test]
    fn domain_has_secure_defaults_in_three_zones() {
        let platform = platform(DomainProps::default());
        let domain = platform.resource("AWS::OpenSearchService::Domain");
        assert_eq!(domain.props["ClusterConfig"]["ZoneAwarenessConfig"]["AvailabilityZoneCount"], 3);
        assert_eq!(domain.props["VPCOptions"]["SubnetIds"].as_array().map(Vec::len), Some(3));
        assert!(domain.props["EncryptionAtRestOptions"]["KmsKeyId"].is_object());
        assert_eq!(domain.props["DomainEndpointOptions"]["EnforceHTTPS"], true);
        assert!(domain.entry["DependsOn"].to_string().contains("LogPolicy"), "{}", domain.entry["DependsOn"]);
        assert_eq!(domain.entry["UpdateReplacePolicy"], "Retain");
    }

    #[test]
    fn read_grant_allows_search_but_not_write() {
        let platform = platform(DomainProps::default());
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let of_caller = policies.iter().find(|it| it.logical_id.starts_with("Caller")).expect("its policy");
        let policy = of_caller.props.to_string();
        assert!(policy.contains("es:ESHttpGet") && policy.contains("/_search"), "{policy}");
        assert!(!policy.contains("es:ESHttpPut") && !policy.contains("es:ESHttpDelete"), "{policy}");
    }

    #[test]
    fn fine_grained_access_adds_owner_task_for_role_mapping() {
        let platform = platform(DomainProps { access: Access::FineGrained, ..DomainProps::default() });
        let options = &platform.resource("AWS::OpenSearchService::Domain").props["AdvancedSecurityOptions"];
        assert!(options["MasterUserOptions"]["MasterUserARN"].is_object());
        assert!(platform.assembly.files["owners.json"].contains("backend_roles"));
    }
}
