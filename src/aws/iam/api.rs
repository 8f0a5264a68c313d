//! AWS APIs by the prefix of their IAM actions, and the network path to each from a VPC.

use crate::facts::regions::Partition;

/// The network path to an AWS API from a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A gateway endpoint, which adds routes to the public addresses of the service. It is free of charge.
    Gateway(&'static str),
    /// Interface endpoints with these names, which have addresses in the subnets.
    Interface(&'static [&'static str]),
    /// Public addresses of the region. The API has no VPC endpoint, or SDKs do not use its endpoint by default.
    Public,
    /// Public addresses that belong to no region.
    Global,
    /// Addresses in the VPC, such as those of a broker, a database or a file system. `allow_from` allows the
    /// connections.
    InVpc,
}

/// An AWS API, such as that of Amazon SQS.
#[derive(Debug, PartialEq, Eq)]
pub struct Api {
    /// The prefix of its actions, such as `sqs:`.
    pub prefix: &'static str,
    /// The name of the service.
    pub service: &'static str,
    /// The network path to it.
    pub reach: Reach,
    /// Its host names, in which `{}` is replaced by the region.
    hosts: &'static [&'static str],
}

impl Api {
    /// Returns the API of an action, or `None` if it is unknown. The longest matching prefix wins.
    pub fn of(action: &str) -> Option<&'static Api> {
        APIS.iter().filter(|api| action.starts_with(api.prefix)).max_by_key(|api| api.prefix.len())
    }

    /// Returns all APIs that an action uses: its own API, and the APIs to which the service redirects callers.
    pub(crate) fn all_of(action: &str) -> impl Iterator<Item = &'static Api> {
        let own = Self::of(action);
        // Clients download image layers from S3.
        let then = own.filter(|api| api.prefix == "ecr:").and_then(|_| Self::of("s3:GetObject"));
        own.into_iter().chain(then)
    }

    /// Returns AWS STS, from which IRSA gets credentials.
    pub(crate) fn sts() -> &'static Api {
        Self::of("sts:AssumeRoleWithWebIdentity").expect("STS is in the table")
    }

    /// Returns the API from which the EKS Pod Identity agent gets credentials.
    pub(crate) fn eks_auth() -> &'static Api {
        Self::of("eks-auth:AssumeRoleForPodIdentity").expect("EKS Auth is in the table")
    }

    /// Returns the identifier of the API in object names, such as `sqs`.
    pub(crate) fn word(&self) -> &'static str {
        self.prefix.split(':').next().unwrap_or_default()
    }

    /// Returns the host names of the API in a region. A name can start with `*.`.
    pub(crate) fn hosts(&self, region: &str) -> Vec<String> {
        let partition = Partition::of(region);
        // SDKs of this API always use dual-stack hosts.
        let suffix = if self.prefix == "eks-auth:" { partition.dual_stack_suffix } else { partition.dns_suffix };
        let whole = |host: String| if host.ends_with(".aws") { host } else { format!("{host}.{suffix}") };
        let elsewhere = ELSEWHERE.iter().find(|(prefix, of, _)| *prefix == self.prefix && *of == partition.name);
        match elsewhere {
            Some((.., host)) => vec![(*host).to_owned()],
            None => self.hosts.iter().map(|host| whole(host.replace("{}", region))).collect(),
        }
    }

    /// Returns the service name of an endpoint in a region.
    pub(crate) fn endpoint_service(region: &str, word: &str) -> String {
        let start = if region.starts_with("cn-") && OF_CHINA.contains(&word) { "cn." } else { "" };
        format!("{start}com.amazonaws.{region}.{word}")
    }
}

const fn api(prefix: &'static str, service: &'static str, reach: Reach, hosts: &'static [&'static str]) -> Api {
    Api { prefix, service, reach, hosts }
}

/// The host names of global services in other partitions.
///
/// Source: `endpoint-rule-set-1.json` of botocore 1.43
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("iam:", "aws-cn", "iam.cn-north-1.amazonaws.com.cn"),
    ("iam:", "aws-us-gov", "iam.us-gov.amazonaws.com"),
    ("route53:", "aws-cn", "route53.amazonaws.com.cn"),
    ("route53:", "aws-us-gov", "route53.us-gov.amazonaws.com"),
];

/// The interface endpoints whose service names start with `cn.` in the regions of China.
///
/// Source: `InterfaceVpcEndpointAwsService` of `aws-cdk-lib` 2.276
const OF_CHINA: [&str; 15] = [
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "elasticache",
    "elasticfilesystem",
    "kinesis-streams",
    "lambda",
    "monitoring",
    "rds",
    "sqs",
    "states",
    "sts",
    "sync-states",
    "xray",
];

