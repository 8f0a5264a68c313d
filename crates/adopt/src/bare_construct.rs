//! Constructs that wrap a single resource.

use meshsynth_facts as facts;

/// A construct that wraps a single resource.
#[derive(Debug)]
pub struct BareConstruct {
    /// The path of the construct.
    pub path: &'static str,
    /// The construct's methods for resource attributes: the attribute, the method, and whether the method always
    /// returns a `String`.
    pub values: &'static [(&'static str, &'static str, bool)],
    /// The additions of `new`: more resources or properties.
    pub adds: &'static str,
    /// The argument of `bare` between the ID and the resource.
    pub argument: Argument,
    /// The property values without which the construct does not fit.
    pub requirement: Requirement,
    /// The calls that give a referenced construct the values for its relations.
    pub context: &'static [Context],
    /// Whether later calls change the variable of the construct.
    pub is_mutable: bool,
}

/// The argument of `bare` between the ID and the resource.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// No argument.
    None,
    /// The name of an AWS Systems Manager parameter, which is then not a property of the resource.
    ParameterName,
    /// The CIDR block of a network.
    CidrBlock,
    /// The port of a target group with IP targets.
    TargetPort,
    /// The domain of a hosted zone.
    Domain,
    /// The engine of an Aurora cluster.
    AuroraEngine,
    /// The engine of a database instance.
    DatabaseEngine,
    /// The engine of a cache.
    CacheEngine,
}

/// The property values without which a construct does not fit.
#[derive(Clone, Copy, Debug)]
pub enum Requirement {
    /// No requirement.
    None,
    /// The load balancer is an application load balancer.
    ApplicationLoadBalancer,
    /// The rule belongs to the default event bus.
    DefaultEventBus,
}

/// A call that gives a construct values for its relations.
#[derive(Clone, Copy, Debug)]
pub enum Context {
    /// `with_role`, with the role in this property.
    Role(&'static str),
    /// `with_network`, with the first security group and its network.
    Network,
    /// `with_secret`, with the attached secret.
    Secret,
    /// `with_brokers`, with the number of brokers.
    Brokers,
    /// The name, the version and the network of an EKS cluster.
    KubernetesCluster,
}

impl BareConstruct {
    /// Returns the type of the resource.
    pub fn type_name(&self) -> &'static str {
        let row = facts::resources().find(|row| row.construct == Some(self.path));
        row.map(|row| row.type_name).unwrap_or_default()
    }
}

/// A row with the usual values.
const USUAL: BareConstruct = BareConstruct {
    path: "",
    values: &[],
    adds: "",
    argument: Argument::None,
    requirement: Requirement::None,
    context: &[],
    is_mutable: false,
};

/// A nested stack with a template among the sources.
pub static NESTED_STACK: BareConstruct =
    BareConstruct { path: "cloudformation::NestedStack", adds: "nothing: it only defines its resource", ..USUAL };

