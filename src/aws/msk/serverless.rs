//! Serverless Kafka clusters.

use super::Topic;
use super::authentication::IAM_PORT;
use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::Vpc;
use crate::cfn::msk;
use crate::cfn::msk::serverless_cluster as shape;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::{AttrName, Val};

/// An Amazon MSK Serverless cluster, which manages its brokers and is billed by use.
///
/// Clients authenticate with IAM. If the cluster is removed from the stack, CloudFormation keeps it.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, msk};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// let events = msk::Serverless::new(&data, "events", &vpc);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-serverlesscluster.html>
#[derive(Clone)]
pub struct Serverless {
    scope: Scope,
    cluster: Resource<msk::ServerlessCluster>,
    security_group: SecurityGroup,
    cidrs: Vec<Cidr>,
    pub(super) vpc: Vpc,
}

impl Serverless {
    /// Defines a serverless cluster in a VPC.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, vpc: &Vpc) -> Self {
        let scope = scope.scope().construct(id);
        let tier = data::tier(vpc);
        let name = data::physical_name(&scope, 64);
        let security_group = SecurityGroup::answering(&scope, "security-group", vpc, &format!("Brokers of {name}"));
        let iam = shape::ClientAuthentication::new(shape::Sasl::new(shape::Iam::new(true)));
        let place = shape::VpcConfig::new(vpc.subnet_ids(tier)).security_groups([security_group.id()]);
        let cluster = msk::ServerlessCluster::new(iam, name, [place]).define(&scope, "resource");
        cluster.retain();
        data::diagram(&scope, vpc, "kafka", "MSK Serverless".to_owned());
        Self { scope, cluster, security_group, cidrs: vpc.subnet_cidrs(tier), vpc: vpc.clone() }
    }

    /// Returns the ARN of the cluster.
    pub fn arn(&self) -> Val<String> {
        self.cluster.arn()
    }

    /// Returns the bootstrap brokers. Use them only in manifests: `deploy` queries MSK for the addresses before it
    /// applies the manifests.
    pub fn brokers(&self) -> Val<String> {
        self.cluster.attr(AttrName::lookup("BootstrapBrokerStringSaslIam", "kafka:GetBootstrapBrokers"))
    }

    /// Lets a client connect.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        self.endpoint().allow_from(client);
    }

    /// Returns the network endpoint of the cluster.
    pub fn endpoint(&self) -> Endpoint {
        let (owner, security_group) = (self.scope.clone(), self.security_group.id());
        Endpoint { owner, security_group, port: IAM_PORT, cidrs: self.cidrs.clone() }
    }

    /// Returns a topic by its name.
    pub fn topic(&self, name: &str) -> Topic {
        Topic::new(&self.scope, self.arn(), name, Some((self.brokers(), Ok(self.endpoint()))))
    }
}

impl Construct for Serverless {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::Serverless;
    use crate::aws::{Vpc, VpcProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn grants_access_to_topic_of_serverless_cluster() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = Vpc::new(&data, "vpc", VpcProps { flow_logs: None, ..Default::default() });
            let events = Serverless::new(&data, "events", &vpc);
            let role = Role::new(&data, "writer", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            events.topic("orders").grant_produce(&role);
        });
        let cluster = platform.resource("AWS::MSK::ServerlessCluster");
        assert_eq!(cluster.props["ClientAuthentication"]["Sasl"]["Iam"]["Enabled"], true);
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("kafka-cluster:WriteData") && policy.contains("/orders"), "{policy}");
    }
}