use Reach::{Gateway, Global, InVpc, Interface, Public};

/// All APIs that grants refer to, sorted by prefix.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
pub static APIS: &[Api] = &[
    api(
        "appconfig:",
        "AWS AppConfig",
        Interface(&["appconfig", "appconfigdata"]),
        &["appconfig.{}", "appconfigdata.{}"],
    ),
    api(
        "bedrock:",
        "Amazon Bedrock",
        Interface(&["bedrock", "bedrock-runtime"]),
        &["bedrock.{}", "bedrock-runtime.{}"],
    ),
    api("bedrock:Invoke", "Amazon Bedrock Runtime", Interface(&["bedrock-runtime"]), &["bedrock-runtime.{}"]),
    api(
        "bedrock:InvokeAgent",
        "Agents of Amazon Bedrock",
        Interface(&["bedrock-agent-runtime"]),
        &["bedrock-agent-runtime.{}"],
    ),
    api(
        "bedrock:Retrieve",
        "Agents of Amazon Bedrock",
        Interface(&["bedrock-agent-runtime"]),
        &["bedrock-agent-runtime.{}"],
    ),
    api("cloudwatch:", "Amazon CloudWatch", Interface(&["monitoring"]), &["monitoring.{}"]),
    api("codebuild:", "AWS CodeBuild", Interface(&["codebuild"]), &["codebuild.{}"]),
    api("codepipeline:", "AWS CodePipeline", Interface(&["codepipeline"]), &["codepipeline.{}"]),
    api("cognito-idp:", "Amazon Cognito user pools", Interface(&["cognito-idp"]), &["cognito-idp.{}"]),
    api("dynamodb:", "Amazon DynamoDB", Gateway("dynamodb"), &["dynamodb.{}", "*.ddb.{}"]),
    api("dynamodb:DescribeStream", "DynamoDB Streams", Interface(&["dynamodb-streams"]), &["streams.dynamodb.{}"]),
    api("dynamodb:GetRecords", "DynamoDB Streams", Interface(&["dynamodb-streams"]), &["streams.dynamodb.{}"]),
    api("dynamodb:GetShardIterator", "DynamoDB Streams", Interface(&["dynamodb-streams"]), &["streams.dynamodb.{}"]),
    api("dynamodb:ListStreams", "DynamoDB Streams", Interface(&["dynamodb-streams"]), &["streams.dynamodb.{}"]),
    api("ec2:", "Amazon EC2", Interface(&["ec2"]), &["ec2.{}"]),
    api("ecr:", "Amazon ECR", Interface(&["ecr.api", "ecr.dkr"]), &["api.ecr.{}", "*.dkr.ecr.{}"]),
    api("eks:", "Amazon EKS", Interface(&["eks"]), &["eks.{}"]),
    api("eks-auth:", "Amazon EKS Auth", Interface(&["eks-auth"]), &["eks-auth.{}"]),
    api("elasticache:", "Amazon ElastiCache", Interface(&["elasticache"]), &["elasticache.{}"]),
    api("elasticache:Connect", "a cache of Amazon ElastiCache", InVpc, &[]),
    api("elasticfilesystem:", "Amazon EFS", Interface(&["elasticfilesystem"]), &["elasticfilesystem.{}"]),
    api("elasticfilesystem:Client", "a file system of Amazon EFS", InVpc, &[]),
    api(
        "elasticloadbalancing:",
        "Elastic Load Balancing",
        Interface(&["elasticloadbalancing"]),
        &["elasticloadbalancing.{}"],
    ),
    api("es:", "Amazon OpenSearch Service", Public, &["es.{}"]),
    api("es:ESHttp", "a domain of Amazon OpenSearch Service", InVpc, &[]),
    api("events:", "Amazon EventBridge", Interface(&["events"]), &["events.{}"]),
    api("globalaccelerator:", "AWS Global Accelerator", Global, &["globalaccelerator.us-west-2"]),
    api("iam:", "AWS IAM", Global, &["iam"]),
    // The endpoint `kafka` accepts no new connections, and SDKs use `kafka-api` only in dual-stack mode.
    // Source: https://docs.aws.amazon.com/msk/latest/developerguide/privatelink-vpc-endpoints.html
    api("kafka:", "Amazon MSK", Public, &["kafka.{}"]),
    api("kafka-cluster:", "a cluster of Amazon MSK", InVpc, &[]),
    api(
        "kinesis:",
        "Amazon Kinesis Data Streams",
        Interface(&["kinesis-streams"]),
        &["kinesis.{}", "*.control-kinesis.{}", "*.data-kinesis.{}"],
    ),
    api("kms:", "AWS KMS", Interface(&["kms"]), &["kms.{}"]),
    api("lambda:", "AWS Lambda", Interface(&["lambda"]), &["lambda.{}"]),
    // Function URLs have no VPC endpoint, so they are reachable only over the internet. Source:
    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-urls.html
    api("lambda:InvokeFunctionUrl", "an address of AWS Lambda", Public, &["*.lambda-url.{}.on.aws"]),
    api("logs:", "Amazon CloudWatch Logs", Interface(&["logs"]), &["logs.{}"]),
    api("mq:", "Amazon MQ", Interface(&["mq"]), &["mq.{}"]),
    api("rds:", "Amazon RDS", Interface(&["rds"]), &["rds.{}"]),
    api("rds-data:", "the Data API of Amazon RDS", Interface(&["rds-data"]), &["rds-data.{}"]),
    api("rds-db:", "a database of Amazon RDS", InVpc, &[]),
    api("route53:", "Amazon Route 53", Global, &["route53"]),
    api("s3:", "Amazon S3", Gateway("s3"), &["s3.{}", "*.s3.{}"]),
    api("scheduler:", "Amazon EventBridge Scheduler", Interface(&["scheduler"]), &["scheduler.{}"]),
    api("secretsmanager:", "AWS Secrets Manager", Interface(&["secretsmanager"]), &["secretsmanager.{}"]),
    api("ses:", "Amazon SES", Interface(&["email"]), &["email.{}"]),
    api("sns:", "Amazon SNS", Interface(&["sns"]), &["sns.{}"]),
    api("sqs:", "Amazon SQS", Interface(&["sqs"]), &["sqs.{}"]),
    api("ssm:", "AWS Systems Manager", Interface(&["ssm"]), &["ssm.{}"]),
    api("states:", "AWS Step Functions", Interface(&["states"]), &["states.{}"]),
    api(
        "states:StartSyncExecution",
        "AWS Step Functions, synchronous",
        Interface(&["sync-states"]),
        &["sync-states.{}"],
    ),
    api("sts:", "AWS STS", Interface(&["sts"]), &["sts.{}"]),
    api("xray:", "AWS X-Ray", Interface(&["xray"]), &["xray.{}"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_table_is_sorted_and_has_unique_prefixes() {
        assert!(APIS.is_sorted_by(|a, b| {
            let key = |api: &Api| (api.word(), api.prefix);
            key(a) < key(b)
        }));
    }

    #[test]
    fn longest_prefix_wins() {
        assert_eq!(Api::of("es:ESHttpGet").map(|it| it.reach), Some(InVpc));
        assert_eq!(Api::of("states:StartSyncExecution").map(|it| it.reach), Some(Interface(&["sync-states"])));
        assert_eq!(Api::of("states:StartExecution").map(|it| it.reach), Some(Interface(&["states"])));
        assert_eq!(Api::of("nothing:Known"), None);
    }

    #[test]
    fn api_host_names_depend_on_region_and_partition() {
        let hosts = |action, region| Api::of(action).expect("it is known").hosts(region);
        assert_eq!(hosts("s3:GetObject", "eu-west-1"), ["s3.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com"]);
        assert_eq!(hosts("sqs:SendMessage", "cn-north-1"), ["sqs.cn-north-1.amazonaws.com.cn"]);
        assert_eq!(hosts("sqs:SendMessage", "eusc-de-east-1"), ["sqs.eusc-de-east-1.amazonaws.eu"]);
        assert_eq!(hosts("iam:GetRole", "eu-west-1"), ["iam.amazonaws.com"]);
        assert_eq!(hosts("lambda:InvokeFunctionUrl", "eu-west-1"), ["*.lambda-url.eu-west-1.on.aws"]);
        assert_eq!(hosts("iam:GetRole", "us-gov-west-1"), ["iam.us-gov.amazonaws.com"]);
        assert_eq!(hosts("route53:ListHostedZones", "cn-north-1"), ["route53.amazonaws.com.cn"]);
        assert_eq!(hosts("eks-auth:AssumeRoleForPodIdentity", "eu-west-1"), ["eks-auth.eu-west-1.api.aws"]);
    }

    #[test]
    fn endpoint_services_of_china_have_a_prefix() {
        assert_eq!(Api::endpoint_service("eu-west-1", "sqs"), "com.amazonaws.eu-west-1.sqs");
        assert_eq!(Api::endpoint_service("cn-north-1", "sqs"), "cn.com.amazonaws.cn-north-1.sqs");
        assert_eq!(Api::endpoint_service("cn-north-1", "secretsmanager"), "com.amazonaws.cn-north-1.secretsmanager");
        assert_eq!(Api::endpoint_service("cn-north-1", "s3"), "com.amazonaws.cn-north-1.s3");
    }
}
