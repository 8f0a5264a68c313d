//! Constructs that wrap a single resource.

use meshsynth_facts as facts;

/// A construct that wraps a single resource.
#[derive(Debug)]
pub struct Alone {
    /// The path of the construct.
    pub path: &'static str,
    /// The construct's methods for resource attributes: the attribute, the method, and whether the method always
    /// returns a `String`.
    pub values: &'static [(&'static str, &'static str, bool)],
    /// The additions of `new`: more resources or properties.
    pub adds: &'static str,
}

impl Alone {
    /// Returns the type of the resource.
    pub fn type_name(&self) -> &'static str {
        let row = facts::resources().find(|row| row.construct == Some(self.path));
        row.map(|row| row.type_name).unwrap_or_default()
    }
}

const ALONE: [Alone; 34] = [
    Alone { path: "backup::Plan", values: &[], adds: "a vault with a separate key" },
    Alone {
        path: "backup::Vault",
        values: &[("Ref", "name", true), ("BackupVaultArn", "arn", true)],
        adds: "a separate key, retention",
    },
    Alone {
        path: "acm::Certificate",
        values: &[("Ref", "arn", false)],
        adds: "certificate transparency logging, validation by DNS records in a zone",
    },
    Alone {
        path: "cloudformation::CustomResource",
        values: &[("Ref", "physical_id", true)],
        adds: "nothing: it only defines its resource",
    },
    Alone {
        path: "cloudfront::Distribution",
        values: &[("Id", "distribution_id", true), ("DomainName", "domain_name", true)],
        adds: "access logs, the usual security headers, TLS 1.2 or newer to the origin",
    },
    Alone { path: "cloudwatch::Alarm", values: &[("Arn", "arn", true)], adds: "a name from its path" },
    Alone {
        path: "codebuild::Project",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a separate role, key and log group",
    },
    Alone {
        path: "cognito::UserPool",
        values: &[("Ref", "id", true)],
        adds: "a password policy, sign-in by email, deletion protection, retention",
    },
    Alone {
        path: "dynamodb::Table",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a separate key, point-in-time recovery, deletion protection; it would become a global table, which \
             requires a replacement",
    },
    Alone {
        path: "aws::SecurityGroup",
        values: &[("GroupId", "id", false)],
        adds: "a tag with its path, and explicit egress rules for its members",
    },
    Alone {
        path: "aws::Vpc",
        values: &[("Ref", "id", false)],
        adds: "subnets of three tiers in three zones, NAT gateways, endpoints, flow logs",
    },
    Alone {
        path: "ecr::Repository",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RepositoryUri", "uri", true)],
        adds: "immutable tags, a scan on push, expiry of old images, KMS encryption, retention",
    },
    Alone {
        path: "efs::FileSystem",
        values: &[("Ref", "id", true), ("Arn", "arn", true)],
        adds: "mount targets with their security group, a separate key, a policy that requires TLS, daily backups, \
             retention",
    },
    Alone {
        path: "eks::Cluster",
        values: &[
            ("Ref", "reference", true),
            ("Endpoint", "endpoint", true),
            ("CertificateAuthority.Data", "certificate_authority", true),
            ("ClusterSecurityGroupId", "control_plane_security_group", false),
        ],
        adds: "a separate role, key and log group, an identity provider, the nodes' security group and role, add-ons",
    },
    Alone {
        path: "elasticache::ReplicationGroup",
        values: &[("Ref", "name", true)],
        adds: "its subnet, parameter and security groups, a separate key, users, logs of slow commands, daily \
             snapshots",
    },
    Alone {
        path: "elbv2::ApplicationLoadBalancer",
        values: &[
            ("LoadBalancerArn", "arn", true),
            ("DNSName", "dns_name", true),
            ("LoadBalancerFullName", "full_name", true),
        ],
        adds: "a listener with TLS 1.2 or newer, a redirect to it, a security group, access logs, deletion protection",
    },
    Alone {
        path: "elbv2::TargetGroup",
        values: &[("TargetGroupArn", "arn", true), ("TargetGroupFullName", "full_name", true)],
        adds: "nothing: a load balancer would add it, with health checks at `/readyz`",
    },
    Alone {
        path: "events::Bus",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a name from its path, a description",
    },
    Alone {
        path: "events::Rule",
        values: &[("Arn", "arn", true)],
        adds: "a name from its path, a description; retries and a queue for undeliverable events",
    },
    Alone {
        path: "iam::Role",
        values: &[("Ref", "name", true), ("Arn", "arn", false)],
        adds: "nothing: grants would replace its policies",
    },
    Alone {
        path: "kms::Key",
        values: &[("Arn", "arn", false)],
        adds: "yearly rotation, an alias, retention, a policy that delegates to IAM",
    },
    Alone {
        path: "lambda::Function",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a log group with a retention, a separate key, a queue for failed events, tracing",
    },
    Alone {
        path: "logs::LogGroup",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a retention of 30 days, and a deletion policy that keeps its entries",
    },
    Alone {
        path: "msk::Cluster",
        values: &[("Arn", "arn", true)],
        adds: "its configuration, its security group, a separate key, broker logs, retention",
    },
    Alone {
        path: "rds::Cluster",
        values: &[
            ("Ref", "identifier", true),
            ("DBClusterArn", "arn", true),
            ("Endpoint.Address", "address", true),
            ("ReadEndpoint.Address", "reader_address", true),
        ],
        adds: "its instances, its subnet, parameter and security groups, a separate key, logs, deletion protection",
    },
    Alone {
        path: "rds::Database",
        values: &[("Ref", "identifier", true), ("DBInstanceArn", "arn", true), ("Endpoint.Address", "address", true)],
        adds: "its subnet, parameter and security groups, a separate key, a standby, logs, deletion protection",
    },
    Alone { path: "route53::HostedZone", values: &[("Ref", "zone_id", false)], adds: "a comment, retention" },
    Alone {
        path: "s3::Bucket",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RegionalDomainName", "domain_name", true)],
        adds: "a policy that requires TLS, encryption, versions that expire, a public access block, retention",
    },
    Alone { path: "sns::Topic", values: &[("Ref", "arn", false)], adds: "a separate key, a policy that requires TLS" },
    Alone {
        path: "sqs::Queue",
        values: &[("Arn", "arn", false), ("QueueUrl", "url", true)],
        adds: "a dead-letter queue, a separate key, a policy that requires TLS, long polling, retention",
    },
    Alone { path: "ssm::Parameter", values: &[], adds: "a name below the app name" },
    Alone { path: "secrets::Secret", values: &[("Ref", "arn", true)], adds: "a separate key, retention" },
    Alone {
        path: "stepfunctions::StateMachine",
        values: &[("Arn", "arn", true)],
        adds: "a separate role, key and log group, tracing",
    },
    Alone {
        path: "wafv2::WebAcl",
        values: &[("Arn", "arn", true)],
        adds: "a request limit for each address, AWS managed rules, a log group with a separate key",
    },
];

/// The type of custom resources without a custom name.
const CUSTOM: &str = "AWS::CloudFormation::CustomResource";

/// Whether a type is a custom resource, whose provider defines its properties and attributes.
pub fn is_custom(type_name: &str) -> bool {
    type_name == CUSTOM || type_name.starts_with("Custom::")
}

/// Returns the construct that wraps a resource type.
pub fn alone(type_name: &str) -> Option<&'static Alone> {
    let type_name = if is_custom(type_name) { CUSTOM } else { type_name };
    let path = facts::resource(type_name).construct?;
    ALONE.iter().find(|it| it.path == path)
}

#[cfg(test)]
mod tests {
    use super::{ALONE, alone};

    #[test]
    fn each_construct_has_a_type_in_the_facts() {
        for construct in &ALONE {
            let found = alone(construct.type_name()).map(|it| it.path);
            assert_eq!(found, Some(construct.path), "{}", construct.path);
        }
    }
}
