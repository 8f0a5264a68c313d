//! Provisioned Kafka clusters.

use std::collections::BTreeMap;

use super::authentication::Authentication;
use super::existing::{ExistingCluster, FORM};
use crate::Resource;
use crate::aws::data;
use crate::aws::existing;
use crate::aws::kms::Key;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::msk;
use crate::cfn::msk::cluster as shape;
use crate::diag::Diagnostic;
use crate::facts::versions::msk as versions;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::units::{Cidr, Gib};
use crate::val::{AttrName, Val};

/// Properties of a [`Cluster`].
#[derive(Clone)]
pub struct ClusterProps {
    /// The number of brokers, a multiple of the number of zones. Default: one in each zone.
    pub brokers: Option<u32>,
    /// The instance type of the brokers. Default: `kafka.m5.large`.
    pub instance_type: String,
    /// The storage of each broker. Express brokers do not use it. Default: 100 GiB.
    pub storage: Gib,
    /// The Kafka version, in the notation of MSK. Default: `3.9.x.kraft`.
    pub kafka_version: String,
    /// The authentication mechanisms. [`Cluster::allow_from`] allows connections to the port of the first mechanism.
    /// Default: only IAM.
    pub authentication: Vec<Authentication>,
    /// Broker properties that differ from the defaults, such as `("num.partitions", "12")`. Default: none.
    ///
    /// By default, topics are not created automatically. Each topic has replicas on 3 brokers, or on all brokers of a
    /// smaller cluster. `min.insync.replicas` is one less than the number of replicas, but at least 1.
    pub configuration: Vec<(String, String)>,
    /// The key that encrypts data at rest. Default: a separate key.
    pub key: Option<Key>,
    /// The monitoring level of the metrics. Default: per broker.
    pub monitoring: shape::EnhancedMonitoring,
    /// Whether Prometheus can scrape the brokers, on ports 11001 and 11002. Default: no.
    pub open_monitoring: bool,
    /// Whether clients in other VPCs can connect through private connectivity (AWS PrivateLink), with IAM.
    /// Default: no.
    ///
    /// MSK rejects this property when it creates a cluster. Deploy the cluster without the property first. Then enable
    /// the property and deploy again. A [`Replicator`](super::Replicator) in another region requires it.
    pub private_links: bool,
    /// The retention of the broker logs in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for ClusterProps {
    fn default() -> Self {
        Self {
            brokers: None,
            instance_type: "kafka.m5.large".to_owned(),
            storage: Gib(100),
            kafka_version: versions::DEFAULT.to_owned(),
            authentication: vec![Authentication::Iam],
            configuration: Vec::new(),
            key: None,
            monitoring: shape::EnhancedMonitoring::PerBroker,
            open_monitoring: false,
            private_links: false,
            log_retention_days: 30,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An Amazon MSK cluster in up to three zones of a VPC.
///
/// Defines the cluster, its configuration, its security group, its log group, and its key unless one is
/// given. All traffic uses TLS. The brokers are in the isolated subnets, or in the private subnets if the VPC
/// has no isolated subnets.
///
/// # Diagnostics
///
/// - `MS0130`, `MS0132`: the imported value is not the ARN of a cluster, or the bootstrap brokers are
///   missing.
/// - `MS0301`: the broker count is not a multiple of the zone count.
/// - `MS0302`: MSK does not support new clusters of this Kafka version, or only with ZooKeeper.
/// - `MS0303`: MSK does not support the broker type.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Gib, Stack, aws, msk};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let events = msk::Cluster::new(&data, "events", &vpc, msk::ClusterProps {
///     storage: Gib(200),
///     ..Default::default()
/// });
/// let orders = events.add_topic("orders", msk::TopicProps::default());
/// ```
///
/// A cluster without a VPC does not compile:
///
/// ```compile_fail
/// # use meshsynth::{App, Env, Stack, msk};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// msk::Cluster::new(&data, "events", msk::ClusterProps::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-cluster.html>
#[derive(Clone)]
pub struct Cluster {
    pub(super) scope: Scope,
    pub(super) arn: Val<String>,
    /// The source of the bootstrap brokers: the cluster resource, or the values of an import.
    pub(super) bootstrap: Bootstrap,
    /// The network, or `None` for a bare cluster whose network is unknown.
    pub(super) network: Option<Network>,
    /// The authentication mechanisms, or `None` for a bare cluster whose authentication is unknown.
    pub(super) authentication: Option<Vec<Authentication>>,
    /// The number of brokers, or `None` for a bare cluster whose number of brokers is unknown.
    pub(super) brokers: Option<u32>,
    pub(super) name: Val<String>,
}

/// The network of a cluster: the VPC, the security group and the subnet blocks.
#[derive(Clone)]
pub(super) struct Network {
    pub vpc: Vpc,
    pub security_group: SecurityGroup,
    pub cidrs: Vec<Cidr>,
}

/// The source of the bootstrap brokers.
#[derive(Clone)]
pub(super) enum Bootstrap {
    /// The deployment queries MSK for them.
    LookedUp(Resource<msk::Cluster>),
    /// The program provides one value for each authentication mechanism, in the order of the mechanisms.
    Said(Vec<Val<String>>),
}

/// The maximum number of zones of an MSK cluster.
pub(super) const MAX_ZONES: usize = 3;

impl Cluster {
    /// Defines a cluster in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc, props: ClusterProps) -> Self {
        let scope = scope.scope().construct(id);
        let tier = data::tier(vpc);
        let subnets: Vec<_> = vpc.subnet_ids(tier).into_iter().take(MAX_ZONES).collect();
        let cidrs: Vec<_> = vpc.subnet_cidrs(tier).into_iter().take(MAX_ZONES).collect();
        let brokers = props.brokers.unwrap_or(subnets.len() as u32);
        let name = data::physical_name(&scope, 64);
        let key = data::key_or_own(&scope, props.key.clone());
        let security_group = SecurityGroup::answering(&scope, "security-group", vpc, &format!("Brokers of {name}"));
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let logs = data::log_group(&scope, "logs", Some(data::delivery_name(&scope, "msk")), logs);
        let configuration =
            msk::Configuration::new(name.clone(), properties(&props, brokers)).define(&scope, "configuration");
        let mut nodes = shape::BrokerNodeGroupInfo::new(subnets, props.instance_type.clone())
            .security_groups([security_group.id()]);
        if !versions::is_express(&props.instance_type) {
            let volume = shape::EbsStorageInfo::new().volume_size(props.storage.0);
            nodes = nodes.storage_info(shape::StorageInfo::new().ebs_storage_info(volume));
        }
        if props.private_links {
            nodes = nodes.connectivity_info(private_links());
        }
        let broker_logs = shape::CloudWatchLogs::new(true).log_group(logs.name());
        let mut cluster = msk::Cluster::new(nodes, name.clone(), props.kafka_version.clone(), brokers)
            .client_authentication(client_authentication(&props.authentication))
            .configuration_info(shape::ConfigurationInfo::new(
                configuration.arn(),
                configuration.latest_revision_revision(),
            ))
            .encryption_info(encryption(&key))
            .enhanced_monitoring(props.monitoring)
            .logging_info(
                shape::LoggingInfo::new().broker_logs(shape::BrokerLogs::new().cloud_watch_logs(broker_logs)),
            );
        if props.open_monitoring {
            cluster = cluster.open_monitoring(open_monitoring());
        }
        let cluster = cluster.define(&scope, "resource");
        cluster.on_delete(props.on_delete);
        data::diagram(&scope, vpc, "kafka", format!("MSK, {brokers} brokers"));
        let network = Some(Network { vpc: vpc.clone(), security_group, cidrs });
        let (authentication, brokers) = (Some(props.authentication), Some(brokers));
        let (arn, bootstrap) = (cluster.arn(), Bootstrap::LookedUp(cluster));
        Self { scope, arn, bootstrap, network, authentication, brokers, name: name.into() }
    }

    /// Refers to an existing cluster.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingCluster) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        let ExistingCluster { vpc, authentication, brokers, n_brokers, .. } = existing;
        if authentication.is_empty() || brokers.len() != authentication.len() {
            let (n, m) = (authentication.len(), brokers.len());
            let message = format!("the import has {m} bootstrap addresses for {n} authentication methods");
            scope.report(
                Diagnostic::error("MS0132", message).help(
                    "set the bootstrap brokers of each authentication method, in the same order; `aws kafka get-bootstrap-brokers` prints them",
                ),
            );
        }
        let arn = scope.read_here(existing.arn);
        let name = arn.clone().piece("/", 1);
        data::diagram(&scope, &vpc, "kafka", format!("MSK, {n_brokers} brokers, exists already"));
        let security_group = SecurityGroup::import(&scope, "security-group", existing.security_group);
        let cidrs = vpc.subnet_cidrs(data::tier(&vpc));
        let bootstrap = Bootstrap::Said(brokers.into_iter().map(|it| scope.read_here(it)).collect());
        let network = Some(Network { vpc, security_group, cidrs });
        let (authentication, brokers) = (Some(authentication), Some(n_brokers));
        Self { scope, arn, bootstrap, network, authentication, brokers, name }
    }

    /// Returns the bootstrap brokers for one authentication mechanism.
    pub(super) fn addresses(&self, way: &Authentication) -> Val<String> {
        match &self.bootstrap {
            Bootstrap::LookedUp(cluster) => {
                let field = match way {
                    Authentication::Scram => "BootstrapBrokerStringSaslScram",
                    Authentication::Tls(_) => "BootstrapBrokerStringTls",
                    Authentication::Iam => "BootstrapBrokerStringSaslIam",
                };
                cluster.attr(AttrName::lookup(field, "kafka:GetBootstrapBrokers"))
            }
            Bootstrap::Said(addresses) => {
                let idx = self.authentication.iter().flatten().position(|it| it == way);
                idx.and_then(|idx| addresses.get(idx).cloned()).unwrap_or_else(|| Val::from("unknown.example:9098"))
            }
        }
    }

    /// Returns the name of the cluster.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the number of brokers. It reports `MS0318` if the number of a bare cluster is unknown.
    #[track_caller]
    pub fn n_brokers(&self) -> u32 {
        if self.brokers.is_none() {
            existing::incomplete(&self.scope, "brokers");
        }
        self.brokers.unwrap_or(1)
    }

    /// Returns the ARN of the cluster.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }
}

impl Construct for Cluster {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn client_authentication(wanted: &[Authentication]) -> shape::ClientAuthentication {
    let sasl = shape::Sasl::new()
        .iam(shape::Iam::new(wanted.contains(&Authentication::Iam)))
        .scram(shape::Scram::new(wanted.contains(&Authentication::Scram)));
    let authentication =
        shape::ClientAuthentication::new().sasl(sasl).unauthenticated(shape::Unauthenticated::new(false));
    let authorities = wanted.iter().find_map(|it| match it {
        Authentication::Tls(authorities) => Some(authorities),
        _ => None,
    });
    match authorities {
        Some(arns) => authentication.tls(shape::Tls::new().enabled(true).certificate_authority_arn_list(arns.clone())),
        None => authentication,
    }
}

fn private_links() -> shape::ConnectivityInfo {
    let iam = shape::VpcConnectivitySasl::new().iam(shape::VpcConnectivityIam::new(true));
    let clients = shape::VpcConnectivityClientAuthentication::new().sasl(iam);
    shape::ConnectivityInfo::new().vpc_connectivity(shape::VpcConnectivity::new().client_authentication(clients))
}

fn encryption(key: &Key) -> shape::EncryptionInfo {
    shape::EncryptionInfo::new().encryption_at_rest(shape::EncryptionAtRest::new(key.arn())).encryption_in_transit(
        shape::EncryptionInTransit::new().client_broker(shape::ClientBroker::Tls).in_cluster(true),
    )
}

fn open_monitoring() -> shape::OpenMonitoring {
    shape::OpenMonitoring::new(
        shape::Prometheus::new()
            .jmx_exporter(shape::JmxExporter::new(true))
            .node_exporter(shape::NodeExporter::new(true)),
    )
}

/// Returns the content of `server.properties`. Express brokers configure their replication automatically.
///
/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-properties.html>
fn properties(props: &ClusterProps, brokers: u32) -> String {
    let replicas = brokers.clamp(1, 3);
    let mut properties = BTreeMap::from([("auto.create.topics.enable", "false".to_owned())]);
    if !versions::is_express(&props.instance_type) {
        properties.insert("default.replication.factor", replicas.to_string());
        properties.insert("min.insync.replicas", (replicas - 1).max(1).to_string());
        properties.insert("unclean.leader.election.enable", "false".to_owned());
    }
    properties.extend(props.configuration.iter().map(|(name, value)| (name.as_str(), value.clone())));
    properties.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn brokers_use_three_zones_and_only_tls() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps { zones: 4, ..Default::default() });
            let cluster = Cluster::new(&data, "events", &vpc, ClusterProps::default());
            assert_eq!((cluster.n_brokers(), cluster.port()), (3, 9098));
        });
        let cluster = platform.resource("AWS::MSK::Cluster");
        assert_eq!(cluster.props["BrokerNodeGroupInfo"]["ClientSubnets"].as_array().map(Vec::len), Some(3));
        let transit = &cluster.props["EncryptionInfo"]["EncryptionInTransit"];
        assert_eq!((transit["ClientBroker"].as_str(), transit["InCluster"].as_bool()), (Some("TLS"), Some(true)));
        assert_eq!(cluster.entry["UpdateReplacePolicy"], "Retain");
    }
}