const BARE_CONSTRUCTS: [BareConstruct; 34] = [
    BareConstruct { path: "backup::Plan", adds: "a vault with a separate key", ..USUAL },
    BareConstruct {
        path: "backup::Vault",
        values: &[("Ref", "name", true), ("BackupVaultArn", "arn", true)],
        adds: "a separate key, retention",
        ..USUAL
    },
    BareConstruct {
        path: "acm::Certificate",
        values: &[("Ref", "arn", false)],
        adds: "certificate transparency logging, validation by DNS records in a zone",
        ..USUAL
    },
    BareConstruct {
        path: "cloudformation::CustomResource",
        values: &[("Ref", "physical_id", true)],
        adds: "nothing: it only defines its resource",
        ..USUAL
    },
    BareConstruct {
        path: "cloudfront::Distribution",
        values: &[("Id", "distribution_id", true), ("DomainName", "domain_name", true)],
        adds: "access logs, the usual security headers, TLS 1.2 or newer to the origin",
        ..USUAL
    },
    BareConstruct { path: "cloudwatch::Alarm", values: &[("Arn", "arn", true)], adds: "a name from its path", ..USUAL },
    BareConstruct {
        path: "codebuild::Project",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a separate role, key and log group",
        context: &[Context::Role("ServiceRole")],
        ..USUAL
    },
    BareConstruct {
        path: "cognito::UserPool",
        values: &[("Ref", "id", true)],
        adds: "a password policy, sign-in by email, deletion protection, retention",
        ..USUAL
    },
    BareConstruct {
        path: "dynamodb::Table",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a separate key, point-in-time recovery, deletion protection; it would become a global table, which \
             requires a replacement",
        ..USUAL
    },
    BareConstruct {
        path: "aws::SecurityGroup",
        values: &[("GroupId", "id", false)],
        adds: "a tag with its path, and explicit egress rules for its members",
        ..USUAL
    },
    BareConstruct {
        path: "aws::Vpc",
        values: &[("Ref", "id", false)],
        adds: "subnets of three tiers in three zones, NAT gateways, endpoints, flow logs",
        argument: Argument::CidrBlock,
        is_mutable: true,
        ..USUAL
    },
    BareConstruct {
        path: "ecr::Repository",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RepositoryUri", "uri", true)],
        adds: "immutable tags, a scan on push, expiry of old images, KMS encryption, retention",
        ..USUAL
    },
    BareConstruct {
        path: "efs::FileSystem",
        values: &[("Ref", "id", true), ("Arn", "arn", true)],
        adds: "mount targets with their security group, a separate key, a policy that requires TLS, daily backups, \
             retention",
        context: &[Context::Network],
        ..USUAL
    },
    BareConstruct {
        path: "eks::Cluster",
        values: &[
            ("Ref", "reference", true),
            ("Endpoint", "endpoint", true),
            ("CertificateAuthority.Data", "certificate_authority", true),
            ("ClusterSecurityGroupId", "control_plane_security_group", false),
        ],
        adds: "a separate role, key and log group, an identity provider, the nodes' security group and role, add-ons",
        context: &[Context::KubernetesCluster],
        ..USUAL
    },
    BareConstruct {
        path: "elasticache::ReplicationGroup",
        values: &[("Ref", "name", true)],
        adds: "its subnet, parameter and security groups, a separate key, users, logs of slow commands, daily \
             snapshots",
        argument: Argument::CacheEngine,
        context: &[Context::Network],
        ..USUAL
    },
    BareConstruct {
        path: "elbv2::ApplicationLoadBalancer",
        values: &[
            ("LoadBalancerArn", "arn", true),
            ("DNSName", "dns_name", true),
            ("LoadBalancerFullName", "full_name", true),
        ],
        adds: "a listener with TLS 1.2 or newer, a redirect to it, a security group, access logs, deletion protection",
        requirement: Requirement::ApplicationLoadBalancer,
        context: &[Context::Network],
        ..USUAL
    },
    BareConstruct {
        path: "elbv2::TargetGroup",
        values: &[("TargetGroupArn", "arn", true), ("TargetGroupFullName", "full_name", true)],
        adds: "nothing: a load balancer would add it, with health checks at `/readyz`",
        argument: Argument::TargetPort,
        ..USUAL
    },
    BareConstruct {
        path: "events::Bus",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a name from its path, a description",
        ..USUAL
    },
    BareConstruct {
        path: "events::Rule",
        values: &[("Arn", "arn", true)],
        adds: "a name from its path, a description; retries and a queue for undeliverable events",
        requirement: Requirement::DefaultEventBus,
        ..USUAL
    },
    BareConstruct {
        path: "iam::Role",
        values: &[("Ref", "name", true), ("Arn", "arn", false)],
        adds: "nothing: grants would replace its policies",
        ..USUAL
    },
    BareConstruct {
        path: "kms::Key",
        values: &[("Arn", "arn", false)],
        adds: "yearly rotation, an alias, retention, a policy that delegates to IAM",
        ..USUAL
    },
    BareConstruct {
        path: "lambda::Function",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a log group with a retention, a separate key, a queue for failed events, tracing",
        context: &[Context::Role("Role")],
        ..USUAL
    },
    BareConstruct {
        path: "logs::LogGroup",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a retention of 30 days, and a deletion policy that keeps its entries",
        ..USUAL
    },
    BareConstruct {
        path: "msk::Cluster",
        values: &[("Arn", "arn", true)],
        adds: "its configuration, its security group, a separate key, broker logs, retention",
        context: &[Context::Brokers, Context::Network],
        ..USUAL
    },
    BareConstruct {
        path: "rds::Cluster",
        values: &[
            ("Ref", "identifier", true),
            ("DBClusterArn", "arn", true),
            ("Endpoint.Address", "address", true),
            ("ReadEndpoint.Address", "reader_address", true),
        ],
        adds: "its instances, its subnet, parameter and security groups, a separate key, logs, deletion protection",
        argument: Argument::AuroraEngine,
        context: &[Context::Network, Context::Secret],
        ..USUAL
    },
    BareConstruct {
        path: "rds::Database",
        values: &[("Ref", "identifier", true), ("DBInstanceArn", "arn", true), ("Endpoint.Address", "address", true)],
        adds: "its subnet, parameter and security groups, a separate key, a standby, logs, deletion protection",
        argument: Argument::DatabaseEngine,
        context: &[Context::Network, Context::Secret],
        ..USUAL
    },
    BareConstruct {
        path: "route53::HostedZone",
        values: &[("Ref", "zone_id", false)],
        adds: "a comment, retention",
        argument: Argument::Domain,
        ..USUAL
    },
    BareConstruct {
        path: "s3::Bucket",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RegionalDomainName", "domain_name", true)],
        adds: "a policy that requires TLS, encryption, versions that expire, a public access block, retention",
        ..USUAL
    },
    BareConstruct {
        path: "sns::Topic",
        values: &[("Ref", "arn", false)],
        adds: "a separate key, a policy that requires TLS",
        ..USUAL
    },
    BareConstruct {
        path: "sqs::Queue",
        values: &[("Arn", "arn", false), ("QueueUrl", "url", true)],
        adds: "a dead-letter queue, a separate key, a policy that requires TLS, long polling, retention",
        ..USUAL
    },
    BareConstruct {
        path: "ssm::Parameter",
        adds: "a name below the app name",
        argument: Argument::ParameterName,
        ..USUAL
    },
    BareConstruct {
        path: "secrets::Secret",
        values: &[("Ref", "arn", true)],
        adds: "a separate key, retention",
        ..USUAL
    },
    BareConstruct {
        path: "stepfunctions::StateMachine",
        values: &[("Arn", "arn", true)],
        adds: "a separate role, key and log group, tracing",
        context: &[Context::Role("RoleArn")],
        ..USUAL
    },
    BareConstruct {
        path: "wafv2::WebAcl",
        values: &[("Arn", "arn", true)],
        adds: "a request limit for each address, AWS managed rules, a log group with a separate key",
        ..USUAL
    },
];

/// The type of custom resources without a custom name.
const CUSTOM: &str = "AWS::CloudFormation::CustomResource";

/// Whether a type is a custom resource, whose provider defines its properties and attributes.
pub fn is_custom(type_name: &str) -> bool {
    type_name == CUSTOM || type_name.starts_with("Custom::")
}

/// Returns the construct that wraps a resource type.
pub fn bare_construct(type_name: &str) -> Option<&'static BareConstruct> {
    let type_name = if is_custom(type_name) { CUSTOM } else { type_name };
    let path = facts::resource(type_name).construct?;
    BARE_CONSTRUCTS.iter().find(|it| it.path == path)
}

#[cfg(test)]
mod tests {
    use super::{BARE_CONSTRUCTS, bare_construct};

    #[test]
    fn each_construct_has_a_type_in_the_facts() {
        for construct in &BARE_CONSTRUCTS {
            let found = bare_construct(construct.type_name()).map(|it| it.path);
            assert_eq!(found, Some(construct.path), "{}", construct.path);
        }
    }
}
