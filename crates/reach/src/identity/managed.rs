//! AWS managed policies: the facts that are certain without their documents, which change.
//!
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>.

use std::sync::LazyLock;

use serde_json::json;

use super::document::Document;
use super::truth::Truth;

static EVERYTHING: LazyLock<Option<Document>> =
    LazyLock::new(|| Document::parse(&json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } })));

/// The services whose actions a policy contains.
const SERVICES: &[(&str, &[&str])] = &[
    ("AmazonEBSCSIDriverPolicy", &["ec2"]),
    ("AmazonEC2ContainerRegistryPullOnly", &["ecr"]),
    ("AmazonEC2ContainerRegistryReadOnly", &["ecr"]),
    ("AmazonEFSCSIDriverPolicy", &["elasticfilesystem", "ec2"]),
    ("AmazonEKSBlockStoragePolicy", &["ec2"]),
    ("AmazonEKSClusterPolicy", &["autoscaling", "ec2", "elasticloadbalancing", "iam", "kms"]),
    ("AmazonEKSComputePolicy", &["ec2", "iam"]),
    ("AmazonEKSLoadBalancingPolicy", &["ec2", "elasticloadbalancing", "iam", "shield", "waf-regional", "wafv2", "acm"]),
    ("AmazonEKSNetworkingPolicy", &["ec2"]),
    ("AmazonEKSWorkerNodeMinimalPolicy", &["ec2", "eks-auth"]),
    ("AmazonEKSWorkerNodePolicy", &["ec2", "eks", "eks-auth"]),
    ("AmazonEKS_CNI_Policy", &["ec2"]),
    ("AmazonElasticContainerRegistryPublicReadOnly", &["ecr-public", "sts"]),
    ("AmazonPrometheusRemoteWriteAccess", &["aps"]),
    ("AmazonRDSEnhancedMonitoringRole", &["logs"]),
    ("AWSLambdaBasicExecutionRole", &["logs"]),
    ("AWSLambdaVPCAccessExecutionRole", &["logs", "ec2"]),
    ("AWSXRayDaemonWriteAccess", &["xray"]),
    ("AWSXrayWriteOnlyAccess", &["xray"]),
    ("CloudWatchAgentServerPolicy", &["cloudwatch", "ec2", "logs", "ssm", "xray"]),
];

/// Returns the last path segment of an AWS managed policy, or `None` for other policies.
fn name(arn: &str) -> Option<&str> {
    arn.split_once(":iam::aws:policy/").map(|(_, path)| path.rsplit('/').next().unwrap_or(path))
}

/// Returns the document of a policy, if it does not change.
pub fn document(arn: &str) -> Option<&'static Document> {
    if name(arn)? == "AdministratorAccess" { EVERYTHING.as_ref() } else { None }
}

/// Returns whether a policy may apply to an action.
pub fn may_be_about(arn: &str, action: &str) -> Truth {
    let Some(services) = name(arn).and_then(|name| SERVICES.iter().find(|it| it.0 == name)) else {
        return Truth::Unknown;
    };
    let service = action.split(':').next().unwrap_or_default();
    let may = services.1.iter().any(|it| it.eq_ignore_ascii_case(service));
    if may { Truth::Unknown } else { Truth::No }
}

#[cfg(test)]
mod tests {
    use super::{document, may_be_about};
    use crate::identity::truth::Truth;

    #[test]
    fn managed_policy_certainly_excludes_only_other_services() {
        let node = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy";
        assert_eq!(may_be_about(node, "s3:GetObject"), Truth::No);
        assert_eq!(may_be_about(node, "ec2:DescribeInstances"), Truth::Unknown);
        assert_eq!(may_be_about("arn:aws:iam::aws:policy/Newer", "s3:GetObject"), Truth::Unknown);
        assert!(document("arn:aws:iam::aws:policy/AdministratorAccess").is_some() && document(node).is_none());
    }
}
