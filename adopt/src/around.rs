//! Constructs that wrap a single resource.

/// A construct that wraps a single resource.
#[derive(Debug)]
pub struct Alone {
    /// The type of the resource.
    pub type_name: &'static str,
    /// The path of the construct.
    pub path: &'static str,
    /// The construct's methods for resource attributes: the attribute, the method, and whether the method always
    /// returns a `String`.
    pub values: &'static [(&'static str, &'static str, bool)],
    /// The additions of `new`: more resources or properties.
    pub adds: &'static str,
}

const ALONE: [Alone; 34] = [
    Alone {
        type_name: "AWS::Backup::BackupPlan",
        path: "backup::Plan",
        values: &[],
        adds: "a vault with a key of its own",
    },
    Alone {
        type_name: "AWS::Backup::BackupVault",
        path: "backup::Vault",
        values: &[("Ref", "name", true), ("BackupVaultArn", "arn", true)],
        adds: "a key of its own, retention",
    },
    Alone {
        type_name: "AWS::CertificateManager::Certificate",
        path: "acm::Certificate",
        values: &[("Ref", "arn", false)],
        adds: "a log of certificate transparency, validation by records of a zone",
    },
    Alone {
        type_name: CUSTOM,
        path: "cloudformation::CustomResource",
        values: &[("Ref", "physical_id", true)],
        adds: "nothing: it is its resource",
    },
    Alone {
        type_name: "AWS::CloudFront::Distribution",
        path: "cloudfront::Distribution",
        values: &[("Id", "distribution_id", true), ("DomainName", "domain_name", true)],
        adds: "access logs, the usual security headers, TLS 1.2 or newer to the origin",
    },
    Alone {
        type_name: "AWS::CloudWatch::Alarm",
        path: "cloudwatch::Alarm",
        values: &[("Arn", "arn", true)],
        adds: "a name after its path",
    },
    Alone {
        type_name: "AWS::CodeBuild::Project",
        path: "codebuild::Project",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a role, a key and a log group of its own",
    },
    Alone {
        type_name: "AWS::Cognito::UserPool",
        path: "cognito::UserPool",
        values: &[("Ref", "id", true)],
        adds: "a password policy, sign-in by email, deletion protection, retention",
    },
    Alone {
        type_name: "AWS::DynamoDB::Table",
        path: "dynamodb::Table",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a key of its own, recovery to any second, deletion protection; it would be a global table, which is a replacement",
    },
    Alone {
        type_name: "AWS::EC2::SecurityGroup",
        path: "aws::SecurityGroup",
        values: &[("GroupId", "id", false)],
        adds: "a tag with its path, and what its members may reach, written down",
    },
    Alone {
        type_name: "AWS::EC2::VPC",
        path: "aws::Vpc",
        values: &[("Ref", "id", false)],
        adds: "subnets of three tiers in three zones, NAT gateways, endpoints, flow logs",
    },
    Alone {
        type_name: "AWS::ECR::Repository",
        path: "ecr::Repository",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RepositoryUri", "uri", true)],
        adds: "immutable tags, a scan on push, expiry of old images, encryption by KMS, retention",
    },
    Alone {
        type_name: "AWS::EFS::FileSystem",
        path: "efs::FileSystem",
        values: &[("Ref", "id", true), ("Arn", "arn", true)],
        adds: "mount targets with their security group, a key of its own, a policy that asks for TLS, daily backups, retention",
    },
    Alone {
        type_name: "AWS::EKS::Cluster",
        path: "eks::Cluster",
        values: &[
            ("Ref", "reference", true),
            ("Endpoint", "endpoint", true),
            ("CertificateAuthority.Data", "certificate_authority", true),
            ("ClusterSecurityGroupId", "control_plane_security_group", false),
        ],
        adds: "a role, a key and a log group of its own, a provider for identities, the nodes' security group and role, add-ons",
    },
    Alone {
        type_name: "AWS::ElastiCache::ReplicationGroup",
        path: "elasticache::ReplicationGroup",
        values: &[("Ref", "name", true)],
        adds: "its subnet, parameter and security groups, a key of its own, users, logs of slow commands, daily snapshots",
    },
    Alone {
        type_name: "AWS::ElasticLoadBalancingV2::LoadBalancer",
        path: "elbv2::ApplicationLoadBalancer",
        values: &[
            ("LoadBalancerArn", "arn", true),
            ("DNSName", "dns_name", true),
            ("LoadBalancerFullName", "full_name", true),
        ],
        adds: "a listener with TLS 1.2 or newer, a redirect to it, a security group, access logs, deletion protection",
    },
    Alone {
        type_name: "AWS::ElasticLoadBalancingV2::TargetGroup",
        path: "elbv2::TargetGroup",
        values: &[("TargetGroupArn", "arn", true), ("TargetGroupFullName", "full_name", true)],
        adds: "nothing: a load balancer would add it, with checks of health at `/readyz`",
    },
    Alone {
        type_name: "AWS::Events::EventBus",
        path: "events::Bus",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a name after its path, a description",
    },
    Alone {
        type_name: "AWS::Events::Rule",
        path: "events::Rule",
        values: &[("Arn", "arn", true)],
        adds: "a name after its path, a description; retries and a queue for what could not be delivered",
    },
    Alone {
        type_name: "AWS::IAM::Role",
        path: "iam::Role",
        values: &[("Ref", "name", true), ("Arn", "arn", false)],
        adds: "nothing: its policies would be grants",
    },
    Alone {
        type_name: "AWS::KMS::Key",
        path: "kms::Key",
        values: &[("Arn", "arn", false)],
        adds: "yearly rotation, an alias, retention, a policy that delegates to IAM",
    },
    Alone {
        type_name: "AWS::Lambda::Function",
        path: "lambda::Function",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a log group with a retention, a key of its own, a queue for what it failed on, tracing",
    },
    Alone {
        type_name: "AWS::Logs::LogGroup",
        path: "logs::LogGroup",
        values: &[("Ref", "name", true), ("Arn", "arn", true)],
        adds: "a retention of 30 days, and that its entries are kept when it leaves the stack",
    },
    Alone {
        type_name: "AWS::MSK::Cluster",
        path: "msk::Cluster",
        values: &[("Arn", "arn", true)],
        adds: "its configuration, its security group, a key of its own, logs of the brokers, retention",
    },
    Alone {
        type_name: "AWS::RDS::DBCluster",
        path: "rds::Cluster",
        values: &[
            ("Ref", "identifier", true),
            ("DBClusterArn", "arn", true),
            ("Endpoint.Address", "address", true),
            ("ReadEndpoint.Address", "reader_address", true),
        ],
        adds: "its instances, its subnet, parameter and security groups, a key of its own, logs, deletion protection",
    },
    Alone {
        type_name: "AWS::RDS::DBInstance",
        path: "rds::Database",
        values: &[("Ref", "identifier", true), ("DBInstanceArn", "arn", true), ("Endpoint.Address", "address", true)],
        adds: "its subnet, parameter and security groups, a key of its own, a standby, logs, deletion protection",
    },
    Alone {
        type_name: "AWS::Route53::HostedZone",
        path: "route53::HostedZone",
        values: &[("Ref", "zone_id", false)],
        adds: "a comment, retention",
    },
    Alone {
        type_name: "AWS::S3::Bucket",
        path: "s3::Bucket",
        values: &[("Ref", "name", true), ("Arn", "arn", true), ("RegionalDomainName", "domain_name", true)],
        adds: "a policy that asks for TLS, encryption, versions that expire, a block of public access, retention",
    },
    Alone {
        type_name: "AWS::SNS::Topic",
        path: "sns::Topic",
        values: &[("Ref", "arn", false)],
        adds: "a key of its own, a policy that asks for TLS",
    },
    Alone {
        type_name: "AWS::SQS::Queue",
        path: "sqs::Queue",
        values: &[("Arn", "arn", false), ("QueueUrl", "url", true)],
        adds: "a dead-letter queue, a key of its own, a policy that asks for TLS, long polling, retention",
    },
    Alone {
        type_name: "AWS::SSM::Parameter",
        path: "ssm::Parameter",
        values: &[],
        adds: "a name below that of the app",
    },
    Alone {
        type_name: "AWS::SecretsManager::Secret",
        path: "secrets::Secret",
        values: &[("Ref", "arn", true)],
        adds: "a key of its own, retention",
    },
    Alone {
        type_name: "AWS::StepFunctions::StateMachine",
        path: "stepfunctions::StateMachine",
        values: &[("Arn", "arn", true)],
        adds: "a role, a key and a log group of its own, tracing",
    },
    Alone {
        type_name: "AWS::WAFv2::WebACL",
        path: "wafv2::WebAcl",
        values: &[("Arn", "arn", true)],
        adds: "a limit of requests for each address, rules of AWS, a log group with a key of its own",
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
    ALONE.iter().find(|it| it.type_name == type_name)
}
