//! Replicators between two Kafka clusters.

use super::authentication::IAM_PORT;
use super::cluster::MAX_ZONES;
use super::{Cluster, Serverless, Topic};
use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::{Role, RoleProps, Statement, Trust};
use crate::aws::kms::Key;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::iam::RolePolicy;
use crate::cfn::ids::SecurityGroupId;
use crate::cfn::msk;
use crate::cfn::msk::replicator as shape;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Val};

/// The names of the replicated topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TopicNames {
    /// Target topics have the names of the source topics. A service that moves to the other region can then use the
    /// same names.
    #[default]
    Same,
    /// Target topics have the names of the source topics, with the alias of the source cluster as a prefix.
    WithSource,
}

/// The starting position of topic replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartAt {
    /// The oldest record of the source.
    #[default]
    Oldest,
    /// New records only.
    Now,
}

/// Properties of a [`Replicator`].
#[derive(Clone)]
pub struct ReplicatorProps {
    /// The replicated topics, as regular expressions. Default: all.
    pub topics: Vec<String>,
    /// Topics that are excluded even if they match `topics`. Default: none.
    pub except: Vec<String>,
    /// The consumer groups whose offsets are synchronized, as regular expressions. Default: all.
    pub groups: Vec<String>,
    /// The names of the replicated topics. Default: the names of the source topics.
    pub names: TopicNames,
    /// The starting position. Default: the oldest record.
    pub start_at: StartAt,
    /// The compression of records during replication. Default: none.
    pub compression: shape::TargetCompressionType,
    /// The key that encrypts its logs. Default: a separate key.
    pub key: Option<Key>,
    /// The log retention in days. Default: 30.
    pub log_retention_days: u16,
}

impl Default for ReplicatorProps {
    fn default() -> Self {
        Self {
            topics: vec![".*".to_owned()],
            except: Vec::new(),
            groups: vec![".*".to_owned()],
            names: TopicNames::Same,
            start_at: StartAt::Oldest,
            compression: shape::TargetCompressionType::None,
            key: None,
            log_retention_days: 30,
        }
    }
}

/// One end of a replicator: a provisioned or a serverless cluster.
pub struct End {
    endpoint: Endpoint,
    arn: Val<String>,
    vpc: Vpc,
}

impl From<&Cluster> for End {
    #[track_caller]
    fn from(cluster: &Cluster) -> Self {
        Self { endpoint: cluster.endpoint(IAM_PORT), arn: cluster.arn(), vpc: cluster.vpc() }
    }
}

impl From<&Serverless> for End {
    fn from(cluster: &Serverless) -> Self {
        Self { endpoint: cluster.endpoint(), arn: cluster.arn(), vpc: cluster.vpc.clone() }
    }
}

/// A replicator: it copies topics, records and consumer group offsets from one Kafka cluster to another.
///
/// Define it in the region of the target. It defines these resources:
///
/// - The replicator and its log group.
/// - A role with only the permissions that it needs in both clusters.
/// - A security group from which the brokers accept connections.
/// - If the source is in another region, a cluster policy of the source. The policy lets MSK connect.
///
/// Both clusters must use IAM authentication, and must be serverless or have at least three brokers. A
/// provisioned source in another region needs [`private_links`](super::ClusterProps::private_links).
///
/// # Diagnostics
///
/// - `MS0315`: the source is in another region and does not enable private connectivity.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, msk};
/// # let app = App::new("shop");
/// # let tokyo = Stack::new(&app, "data-tokyo", Env::region("ap-northeast-1"));
/// # let osaka = Stack::new(&app, "data-osaka", Env::region("ap-northeast-3"));
/// # let tokyo_vpc = aws::Vpc::new(&tokyo, "vpc", aws::VpcProps::default());
/// # let osaka_vpc = aws::Vpc::new(&osaka, "vpc", aws::VpcProps::default());
/// let events = msk::Serverless::new(&tokyo, "events", &tokyo_vpc);
/// let copy = msk::Serverless::new(&osaka, "events", &osaka_vpc);
/// msk::Replicator::new(&osaka, "replicator", &events, &copy, msk::ReplicatorProps {
///     topics: vec!["order-.*".into()],
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-replicator.html>
#[derive(Clone)]
pub struct Replicator {
    scope: Scope,
    replicator: Resource<msk::Replicator>,
}

