//! The resources that an account needs for large platforms: a template bucket.
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
