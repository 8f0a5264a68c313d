//! Kafka topics and the grants on them.

use super::authentication::IAM_PORT;
use crate::aws::connect::Endpoint;
use crate::aws::existing;
use crate::aws::iam::{Grantee, Statement};
use crate::text;
use crate::tree::Scope;
use crate::val::Val;

/// Properties of a topic that a [`Cluster`](super::Cluster) defines.
#[derive(Clone, Debug)]
pub struct TopicProps {
    /// The number of partitions. It is the maximum number of active consumers in a consumer group. Default: 6.
    pub partitions: u32,
    /// The replication factor. Default: 3, or the number of brokers if the cluster has fewer than 3.
    pub replicas: Option<u32>,
}

impl Default for TopicProps {
    fn default() -> Self {
        Self { partitions: 6, replicas: None }
    }
}

/// A topic of a cluster, for grants.
///
/// A name that ends with `*` matches all topics with this prefix.
#[derive(Clone)]
pub struct Topic {
    owner: Scope,
    cluster_arn: Val<String>,
    name: String,
    partitions: Option<u32>,
    by_iam: Option<ByIam>,
}

/// The bootstrap brokers and the network endpoint, or the unknown field of a bare cluster.
type ByIam = (Val<String>, Result<Endpoint, &'static str>);

impl Topic {
    pub(super) fn new(owner: &Scope, cluster_arn: Val<String>, name: &str, by_iam: Option<ByIam>) -> Self {
        Self { owner: owner.clone(), cluster_arn, name: name.to_owned(), partitions: None, by_iam }
    }

    pub(super) fn with_partitions(self, partitions: u32) -> Self {
        Self { partitions: Some(partitions), ..self }
    }

    /// Returns the name of the topic.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of partitions, or `None` if the program does not define the topic.
    pub fn partitions(&self) -> Option<u32> {
        self.partitions
    }

    /// Returns the region of its cluster.
    pub fn region(&self) -> String {
        self.owner.region()
    }

    /// Returns the bootstrap brokers and the network endpoint for clients with IAM authentication, or `None`
    /// if the cluster does not support it. It reports `MS0318` if the VPC of a bare cluster is unknown.
    #[track_caller]
    pub fn by_iam(&self) -> Option<(Val<String>, Endpoint)> {
        let (brokers, endpoint) = self.by_iam.clone()?;
        Some(match endpoint {
            Ok(endpoint) => (brokers, endpoint),
            Err(field) => (brokers, existing::unknown_endpoint(&self.owner, field, IAM_PORT)),
        })
    }

    /// Returns the ARN of its cluster.
    pub fn cluster_arn(&self) -> Val<String> {
        self.cluster_arn.clone()
    }

    /// Returns the ARN of the topic.
    pub fn arn(&self) -> Val<String> {
        self.arn_of("topic", &self.name)
    }

    /// Lets the grantee connect and write to the topic, also as an idempotent producer.
    #[track_caller]
    pub fn grant_produce(&self, grantee: &impl Grantee) {
        self.grant_cluster(grantee, &["kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"]);
        self.grant_topic(grantee, &["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]);
    }

    /// Lets the grantee connect and read the topic as a member of the consumer group `group`.
    #[track_caller]
    pub fn grant_consume(&self, grantee: &impl Grantee, group: &str) {
        self.grant_cluster(grantee, &["kafka-cluster:Connect"]);
        self.grant_topic(grantee, &["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]);
        self.grant_group(grantee, group, &["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"]);
    }

    /// Lets the grantee read the lag of the consumer group `group`, as autoscalers require.
    #[track_caller]
    pub fn grant_lag(&self, grantee: &impl Grantee, group: &str) {
        self.grant_cluster(grantee, &["kafka-cluster:Connect"]);
        self.grant_topic(grantee, &["kafka-cluster:DescribeTopic"]);
        self.grant_group(grantee, group, &["kafka-cluster:DescribeGroup"]);
    }

    /// Lets the grantee create, change and delete the topic.
    #[track_caller]
    pub fn grant_manage(&self, grantee: &impl Grantee) {
        self.grant_cluster(grantee, &["kafka-cluster:Connect"]);
        self.grant_topic(
            grantee,
            &[
                "kafka-cluster:AlterTopic",
                "kafka-cluster:AlterTopicDynamicConfiguration",
                "kafka-cluster:CreateTopic",
                "kafka-cluster:DeleteTopic",
                "kafka-cluster:DescribeTopic",
                "kafka-cluster:DescribeTopicDynamicConfiguration",
            ],
        );
    }

    #[track_caller]
    fn grant_cluster(&self, grantee: &impl Grantee, actions: &[&str]) {
        self.grant(grantee, actions, self.cluster_arn.clone());
    }

    #[track_caller]
    fn grant_topic(&self, grantee: &impl Grantee, actions: &[&str]) {
        self.grant(grantee, actions, self.arn());
    }

    #[track_caller]
    fn grant_group(&self, grantee: &impl Grantee, group: &str, actions: &[&str]) {
        self.grant(grantee, actions, self.arn_of("group", group));
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str], arn: Val<String>) {
        let statement = Statement::allow(actions.iter().copied()).on(arn);
        grantee.role().grant(grantee, &self.owner, statement);
    }

    /// Returns the ARN of a topic or group. It contains the cluster's name and its generated ID.
    ///
    /// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html>
    pub(super) fn arn_of(&self, kind: &'static str, name: &str) -> Val<String> {
        let (owner, cluster) = (&self.owner, self.cluster_arn.clone().piece(":cluster/", 1));
        let place = text![":kafka:", owner.region(), ":", owner.account(), ":"];
        text!["arn:", owner.partition(), place, kind, "/", cluster, "/", name.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};
    use crate::{aws, msk};

    #[test]
    fn consume_grant_is_limited_to_topic_and_group() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let events = msk::Cluster::new(&data, "events", &vpc, msk::ClusterProps::default());
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            events.topic("orders").grant_consume(&role, "billing");
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let reader = policies.iter().find(|it| it.logical_id.starts_with("Reader")).unwrap();
        let statements = reader.props["PolicyDocument"]["Statement"].as_array().unwrap();
        let actions: Vec<_> = statements.iter().flat_map(|it| it["Action"].as_array().unwrap()).collect();
        assert_eq!(
            actions,
            [
                "kafka-cluster:AlterGroup",
                "kafka-cluster:DescribeGroup",
                "kafka-cluster:Connect",
                "kafka-cluster:DescribeTopic",
                "kafka-cluster:ReadData",
            ]
        );
        let group = statements[0]["Resource"].to_string();
        assert!(group.contains("arn:${AWS::Partition}:kafka:ap-northeast-1:111122223333:group/"), "{group}");
        assert!(group.contains("/billing") && group.contains(":cluster/"), "{group}");
    }
}
