//! AWS APIs by the prefix of their IAM actions, and how each is reached from a VPC.

use crate::facts::regions::Partition;

/// How an API of AWS is reached from a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By a gateway endpoint, which is a route: the service keeps its public addresses. It costs nothing.
    Gateway(&'static str),
    /// By interface endpoints of these names, whose addresses are those of subnets.
    Interface(&'static [&'static str]),
    /// By public addresses of the region: there is no endpoint, or none that an SDK finds by itself.
    Public,
    /// By public addresses that belong to no region.
    Global,
    /// At addresses of the VPC itself, which `allow_from` opens: a broker, a database, a file system.
    InVpc,
}

/// An API of AWS, such as that of Amazon SQS.
#[derive(Debug, PartialEq, Eq)]
pub struct Api {
    /// What its actions begin with, such as `sqs:`.
    pub prefix: &'static str,
    /// Its name.
    pub service: &'static str,
    /// How it is reached.
    pub reach: Reach,
    /// Its hosts; `{}` stands for the region.
    hosts: &'static [&'static str],
}

impl Api {
    /// Returns the API of an action; none where it is not known. The longest prefix decides.
    pub fn of(action: &str) -> Option<&'static Api> {
        APIS.iter().filter(|api| action.starts_with(api.prefix)).max_by_key(|api| api.prefix.len())
    }

    /// All APIs that an action leads to: that of its own, and those that it sends its callers on to.
    pub(crate) fn all_of(action: &str) -> impl Iterator<Item = &'static Api> {
        let own = Self::of(action);
        // The layers of images are fetched from S3.
        let then = own.filter(|api| api.prefix == "ecr:").and_then(|_| Self::of("s3:GetObject"));
        own.into_iter().chain(then)
    }

    /// AWS STS, which IRSA asks for credentials.
    pub(crate) fn sts() -> &'static Api {
        Self::of("sts:AssumeRoleWithWebIdentity").expect("STS is in the table")
    }

    /// What the agent of EKS Pod Identity asks for credentials.
    pub(crate) fn eks_auth() -> &'static Api {
        Self::of("eks-auth:AssumeRoleForPodIdentity").expect("EKS Auth is in the table")
    }

    /// Returns a word for it in names of objects, such as `sqs`.
    pub(crate) fn word(&self) -> &'static str {
        self.prefix.split(':').next().unwrap_or_default()
    }

    /// Returns the names by which clients reach it in a region; a name may begin with `*.`.
    pub(crate) fn hosts(&self, region: &str) -> Vec<String> {
        let partition = Partition::of(region);
        // Its SDKs ask hosts with addresses of both kinds, in every mode.
        let suffix = if self.prefix == "eks-auth:" { partition.dual_stack_suffix } else { partition.dns_suffix };
        let whole = |host: String| if host.ends_with(".aws") { host } else { format!("{host}.{suffix}") };
        let elsewhere = ELSEWHERE.iter().find(|(prefix, of, _)| *prefix == self.prefix && *of == partition.name);
        match elsewhere {
            Some((.., host)) => vec![(*host).to_owned()],
            None => self.hosts.iter().map(|host| whole(host.replace("{}", region))).collect(),
        }
    }

    /// Returns the name of the endpoint service of one of its endpoints in a region.
    pub(crate) fn endpoint_service(region: &str, word: &str) -> String {
        let start = if region.starts_with("cn-") && OF_CHINA.contains(&word) { "cn." } else { "" };
        format!("{start}com.amazonaws.{region}.{word}")
    }
}

const fn api(prefix: &'static str, service: &'static str, reach: Reach, hosts: &'static [&'static str]) -> Api {
    Api { prefix, service, reach, hosts }
}

/// Hosts of services without regions in other partitions.
///
/// Source: `endpoint-rule-set-1.json` of botocore 1.43
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("iam:", "aws-cn", "iam.cn-north-1.amazonaws.com.cn"),
    ("iam:", "aws-us-gov", "iam.us-gov.amazonaws.com"),
    ("route53:", "aws-cn", "route53.amazonaws.com.cn"),
    ("route53:", "aws-us-gov", "route53.us-gov.amazonaws.com"),
];

/// The endpoints whose services in the regions of China begin with `cn.`; gateway endpoints are none of them.
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

/// All APIs that grants lead to, sorted by prefix.
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
    // The endpoint `kafka` takes no new connections, and `kafka-api` is asked only by SDKs in dual-stack mode.
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
    // Addresses of functions have no endpoint: they are reached over the internet alone.
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-urls.html
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
    fn the_table_is_sorted_and_each_prefix_is_there_once() {
        assert!(APIS.is_sorted_by(|a, b| {
            let key = |api: &Api| (api.word(), api.prefix);
            key(a) < key(b)
        }));
    }

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(Api::of("es:ESHttpGet").map(|it| it.reach), Some(InVpc));
        assert_eq!(Api::of("states:StartSyncExecution").map(|it| it.reach), Some(Interface(&["sync-states"])));
        assert_eq!(Api::of("states:StartExecution").map(|it| it.reach), Some(Interface(&["states"])));
        assert_eq!(Api::of("nothing:Known"), None);
    }

    #[test]
    fn hosts_are_those_of_the_region_and_its_partition() {
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
    fn endpoint_services_of_china_have_names_of_their_own() {
        assert_eq!(Api::endpoint_service("eu-west-1", "sqs"), "com.amazonaws.eu-west-1.sqs");
        assert_eq!(Api::endpoint_service("cn-north-1", "sqs"), "cn.com.amazonaws.cn-north-1.sqs");
        assert_eq!(Api::endpoint_service("cn-north-1", "secretsmanager"), "com.amazonaws.cn-north-1.secretsmanager");
        assert_eq!(Api::endpoint_service("cn-north-1", "s3"), "com.amazonaws.cn-north-1.s3");
    }
}