impl Replicator {
    /// Defines a replicator from `source` to `target`.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        source: impl Into<End>,
        target: impl Into<End>,
        props: ReplicatorProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let (source, target) = (source.into(), target.into());
        source.endpoint.owner.replicates_to(&target.endpoint.owner);
        let is_far = source.endpoint.owner.region() != scope.region();
        let key = data::key_or_own(&scope, props.key.clone());
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: OnDelete::Retain };
        let logs = data::log_group(&scope, "logs", Some(data::delivery_name(&scope, "msk")), logs);
        let role = role(&scope, &source, &target);
        // MSK reaches a source in another region through a private connection that MSK manages. The cluster policy of
        // the source must allow this connection.
        let from = match is_far {
            true => {
                allow_links(&source);
                far_member(&source)
            }
            false => member(&scope, "source", &source),
        };
        let to = member(&scope, "target", &target);
        let delivery = shape::CloudWatchLogs::new(true).log_group(logs.name());
        let delivery = shape::ReplicatorLogDelivery::new().cloud_watch_logs(delivery);
        let replicator = msk::Replicator::new(
            [from, to],
            [copied(&props, &source, &target)],
            data::physical_name(&scope, 128),
            role.arn(),
        )
        .description(format!("From {} to {}", source.endpoint.owner.path(), target.endpoint.owner.path()))
        .log_delivery(shape::LogDelivery::new().replicator_log_delivery(delivery))
        .define(&scope, "resource");
        if let Some(policy) = role.scope().child("policy") {
            replicator.depends_on(&Resource::<RolePolicy>::at(policy));
        }
        Self { scope, replicator }
    }

    /// Returns the ARN of the replicator.
    pub fn arn(&self) -> Val<String> {
        self.replicator.replicator_arn()
    }
}

impl Construct for Replicator {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the replication settings.
fn copied(props: &ReplicatorProps, source: &End, target: &End) -> shape::ReplicationInfo {
    let names = match props.names {
        TopicNames::Same => shape::ReplicationTopicNameConfigurationType::Identical,
        TopicNames::WithSource => shape::ReplicationTopicNameConfigurationType::PrefixedWithSourceClusterAlias,
    };
    let start = match props.start_at {
        StartAt::Oldest => shape::ReplicationStartingPositionType::Earliest,
        StartAt::Now => shape::ReplicationStartingPositionType::Latest,
    };
    let mut topics = shape::TopicReplication::new(props.topics.clone())
        // IAM controls the access to topics, and Kafka ACLs are not used.
        .copy_access_control_lists_for_topics(false)
        .copy_topic_configurations(true)
        .detect_and_copy_new_topics(true)
        .starting_position(shape::ReplicationStartingPosition::new().type_(start))
        .topic_name_configuration(shape::ReplicationTopicNameConfiguration::new().type_(names));
    if !props.except.is_empty() {
        topics = topics.topics_to_exclude(props.except.clone());
    }
    let groups = shape::ConsumerGroupReplication::new(props.groups.clone())
        .detect_and_copy_new_consumer_groups(true)
        .synchronise_consumer_group_offsets(true);
    shape::ReplicationInfo::new(groups, props.compression.clone(), topics)
        .source_kafka_cluster_arn(source.arn.clone())
        .target_kafka_cluster_arn(target.arn.clone())
}

/// The network interfaces of a replicator at one of its clusters.
struct Interfaces {
    scope: Scope,
    group: SecurityGroup,
}

impl Construct for Interfaces {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Client for Interfaces {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.group.id()
    }

