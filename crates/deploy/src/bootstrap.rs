//! The resources that an account needs for large platforms: a template bucket, and a deployer policy.
//!
//! CloudFormation chooses the bucket name, and the stack output contains it. An attacker therefore cannot register a
//! predictable name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::assembly::{Assembly, Manifest, Resource, Stack};

/// The name of the stack.
pub const STACK: &str = "meshsynth-bootstrap";
/// The stack output with the bucket name.
pub const OUTPUT: &str = "Bucket";
/// The buckets of all accounts and regions. CloudFormation combines the stack name, the logical ID and a random part.
const BUCKETS: &str = "arn:*:s3:::meshsynth-bootstrap-bucket-*";

/// Returns the bootstrap stack for some regions.
pub fn assembly(regions: &[String]) -> Assembly {
    let path = "bootstrap.template.json".to_owned();
    let stack = |region: &String| Stack {
        id: format!("bootstrap-{region}"),
        name: STACK.to_owned(),
        account: None,
        region: region.clone(),
        needs: Vec::new(),
        template: path.clone(),
        tags: BTreeMap::new(),
        resources: ["Bucket", "BucketPolicy"].map(|id| (id.to_owned(), Resource::default())).into(),
    };
    let manifest = Manifest {
        format_version: None,
        app: "meshsynth".to_owned(),
        stacks: regions.iter().map(stack).collect(),
        files: vec![path.clone()],
        ..Manifest::default()
    };
    let text = format!("{:#}\n", template());
    Assembly { folder: PathBuf::new(), manifest, files: [(path, text)].into(), bindings: BTreeMap::new() }
}

/// Returns the template: a bucket with encryption and versioning, without public access and plain HTTP. Templates
/// expire after a year.
fn template() -> Value {
    let bucket = json!({ "Fn::GetAtt": ["Bucket", "Arn"] });
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The bucket that meshsynth uploads CloudFormation templates to",
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "RetainExceptOnCreate",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BucketEncryption": {
                        "ServerSideEncryptionConfiguration": [
                            { "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms" }, "BucketKeyEnabled": true }
                        ]
                    },
                    "LifecycleConfiguration": {
                        "Rules": [{
                            "Id": "old-templates",
                            "Status": "Enabled",
                            "ExpirationInDays": 365,
                            "NoncurrentVersionExpiration": { "NoncurrentDays": 30 },
                            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 }
                        }]
                    },
                    "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
                    "PublicAccessBlockConfiguration": {
                        "BlockPublicAcls": true,
                        "BlockPublicPolicy": true,
                        "IgnorePublicAcls": true,
                        "RestrictPublicBuckets": true
                    },
                    "VersioningConfiguration": { "Status": "Enabled" }
                }
            },
            "BucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": { "Ref": "Bucket" },
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Sid": "OnlyByTls",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": [bucket, { "Fn::Sub": "${Bucket.Arn}/*" }],
                            "Condition": { "Bool": { "aws:SecureTransport": "false" } }
                        }]
                    }
                }
            }
        },
        "Outputs": { OUTPUT: { "Value": { "Ref": "Bucket" } } }
    })
}

/// Returns the permissions of a deployer, except for the permissions of the CloudFormation service role. With a service
/// role, the deployer may pass it.
pub fn deployer_policy(service_role: Option<&str>) -> Value {
    let mut statements = vec![
        json!({
            "Sid": "Stacks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:ContinueUpdateRollback",
                "cloudformation:CreateChangeSet",
                "cloudformation:CreateStackRefactor",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeEvents",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackRefactor",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:ExecuteStackRefactor",
                "cloudformation:GetStackPolicy",
                "cloudformation:GetTemplate",
                "cloudformation:ListStackRefactors",
                "cloudformation:ListStackResources",
                "cloudformation:SetStackPolicy",
                "cloudformation:TagResource",
                "cloudformation:UpdateTerminationProtection"
            ],
            "Resource": "arn:*:cloudformation:*:*:stack/*"
        }),
        json!({
            "Sid": "EarlierOutputs",
            "Effect": "Allow",
            "Action": ["cloudformation:DescribeStacks", "cloudformation:ListImports"],
            "Resource": "*"
        }),
        imports(&["StartResourceScan"]),
        json!({
            "Sid": "TemplatesAndLock",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": format!("{BUCKETS}/meshsynth/*")
        }),
    ];
    statements.extend(clusters());
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

/// Returns the permissions of a reader: `status`, `drift`, `diff --base deployed`, and `deploy --plan` with takeovers.
/// Drift detection also needs read permissions for the resource types of the stacks.
pub fn reader_policy() -> Value {
    let mut statements = vec![
        json!({
            "Sid": "Stacks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackRefactor",
                "cloudformation:DescribeStackResourceDrifts",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:DetectStackDrift",
                "cloudformation:DetectStackResourceDrift",
                "cloudformation:GetStackPolicy",
                "cloudformation:GetTemplate",
                "cloudformation:ListStackRefactors",
                "cloudformation:ListStackResources"
            ],
            "Resource": "arn:*:cloudformation:*:*:stack/*"
        }),
        json!({
            "Sid": "Checks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:DescribeStackDriftDetectionStatus",
                "cloudformation:DescribeStacks",
                "cloudformation:ListImports"
            ],
            "Resource": "*"
        }),
        imports(&[]),
        json!({
            "Sid": "Lock",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": format!("{BUCKETS}/meshsynth/*/lock.json")
        }),
    ];
    statements.extend(clusters());
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Returns the permissions to determine importable resources, extended by `more` calls.
fn imports(more: &[&str]) -> Value {
    let reads = ["DescribeResourceScan", "GetTemplateSummary", "ListResourceScanResources", "ListResourceScans"];
    let actions = reads.iter().chain(more).map(|action| format!("cloudformation:{action}"));
    json!({ "Sid": "Imports", "Effect": "Allow", "Action": actions.collect::<Vec<_>>(), "Resource": "*" })
}

/// Returns the permissions to look up clusters and Kafka brokers. Access entries of a cluster grant permissions inside
/// the cluster.
fn clusters() -> [Value; 2] {
    [
        json!({
            "Sid": "Clusters",
            "Effect": "Allow",
            "Action": ["eks:DescribeCluster"],
            "Resource": "arn:*:eks:*:*:cluster/*"
        }),
        json!({ "Sid": "Brokers", "Effect": "Allow", "Action": ["kafka:GetBootstrapBrokers"], "Resource": "*" }),
    ]
}
