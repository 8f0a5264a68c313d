//! The permissions of the Karpenter controller. It may start instances with the tags of its cluster, and change
//! only those instances.
//!
//! Source: <https://karpenter.sh/docs/reference/cloudformation/>

use crate::aws::iam::{Role, Statement};
use crate::aws::policy::own_arn;
use crate::cfn::ids::QueueArn;
use crate::eks::Cluster;
use crate::text;
use crate::tree::Scope;
use crate::val::Val;

const EC2: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html";
const PRICING: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awspricelist.html";
const IAM: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html";
/// The resource types that the controller creates.
const MADE: [&str; 6] =
    ["fleet/*", "instance/*", "launch-template/*", "network-interface/*", "spot-instances-request/*", "volume/*"];
/// The resource types that instances use. Other accounts can own these resources.
const USED: [&str; 4] = ["capacity-reservation/*", "placement-group/*", "security-group/*", "subnet/*"];
const READS: [&str; 11] = [
    "DescribeCapacityReservations",
    "DescribeImages",
    "DescribeInstanceStatus",
    "DescribeInstanceTypeOfferings",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeLaunchTemplates",
    "DescribePlacementGroups",
    "DescribeSecurityGroups",
    "DescribeSpotPriceHistory",
    "DescribeSubnets",
];
/// The tag of the node pool on instances.
const POOL: &str = "karpenter.sh/nodepool";
const CLUSTER: &str = "eks:eks-cluster-name";

pub(super) fn statements(scope: &Scope, cluster: &Cluster, nodes: &Role, queue: Val<QueueArn>) -> Vec<Statement> {
    let region = scope.region();
    let name = || cluster.name().to_owned();
    let owned = format!("kubernetes.io/cluster/{}", cluster.name());
    let of_anyone = |owner: &str, what: &str| text!["arn:", scope.partition(), format!(":ec2:{region}:{owner}:{what}")];
    let on = |statement: Statement, what: &[&str]| {
        what.iter().fold(statement, |it, resource| it.on(own_arn(scope, "ec2", (*resource).to_owned())))
    };
    let tagged = |statement: Statement, kind: &str| {
        statement.when("StringEquals", format!("aws:{kind}Tag/{owned}"), "owned").when(
            "StringLike",
            format!("aws:{kind}Tag/{POOL}"),
            "*",
        )
    };
    let starts = ["ec2:CreateFleet", "ec2:RunInstances"];
    let images = ["image/*", "snapshot/*"].into_iter();
    let with = images
        .map(|what| of_anyone("", what))
        .chain(USED.map(|what| of_anyone("*", what)))
        .fold(Statement::allow(starts), |it, arn| it.on(arn));
    vec![
        with,
        tagged(on(Statement::allow(starts), &["launch-template/*"]), "Resource"),
        tagged(on(Statement::allow([starts[0], starts[1], "ec2:CreateLaunchTemplate"]), &MADE), "Request").when(
            "StringEquals",
            format!("aws:RequestTag/{CLUSTER}"),
            name(),
        ),
        // The controller tags resources when it creates them. Only the name tag of a node is added later.
        ["CreateFleet", "CreateLaunchTemplate", "RunInstances"].iter().fold(
            tagged(on(Statement::allow(["ec2:CreateTags"]), &MADE), "Request").when(
                "StringEquals",
                format!("aws:RequestTag/{CLUSTER}"),
                name(),
            ),
            |it, action| it.when("StringEquals", "ec2:CreateAction", *action),
        ),
        ["Name", CLUSTER, "karpenter.sh/nodeclaim"].iter().fold(
            tagged(on(Statement::allow(["ec2:CreateTags"]), &["instance/*"]), "Resource").when(
                "StringEqualsIfExists",
                format!("aws:RequestTag/{CLUSTER}"),
                name(),
            ),
            |it, key| it.when("ForAllValues:StringEquals", "aws:TagKeys", *key),
        ),
        tagged(
            on(
                Statement::allow(["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"]),
                &["instance/*", "launch-template/*"],
            ),
            "Resource",
        ),
        Statement::allow(READS.iter().map(|name| format!("ec2:{name}"))).on_everything(EC2).when(
            "StringEquals",
            "aws:RequestedRegion",
            region.clone(),
        ),
        Statement::allow(["ssm:GetParameter"]).on(text![
            "arn:",
            scope.partition(),
            format!(":ssm:{region}::parameter/aws/service/*")
        ]),
        Statement::allow(["pricing:GetProducts"]).on_everything(PRICING),
        Statement::allow(["iam:PassRole"]).on(nodes.arn()).when(
            "StringEquals",
            "iam:PassedToService",
            "ec2.amazonaws.com",
        ),
        Statement::allow(["iam:ListInstanceProfiles"]).on_everything(IAM),
        Statement::allow(["iam:GetInstanceProfile"]).on(text![
            "arn:",
            scope.partition(),
            ":iam::",
            scope.account(),
            ":instance-profile/*"
        ]),
        Statement::allow(["eks:DescribeCluster"]).on(own_arn(scope, "eks", format!("cluster/{}", cluster.name()))),
        Statement::allow(["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]).on(queue),
    ]
}