    fn security_group_owner(&self) -> Scope {
        self.group.scope().clone()
    }
}

/// Returns a cluster that the replicator reaches from a separate security group.
#[track_caller]
fn member(scope: &Scope, id: &str, end: &End) -> shape::KafkaCluster {
    let group = SecurityGroup::new(scope, id, &end.vpc, &format!("Replicator {} at its {id}", scope.path()));
    let interfaces = Interfaces { scope: scope.clone(), group };
    end.endpoint.allow_from(&interfaces);
    kafka_cluster(end, place(end).security_group_ids([interfaces.group.id()]))
}

/// Returns a cluster in another region, without security groups.
fn far_member(end: &End) -> shape::KafkaCluster {
    kafka_cluster(end, place(end))
}

fn place(end: &End) -> shape::KafkaClusterClientVpcConfig {
    let subnets = end.vpc.subnet_ids(data::tier(&end.vpc)).into_iter().take(MAX_ZONES);
    shape::KafkaClusterClientVpcConfig::new(subnets.map(Val::<String>::from).collect::<Vec<_>>())
}

fn kafka_cluster(end: &End, place: shape::KafkaClusterClientVpcConfig) -> shape::KafkaCluster {
    shape::KafkaCluster::new().amazon_msk_cluster(shape::AmazonMskCluster::new(end.arn.clone())).vpc_config(place)
}

/// Lets MSK connect to the source from another region. A cluster has only one cluster policy.
///
/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator-prepare-clusters.html>
#[track_caller]
fn allow_links(source: &End) {
    let owner = &source.endpoint.owner;
    owner.singleton("replication", || {
        let actions = ["kafka:CreateVpcConnection", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"];
        let principal = Bag::default().with("Service", "kafka.amazonaws.com");
        let statement = Statement::allow(actions).on(source.arn.clone()).into_data(Some(principal));
        let policy = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
        msk::ClusterPolicy::new(source.arn.clone(), policy).define(owner, "replication").scope().clone()
    });
}

/// Returns the role of the replicator. It has the permissions of AWS's managed policy, restricted to
/// these two clusters.
///
/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/security-iam-awsmanpol-AWSMSKReplicatorExecutionRole.html>
#[track_caller]
fn role(scope: &Scope, source: &End, target: &End) -> Role {
    let description = format!("Replicator {}", scope.path());
    let props = RoleProps { description, ..Default::default() };
    let role = Role::new(scope, "role", Trust::Service("kafka.amazonaws.com"), props);
    for end in [source, target] {
        let all = Topic::new(&end.endpoint.owner, end.arn.clone(), "*", None);
        let allow = |actions: &[&str], on: Val<String>| {
            role.grant(&role, &end.endpoint.owner, Statement::allow(actions.iter().copied()).on(on));
        };
        allow(&CLUSTER, end.arn.clone());
        allow(&TOPICS, all.arn());
        allow(&GROUPS, all.arn_of("group", "*"));
    }
    role
}

const CLUSTER: [&str; 4] = [
    "kafka-cluster:AlterCluster",
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeCluster",
    "kafka-cluster:WriteDataIdempotently",
];
const TOPICS: [&str; 7] = [
    "kafka-cluster:AlterTopic",
    "kafka-cluster:AlterTopicDynamicConfiguration",
    "kafka-cluster:CreateTopic",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:DescribeTopicDynamicConfiguration",
    "kafka-cluster:ReadData",
    "kafka-cluster:WriteData",
];
const GROUPS: [&str; 2] = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"];

#[cfg(test)]
mod tests {
    use super::{Replicator, ReplicatorProps};
    use crate::aws::{Vpc, VpcProps};
    use crate::msk::Serverless;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    fn replicate(region: &str) -> Platform {
        Platform::synth("shop", |app| {
            let (here, there) = (stack(app, "here"), Stack::new(app, "there", Env::new("111122223333", region)));
            let source = Serverless::new(&here, "events", &Vpc::new(&here, "vpc", VpcProps::default()));
            let target = Serverless::new(&there, "copy", &Vpc::new(&there, "vpc", VpcProps::default()));
            Replicator::new(&there, "replicator", &source, &target, ReplicatorProps::default());
        })
    }

    #[test]
    fn source_in_other_region_has_cluster_policy() {
        let platform = replicate("ap-northeast-3");
        let policy = platform.resource("AWS::MSK::ClusterPolicy");
        assert!(policy.template.starts_with("here"));
        assert_eq!(policy.props["Policy"]["Statement"][0]["Principal"]["Service"], "kafka.amazonaws.com");
        let clusters = &platform.resource("AWS::MSK::Replicator").props["KafkaClusters"];
        assert!(clusters[0]["VpcConfig"].get("SecurityGroupIds").is_none());
        assert!(clusters[1]["VpcConfig"]["SecurityGroupIds"][0].is_object());
    }

    #[test]
    fn both_clusters_allow_replicator_in_one_region() {
        let platform = replicate("ap-northeast-1");
        assert!(platform.resources("AWS::MSK::ClusterPolicy").is_empty());
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let of_brokers = rules.iter().filter(|it| it.props["FromPort"] == 9098 && it.template.starts_with("there"));
        assert_eq!(of_brokers.count(), 2);
    }

    #[test]
    fn role_is_limited_to_both_clusters() {
        let platform = replicate("ap-northeast-3");
        let policy = platform.resources("AWS::IAM::RolePolicy").into_iter().find(|it| it.template.starts_with("there"));
        let statements = policy.unwrap().props["PolicyDocument"]["Statement"].as_array().unwrap().clone();
        assert_eq!(statements.len(), 6);
        assert!(statements.iter().all(|it| it["Resource"] != "*" && it["Resource"][0] != "*"));
    }
}
