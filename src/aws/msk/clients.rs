//! Clients of provisioned Kafka clusters: connections, authentication and grants.

use super::authentication::{Authentication, IAM_PORT};
use super::cluster::{Cluster, Network};
use super::{Topic, TopicProps};
use crate::aws::connect::{Client, Endpoint};
use crate::aws::existing;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::vpc::Vpc;
use crate::cfn::msk;
use crate::name;
use crate::val::Val;

impl Cluster {
    /// Returns the bootstrap brokers for clients that use the first authentication mechanism.
    ///
    /// CloudFormation does not provide these addresses. Use them only in manifests: `deploy` queries MSK for the
    /// addresses before it applies the manifests.
    #[track_caller]
    pub fn brokers(&self) -> Val<String> {
        self.addresses(self.ways().first().unwrap_or(&Authentication::Iam))
    }

    /// Returns the port of the first authentication mechanism.
    #[track_caller]
    pub fn port(&self) -> u16 {
        self.ways().first().map_or(IAM_PORT, Authentication::port)
    }

    /// Returns the network endpoints, one for each authentication mechanism, in the order of the mechanisms.
    #[track_caller]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for way in self.ways() {
            endpoints.push(self.endpoint(way.port()));
        }
        endpoints
    }

    /// Lets a client connect with the first authentication mechanism.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.open(self.port(), client);
    }

    /// Lets a client scrape the brokers' metrics, if open monitoring is enabled.
    #[track_caller]
    pub fn allow_metrics_from(&self, client: &impl Client) {
        for port in [11_001, 11_002] {
            self.open(port, client);
        }
    }

    /// Returns a topic by its name. The program does not need to define the topic.
    pub fn topic(&self, name: &str) -> Topic {
        let by_iam = match &self.authentication {
            Some(ways) if !ways.contains(&Authentication::Iam) => None,
            ways => {
                let network = self.network.as_ref().ok_or("network");
                let endpoint = ways.as_ref().ok_or("authentication").and(network).map(|it| it.endpoint(self, IAM_PORT));
                Some((self.addresses(&Authentication::Iam), endpoint))
            }
        };
        Topic::new(&self.scope, self.arn(), name, by_iam)
    }

    /// Defines a topic. If the topic is removed from the stack, CloudFormation keeps the topic and its data.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-topic.html>
    #[track_caller]
    pub fn add_topic(&self, topic: &str, props: TopicProps) -> Topic {
        let replicas = match props.replicas {
            Some(replicas) => replicas,
            None => self.n_brokers().clamp(1, 3),
        };
        msk::Topic::new(self.arn(), props.partitions, replicas, topic)
            .define(&self.scope, &format!("topic-{}", name::dns_label(topic, 63)))
            .retain();
        self.topic(topic).with_partitions(props.partitions)
    }

    /// Lets the grantee query the bootstrap brokers.
    #[track_caller]
    pub fn grant_find_brokers(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["kafka:GetBootstrapBrokers"])
            .on_everything("https://docs.aws.amazon.com/service-authorization/latest/reference/list_kafka.html");
        grantee.role().grant(grantee, &self.scope, statement);
    }

    /// Returns the authentication mechanisms. If they are unknown, it reports an error and returns an empty list.
    #[track_caller]
    fn ways(&self) -> &[Authentication] {
        if self.authentication.is_none() {
            existing::incomplete(&self.scope, "authentication");
        }
        self.authentication.as_deref().unwrap_or_default()
    }

    /// Allows a client to connect to a port. It reports an error if the VPC is unknown.
    #[track_caller]
    fn open(&self, port: u16, client: &impl Client) {
        match &self.network {
            Some(network) => network.endpoint(self, port).allow_from(client),
            None => existing::incomplete(&self.scope, "network"),
        }
    }

    #[track_caller]
    pub(super) fn endpoint(&self, port: u16) -> Endpoint {
        match &self.network {
            Some(network) => network.endpoint(self, port),
            None => existing::unknown_endpoint(&self.scope, "network", port),
        }
    }

    /// Returns the VPC of the cluster, or a placeholder if it is unknown. [`Cluster::endpoint`] reports the
    /// missing VPC.
    pub(super) fn vpc(&self) -> Vpc {
        match &self.network {
            Some(network) => network.vpc.clone(),
            None => Vpc::unknown(&self.scope),
        }
    }
}

impl Network {
    fn endpoint(&self, cluster: &Cluster, port: u16) -> Endpoint {
        let security_group = self.security_group.id();
        Endpoint { owner: cluster.scope.clone(), security_group, port, cidrs: self.cidrs.clone() }
    }
}
