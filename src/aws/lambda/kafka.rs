//! Kafka topics as event sources of functions.

use crate::aws::connect::Endpoint;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::policy::own_arn;
use crate::cfn::ec2;
use crate::cfn::lambda;
use crate::cfn::lambda::event_source_mapping as shape;
use crate::diag::Diagnostic;
use crate::msk;
use crate::tree::Construct;
use crate::units::Duration;
use crate::val::Val;

use super::Function;

/// The event source settings of a Kafka topic.
#[derive(Clone, Debug)]
pub struct KafkaSource {
    /// The consumer group. Default: the function's path with `-` instead of `/`.
    pub group: Option<String>,
    /// The maximum batch size, from 1 to 10,000 records. Default: 100.
    pub batch: u16,
    /// The batching window, up to 5 minutes. Default: 500 milliseconds, the default of Lambda.
    pub window: Option<Duration>,
    /// Whether a new consumer group starts with the oldest record. Default: it starts with new records.
    pub from_start: bool,
}

impl Default for KafkaSource {
    fn default() -> Self {
        Self { group: None, batch: 100, window: None, from_start: false }
    }
}

impl Function {
    /// Adds a topic of an MSK cluster as an event source. The function reads the topic with its role.
    ///
    /// Lambda pollers run in the subnets and the security group of the cluster. Therefore, the group allows
    /// connections to itself and to HTTPS. The subnets must reach STS and Lambda through VPC endpoints or NAT.
    ///
    /// # Diagnostics
    ///
    /// - `MS0335`: the cluster does not support IAM authentication.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html>
    #[track_caller]
    pub fn add_kafka_source(&self, topic: &msk::Topic, source: KafkaSource) -> &Self {
        let Some((_, endpoint)) = topic.by_iam() else {
            let message =
                format!("the cluster `{}` does not support IAM authentication, which functions require", topic.name());
            self.scope.report(Diagnostic::error("MS0335", message).help("add `Authentication::Iam` to the cluster"));
            return self;
        };
        let group = source.group.clone().unwrap_or_else(|| self.scope.path().replace('/', "-"));
        topic.grant_consume(self, &group);
        self.find_brokers(&endpoint, topic.cluster_arn());
        open_to_pollers(&endpoint);
        let kafka = shape::AmazonManagedKafkaEventSourceConfig::new().consumer_group_id(group);
        let mut mapping = lambda::EventSourceMapping::new(self.arn())
            .event_source_arn(topic.cluster_arn())
            .topics([topic.name()])
            .batch_size(i64::from(source.batch))
            .starting_position(if source.from_start { "TRIM_HORIZON" } else { "LATEST" })
            .amazon_managed_kafka_event_source_config(kafka);
        if let Some(window) = source.window {
            mapping = mapping.maximum_batching_window_in_seconds(window.as_seconds() as i64);
        }
        self.define_source(&endpoint.owner, mapping)
    }

    /// Allows the function's role to describe the brokers and to create network interfaces for the pollers.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>
    #[track_caller]
    fn find_brokers(&self, endpoint: &Endpoint, cluster_arn: Val<String>) {
        let actions = ["kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"];
        self.role().grant(self, &endpoint.owner, Statement::allow(actions).on(cluster_arn));
        let interfaces =
            ["network-interface/*", "security-group/*", "subnet/*"].map(|it| own_arn(&self.scope, "ec2", it));
        let change = Statement::allow(["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]);
        self.role().allow(interfaces.into_iter().fold(change, Statement::on));
        let look = ["NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"].map(|it| format!("ec2:Describe{it}"));
        let source = "https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html";
        self.role().allow(Statement::allow(look).on_everything(source));
    }
}

/// Allows the connections of Lambda pollers in the cluster's security group. The pollers are members of the same group.
fn open_to_pollers(endpoint: &Endpoint) {
    let (owner, port) = (&endpoint.owner, endpoint.port);
    owner.singleton(format!("pollers {port}"), || {
        let group = || endpoint.security_group.clone();
        ec2::SecurityGroupIngress::new("tcp")
            .group_id(group())
            .source_security_group_id(group())
            .from_port(port)
            .to_port(port)
            .description("functions read")
            .define(owner, &format!("pollers-in-{port}"));
        ec2::SecurityGroupEgress::new(group(), "tcp")
            .destination_security_group_id(group())
            .from_port(port)
            .to_port(port)
            .description("functions read")
            .define(owner, &format!("pollers-out-{port}"));
        ec2::SecurityGroupEgress::new(group(), "tcp")
            .cidr_ip("0.0.0.0/0")
            .from_port(443)
            .to_port(443)
            .description("functions are called")
            .define(owner, "pollers-to-lambda")
            .scope()
            .clone()
    });
}
