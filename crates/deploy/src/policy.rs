//! The IAM policies for the deployer and the reader of an app.
//!
//! A policy allows changes of the stacks in the output by their names, and of all other stacks only if they have the tag
//! of the app. Such stacks are those of earlier outputs.

use serde_json::{Value, json};

use crate::assembly::Assembly;
use crate::aws::partition;
use crate::stack::APP_TAG;

/// The buckets of `meshsynth bootstrap`. CloudFormation combines the stack name, the logical ID and a random part.
const BUCKETS: &str = "meshsynth-bootstrap-bucket-*";
/// The placeholder of a policy for an app that is not known.
pub const ANY_APP: &str = "APP";

/// The calls that change or read one stack.
const OF_DEPLOYER: [&str; 20] = [
    "ContinueUpdateRollback",
    "CreateChangeSet",
    "CreateStackRefactor",
    "DeleteChangeSet",
    "DeleteStack",
    "DescribeChangeSet",
    "DescribeEvents",
    "DescribeStackEvents",
    "DescribeStackRefactor",
    "DescribeStackResources",
    "DescribeStacks",
    "ExecuteChangeSet",
    "ExecuteStackRefactor",
    "GetStackPolicy",
    "GetTemplate",
    "ListStackRefactors",
    "ListStackResources",
    "SetStackPolicy",
    "TagResource",
    "UpdateTerminationProtection",
];
/// The calls that only read one stack.
const OF_READER: [&str; 11] = [
    "DescribeStackEvents",
    "DescribeStackRefactor",
    "DescribeStackResourceDrifts",
    "DescribeStackResources",
    "DescribeStacks",
    "DetectStackDrift",
    "DetectStackResourceDrift",
    "GetStackPolicy",
    "GetTemplate",
    "ListStackRefactors",
    "ListStackResources",
];

/// The resources of one app that a policy allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    app: String,
    /// The ARN patterns of the stacks.
    stacks: Vec<String>,
    /// The ARN patterns of the EKS clusters.
    clusters: Vec<String>,
    /// Whether a placeholder requires the brokers of a Kafka cluster.
    has_brokers: bool,
    bucket: String,
}

impl Scope {
    /// Returns the resources of an output. `bucket` is the bucket for templates instead of those of `meshsynth
    /// bootstrap`.
    pub fn of(assembly: &Assembly, bucket: Option<&str>) -> Self {
        let manifest = &assembly.manifest;
        let arn = |service: &str, region: &str, account: &Option<String>, resource: String| {
            let account = account.as_deref().unwrap_or("*");
            format!("arn:{}:{service}:{region}:{account}:{resource}", partition(region).0)
        };
        let stacks = manifest.stacks.iter();
        let stacks = stacks.map(|it| arn("cloudformation", &it.region, &it.account, format!("stack/{}/*", it.name)));
        let clusters = manifest.clusters.iter().filter_map(|it| {
            let region = it.region.as_ref()?;
            Some(arn("eks", region, &it.account, format!("cluster/{}", without_placeholders(&it.name))))
        });
        Self {
            app: manifest.app.clone(),
            stacks: stacks.collect(),
            clusters: clusters.collect(),
            has_brokers: assembly.bindings.values().any(|it| it.lookup.is_some()),
            bucket: bucket.unwrap_or(BUCKETS).to_owned(),
        }
    }

    /// Returns the resources of an app without an output. The names of its stacks and clusters start with the name of
    /// the app.
    pub fn named(app: &str) -> Self {
        Self {
            app: app.to_owned(),
            stacks: vec![format!("arn:*:cloudformation:*:*:stack/{app}-*/*")],
            clusters: vec![format!("arn:*:eks:*:*:cluster/{app}-*")],
            has_brokers: true,
            bucket: BUCKETS.to_owned(),
        }
    }

    /// Returns the permissions of a deployer, except for the permissions of the CloudFormation service role. With a
    /// service role, the deployer may pass it.
    pub fn deployer(&self, service_role: Option<&str>) -> Value {
        let mut statements = self.stacks_of(&OF_DEPLOYER);
        statements.push(json!({
            "Sid": "EarlierOutputs",
            "Effect": "Allow",
            "Action": ["cloudformation:DescribeStacks", "cloudformation:ListImports"],
            "Resource": "*"
        }));
        statements.push(imports(&["StartResourceScan"]));
        statements.push(json!({
            "Sid": "TemplatesAndLock",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": self.objects("*")
        }));
        statements.extend(self.lookups());
        if let Some(role) = service_role {
            statements.push(json!({
                "Sid": "ServiceRole",
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": role,
                "Condition": { "StringEquals": { "iam:PassedToService": "cloudformation.amazonaws.com" } }
            }));
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// Returns the permissions of a reader: `status`, `drift`, `diff --base deployed`, and `deploy --plan` with
    /// takeovers. Drift detection also needs read permissions for the resource types of the stacks.
    pub fn reader(&self) -> Value {
        let mut statements = self.stacks_of(&OF_READER);
        statements.push(json!({
            "Sid": "Checks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:DescribeStackDriftDetectionStatus",
                "cloudformation:DescribeStacks",
                "cloudformation:ListImports"
            ],
            "Resource": "*"
        }));
        statements.push(imports(&[]));
        statements.push(json!({
            "Sid": "Lock",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": self.objects("lock.json")
        }));
        statements.extend(self.lookups());
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// Returns the permissions for the stacks of the output, and for those with the tag of the app.
    fn stacks_of(&self, actions: &[&str]) -> Vec<Value> {
        let actions: Vec<String> = actions.iter().map(|action| format!("cloudformation:{action}")).collect();
        vec![
            json!({ "Sid": "Stacks", "Effect": "Allow", "Action": actions, "Resource": self.stacks }),
            json!({
                "Sid": "StacksOfEarlierOutputs",
                "Effect": "Allow",
                "Action": actions,
                "Resource": "arn:*:cloudformation:*:*:stack/*",
                "Condition": { "StringEquals": { format!("aws:ResourceTag/{APP_TAG}"): self.app } }
            }),
        ]
    }

    fn objects(&self, name: &str) -> String {
        format!("arn:*:s3:::{}/meshsynth/{}/{name}", self.bucket, self.app)
    }

    /// Returns the permissions to look up clusters and Kafka brokers. Access entries of a cluster grant permissions
    /// inside the cluster.
    fn lookups(&self) -> Vec<Value> {
        let mut out = Vec::new();
        if !self.clusters.is_empty() {
            out.push(json!({
                "Sid": "Clusters",
                "Effect": "Allow",
                "Action": ["eks:DescribeCluster"],
                "Resource": self.clusters
            }));
        }
        if self.has_brokers {
            out.push(json!({
                "Sid": "Brokers",
                "Effect": "Allow",
                "Action": ["kafka:GetBootstrapBrokers"],
                "Resource": "*"
            }));
        }
        out
    }
}

/// Replaces placeholders by `*`, because their values are known only after a deployment.
fn without_placeholders(name: &str) -> String {
    let (mut out, mut rest) = (String::new(), name);
    while let Some((before, after)) = rest.split_once("${") {
        out += before;
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Returns the permissions to determine importable resources, extended by `more` calls. These calls support no
/// restriction to a stack.
fn imports(more: &[&str]) -> Value {
    let reads = ["DescribeResourceScan", "GetTemplateSummary", "ListResourceScanResources", "ListResourceScans"];
    let actions = reads.iter().chain(more).map(|action| format!("cloudformation:{action}"));
    json!({ "Sid": "Imports", "Effect": "Allow", "Action": actions.collect::<Vec<_>>(), "Resource": "*" })
}
